package core

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// holding returns a request of a browser that holds these attempts, one in each
// slot, sealed at now.
func holding(tb testing.TB, j *jar, now time.Time, attempts ...attempt) *http.Request {
	tb.Helper()
	h := http.Header{}
	for slot, a := range attempts {
		if a.target == "" {
			a.target = "/"
		}
		a.nonce[15] = byte(slot + 1)
		if _, err := j.put(h, now, uint8(slot), a); err != nil {
			tb.Fatal(err)
		}
	}
	return browserWith(h)
}

func TestJustDone(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	ago := func(d time.Duration, status attemptStatus, round uint8) attempt {
		return attempt{at: now.Add(-d), status: status, round: round}
	}
	for _, tc := range []struct {
		name      string
		attempts  []attempt
		succeeded bool
		want      int
	}{
		{"no attempt at all", nil, true, 0},
		{"a login that ended a moment ago", []attempt{ago(29*time.Second, attemptDone, 2)}, false, 2},
		{"a login that ended half a minute ago", []attempt{ago(30*time.Second, attemptDone, 2)}, false, 0},
		{"the same, though this instance remembers it", []attempt{ago(30*time.Second, attemptDone, 2)}, true, 0},
		{"one that failed in plain sight", []attempt{ago(0, attemptFailed, 2)}, true, 0},
		{"one that is open", []attempt{ago(0, attemptOpen, 2)}, false, 0},
		{"one that is open, though its code became a session here", []attempt{ago(9*time.Minute, attemptOpen, 2)}, true, 2},
		{"of several the latest round counts", []attempt{ago(0, attemptDone, 1), ago(0, attemptDone, 3), ago(0, attemptDone, 2)}, false, 3},
	} {
		if got := j.justDone(holding(t, j, now, tc.attempts...), now, func(nonce) bool { return tc.succeeded }); got != tc.want {
			t.Errorf("%s: round %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestCrowd(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	open := func(d time.Duration) attempt { return attempt{at: now.Add(-d), status: attemptOpen, round: 1} }
	for _, tc := range []struct {
		name             string
		attempts         []attempt
		own              byte // the state names the attempt of this slot, from 1
		crowded, sibling bool
	}{
		{"nobody else", nil, 0, false, false},
		{"only itself", []attempt{open(0)}, 1, false, false},
		{"another that has just begun", []attempt{open(0), open(19 * time.Second)}, 1, true, true},
		{"another that has taken its time", []attempt{open(0), open(20 * time.Second)}, 1, true, false},
		{"of two others one has just begun", []attempt{open(0), open(time.Minute)}, 9, true, true},
		{"another that is spent", []attempt{{at: now, status: attemptDone}, {at: now, status: attemptFailed}}, 9, false, false},
	} {
		crowded, sibling := j.crowd(holding(t, j, now, tc.attempts...), now, state{nonce: nonce{15: tc.own}})
		if crowded != tc.crowded || sibling != tc.sibling {
			t.Errorf("%s: crowded %t, sibling %t, want %t, %t", tc.name, crowded, sibling, tc.crowded, tc.sibling)
		}
	}
}

func TestWhichAttemptMakesRoom(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	full := func(change func(all []attempt)) *http.Request {
		all := make([]attempt, slots)
		for i := range all { // slot 0 is the newest
			all[i] = attempt{at: now.Add(-time.Duration(i) * time.Minute), status: attemptOpen, round: 1}
		}
		change(all)
		return holding(t, j, now, all...)
	}
	for _, tc := range []struct {
		name   string
		change func(all []attempt)
		want   uint8
	}{
		{"the newest open one", func([]attempt) {}, 0},
		{"the newest of the first round: a second round may be a browser's last", func(all []attempt) { all[0].round, all[1].round = 2, 2 }, 2},
		{"the newest of the second round, if there are no others", func(all []attempt) {
			for i := range all {
				all[i].round = 2
			}
		}, 0},
		{"a spent one before any open one", func(all []attempt) { all[3].status = attemptDone }, 3},
		{"the oldest of several spent ones", func(all []attempt) {
			all[2].status, all[4].status, all[1].status = attemptDone, attemptFailed, attemptDone
		}, 4},
	} {
		if got := j.pick(full(tc.change), now); got != tc.want {
			t.Errorf("%s: slot %d, want %d", tc.name, got, tc.want)
		}
	}
	seen := map[uint8]bool{}
	for range 200 {
		seen[j.pick(holding(t, j, now), now)] = true
	}
	if len(seen) != slots {
		t.Errorf("tabs that open at once share %d of %d free slots", len(seen), slots)
	}
}

func TestWhatAnAttemptKeepsOfALongAddress(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	long := strings.Repeat("x", 500)
	for _, tc := range []struct {
		name, target, want string
	}{
		{"what fits is kept whole", "/me?week=3#top", "/me?week=3#top"},
		{"a long fragment goes first", "/me?week=3#" + long, "/me?week=3"},
		{"then the query", "/me?" + long + "#top", "/me"},
		{"then the path", "/" + long + "?week=3", "/"},
	} {
		h := http.Header{}
		fits, err := j.put(h, now, 0, attempt{at: now, status: attemptOpen, target: tc.target})
		a, ok := j.held(browserWith(h), now, 0)
		if err != nil || !ok || a.target != tc.want || fits != (tc.target == tc.want) {
			t.Errorf("%s: kept %.40q, fits %t, %v", tc.name, a.target, fits, err)
		}
		if n := len("Set-Cookie: ") + len(h.Get("Set-Cookie")); n > maxCookie {
			t.Errorf("%s: a header of %d bytes", tc.name, n)
		}
	}
}

func TestAttemptCookies(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	h := http.Header{}
	for _, age := range []time.Duration{0, 9 * time.Minute, time.Hour} {
		if _, err := j.put(h, now, 0, attempt{at: now.Add(-age), status: attemptOpen, target: "/"}); err != nil {
			t.Fatal(err)
		}
	}
	cookies := (&http.Response{Header: h}).Cookies()
	for i, want := range []int{600, 60, 1} {
		if c := cookies[i]; c.MaxAge != want || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("Set-Cookie: %s, want Max-Age=%d", c, want)
		}
	}
	cleared := http.Header{}
	j.clear(cleared, browserWith(h))
	if lines := cleared.Values("Set-Cookie"); len(lines) != 1 || !strings.HasPrefix(lines[0], j.name(0)+"=;") || !strings.Contains(lines[0], "Max-Age=0") {
		t.Errorf("of one attempt this is cleared: %q", lines)
	}
}

// TestDecodeAttempt: what another version may have sealed is not read.
func TestDecodeAttempt(t *testing.T) {
	good := attempt{at: time.Unix(1_800_000_000, 0), status: attemptOpen, round: 1, target: "/me"}.encode()
	if _, ok := decodeAttempt(good); !ok {
		t.Fatal("a good attempt is not read")
	}
	altered := func(at int, b byte) []byte {
		c := slices.Clone(good)
		c[at] = b
		return c
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "another version": altered(0, attemptVersion+1), "an unknown status": altered(1, 9), "no status": altered(1, 0),
		"cut short": good[:20], "no target": good[:attemptHead], "a target elsewhere": altered(attemptHead, 'x'),
	} {
		if a, ok := decodeAttempt(bad); ok {
			t.Errorf("%s is read as %+v", name, a)
		}
	}
}

// TestAttemptsAreReadOnce: an authentic cookie is only good under its own name,
// however it is wrapped.
func TestAttemptsAreReadOnce(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Unix(1_800_000_000, 0)
	r := holding(t, j, now, attempt{at: now, status: attemptOpen})
	c, err := r.Cookie(j.name(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := j.open(now, j.name(1), c.Value); ok {
		t.Error("it opens under another slot's name")
	}
	sealed, _ := base64.RawURLEncoding.DecodeString(c.Value)
	for name, value := range map[string]string{"padded": base64.URLEncoding.EncodeToString(sealed) + "=", "too long": c.Value + strings.Repeat("A", maxCookie)} {
		if _, ok := j.open(now, j.name(0), value); ok {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestAStateOneMinuteAheadIsClockSkew(t *testing.T) {
	began := time.Unix(1_800_000_000, 0).Truncate(time.Minute)
	s := state{round: 2, began: minute(began)}
	for after, want := range map[time.Duration]int{-time.Second: 2, -time.Minute - time.Second: 0, attemptTTL + 59*time.Second: 2, attemptTTL + time.Minute: 0} {
		if got := s.roundAt(began.Add(after)); got != want {
			t.Errorf("%v later: round %d, want %d", after, got, want)
		}
	}
}
