package core

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A Kind says what stopped a request. Kinds are errors: test for one with
// errors.Is(err, core.ErrNotMember). A [Provider] wraps the kind that fits.
type Kind struct {
	code   string
	status int
	zh, en text
}

// text is what a person reads: what happened, and what to do.
type text struct{ title, body string }

// Error returns the kind's code behind the package's name.
func (k *Kind) Error() string { return "wecomauth: " + k.code }

// Code is a stable, machine-readable name such as "login_required". It is the
// "code" member of the JSON answers.
func (k *Kind) Code() string { return k.code }

// Status is the HTTP status of the answer, 400 to 599.
func (k *Kind) Status() int { return k.status }

// An Error is a refusal: what the person is told (the Kind) and what the log
// and the application are told (Err) are two fields, and never mix.
type Error struct {
	// Kind is what the person is told; nil counts as ErrInternal.
	Kind *Kind
	// Err is the cause, for logs only. It may be nil. It holds no secret,
	// access token, code or state, but may hold text that WeCom sent.
	Err error
	// RetryAfter is how long the visitor should wait before trying again,
	// whole seconds; 0 when waiting does not help.
	RetryAfter time.Duration
	// RequestID is on the page, in the JSON and in the log: the X-Request-Id that
	// the application has set on the answer, or a random one.
	RequestID string

	own *denial // what Answer writes
}

// Error returns the text for the log.
func (e *Error) Error() string {
	kind := e.Kind
	if kind == nil { // made by hand
		kind = ErrInternal
	}
	if e.Err == nil {
		return kind.Error()
	}
	return fmt.Sprintf("%s: %v", kind.Error(), e.Err)
}

// Unwrap lets errors.Is find both the kind and the cause.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Kind != nil {
		all = append(all, e.Kind)
	}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// StatusCode returns the HTTP status of the answer.
func (e *Error) StatusCode() int {
	if e.Kind == nil {
		return ErrInternal.status
	}
	return e.Kind.status
}

// Answer writes the answer that this package gives without Config.OnError: its page
// or JSON. It is for an OnError that wants to say some refusals in its own way:
//
//	func(w http.ResponseWriter, r *http.Request, err *core.Error) {
//		if err.Kind == core.ErrForbidden {
//			forbidden(w, r) // the application's own page
//			return
//		}
//		err.Answer(w, r)
//	}
//
// An Error that no Authenticator has made answers with its bare status.
func (e *Error) Answer(w http.ResponseWriter, r *http.Request) {
	if e.own == nil {
		w.WriteHeader(e.StatusCode())
		return
	}
	e.own.write(w, r)
}

// RetryAfter wraps err with a time to wait, for a [Client] that knows one. It is
// rounded up to whole seconds.
func RetryAfter(err error, d time.Duration) error { return &retryError{err, d} }

type retryError struct {
	err   error
	after time.Duration
}

func (e *retryError) Error() string { return e.err.Error() }
func (e *retryError) Unwrap() error { return e.err }

// newError turns any error into an Error, by the kind that it wraps.
func newError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		e := *known // several requests may share the error
		if e.Kind == nil {
			e.Kind = ErrInternal
		}
		return &e
	}
	e := &Error{Kind: ErrInternal, Err: err}
	var k *Kind
	if errors.As(err, &k) {
		e.Kind = k
	}
	var r *retryError
	if errors.As(err, &r) {
		e.RetryAfter = (r.after + time.Second - 1).Truncate(time.Second)
	}
	if e.RetryAfter == 0 && (e.Kind == ErrUnavailable || e.Kind == ErrStore) {
		e.RetryAfter = retryAfter
	}
	return e
}

// kindError is a cause that must not be mistaken for a richer type.
func kindError(k *Kind, format string, args ...any) *Error {
	return newError(fmt.Errorf("%w: %w", k, fmt.Errorf(format, args...)))
}

// joined is errors.Join that keeps a single error as it is.
func joined(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return errors.Join(a, b)
}
