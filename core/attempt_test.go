package core

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var testApp = AppInfo{CorpID: "ww1", AgentID: "1000002", KeyMaterial: []byte("0123456789abcdef0123456789abcdef")}

func testKeys(tb testing.TB) *keyring {
	tb.Helper()
	return keysFor(tb, "https://oa.example.com", testApp, testApp.KeyMaterial)
}

func keysFor(tb testing.TB, base string, app AppInfo, roots ...Key) *keyring {
	tb.Helper()
	k, err := newKeyring(base, app, roots)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func testJar(k *keyring) *jar {
	return newJar(k, true, rand.Reader)
}

// held returns a request of a browser that was given the cookies in h.
func browserWith(h http.Header) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range (&http.Response{Header: h}).Cookies() {
		r.AddCookie(c)
	}
	return r
}

func TestState(t *testing.T) {
	k := testKeys(t)
	s := state{nonce: nonce{9, 8, 7}, slot: 5, round: 2}
	text := k.writeState(s)
	if got, ok := k.readState(text); !ok || got != s || len(text) != 48 {
		t.Errorf("%s reads as %+v, %t", text, got, ok)
	}
	for i := range len(text) {
		other := byte('a')
		if text[i] == 'a' {
			other = 'b'
		}
		if _, ok := k.readState(text[:i] + string(other) + text[i+1:]); ok {
			t.Errorf("a state altered at %d is taken for ours", i)
		}
	}
	for _, bad := range []string{"", text + "a", text[:47], strings.ToUpper(text), strings.Repeat("\n", 48), k.writeState(state{round: 1, slot: slots}), k.writeState(state{round: maxRoundsCrowded + 1}), k.writeState(state{})} {
		if _, ok := k.readState(bad); ok {
			t.Errorf("%q is taken for ours", bad)
		}
	}
}

// TestKeysAreBound: nothing that was made for one app is valid for another, or
// for another purpose, even with the same secret.
func TestKeysAreBound(t *testing.T) {
	k, now := testKeys(t), time.Now()
	text := k.writeState(state{round: 1})
	sealed, err := k.seal(now, rand.Reader, "a-0", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	other := testApp
	other.AgentID = "1000003"
	for name, o := range map[string]*keyring{
		"another agent":       keysFor(t, "https://oa.example.com", other, testApp.KeyMaterial),
		"another BaseURL":     keysFor(t, "https://hr.example.com", testApp, testApp.KeyMaterial),
		"another path":        keysFor(t, "https://oa.example.com/hr", testApp, testApp.KeyMaterial),
		"another secret":      keysFor(t, "https://oa.example.com", testApp, make(Key, 32)),
		"fields run together": keysFor(t, "https://oa.example.com", AppInfo{CorpID: "ww11", AgentID: "000002"}, testApp.KeyMaterial),
	} {
		if _, ok := o.readState(text); ok {
			t.Errorf("%s: the state is valid", name)
		}
		if _, ok := o.open(now, "a-0", sealed); ok {
			t.Errorf("%s: the cookie opens", name)
		}
		if o.tag == k.tag && name != "another secret" {
			t.Errorf("%s: the cookies have the same name", name)
		}
	}
	if _, ok := k.open(now, "a-1", sealed); ok {
		t.Error("a cookie opens under another cookie's name")
	}
}

func TestKeyRotation(t *testing.T) {
	oldKey, newKey := Key(strings.Repeat("o", 32)), Key(strings.Repeat("n", 32))
	before := keysFor(t, "https://a", testApp, oldKey)
	during := keysFor(t, "https://a", testApp, newKey, oldKey)
	after := keysFor(t, "https://a", testApp, newKey)
	now := time.Now()
	sealed, _ := before.seal(now, rand.Reader, "n", []byte("x"))
	text := before.writeState(state{round: 1})
	_, opens := during.open(now, "n", sealed)
	_, reads := during.readState(text)
	if !opens || !reads {
		t.Errorf("with both keys the old cookie opens: %t, the old state is ours: %t", opens, reads)
	}
	if _, ok := after.open(now, "n", sealed); ok {
		t.Error("without the old key the old cookie opens")
	}
	if _, ok := after.readState(during.writeState(state{round: 1})); !ok {
		t.Error("new states are not made with the newest key")
	}
}

func TestAttemptLivesTenMinutes(t *testing.T) {
	j := testJar(testKeys(t))
	midnight := time.Unix(20_000*86400, 0)
	start := midnight.Add(-5 * time.Minute)
	a := attempt{nonce: nonce{1}, at: start, status: attemptOpen, target: "/me?x=1"}
	h := http.Header{}
	if fits, err := j.put(h, start, 3, a); err != nil || !fits {
		t.Fatal(fits, err)
	}
	for _, tc := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"at once", start, true},
		{"past midnight, on the next day's key", start.Add(9 * time.Minute), true},
		{"just before ten minutes", start.Add(attemptTTL - time.Second), true},
		{"at ten minutes", start.Add(attemptTTL), false},
		{"a day later", start.Add(24 * time.Hour), false},
		{"on an instance whose clock is half a minute behind", start.Add(-30 * time.Second), true},
		{"from the future", start.Add(-2 * time.Minute), false},
	} {
		got, ok := j.find(browserWith(h), tc.at, state{nonce: nonce{1}, slot: 3, round: 1})
		if ok != tc.want || ok && got != a {
			t.Errorf("%s: found %t, want %t: %+v", tc.name, ok, tc.want, got)
		}
	}
	if _, ok := j.find(browserWith(h), start, state{nonce: nonce{2}, slot: 3, round: 1}); ok {
		t.Error("an attempt is found by another state")
	}
	if _, ok := j.find(browserWith(h), start, state{nonce: nonce{1}, slot: 2, round: 1}); ok {
		t.Error("an attempt is found in another slot")
	}
}

func TestSlots(t *testing.T) {
	j, now := testJar(testKeys(t)), time.Now()
	h := http.Header{}
	used := map[uint8]bool{}
	for i := range slots {
		slot := j.pick(browserWith(h), now.Add(time.Duration(i)*time.Second))
		if used[slot] {
			t.Fatalf("slot %d was taken although others were free", slot)
		}
		used[slot] = true
		if _, err := j.put(h, now, slot, attempt{at: now.Add(time.Duration(slot) * time.Second).Truncate(time.Second), status: attemptOpen, target: "/"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := j.pick(browserWith(h), now.Add(time.Minute)); got != slots-1 {
		t.Errorf("all are open: slot %d makes room, want the newest, %d", got, slots-1)
	}
	spent := attempt{at: now.Add(time.Minute), status: attemptDone, target: "/"}
	h2 := http.Header{"Set-Cookie": nil}
	for _, line := range h["Set-Cookie"] {
		if !strings.HasPrefix(line, j.name(4)+"=") {
			h2.Add("Set-Cookie", line)
		}
	}
	if _, err := j.put(h2, now, 4, spent); err != nil {
		t.Fatal(err)
	}
	if got := j.pick(browserWith(h2), now.Add(time.Minute)); got != 4 {
		t.Errorf("slot %d makes room, want the spent one, 4", got)
	}
}

func FuzzOpenAttempt(f *testing.F) {
	j := testJar(testKeys(f))
	j.rand = strings.NewReader(strings.Repeat("r", 12)) // the same seed in every fuzzing process
	now := time.Unix(1_800_000_000, 0)
	h := http.Header{}
	if _, err := j.put(h, now, 0, attempt{at: now, status: attemptOpen, target: "/me"}); err != nil {
		f.Fatal(err)
	}
	valid := (&http.Response{Header: h}).Cookies()[0].Value
	f.Add(valid)
	f.Add(valid[:len(valid)-1])
	f.Add("")
	f.Add(strings.Repeat("A", 800))
	f.Add("!!!")
	f.Fuzz(func(t *testing.T, value string) {
		a, ok := j.open(now, j.name(0), value)
		if !ok {
			return
		}
		got, _ := base64.RawURLEncoding.DecodeString(value)
		want, _ := base64.RawURLEncoding.DecodeString(valid)
		if string(got) != string(want) {
			t.Fatalf("opened a cookie that was never sealed: %q as %+v", value, a)
		}
	})
}

// TestCookieLine: what is written by hand is what net/http would write.
func TestCookieLine(t *testing.T) {
	for _, secure := range []bool{true, false} {
		j := newJar(testKeys(t), secure, rand.Reader)
		for slot := range uint8(slots) {
			sealed := []byte{slot, 0xff, 0xfe, 62, 63}
			c := j.cookie(slot, base64.RawURLEncoding.EncodeToString(sealed), 600)
			if got, want := j.line(slot, sealed, 600), c.String(); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}
