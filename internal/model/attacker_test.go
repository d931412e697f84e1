package model

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// gather begins six logins in mallory's browser, one in each of its slots, so
// that whatever slot a victim's login has, mallory has a login in that slot too.
func (w *world) gather() action {
	return action{"mallory begins six logins and keeps the callbacks", nil, func() {
		w.mallory.jar, w.stash = nil, nil
		for range 6 {
			w.open(w.mallory, &w.mallory.tabs[0], w.site+"/me")
			w.stash = append(w.stash, w.mallory.tabs[0].pending)
		}
		w.snapshot = w.mallory.jar
	}}
}

// matching is mallory's callback whose attempt has the name of the victim's.
func (w *world) matching(victim *browser) string {
	for i, c := range w.snapshot { // the cookies are in the order of the callbacks
		for _, own := range victim.attempts() {
			if own.Name == c.Name {
				return w.stash[i]
			}
		}
	}
	return w.stash[0]
}

func (w *world) stocked() bool { return len(w.stash) > 0 }

// link is login CSRF: the victim follows a link to mallory's callback.
func (w *world) link(victim *browser) action {
	return action{victim.name + " follows mallory's link to his callback", w.stocked, func() {
		w.open(victim, &victim.tabs[0], w.matching(victim))
	}}
}

// mixed is a link with the victim's own state, which mallory has seen in a
// callback that was used, and with a code of mallory's.
func (w *world) mixed(victim *browser) action {
	t := &victim.tabs[0]
	return action{victim.name + " follows mallory's link with her own used state and his code", func() bool { return w.stocked() && t.used != "" }, func() {
		w.open(victim, t, combine(w.site, w.stash[1], t.used))
	}}
}

// steal delivers the victim's callback in mallory's browser. It need not be used.
func (w *world) steal(victim *browser) action {
	t := &victim.tabs[0]
	return action{"mallory loads " + victim.name + "'s callback", func() bool { return t.pending+t.used != "" }, func() {
		address := t.pending
		if address == "" {
			address = t.used
		}
		w.open(w.mallory, &w.mallory.tabs[1], address)
	}}
}

// inject loads one of mallory's states with the victim's used code. One that came
// back too late to be sent is not used, and none of ours to guard.
func (w *world) inject(victim *browser) action {
	t := &victim.tabs[0]
	return action{"mallory loads his state with " + victim.name + "'s used code", func() bool { return w.stocked() && w.spent(victim, t.used) }, func() {
		w.open(w.mallory, &w.mallory.tabs[1], combine(w.site, t.used, w.stash[2]))
	}}
}

// spent reports whether WeCom has taken a callback's code, and it was this browser's.
func (w *world) spent(b *browser, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	c := w.weCom.codes[u.Query().Get("code")]
	return c != nil && c.browser == b && c.accepted
}

// replay puts mallory's cookies of an earlier moment back, and loads a callback
// that goes with them.
func (w *world) replay() action {
	return action{"mallory puts old cookies back and loads his callback", w.stocked, func() {
		w.mallory.jar = w.snapshot
		w.open(w.mallory, &w.mallory.tabs[1], w.stash[0])
	}}
}

// other is replay with another of mallory's codes.
func (w *world) other() action {
	return action{"mallory puts old cookies back and loads his state with another code", w.stocked, func() {
		w.mallory.jar = w.snapshot
		w.open(w.mallory, &w.mallory.tabs[1], combine(w.site, w.stash[1], w.stash[0]))
	}}
}

// swap moves each of mallory's attempts to the next one's name.
func (w *world) swap() action {
	return action{"mallory swaps his attempts' cookies and loads his callback", w.stocked, func() {
		w.mallory.jar = renamed(w.snapshot, func(i int) string { return w.snapshot[(i+1)%len(w.snapshot)].Name })
		w.open(w.mallory, &w.mallory.tabs[1], w.stash[0])
	}}
}

// toss plants mallory's attempts in the victim's browser, as a sibling subdomain
// can: where names begin with __Host- it has to leave that out.
func (w *world) toss(victim *browser, behind bool) action {
	where := map[bool]string{false: "in front of", true: "behind"}[behind]
	return action{"mallory plants his attempts " + where + " " + victim.name + "'s cookies", w.stocked, func() {
		cookies := renamed(w.snapshot, func(i int) string { return strings.TrimPrefix(w.snapshot[i].Name, "__Host-") })
		if victim.planted, victim.behind = cookies, nil; behind {
			victim.planted, victim.behind = nil, cookies
		}
	}}
}

// tossSession plants mallory's session beside the victim's own.
func (w *world) tossSession(victim *browser) action {
	return action{"mallory plants his session beside " + victim.name + "'s", func() bool { return victim.session() != "" && w.mallory.session() != "" }, func() {
		for _, c := range w.mallory.jar {
			if isSession(c) {
				planted := *c
				planted.Name = strings.TrimPrefix(c.Name, "__Host-")
				victim.planted = []*http.Cookie{&planted}
			}
		}
	}}
}

// planting is what a victim does, and what a sibling subdomain can plant beside it.
func (w *world) planting(victim *browser) []action {
	return append(w.visits(victim, 0), w.again(victim), w.logout(victim), w.whole(w.mallory), w.gather(),
		w.toss(victim, false), w.toss(victim, true), w.tossSession(victim))
}

func renamed(cookies []*http.Cookie, name func(int) string) []*http.Cookie {
	all := slices.Clone(cookies)
	for i, c := range cookies {
		other := *c
		other.Name = name(i)
		all[i] = &other
	}
	return all
}

// combine makes a callback of one's code and another's state.
func combine(site, codeOf, stateOf string) string {
	_, query, _ := strings.Cut(codeOf, "?")
	code, _, _ := strings.Cut(query, "&state=")
	_, state, _ := strings.Cut(stateOf, "&state=")
	return site + "/me?" + code + "&state=" + state
}
