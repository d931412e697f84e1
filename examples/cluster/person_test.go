package main

import (
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

const (
	seed      = 20260601
	thinks    = 30 * time.Millisecond // at most, before each step
	waits     = time.Second           // at most, before a reload
	patience  = 60                    // steps until a person gives up
	userAgent = "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1"
)

// counters are what happened to everybody together.
type counters struct {
	logins, kept          atomic.Int64 // kept: sessions that work everywhere in the end
	requests, sent        atomic.Int64 // sent: to WeCom
	reloads, deadEnds     atomic.Int64
	again, callbacksAgain atomic.Int64 // sent to another instance by nginx
}

// person is somebody with a browser of their own, who does as people do: they
// follow where a page leads, and reload what fails.
type person struct {
	site   *site
	userID string
	client *http.Client
	random *rand.Rand

	sent  int           // how often to WeCom
	since time.Time     // when they were logged in
	took  time.Duration // their login
}

func (s *site) person(userID string, i int) *person {
	jar, _ := cookiejar.New(nil) // never fails
	return &person{site: s, userID: userID, random: rand.New(rand.NewPCG(seed, uint64(i))), client: &http.Client{
		Jar: jar, Transport: &s.transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *person) cookies() []*http.Cookie {
	base, err := url.Parse(p.site.base)
	if err != nil {
		return nil
	}
	return p.client.Jar.Cookies(base)
}

var (
	refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]+)"`)
	title   = regexp.MustCompile(`<title>[^<]*`)
	greeted = regexp.MustCompile(`Your UserID is <code>([^<]*)</code>`)
)

// open opens a page until it greets somebody, and returns whom.
func (p *person) open(path string) (string, error) {
	at, trail := p.site.base+path, ""
	for range patience {
		if time.Now().After(p.site.deadline) {
			return "", fmt.Errorf("out of time after%s", trail)
		}
		p.think(thinks)
		res, body, err := p.load(at)
		if err != nil {
			return "", fmt.Errorf("after%s: %w", trail, err)
		}
		trail += fmt.Sprintf(" %d", res.StatusCode)
		m, g := refresh.FindStringSubmatch(body), greeted.FindStringSubmatch(body)
		switch to, err := res.Location(); {
		case res.StatusCode == 502 || res.StatusCode == 503 || res.StatusCode == 504:
			p.site.count.reloads.Add(1)
			p.think(waits)
		case err == nil:
			at = to.String()
		case m != nil:
			at = html.UnescapeString(m[1])
		case g != nil:
			return g[1], nil
		default: // they go back to where they began
			if p.site.count.deadEnds.Add(1) <= 3 {
				p.site.t.Logf("a dead end for %s after%s: %.40q", p.userID, trail, title.FindString(body))
			}
			at = p.site.base + path
		}
	}
	return "", fmt.Errorf("gave up after%s", trail)
}

// load loads an address. Elsewhere than here is WeCom, where the person picks
// themself from the list.
func (p *person) load(at string) (*http.Response, string, error) {
	if strings.HasPrefix(at, p.site.base+"/") {
		return p.do(http.MethodGet, at, "")
	}
	p.sent++
	p.site.count.sent.Add(1)
	return p.do(http.MethodPost, at, url.Values{"userid": {p.userID}}.Encode())
}

func (p *person) do(method, at, form string) (*http.Response, string, error) {
	req, err := http.NewRequest(method, at, strings.NewReader(form))
	if err != nil {
		return nil, "", err
	}
	for name, value := range map[string]string{
		"User-Agent": userAgent, "Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
	} {
		req.Header.Set(name, value)
	}
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	p.site.count.requests.Add(1)
	res, err := p.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	p.note(res)
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

// note counts what nginx sent to another instance when the first gave no answer.
func (p *person) note(res *http.Response) {
	if !strings.Contains(res.Header.Get("X-Upstream"), ",") {
		return
	}
	p.site.count.again.Add(1)
	if res.Request.URL.Query().Has("code") {
		p.site.count.callbacksAgain.Add(1)
	}
}

// think takes a while, up to long.
func (p *person) think(long time.Duration) {
	time.Sleep(time.Duration(p.random.Int64N(int64(long)))) //nolint:forbidigo // what people do; nothing is ordered by it
}
