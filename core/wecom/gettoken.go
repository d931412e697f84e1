package wecom

import (
	"context"
	"errors"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

const apiToken = "gettoken"

// maxToken bounds an access token, in bytes; WeCom asks to reserve 512.
// https://developer.work.weixin.qq.com/document/path/91039
const maxToken = 4096

// errRefused: another token is not to be had, and a loop of calls gets the IP
// address blocked.
func (s *tokenSource) errRefused() error {
	return &callError{api: s.name, kind: core.ErrMisconfigured,
		text: "WeCom refuses the access token that it issues: check that the id and the secret are of one app"}
}

// retryWaits are the pauses before another try inside one flight.
var retryWaits = []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}

// fetch asks for a token, and again only if that can help: a wrong secret tried
// many times gets the IP address blocked for an hour.
func (s *tokenSource) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	for _, wait := range retryWaits {
		token, life, err = s.ask(ctx)
		if !transient(err) || !sleep(ctx, wait) {
			return token, life, err
		}
	}
	return s.ask(ctx)
}

// transient is true for a busy WeCom (-1), a failed transport and a gateway's
// 5xx, not for a limit that WeCom has set us.
func transient(err error) bool {
	if coded := (*APIError)(nil); errors.As(err, &coded) {
		return coded.Code == -1
	}
	return errors.Is(err, core.ErrUnavailable) && !errors.As(err, new(notAsked))
}

// notAsked is an error because of which WeCom was not called: it is looked anew
// each time whether that is still so.
type notAsked struct{ error }

func (e notAsked) Unwrap() error { return e.error }

// What WeCom answers to too many calls, in all and at a time.
// https://developer.work.weixin.qq.com/document/path/90313
const (
	codeLimit      = 45009
	codeConcurrent = 45033
)

func hasCode(err error, code int) bool {
	var coded *APIError
	return errors.As(err, &coded) && coded.Code == code
}

// sleep returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// getToken is one call for a self-built app.
func (s *tokenSource) getToken(ctx context.Context) (token string, life time.Duration, err error) {
	ans, err := s.api.get(ctx, apiToken,
		param{name: "corpid", value: s.id},
		param{name: "corpsecret", value: s.api.secret, secret: true})
	if err != nil {
		return "", 0, err
	}
	return s.read(ans, "access_token")
}

// read takes a token and its lifetime from an answer.
func (s *tokenSource) read(ans answer, member string) (token string, life time.Duration, err error) {
	token, err = ans.text(member)
	if err != nil {
		return "", 0, badAnswer(s.name, err.Error())
	}
	if !visibleASCII(token, maxToken) {
		return "", 0, badAnswer(s.name, "the answer holds no usable "+member)
	}
	seconds, ok := ans.integer("expires_in")
	if !ok || seconds <= 0 {
		return token, unknownLife, nil
	}
	// Compared as numbers of seconds: a Duration could overflow.
	return token, time.Duration(min(seconds, int(maxLife/time.Second))) * time.Second, nil
}

// visibleASCII wants 1 to limit bytes, each a visible ASCII character.
func visibleASCII(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

const (
	firstPause = time.Second
	longPause  = time.Minute
)

// failure remembers that a call failed, so that callers do not try it again
// at once. The zero value remembers nothing.
type failure struct {
	err   error
	until time.Time
	pause time.Duration // the last pause, while failures repeat
}

// at returns the failure if it still counts.
func (f *failure) at(now time.Time) error {
	if now.Before(f.until) {
		return f.err
	}
	return nil
}

// add remembers err for a minute if only a person or time can help, and else
// for one second, doubling up to a minute.
func (f *failure) add(err error, now time.Time) {
	f.err = err
	switch {
	case errors.As(err, new(notAsked)):
		f.until = now
	case hasCode(err, codeLimit), errors.Is(err, core.ErrMisconfigured):
		f.until = now.Add(longPause)
	default:
		f.pause = min(max(2*f.pause, firstPause), longPause)
		f.until = now.Add(f.pause)
	}
}
