package core

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// rechecker looks people up in WeCom while they are logged in, each once in
// about two thirds of Config.Recheck, whether or not they send requests: were it
// left to their next request, that one would pass. It knows the people whose
// sessions this instance has seen. What one instance has found out the others
// read from the store.
//
// It has a goroutine while somebody is due, and a timer while somebody is
// logged in, so there is nothing to close.
type rechecker struct {
	dir      Directory
	corpID   string
	sessions *sessions
	every    time.Duration
	log      *slog.Logger
	observe  Observer
	calls    *semaphore.Weighted

	mu      sync.RWMutex
	people  map[string]*watched
	queue   dueQueue
	timer   *time.Timer
	working bool
	failed  int       // calls in a row
	notYet  time.Time // no call before this
	grumble time.Time // no log record about missed deadlines before this
}

// watched is a person who is logged in.
type watched struct {
	key     string
	token   string // of the mark that the instances share
	id      Identity
	checked time.Time // when WeCom was last asked, and said that they are there
	since   time.Time // this instance knows them
	until   time.Time // no session of theirs lasts longer
	due     time.Time
}

const (
	// recheckPace is the time between two calls of an instance: at most 36,000 an
	// hour, so that four instances stay below the 150,000 that WeCom allows a
	// company and API. https://developer.work.weixin.qq.com/document/path/90312
	recheckPace    = 100 * time.Millisecond
	recheckCalls   = 16 // at once
	recheckTimeout = 5 * time.Second
	recheckPause   = 5 * time.Second // between calls while they fail, 720 an hour: WeCom bans an address at about 2,000
	recheckTrouble = 3               // failures in a row that are not one person's trouble
	recheckGrumble = 10 * time.Minute
)

func newRechecker(c Config, dir Directory, corpID string, s *sessions) *rechecker {
	return &rechecker{
		dir: dir, corpID: corpID, sessions: s, every: c.Recheck, log: c.Logger, observe: c.Observer,
		calls: semaphore.NewWeighted(recheckCalls), people: make(map[string]*watched),
	}
}

// seen notes that a person is logged in.
func (r *rechecker) seen(id *Identity, now time.Time) {
	if id.CorpID != r.corpID || id.UserID == "" {
		return // user/get does not know them
	}
	var space [128]byte
	key := personKey(space[:0], id)
	until := id.LoginAt.Add(r.sessions.sm.Lifetime)
	r.mu.RLock()
	w := r.people[string(key)]
	known := w != nil && !until.After(w.until)
	r.mu.RUnlock()
	if known {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.people[string(key)]; w != nil {
		if until.After(w.until) {
			w.until = until
		}
		return
	}
	w = &watched{key: string(key), token: r.sessions.markToken("checked", string(key)), id: Identity{CorpID: id.CorpID, UserID: id.UserID}, checked: id.LoginAt, since: now, until: until}
	r.people[w.key] = w
	r.put(w, r.next(w.checked), now)
}

// gone notes that a person has no session any more, until they are seen again.
func (r *rechecker) gone(id *Identity) {
	var space [128]byte
	key := personKey(space[:0], id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.people[string(key)]; w != nil {
		w.until = time.Time{}
	}
}

// visit takes over what another instance has found out, or asks WeCom, in a
// goroutine of its own.
func (r *rechecker) visit(w *watched) {
	ctx := context.Background()
	shared, err := calmly(func() (int64, error) { return r.sessions.mark(ctx, w.token) })
	at := time.UnixMilli(shared)
	if due := r.next(at); err == nil && shared != 0 && at.After(w.checked) && due.After(time.Now()) && time.Until(at) < clockSkew {
		r.again(w, at, due)
		return
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.notYet.After(now) { // while the store was read, WeCom told us to wait
		r.put(w, now, now)
		return
	}
	r.notYet = now.Add(recheckPace)
	if !r.calls.TryAcquire(1) {
		r.put(w, now, now)
		return
	}
	go func() {
		defer r.calls.Release(1)
		r.ask(ctx, w)
	}()
}

// ask looks a person up. Only their being gone ends sessions; whatever else goes
// wrong is tried again.
func (r *rechecker) ask(ctx context.Context, w *watched) {
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, recheckTimeout)
	defer cancel()
	_, err := calmly(func() (Identity, error) { return r.dir.Member(limited, w.id.CorpID, w.id.UserID) })
	r.observe(ctx, Rechecked{CorpID: w.id.CorpID, UserID: w.id.UserID, Took: time.Since(began), Err: err})
	r.note(err)
	gone := errors.Is(err, ErrNotMember) || errors.Is(err, ErrNotVisible)
	_, failed := calmly(func() (struct{}, error) {
		switch {
		case gone:
			return struct{}{}, r.sessions.revoke(ctx, w.id, began, err)
		case err == nil: // so that others need not ask
			return struct{}{}, r.sessions.putMark(ctx, w.token, began.UnixMilli(), began.Add(r.every))
		}
		return struct{}{}, nil
	})
	switch {
	case gone && failed == nil:
		r.forget(w)
	case err == nil:
		r.again(w, began, r.next(began))
	default:
		r.complain(w, errors.Join(err, failed))
		r.again(w, w.checked, time.Now().Add(max(recheckPause, r.every/20)))
	}
}

// again puts a person back into the queue.
func (r *rechecker) again(w *watched, checked, due time.Time) {
	if checked.After(w.checked) {
		r.complain(w, nil)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.checked = checked
	r.put(w, due, time.Now())
}

func (r *rechecker) forget(w *watched) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.people, w.key)
}
