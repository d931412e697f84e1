package core

import (
	"context"
	"net/http"
)

// Action is what an adapter does with a request. The zero value denies.
type Action uint8

const (
	// Deny keeps the handler from running. Decision.Answer writes the answer,
	// which may be a redirect to WeCom as well as a refusal.
	Deny Action = iota
	// Pass lets the handler run, with Decision.Context as the request's context.
	Pass
)

// Decision is what an [Authenticator] has decided about one request. The zero
// value denies with an internal error.
type Decision struct {
	// Action says whether the handler runs. Adapters treat every value but Pass
	// as Deny.
	Action Action

	ctx context.Context
	*denial
}

// denial is what an answer consists of beside its headers. A Decision is handed
// from function to function with every request that passes, and is kept small.
type denial struct {
	status int
	kind   string // Content-Type
	body   []byte
	err    *Error
	auth   *Authenticator
}

// noReason is the denial of a Decision that nobody has made.
var noReason = &denial{status: http.StatusInternalServerError}

func (d Decision) why() *denial {
	if d.denial == nil {
		return noReason
	}
	return d.denial
}

// Context is the request's context for the handler; nil unless Action is Pass.
func (d Decision) Context() context.Context { return d.ctx }

// Status is the HTTP status of a denied request; 0 if Action is Pass.
func (d Decision) Status() int {
	if d.Action == Pass {
		return 0
	}
	return d.why().status
}

// Err is the refusal, or nil when the request passes or is redirected.
func (d Decision) Err() *Error { return d.why().err }

// Answer writes the answer to a denied request, headers having been set by the
// Authenticator. With Config.OnError, a refusal is left to the application: then
// written is false if the application wrote nothing, and the adapter hands
// d.Err() to its framework.
func (d Decision) Answer(w http.ResponseWriter, r *http.Request) (written bool) {
	return d.why().answer(w, r)
}

func (d *denial) answer(w http.ResponseWriter, r *http.Request) (written bool) {
	if d.err != nil && d.auth != nil && d.auth.onError != nil {
		t := &tracker{ResponseWriter: w}
		d.auth.onError(t, r, d.err)
		return t.written
	}
	d.write(w, r)
	return true
}

// write is this package's own answer.
func (d *denial) write(w http.ResponseWriter, r *http.Request) {
	if d.kind != "" {
		w.Header().Set("Content-Type", d.kind)
		w.Header().Set("Content-Security-Policy", d.policy())
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(d.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(d.body) // the client may be gone
	}
}

// policy keeps pages out of other sites' frames, but for the one that is there to
// be seen in a frame: it holds a link and nothing to be tricked into.
func (d *denial) policy() string {
	if d.err != nil && d.err.Kind == ErrFrame {
		return pagePolicy
	}
	return pagePolicy + "; frame-ancestors 'self'"
}

// tracker notices whether OnError wrote. It is used only where the handler does
// not run; a handler's response writer is never wrapped.
type tracker struct {
	http.ResponseWriter
	written bool
}

func (t *tracker) WriteHeader(status int) {
	t.written = true
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracker) Write(b []byte) (int, error) {
	t.written = true
	return t.ResponseWriter.Write(b)
}

// FlushError implements what http.ResponseController looks for.
func (t *tracker) FlushError() error {
	t.written = true
	return http.NewResponseController(t.ResponseWriter).Flush()
}

func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }
