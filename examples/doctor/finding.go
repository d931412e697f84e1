package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/wecomauth/wecomauth/core/wecom"
)

// finding is what a check has found: well, wrong with what to do about it, or
// skipped because an earlier one failed or there is nothing to look at.
type finding struct {
	state state
	what  wecom.Text
	fix   wecom.Text // if something is to be done
}

type state int

const (
	skipped state = iota
	well
	warning
	wrong
)

var marks = [...]string{skipped: "-", well: "✓", warning: "!", wrong: "✗"}

func say(en, zh string) wecom.Text { return wecom.Text{EN: en, ZH: zh} }

// fact is the same in both languages: an address, a code, an error of Go's.
func fact(text string) wecom.Text { return say(text, text) }

// fine is well.
func fine(what wecom.Text) finding { return finding{state: well, what: what} }

// perCheck bounds a check.
const perCheck = 10 * time.Second

// examine runs all checks and reports whether nothing is wrong.
func (p *patient) examine(ctx context.Context, w io.Writer) bool {
	healthy := true
	for _, c := range checks {
		one, cancel := context.WithTimeout(ctx, perCheck)
		f := c.run(p, one)
		cancel()
		healthy = healthy && f.state != wrong
		if f.state == skipped && f.what.EN == "" {
			f.what = say("not looked at: mend the above first", "未检查：请先解决前面的问题")
		}
		what := f.what.EN
		if f.what.ZH != f.what.EN {
			what += " · " + f.what.ZH
		}
		text := fmt.Sprintf("%s %s · %s  %s", marks[f.state], c.name.EN, c.name.ZH, p.clean(what))
		if f.fix.EN != "" {
			text += "\n" + p.clean(f.fix.EN) + "\n" + p.clean(f.fix.ZH)
		}
		_, _ = fmt.Fprintln(w, strings.ReplaceAll(strings.TrimRight(text, " "), "\n", "\n    "))
	}
	return healthy
}

// most is how long a text may be, in bytes: some come from other machines.
const most = 2000

// clean makes a text fit for a terminal, without the secret and the token: no
// check prints them, but errors of transports may hold any address.
func (p *patient) clean(text string) string {
	for _, secret := range []string{p.app.Secret, p.token} {
		if secret != "" {
			text = strings.NewReplacer(secret, "***", url.QueryEscape(secret), "***").Replace(text)
		}
	}
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, ""))
}

// bare is err without the address that net/http puts in front of it.
func bare(err error) error {
	for e := (*url.Error)(nil); errors.As(err, &e); {
		err = e.Err
	}
	return err
}
