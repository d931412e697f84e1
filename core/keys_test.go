package core

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestSealingKeysChangeEveryDay: yesterday's and tomorrow's cookies open, older
// and newer ones do not.
func TestSealingKeysChangeEveryDay(t *testing.T) {
	k := testKeys(t)
	noon := time.Unix(20_000*86400+43200, 0)
	for days, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		sealed, err := k.seal(noon.AddDate(0, 0, days), rand.Reader, "n", []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := k.open(noon, "n", sealed); ok != want {
			t.Errorf("sealed %+d days away: opens %t, want %t", days, ok, want)
		}
	}
}

func TestKeyInJSON(t *testing.T) {
	b, err := json.Marshal(map[string]any{"key": Key("very-secret"), "keys": []Key{Key("very-secret")}})
	if err != nil || strings.Contains(string(b), "secret") || strings.Contains(string(b), "dmVyeS1z") {
		t.Errorf("%s, %v", b, err)
	}
}

// TestStaleState: a callback's address that somebody opens later is not a loop.
func TestStaleState(t *testing.T) {
	began := time.Unix(1_800_000_000, 0)
	s := state{round: 2, began: minute(began)}
	for after, want := range map[time.Duration]int{
		0: 2, 9 * time.Minute: 2, 12 * time.Minute: 0, 24 * time.Hour: 0, -time.Minute: 2, -time.Hour: 0,
	} {
		if got := s.roundAt(began.Add(after)); got != want {
			t.Errorf("%v later: round %d, want %d", after, got, want)
		}
	}
}

// TestExchangesForget: remembered attempts are bounded by their life and number.
func TestExchangesForget(t *testing.T) {
	now := time.Now()
	e := &exchanges{calls: map[nonce]*call{}, codes: map[[sha256.Size]byte]bool{}}
	add := func(i int, began time.Time) {
		c := &call{nonce: nonce{byte(i), byte(i >> 8), byte(i >> 16)}, code: sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)}), began: began}
		e.calls[c.nonce], e.codes[c.code] = c, true
		e.order = append(e.order, c)
	}
	for i := range maxCalls + 10 {
		add(i, now)
	}
	e.forget(now)
	if len(e.calls) >= maxCalls || len(e.codes) != len(e.calls) || len(e.order) != len(e.calls) {
		t.Errorf("%d calls, %d codes, %d in order", len(e.calls), len(e.codes), len(e.order))
	}
	e.forget(now.Add(attemptTTL + 2*clockSkew))
	if len(e.calls)+len(e.codes)+len(e.order) != 0 {
		t.Errorf("%d calls, %d codes, %d in order are left", len(e.calls), len(e.codes), len(e.order))
	}
}

func TestMemoryStoreShrinks(t *testing.T) {
	m := newMemoryStore()
	past, future := time.Now().Add(-time.Second), time.Now().Add(time.Hour)
	token := func(i int) string {
		return string(rune('a'+i%26)) + strings.Repeat("x", i%97) + time.Duration(i).String()
	}
	for i := range 20_000 {
		if err := m.Commit(token(i), []byte("x"), past); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20_000 {
		if err := m.Commit("live"+token(i), []byte("x"), future); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for i := range m.shards {
		n += len(m.shards[i].entries)
	}
	if n > 22_000 {
		t.Errorf("%d entries for 20,000 live sessions", n)
	}
	if _, ok, _ := m.Find("live" + token(7)); !ok {
		t.Error("a live session is gone")
	}
	if _, ok, _ := m.Find(token(7)); ok {
		t.Error("an expired session is found")
	}
}
