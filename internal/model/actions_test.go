package model

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// action is one line of a script.
type action struct {
	name string
	can  func() bool // nil: always
	do   func()
}

// visits are the steps of one tab.
func (w *world) visits(b *browser, n int) []action {
	t, tab := &b.tabs[n], []string{"", " in a second tab"}[n]
	return []action{
		{b.name + " opens the page and signs in at WeCom" + tab, func() bool { return t.pending == "" }, func() { w.open(b, t, w.site+"/me") }},
		{b.name + " comes back from WeCom" + tab, func() bool { return t.pending != "" }, func() { w.open(b, t, t.pending) }},
	}
}

// again loads a tab's last callback once more, as a reload or Back does. Whoever
// is logged in by then goes on to the page.
func (w *world) again(b *browser) action {
	t := &b.tabs[0]
	return action{b.name + " loads the callback again", func() bool { return t.used != "" }, func() {
		s := w.sessions[b.session()]
		in := s != nil && s.dead == [2]time.Time{} && !s.deadOn(w.balancer) && len(b.planted)+len(b.behind) == 0 &&
			strings.HasPrefix(t.used, w.site+"/me") // a fresh login that has lost its attempt ends elsewhere
		if end := w.open(b, t, t.used); in && end != onPage {
			w.violate("%s is logged in, and a reload of the callback does not end on the page", b.name)
		}
	}}
}

func (w *world) whole(b *browser) action {
	return action{b.name + " opens the page and goes on to the end", nil, func() { w.browse(b, &b.tabs[0]) }}
}

// twice delivers a callback twice at the same moment: to these instances.
func (w *world) twice(b *browser, name string, first, second int) action {
	t := &b.tabs[0]
	return action{b.name + "'s callback is delivered twice at once" + name, func() bool { return t.pending != "" }, func() {
		one := make(chan answer)
		r, dup := b.request(http.MethodGet, t.pending, "navigate"), b.request(http.MethodGet, t.pending, "navigate")
		go func() { one <- w.send(b, w.balancer^first, r) }()
		other := w.send(b, w.balancer^second, dup)
		answers := []answer{<-one, other}
		for _, a := range answers {
			w.receive(b, a)
		}
		if first == second && answers[0].session() != answers[1].session() {
			w.violate("%s: simultaneous duplicates have come to different sessions", b.name)
		}
		t.pending, t.used = "", t.pending
	}}
}

// fresh asks WeCom although there may be a session, and that makes a new one.
func (w *world) fresh(b *browser) action {
	t := &b.tabs[0]
	return action{b.name + " logs in afresh, to the end", nil, func() {
		before, end := b.session(), w.open(b, t, w.site+"/login?fresh=1&return_to=/me")
		for range maxHops {
			if end != atWeCom {
				break
			}
			end = w.open(b, t, t.pending)
		}
		if !w.weCom.refuses && (end != onPage || b.session() == before) {
			w.violate("%s asked for a fresh login and has none", b.name)
		}
	}}
}

// refusing turns off and on that WeCom takes codes.
func (w *world) refusing() action {
	return action{"WeCom begins or ends to refuse every code", nil, func() { w.weCom.refuses = !w.weCom.refuses }}
}

func (w *world) logout(b *browser) action {
	return action{b.name + " logs out", func() bool { return b.session() != "" }, func() {
		rec := w.post(b, "/logout")
		for _, c := range w.tokensOf(b) {
			c.end(0, 0)
		}
		w.receive(b, rec)
	}}
}

func (w *world) everywhere(b *browser) action {
	return action{b.name + " logs out everywhere", func() bool { return b.session() != "" }, func() {
		s := w.sessions[b.session()]
		alive := !s.deadOn(w.balancer)
		rec := w.post(b, "/logout?everywhere=1")
		s.end(0, 0)
		if alive { // or it is not known whose sessions are to end
			w.endAll(b.person)
		}
		w.receive(b, rec)
	}}
}

func (w *world) post(b *browser, path string) answer {
	return w.send(b, w.balancer, b.request(http.MethodPost, w.site+path, "navigate"))
}

// tokensOf are the sessions in all cookies that the browser sends.
func (w *world) tokensOf(b *browser) []*session {
	var all []*session
	for _, c := range slices.Concat(b.planted, b.jar, b.behind) {
		if s := w.sessions[c.Value]; s != nil {
			all = append(all, s)
		}
	}
	return all
}

func (w *world) balance() action {
	return action{"the balancer goes to the other instance", nil, func() { w.balancer ^= 1 }}
}

func (w *world) pass(d time.Duration) action {
	return action{d.String() + " pass", nil, func() { time.Sleep(d) }}
}

// blocking turns a browser's cookies off and on.
func (w *world) blocking(b *browser) action {
	return action{b.name + "'s browser begins or ends to block cookies", nil, func() {
		if b.blocks = !b.blocks; b.blocks {
			b.jar = nil
		}
	}}
}

// losing turns off and on that a browser keeps sessions.
func (w *world) losing(b *browser) action {
	return action{b.name + "'s browser begins or ends to lose sessions", nil, func() {
		b.loses = !b.loses
		w.lose(b)
	}}
}

func (w *world) lose(b *browser) {
	if token := b.session(); token != "" && b.loses {
		b.drop(w.cookieName)
	}
}

// revoke is an administrator's.
func (w *world) revoke(b *browser) action {
	return action{b.name + "'s sessions are revoked", func() bool { return b.session() != "" }, func() {
		if err := w.auths[w.balancer].Revoke(context.Background(), "", b.person); err != nil {
			w.violate("Revoke: %v", err)
		}
		w.endAll(b.person)
	}}
}

// endAll notes that all sessions of a person end: here at once.
func (w *world) endAll(person string) {
	after := [2]time.Duration{within, within}
	after[w.balancer] = 0
	for _, s := range w.sessions {
		if s.owner.person == person {
			s.end(after[0], after[1])
		}
	}
}

// failing is a login that fails for want of an answer, and a reload of the page
// that says so. The reload begins afresh.
func (w *world) failing(b *browser) action {
	t := &b.tabs[0]
	return action{b.name + "'s login fails, and the page that says so is loaded again", func() bool { return t.pending != "" }, func() {
		w.weCom.down, w.weCom.asked = true, false
		end := w.open(b, t, t.pending)
		w.weCom.down = false
		if w.weCom.asked && (end != refused || w.open(b, t, t.used) != atWeCom) {
			w.violate("%s: a reload after a failure does not begin afresh", b.name)
		}
	}}
}
