package core

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An attempt is a login under way. It lives in the browser, sealed in one of a
// fixed number of cookies: a visitor who never logs in costs the server no
// memory, several tabs log in side by side, and any instance can finish what
// another began.
type attempt struct {
	nonce  nonce
	at     time.Time // when it began or was spent, to the second
	status attemptStatus
	round  uint8
	fresh  bool
	target string // the local URL that was asked for
}

const (
	slots      = 6                // attempt cookies a browser may hold
	attemptTTL = 10 * time.Minute // from the start to the callback
	clockSkew  = time.Minute      // between instances
	maxCookie  = 700              // bytes of one Set-Cookie header

	justNow = 30 * time.Second // from the end of a login to its page
	moment  = 20 * time.Second // in which another tab's login is likely to finish

	attemptVersion = 1
	attemptHead    = 1 + 1 + 1 + 8 + 16 // version, flags, round, time, nonce
	flagFresh      = 1 << 7
)

// jar reads and writes the attempt cookies of one app.
type jar struct {
	keys   *keyring
	prefix string // cookie name without the slot
	names  [slots]string
	secure bool
	rand   io.Reader
}

func newJar(k *keyring, secure bool, rand io.Reader) *jar {
	j := &jar{keys: k, prefix: cookieName(k, secure), secure: secure, rand: rand}
	for slot := range j.names {
		j.names[slot] = j.prefix + "-" + strconv.Itoa(slot)
	}
	return j
}

func (j *jar) name(slot uint8) string { return j.names[slot] }

// movedName is the cookie of relocate.
func (j *jar) movedName() string { return j.prefix + "-moved" }

// find returns the attempt that s names, if this browser holds it.
func (j *jar) find(r *http.Request, now time.Time, s state) (attempt, bool) {
	for value := range cookiesNamed(r, j.name(s.slot)) {
		if a, ok := j.open(now, j.name(s.slot), value); ok && a.nonce == s.nonce {
			return a, true
		}
	}
	return attempt{}, false
}

func (j *jar) open(now time.Time, name, value string) (attempt, bool) {
	if len(value) > maxCookie {
		return attempt{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return attempt{}, false
	}
	plain, ok := j.keys.open(now, name, sealed)
	if !ok {
		return attempt{}, false
	}
	a, ok := decodeAttempt(plain)
	age := now.Sub(a.at)
	return a, ok && age < attemptTTL && age > -clockSkew
}

// pick chooses the slot of a new attempt: a random free one, else the oldest
// spent one, else the newest open one of the first round. Were it the oldest, each
// of many tabs would push out another that is about to return, and none might
// finish.
func (j *jar) pick(r *http.Request, now time.Time) uint8 {
	free := make([]uint8, 0, slots)
	victim, best := uint8(0), int64(1<<62)
	for slot := range uint8(slots) {
		a, ok := j.held(r, now, slot)
		rank := -a.at.Unix()
		if a.status != attemptOpen {
			rank = a.at.Unix() - 1<<40
		} else if a.round > 1 {
			rank += 1 << 40
		}
		switch {
		case !ok:
			free = append(free, slot)
		case rank < best:
			victim, best = slot, rank
		}
	}
	if len(free) > 0 {
		return free[rand.IntN(len(free))] // #nosec G404 -- spreads tabs over slots; not a secret
	}
	return victim
}

// justDone returns the round of a login that this browser finished a moment ago,
// or 0. An attempt may still be open because the cookies of the answer that
// finished it were lost; succeeded knows.
func (j *jar) justDone(r *http.Request, now time.Time, succeeded func(nonce) bool) int {
	round := 0
	for slot := range uint8(slots) {
		a, ok := j.held(r, now, slot)
		if ok && (a.status == attemptDone && now.Sub(a.at) < justNow || a.status == attemptOpen && succeeded(a.nonce)) {
			round = max(round, int(a.round))
		}
	}
	return round
}

// crowd reports whether the browser holds open attempts other than the one that
// s names, and whether one of them has just begun.
func (j *jar) crowd(r *http.Request, now time.Time, s state) (crowded, sibling bool) {
	for slot := range uint8(slots) {
		if a, ok := j.held(r, now, slot); ok && a.status == attemptOpen && a.nonce != s.nonce {
			crowded = true
			sibling = sibling || now.Sub(a.at) < moment
		}
	}
	return crowded, sibling
}

// clear takes the attempts from the browser: after a logout, a visit without a
// session is no sign of lost cookies.
func (j *jar) clear(h http.Header, r *http.Request) {
	for slot := range uint8(slots) {
		if hasCookie(r, j.name(slot)) {
			c := j.cookie(slot, "", -1)
			h.Add("Set-Cookie", c.String())
		}
	}
}

func (j *jar) cookie(slot uint8, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is false on http only, which New warns of
		Name: j.name(slot), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode,
	}
}

func (j *jar) held(r *http.Request, now time.Time, slot uint8) (attempt, bool) {
	for value := range cookiesNamed(r, j.name(slot)) {
		if a, ok := j.open(now, j.name(slot), value); ok {
			return a, true
		}
	}
	return attempt{}, false
}

// put seals a into its slot's cookie. fits is false when the target was too
// long for a cookie and lost its query, or all of itself.
func (j *jar) put(h http.Header, now time.Time, slot uint8, a attempt) (fits bool, err error) {
	name, fits := j.name(slot), true
	for {
		sealed, err := j.keys.seal(now, j.rand, name, a.encode())
		if err != nil {
			return false, err
		}
		line := j.line(slot, sealed, max(1, int((attemptTTL-now.Sub(a.at)).Seconds())))
		if len("Set-Cookie: ")+len(line) <= maxCookie {
			h["Set-Cookie"] = append(h["Set-Cookie"], line)
			return fits, nil
		}
		fits = false // drop the fragment, then the query, then all
		if end := strings.LastIndexAny(a.target, "?#"); end > 0 {
			a.target = a.target[:end]
		} else {
			a.target = "/"
		}
	}
}

// line is cookie(…).String() with a sealed value, for which http.Cookie has much
// to look at and nothing to find.
func (j *jar) line(slot uint8, sealed []byte, maxAge int) string {
	b := make([]byte, 0, len(j.names[slot])+base64.RawURLEncoding.EncodedLen(len(sealed))+64)
	b = append(append(b, j.names[slot]...), '=')
	b = base64.RawURLEncoding.AppendEncode(b, sealed)
	b = strconv.AppendInt(append(b, "; Path=/; Max-Age="...), int64(maxAge), 10)
	b = append(b, "; HttpOnly"...)
	if j.secure {
		b = append(b, "; Secure"...)
	}
	return string(append(b, "; SameSite=Lax"...))
}

func (a attempt) encode() []byte {
	flags := byte(a.status)
	if a.fresh {
		flags |= flagFresh
	}
	b := make([]byte, 0, attemptHead+len(a.target))
	b = append(b, attemptVersion, flags, a.round)
	b = binary.BigEndian.AppendUint64(b, uint64(a.at.Unix())) // #nosec G115 -- round trip of the same 64 bits
	b = append(b, a.nonce[:]...)
	return append(b, a.target...)
}

// decodeAttempt reads what encode wrote. The seal has been checked; this only
// keeps out what another version of this package may have sealed.
func decodeAttempt(b []byte) (attempt, bool) {
	if len(b) <= attemptHead || b[0] != attemptVersion {
		return attempt{}, false
	}
	a := attempt{
		status: attemptStatus(b[1] &^ flagFresh),
		fresh:  b[1]&flagFresh != 0,
		round:  b[2],
		at:     time.Unix(int64(binary.BigEndian.Uint64(b[3:])), 0), // #nosec G115 -- round trip of the same 64 bits
		target: string(b[attemptHead:]),
	}
	copy(a.nonce[:], b[11:])
	known := a.status == attemptOpen || a.status == attemptDone || a.status == attemptFailed
	return a, known && strings.HasPrefix(a.target, "/")
}
