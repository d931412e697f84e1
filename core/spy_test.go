package core

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
)

type plainApp struct {
	Client
	agent   string
	linked  []string
	openIDs bool
	bare    bool
}

func (p plainApp) Open(Env) (Client, error) { return p, nil }
func (p plainApp) App() AppInfo {
	return AppInfo{CorpID: "ww1", AgentID: p.agent, LinkedCorps: p.linked, NonMembers: p.openIDs, NoProfile: p.bare, KeyMaterial: make([]byte, 32)}
}

// spyStore keeps to expiry times, counts reads of marks, and fails them if told to.
type spyStore struct {
	*memstore.MemStore
	mu     sync.Mutex
	reads  []string // of marks
	fail   bool
	during func() // runs in a read of a mark, after the value was read
	wait   time.Duration
}

func newSpy() *spyStore { return &spyStore{MemStore: memstore.NewWithCleanupInterval(0)} }
func (s *spyStore) Find(token string) ([]byte, bool, error) {
	b, ok, err := s.MemStore.Find(token)
	if len(token) == 43 {
		return b, ok, err
	}
	s.mu.Lock()
	s.reads = append(s.reads, token)
	fail, during := s.fail, s.during
	s.mu.Unlock()
	time.Sleep(s.wait)
	if during != nil {
		during()
	}
	if fail {
		return nil, false, errors.New("connection reset")
	}
	return b, ok, err
}
func (s *spyStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.reads)
	s.reads = nil
	return n
}

// tellStore tells everybody at once.
type tellStore struct {
	*spyStore
	told []func(string)
}

func (s *tellStore) OnChange(f func(string)) { s.told = append(s.told, f) }
func (s *tellStore) Commit(token string, b []byte, at time.Time) error {
	err := s.spyStore.Commit(token, b, at)
	s.tell(token)
	return err
}
func (s *tellStore) tell(token string) {
	for _, f := range s.told {
		f(token)
	}
}

func testAuth(t testing.TB, change func(*Config)) *Authenticator {
	t.Helper()
	c := Config{Provider: plainApp{agent: "1"}, BaseURL: "https://x.example", Logger: slog.New(slog.DiscardHandler)}
	change(&c)
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func testLogin(t *testing.T, a *Authenticator, userID string) *http.Request {
	t.Helper()
	k, err := a.sessions.login(t.Context(), session{}, Identity{CorpID: "ww1", UserID: userID, LoginAt: time.UnixMilli(time.Now().UnixMilli())})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: a.sessions.sm.Cookie.Name, Value: k.token})
	return r
}

func (a *Authenticator) knows(t *testing.T, r *http.Request) bool {
	t.Helper()
	s, err := a.sessions.load(r)
	if err != nil {
		t.Fatal(err)
	}
	return s.loggedIn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
