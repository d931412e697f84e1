package wecom_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// flood is an answer that goes on and on, and counts what is read of it. Its end is
// for a reader that would take it all.
type flood struct{ read int }

func (f *flood) Read(p []byte) (int, error) {
	if f.read > 64<<20 {
		return 0, errors.New("64 MiB were read")
	}
	for i := range p {
		p[i] = ' '
	}
	f.read += len(p)
	return len(p), nil
}

func (*flood) Close() error { return nil }

// TestAnEndlessAnswerIsGivenUp: told by what is read of it, whatever the time.
func TestAnEndlessAnswerIsGivenUp(t *testing.T) {
	for api, tc := range map[string]struct {
		most int
		ask  func(t *testing.T, f *fake) error
	}{
		"gettoken": {1 << 20, func(t *testing.T, f *fake) error {
			_, err := source(t, f.app()).Token(t.Context(), "")
			return err
		}},
		"auth/getuserinfo": {1 << 20, func(t *testing.T, f *fake) error {
			_, err := open(t, f.app()).Exchange(t.Context(), "CODE")
			return err
		}},
		"department/simplelist": {16 << 20, func(t *testing.T, f *fake) error {
			_, err := directory(t, f.app()).DepartmentParents(t.Context(), corpID)
			return err
		}},
	} {
		f, answer := newFake(), &flood{}
		f.on(api, func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Request: req, Body: answer}, nil
		})
		if err := tc.ask(t, f); !errors.Is(err, core.ErrBadAnswer) || answer.read > tc.most+1 {
			t.Errorf("%s: %d bytes were read, want %d and one at most; %v", api, answer.read, tc.most, err)
		}
	}
}

// TestWhoIsTurnedAwayWhileOneProbes is told to wait a second, although the pause is
// over.
func TestWhoIsTurnedAwayWhileOneProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c, _ := brokenClient(t, down)
		release := make(chan struct{})
		f.on(userInfo, func(req *http.Request) (*http.Response, error) { <-release; return body(okUser)(req) })
		time.Sleep(time.Hour)
		go func() { _, _ = c.Exchange(t.Context(), "PROBE") }()
		synctest.Wait()
		_, err := c.Exchange(t.Context(), "CODE")
		// core keeps the wait to itself; its form in print shows it.
		if text := fmt.Sprintf("%#v", err); !strings.Contains(text, fmt.Sprintf("after:%d", time.Second)) {
			t.Errorf("error = %s, want a wait of a second", text)
		}
		close(release)
		synctest.Wait()
	})
}
