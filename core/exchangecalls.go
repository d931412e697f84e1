package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"
)

// call is an exchange under way or done.
type call struct {
	nonce nonce
	code  [sha256.Size]byte
	began time.Time
	ended time.Time
	done  chan struct{} // closed when result is set
	result

	// Guarded by exchanges.mu:
	waiting  int                // visitors
	asked    bool               // it has left the queue: its code may be spent
	finished bool               // result is set
	abandon  context.CancelFunc // leaves the queue
}

// join finds the attempt's call, or begins it.
func (e *exchanges) join(ctx context.Context, t trade) (*call, error) {
	code := sha256.Sum256([]byte(t.code))
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.calls[t.nonce]
	switch {
	case ok && c.code != code:
		return nil, fmt.Errorf("%w: another code was sent for this attempt", ErrCodeInvalid)
	case !ok && e.codes[code]:
		return nil, fmt.Errorf("%w: the code was sent for another attempt", ErrCodeInvalid)
	case !ok:
		e.forget(e.now())
		c = &call{nonce: t.nonce, code: code, began: e.now(), done: make(chan struct{})}
		e.calls[c.nonce], e.codes[code] = c, true
		e.order = append(e.order, c)
		var queue context.Context
		queue, c.abandon = context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
		go e.run(queue, c, t)
	}
	c.waiting++
	return c, nil
}

// leave takes a call that nobody waits for out of the queue, so that no more
// goroutines wait than visitors do.
func (e *exchanges) leave(c *call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.waiting--; c.waiting == 0 && !c.asked {
		c.abandon()
		e.drop(c) // the code is unused: another delivery may try
	}
}

// forget drops calls whose attempts are dead, and the oldest beyond maxCalls. Those
// that were dropped before, such as a bot's beyond its ration, push nobody's out.
func (e *exchanges) forget(now time.Time) {
	for len(e.order) > 0 && (!e.holds(e.order[0]) || len(e.calls) >= maxCalls || now.Sub(e.order[0].began) > attemptTTL+clockSkew) {
		e.drop(e.order[0])
		e.order = e.order[1:]
	}
	if len(e.order) > 2*len(e.calls)+64 {
		e.order = slices.DeleteFunc(e.order, func(c *call) bool { return !e.holds(c) })
	}
}

func (e *exchanges) holds(c *call) bool { return e.calls[c.nonce] == c }

func (e *exchanges) drop(c *call) {
	if e.holds(c) {
		delete(e.calls, c.nonce)
		delete(e.codes, c.code)
	}
}

// finish publishes a call's result. It lets go of the request's context, which
// abandon holds.
func (e *exchanges) finish(c *call, res result) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.abandon()
	c.abandon = func() {}
	if errors.Is(res.err, errNotAsked) {
		e.drop(c)
	}
	c.ended = e.now()
	c.result, c.finished = res, true
	c.took = c.ended.Sub(c.began)
	close(c.done)
}

// ask marks a call as sent, unless everybody who waited for it has left.
func (e *exchanges) ask(c *call) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.asked = c.waiting > 0
	return c.asked
}

// succeeded reports whether this attempt became a session on this instance.
func (e *exchanges) succeeded(n nonce) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.calls[n]
	return ok && c.finished && c.err == nil
}
