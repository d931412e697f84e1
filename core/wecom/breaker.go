package wecom

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// A WeCom that is down must cost a visitor milliseconds, not a timeout, and get
// a trickle of calls, not those of everybody who tries again. So after a few
// failures in a row an API is not called for a while, then by one caller, and so
// on until one succeeds. Where WeCom says that there were too many calls, it is
// not called for as long as its shortest block lasts: who goes on is blocked for
// longer. Each API has a breaker of its own: that user/get fails is no reason to
// keep people out. gettoken has none; see failure.
// https://developer.work.weixin.qq.com/document/path/90312
const (
	breakAfter = 5                // failures in a row: several logins, or one person who tries again and again
	firstBreak = time.Second      // doubles with each failed probe
	longBreak  = 30 * time.Second // so that people are in again half a minute after WeCom is
)

// breaker guards one API.
type breaker struct {
	api string
	log *slog.Logger

	mu      sync.Mutex // guards what follows
	failed  int        // calls in a row
	pause   time.Duration
	until   time.Time // no call before that, if failed is breakAfter or more
	limited bool      // by WeCom, rather than failing
	probing bool      // somebody is trying
}

// breakers are those of one app.
type breakers struct {
	log *slog.Logger
	mu  sync.Mutex
	all map[string]*breaker
}

func (b *breakers) of(api string) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[api] == nil {
		if b.all == nil {
			b.all = make(map[string]*breaker)
		}
		b.all[api] = &breaker{api: api, log: b.log}
	}
	return b.all[api]
}

// errLost stands for a call that never returns: its transport panics.
var errLost error = &callError{text: "the transport panicked", kind: core.ErrUnavailable}

// admit says whether to make a call, and whether it is the probe. The outcome of
// an admitted call has to be told to settle.
func (b *breaker) admit() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < breakAfter {
		return false, nil
	}
	if wait := time.Until(b.until); wait > 0 || b.probing {
		why := "not called: WeCom has not answered the last calls"
		if b.limited {
			why = "not called: WeCom said that there were too many calls"
		}
		return false, unavailable(&callError{api: b.api, text: why, kind: core.ErrUnavailable}, max(wait, firstBreak))
	}
	b.probing = true
	return true, nil
}

// settle takes the outcome of a call.
func (b *breaker) settle(ctx context.Context, probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	broken := b.failed >= breakAfter
	if probe {
		b.probing = false
	}
	switch {
	case hasCode(err, codeLimit):
		if !b.limited {
			b.log.WarnContext(ctx, "wecom: too many calls; for a minute none is made", "api", b.api, "err", err.Error())
		}
		b.failed, b.limited, b.until = max(b.failed, breakAfter), true, time.Now().Add(retryBlock)
	case b.limited && !probe: // begun before WeCom said so
	case !transient(err) && !hasCode(err, codeConcurrent):
		if broken {
			b.log.InfoContext(ctx, "wecom: WeCom answers again", "api", b.api)
		}
		b.failed, b.pause, b.limited = 0, 0, false
	case errors.Is(ctx.Err(), context.Canceled): // the caller's doing
	case broken && !probe: // begun before it broke
	default:
		if b.failed++; b.failed < breakAfter {
			return
		}
		b.limited = false
		b.pause = min(max(2*b.pause, firstBreak), longBreak)
		b.until = time.Now().Add(b.pause/2 + rand.N(b.pause/2+1)) // #nosec G404 -- so that instances do not probe together
		if !broken {
			b.log.WarnContext(ctx, "wecom: WeCom does not answer; until it does, few calls are made", "api", b.api, "err", err.Error())
		}
	}
}
