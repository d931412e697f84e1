package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
)

// witness stands in front of the fake WeCom and remembers what it sees.
type witness struct {
	fake http.Handler

	mu      sync.Mutex
	codes   map[string]code
	secrets []string // the app's, and its access tokens
}

// code is how often a code was traded.
type code struct{ sent, accepted int }

func (w *witness) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	seen := httptest.NewRecorder()
	w.fake.ServeHTTP(seen, r)
	w.remember(r, seen.Body.Bytes())
	for name, values := range seen.Header() {
		res.Header()[name] = values
	}
	res.WriteHeader(seen.Code)
	_, _ = res.Write(seen.Body.Bytes()) // whoever asked may be gone
}

func (w *witness) remember(r *http.Request, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch r.URL.Path {
	case "/cgi-bin/gettoken":
		var answer struct {
			Token string `json:"access_token"`
		}
		if json.Unmarshal(body, &answer) == nil && answer.Token != "" {
			w.secrets = append(w.secrets, answer.Token)
		}
	case "/cgi-bin/auth/getuserinfo":
		var answer struct {
			UserID string `json:"userid"`
		}
		c := w.codes[r.URL.Query().Get("code")]
		c.sent++
		if json.Unmarshal(body, &answer) == nil && answer.UserID != "" {
			c.accepted++
		}
		w.codes[r.URL.Query().Get("code")] = c
	}
}

// traded counts the codes, and how often one was sent or accepted once more.
func (w *witness) traded() (codes, sentAgain, acceptedAgain int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.codes {
		sentAgain += c.sent - 1
		acceptedAgain += max(0, c.accepted-1)
	}
	return len(w.codes), sentAgain, acceptedAgain
}
