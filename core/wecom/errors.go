package wecom

import (
	"context"
	"errors"
	"net"
	"net/url"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// What a visitor is told to wait: WeCom's shortest block lasts 60 seconds.
// https://developer.work.weixin.qq.com/document/path/90312
const (
	retrySoon  = 5 * time.Second
	retryBlock = 60 * time.Second
)

// callError is a failure that WeCom gave no error code for.
type callError struct {
	api  string // which call, as in APIError
	text string // holds no secret
	kind *core.Kind
	// cause is context.Canceled, context.DeadlineExceeded or nil: any other
	// error of a transport may hold the address, and with it the secrets.
	cause error
}

func (e *callError) Error() string { return "wecom: " + e.api + ": " + e.text }

func (e *callError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.kind}
	}
	return []error{e.kind, e.cause}
}

// errAttrs are err in a log: its text and, if WeCom sent an error code, that
// field by field.
func errAttrs(err error) []any {
	attrs := []any{"err", err.Error()}
	var coded *APIError
	if errors.As(err, &coded) {
		attrs = append(attrs, "wecom", coded)
	}
	return attrs
}

func badAnswer(api, text string) error {
	return &callError{api: api, text: text, kind: core.ErrBadAnswer}
}

// unavailable adds the time to wait.
func unavailable(err error, wait time.Duration) error { return core.RetryAfter(err, wait) }

// transportError keeps the words of err, without the address and the secrets.
// Nothing of err itself stays reachable: a *url.Error holds the whole address.
func transportError(api string, err error, secrets scrubber) error {
	e := &callError{api: api, kind: core.ErrUnavailable, cause: contextCause(err)}
	for withURL := new(url.Error); errors.As(err, &withURL); {
		err = withURL.Err
	}
	e.text = printable(secrets.scrub(err.Error()), maxText)
	return unavailable(e, retrySoon)
}

func contextCause(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded
	}
	return nil
}
