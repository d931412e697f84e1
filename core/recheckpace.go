package core

import (
	"container/heap"
	"errors"
	"math/rand/v2"
	"time"
)

// This file is when the rechecker asks: who is due, how fast, and what happens
// when it cannot keep up.

// next is when to look a person up again: two thirds of the time, give or take,
// so that people who came together are spread, and the rest is left for delays.
func (r *rechecker) next(checked time.Time) time.Time {
	return checked.Add(time.Duration(float64(r.every) * (0.6 + 0.15*rand.Float64()))) // #nosec G404 -- spreads calls
}

// put queues a person. The lock is held.
func (r *rechecker) put(w *watched, due, now time.Time) {
	w.due = due
	heap.Push(&r.queue, w)
	if !r.working {
		r.sleep(now)
	}
}

// sleep wakes a worker when the first person is due and a call is allowed. The
// lock is held.
func (r *rechecker) sleep(now time.Time) {
	if r.timer != nil {
		r.timer.Stop()
	}
	if len(r.queue) == 0 {
		return
	}
	wake := r.queue[0].due
	if r.notYet.After(wake) {
		wake = r.notYet
	}
	r.timer = time.AfterFunc(max(0, wake.Sub(now)), r.work)
}

// work looks up whoever is due, one after the other, and goes to sleep.
func (r *rechecker) work() {
	r.mu.Lock()
	busy := r.working
	r.working = true
	r.mu.Unlock()
	for !busy {
		w, ok := r.pop(time.Now())
		if !ok {
			return
		}
		r.visit(w)
	}
}

// pop takes the first person who is due and has a session, if it is time for a
// call. If not, the worker's work is done.
func (r *rechecker) pop(now time.Time) (*watched, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.notYet.After(now) && len(r.queue) > 0 && !r.queue[0].due.After(now) {
		w, _ := heap.Pop(&r.queue).(*watched)
		if now.Before(w.until) {
			return w, true
		}
		delete(r.people, w.key)
	}
	r.working = false
	r.sleep(now)
	return nil, false
}

// note slows calls down to a trickle while WeCom does not answer them.
func (r *rechecker) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil || errors.Is(err, ErrNotMember) || errors.Is(err, ErrNotVisible) {
		r.failed = 0
		return
	}
	var told *retryError
	var pause time.Duration
	if errors.As(err, &told) && told.after > recheckPause {
		pause = told.after
	} else if r.failed++; r.failed >= recheckTrouble {
		pause = recheckPause
	}
	if until := time.Now().Add(pause); pause > 0 && until.After(r.notYet) { // another call may have been told to wait for longer
		r.notYet = until
	}
}

// complain says, every ten minutes at most, that somebody was not looked up in
// time: because calls fail, or because there are too many people for the pace.
func (r *rechecker) complain(w *watched, err error) {
	now := time.Now()
	last := w.checked
	if w.since.After(last) {
		last = w.since
	}
	late := now.Sub(last) - r.every
	r.mu.Lock()
	people, quiet := len(r.people), late <= 0 || now.Before(r.grumble)
	if !quiet {
		r.grumble = now.Add(recheckGrumble)
	}
	r.mu.Unlock()
	if quiet {
		return
	}
	args := []any{"late", late.Round(time.Second), "people", people, "recheck", r.every}
	if err != nil {
		args = append(args, "err", err.Error())
	}
	args = append(args, "least", (time.Duration(people) * recheckPace * 3 / 2).Round(time.Second))
	r.log.Warn("wecomauth: Config.Recheck is not kept: WeCom does not answer, or there are more people than ten calls a second can look up; "+
		"\"least\" is what this instance alone could keep", args...)
}

// dueQueue is a heap of people, the one who is due first on top.
type dueQueue []*watched

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q dueQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *dueQueue) Push(x any)        { w, _ := x.(*watched); *q = append(*q, w) }
func (q *dueQueue) Pop() any {
	old := *q
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return w
}
