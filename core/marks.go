package core

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// marks end sessions before their time. A mark is the moment at which a person,
// or everybody, was revoked: a session whose code exchange began no later is
// dead. Making one takes a read at most and a write, and the sessions themselves need
// not be found. A mark outlives every session that it speaks of.
type marks struct {
	sessions *sessions
	within   time.Duration // how old what an instance knows of a mark may be
	keep     time.Duration
	told     bool // the store says when a mark changes
	alone    bool // nobody else writes to the store: what we have not marked is not marked
	start    time.Time

	everybody standing
	epoch     atomic.Int64 // counts the times at which anything may have changed
	latest    atomic.Int64 // of the marks made here; alone, what began later needs no look

	mu      sync.RWMutex
	people  map[string]*standing
	byToken map[string]*standing // if told
}

// standing is what an instance knows of one mark.
type standing struct {
	token    string
	before   atomic.Int64 // sessions that began up to then are dead: Unix milliseconds, never lowered
	readAt   atomic.Int64 // of marks.start; 0: never
	epoch    atomic.Int64 // at the read
	dirty    atomic.Bool  // changed since
	asking   chan struct{}
	lastSeen atomic.Int64
}

// A store that implements changeTeller calls changed soon after the value of a
// token that has been looked up, found or not, was changed by anybody, and with
// "" when it cannot tell any longer what has changed.
type changeTeller interface {
	OnChange(changed func(token string))
}

const (
	// markSlack is added to the longest session: a session begins with its
	// exchange, whose wait and duration are bounded, and clocks differ.
	markSlack = 5 * time.Minute
	// toldWithin is how long a store that tells is believed without asking again.
	toldWithin = 10 * time.Minute
)

func newMarks(s *sessions, within time.Duration) *marks {
	m := &marks{
		sessions: s, within: within, keep: s.sm.Lifetime + markSlack, start: time.Now().Add(-time.Second),
		people: make(map[string]*standing),
	}
	_, m.alone = s.sm.Store.(*memoryStore)
	m.everybody.init(s.markToken("revoked"))
	if teller, ok := s.sm.Store.(changeTeller); ok {
		m.told, m.within = true, toldWithin
		m.byToken = map[string]*standing{m.everybody.token: &m.everybody}
		teller.OnChange(m.changed)
	}
	return m
}

func (st *standing) init(token string) { st.token, st.asking = token, make(chan struct{}, 1) }

// dead reports whether a session of id has been ended.
func (m *marks) dead(ctx context.Context, id *Identity, now time.Time) (bool, error) {
	began := id.LoginAt.UnixMilli()
	if m.spares(began) {
		return false, nil
	}
	for _, st := range []*standing{&m.everybody, m.person(id, now)} {
		if err := m.refresh(ctx, st, now); err != nil {
			return false, err
		}
		if began <= st.before.Load() {
			return true, nil
		}
	}
	return false, nil
}

// spares reports, for sure, that no mark is as late as a session that began then.
func (m *marks) spares(began int64) bool { return m.alone && began > m.latest.Load() }

// end marks a person, or everybody: sessions that began at that moment or before
// are dead, here at once. If the store fails they stay dead here. It looks for a
// later mark of another instance first, which it would undo: that of somebody whose
// clock is ahead, or one made since this instance asked WeCom.
func (m *marks) end(ctx context.Context, st *standing, at time.Time) error {
	before := at.UnixMilli()
	raise(&m.latest, before)
	raise(&st.before, before)
	_ = m.refresh(ctx, st, time.Now()) // the write will fail too, or what is known here must do
	return m.sessions.putMark(ctx, st.token, st.before.Load(), time.Now().Add(m.keep))
}

// raise sets v to n, unless it is higher.
func raise(v *atomic.Int64, n int64) {
	for {
		old := v.Load()
		if n <= old || v.CompareAndSwap(old, n) {
			return
		}
	}
}

// refresh reads the mark if what is known of it is too old. Simultaneous
// requests share one read.
func (m *marks) refresh(ctx context.Context, st *standing, now time.Time) error {
	if m.fresh(st, now) {
		return nil
	}
	ctx, cancel := m.sessions.limit(ctx)
	defer cancel()
	select {
	case st.asking <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: mark: %w", ErrStore, ctx.Err())
	}
	defer func() { <-st.asking }()
	if m.fresh(st, now) {
		return nil
	}
	at, epoch := time.Since(m.start), m.epoch.Load()
	st.readAt.Store(0)    // until the read succeeds: what told us to read is forgotten below
	st.dirty.Store(false) // what changes from here on is noticed
	before, err := m.sessions.mark(ctx, st.token)
	if err != nil {
		return err
	}
	raise(&st.before, before)
	st.epoch.Store(epoch)
	st.readAt.Store(int64(at))
	return nil
}

func (m *marks) fresh(st *standing, now time.Time) bool {
	if m.alone {
		return true
	}
	readAt := st.readAt.Load()
	return readAt != 0 && now.Sub(m.start)-time.Duration(readAt) < m.within &&
		!st.dirty.Load() && st.epoch.Load() == m.epoch.Load()
}

// changed is called by a store that tells.
func (m *marks) changed(token string) {
	if token == "" {
		m.epoch.Add(1)
		return
	}
	if !strings.HasPrefix(token, markPrefix) {
		return
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if st := m.byToken[token]; st != nil {
		st.dirty.Store(true)
	}
}

// person finds or makes what is known of a person.
func (m *marks) person(id *Identity, now time.Time) *standing {
	var space [128]byte
	key := personKey(space[:0], id)
	m.mu.RLock()
	st := m.people[string(key)]
	if st != nil {
		st.lastSeen.Store(int64(now.Sub(m.start)))
	}
	m.mu.RUnlock()
	if st == nil {
		st = m.meet(string(key), now)
	}
	return st
}

// personKey is the same for all spellings of a person's id.
func personKey(b []byte, id *Identity) []byte {
	return appendFolded(append(append(b, id.CorpID...), 0), id.key())
}

func (m *marks) meet(key string, now time.Time) *standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	if st := m.people[key]; st != nil {
		return st
	}
	m.sweep(now)
	st := &standing{}
	st.init(m.sessions.markToken("revoked", key))
	st.lastSeen.Store(int64(now.Sub(m.start)))
	m.people[key] = st
	if m.told {
		m.byToken[st.token] = st
	}
	return st
}

// sweep forgets a few people who have not been seen for a while. What is known
// of them is too old by then, but where nobody else knows it.
func (m *marks) sweep(now time.Time) {
	looked := 0
	for key, st := range m.people { // a map is ranged from a random place
		after := m.within
		if m.alone {
			after = m.keep
		}
		if now.Sub(m.start)-time.Duration(st.lastSeen.Load()) > after && now.UnixMilli()-st.before.Load() > m.keep.Milliseconds() {
			delete(m.people, key)
			delete(m.byToken, st.token)
		}
		if looked++; looked == sweepPerCommit {
			return
		}
	}
}
