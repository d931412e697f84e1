package core

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
)

// raw builds a blob from a count and fields, each with its length in front.
func raw(count int, fields ...string) []byte {
	b := binary.BigEndian.AppendUint64([]byte{codecMagic, codecVersion}, 1)
	b = binary.AppendUvarint(b, uint64(count))
	for _, f := range fields {
		b = append(binary.AppendUvarint(b, uint64(len(f))), f...)
	}
	return b
}

func gobOf(t *testing.T, values map[string]any) string {
	t.Helper()
	var b strings.Builder
	if err := gob.NewEncoder(&b).Encode(values); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCodecRefuses(t *testing.T) {
	a, b := keyPrefix+"a", keyPrefix+"b"
	good, other := raw(1, a, "x"), gobOf(t, map[string]any{"n": 1})
	for name, blob := range map[string][]byte{
		"nothing":                       nil,
		"another version":               append([]byte{codecMagic, 2}, good[2:]...),
		"an early layout":               append([]byte{1, 0, 0, 0, 0, 0x6b, 0x49, 0xd2, 0}, "k\x00text"...),
		"fewer records than counted":    raw(2, a, "x"),
		"fewer, but the bytes would do": append(raw(2, a, strings.Repeat("x", 40)), 0xff),
		"more records than counted":     raw(1, a, "x", b, "x"),
		"a huge count":                  raw(1<<30, a, "x"),
		"not sorted":                    raw(2, b, "x", a, "x"),
		"a key twice":                   raw(2, a, "x", a, "y"),
		"a key of somebody else":        raw(1, "wecomauth_a", "x"),
		"a short key":                   raw(1, "w", "xxxxxxxxxxxx"),
		"an empty record":               raw(1, a, ""),
		"a record too long":             raw(1, a, strings.Repeat("x", maxRecord+1)),
		"a count in two bytes":          append(append(raw(1)[:codecHead:codecHead], 0x81, 0), good[codecHead+1:]...),
		"a key length in two bytes":     append(append(raw(1), 0x8b, 0), good[codecHead+2:]...),
		"a length that overflows":       append(raw(1), bytes.Repeat([]byte{0xff}, 20)...),
		"a length of nearly 2^64":       append(binary.AppendUvarint(raw(1), 1<<64-1), good[codecHead+2:]...),
		"a record of nearly 2^64":       binary.AppendUvarint(append(raw(1), good[codecHead+1:codecHead+2+len(a)]...), 1<<64-1),
		"nearly 2^64 records":           append(binary.AppendUvarint(bytes.Clone(good[:codecHead]), 1<<64-1), other...),
		"a long key's length cut":       append(append(append(raw(1), 139), keyPrefix+strings.Repeat("k", 129)...), 1, 'x'),
		"a rest that is no gob":         append(raw(1, a, "x"), 0),
		"a rest without values":         append(raw(1, a, "x"), gobOf(t, map[string]any{})...),
		"a rest and garbage":            append(append(raw(1, a, "x"), other...), 0),
		"two rests":                     append(append(raw(1, a, "x"), other...), gobOf(t, map[string]any{"m": 1})...),
		"a record in the rest":          append(raw(1, a, "x"), gobOf(t, map[string]any{b: "AAAA"})...),
		"a key in records and rest":     append(raw(1, a, "x"), gobOf(t, map[string]any{a: 1})...),
	} {
		if at, values, err := decodeSession(blob); !errors.Is(err, errCodec) || values != nil || !at.IsZero() {
			t.Errorf("%s: %v, %v, %v", name, at, values, err)
		}
		checkFind(t, blob)
	}
	for _, whole := range [][]byte{raw(1, a, "xyz"), append(raw(2, a, "x", b, strings.Repeat("y", 200)), other...)} {
		if _, _, err := decodeSession(whole); err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			if _, _, err := decodeSession(whole[:i:i]); err == nil && i != len(headOf(whole)) {
				t.Errorf("the first %d bytes of %d are decoded", i, len(whole))
			}
			checkFind(t, whole[:i:i])
		}
	}
}

// headOf is what comes before the rest, or nil for another layout.
func headOf(b []byte) []byte {
	_, count, at := readHead(b)
	var key []byte
	for ; at > 0 && count > 0; count-- {
		key, _, at = readRaw(b, at, key)
	}
	return b[:at]
}

// checkFind compares findRecord with Decode, for every key that might be in b.
func checkFind(t *testing.T, b []byte) {
	t.Helper()
	_, _, whole := decodeSession(b)
	at, values, err := time.Time{}, map[string]any(nil), errCodec
	if h := headOf(b); len(h) > 0 {
		at, values, err = decodeSession(h) // the rest is none of findRecord's business
	}
	if len(b) > 0 && b[0] == codecMagic && whole == nil && err != nil {
		t.Fatalf("%x is decoded, its head is not", b)
	}
	keys := []string{"", ourKey, keyPrefix, "wecomauth.b", "wecomauth_a"}
	for i := 1; i < len(b); i++ {
		if bytes.HasPrefix(b[i:], []byte(keyPrefix)) {
			keys = append(keys, string(b[i:min(len(b), i+int(b[i-1]))]))
		}
	}
	for _, key := range keys {
		text, in := values[key].(string)
		micros, rec, ok := findRecord(b, key)
		if ok != in || ok && (micros != at.UnixMicro() || base64.RawURLEncoding.EncodeToString([]byte(rec)) != text) {
			t.Fatalf("%x: %q: %d, %x, %t; Decode: %v, %q, %v", b, key, micros, rec, ok, at, text, err)
		}
		checkEntry(t, b, key, rec)
	}
}

// checkEntry: the default store gives back what it was given, and finds the
// login that is there.
func checkEntry(t *testing.T, b []byte, key, rec string) {
	t.Helper()
	const token = "token"
	e := newEntry(token, -7, b, key)
	if got := e.data(len(token), key); !bytes.Equal(got, b) || e.token(len(token)) != token || e.expiry() != -7 {
		t.Fatalf("%x comes back as %x of %q", b, got, e.token(len(token)))
	}
	if l := e.login(len(token), key); l != "" && string(l) != rec || (l != "") != login(rec).valid() {
		t.Fatalf("%x: %q: login %x, want %x", b, key, l, rec)
	}
}

func TestFindRecord(t *testing.T) {
	alone := encodeAll(t, Codec{}, map[string]any{ourKey: userRecord("zhangsan")})
	three := encodeAll(t, Codec{}, map[string]any{"wecomauth.00000000": "AAAA", ourKey: userRecord("zhangsan"), "wecomauth.mark": "AAAA", "n": 1})
	for name, b := range map[string][]byte{"alone": alone, "among others": three, "with a broken rest": append(bytes.Clone(alone), 0)} {
		micros, rec, ok := findRecord(b, ourKey)
		if r, isLogin := decodeRecord(rec); !ok || !isLogin || r.id.UserID != "zhangsan" || micros != codecDeadline.UnixMicro() {
			t.Fatalf("%s: %d, %x, %t", name, micros, rec, ok)
		}
		if _, _, ok := findRecord(b, "wecomauth.ffffffff"); ok {
			t.Errorf("%s: another app's login is found", name)
		}
		checkEntry(t, b, ourKey, rec)
	}
}

// FuzzCodecDecode: hostile bytes never panic or allocate much, and what is read
// of our layout is what would be written.
func FuzzCodecDecode(f *testing.F) {
	f.Add(raw(0))
	f.Add(raw(1, ourKey, "x"))
	f.Add(raw(2, ourKey, "x", ourKey+"0", strings.Repeat("y", 200)))
	f.Add(raw(60_000, strings.Repeat("x", 60_000)))
	f.Add(encodeAll(f, Codec{}, map[string]any{ourKey: "AAAA", "n": 1}))
	f.Add(encodeAll(f, Codec{}, map[string]any{"n": []string{"a"}, "m": nil, keyPrefix: "A"}))
	f.Add(encodeAll(f, scs.GobCodec{}, map[string]any{ourKey: "AAAA", "n": 1}))
	f.Add(encodeAll(f, scs.GobCodec{}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var at time.Time
		var values map[string]any
		var err error
		head := headOf(b)
		most := uint64(32*len(b) + 64<<10)
		if len(b) == 0 || b[0] != codecMagic || len(head) > 0 && len(head) < len(b) { // gob's types, and gob's ten megabytes for a slice
			most = uint64(1024*len(b) + 32<<20)
		}
		if n := allocated(func() { at, values, err = decodeSession(b) }); n > most {
			t.Fatalf("%d bytes make Decode allocate %d", len(b), n)
		}
		checkFind(t, b)
		if err != nil {
			return
		}
		again, err := Codec{}.Encode(at, values)
		if len(b) == 0 || b[0] != codecMagic {
			return // gob knows times that we do not
		}
		if err != nil || !bytes.Equal(headOf(again), head) || len(head) == len(b) && !bytes.Equal(again, b) {
			t.Fatalf("%x is written again as %x, %v", b, again, err)
		}
		// gob writes a map in any order, and NaN is not NaN.
		if at2, values2, err := decodeSession(again); err != nil || at2 != at || fmt.Sprint(values2) != fmt.Sprint(values) {
			t.Fatalf("%x: %v, %v, then %v, %v, %v", b, at, values, at2, values2, err)
		}
	})
}

// FuzzCodecRoundTrip: every session comes back as it does from gob.
func FuzzCodecRoundTrip(f *testing.F) {
	register()
	f.Add(ourKey, "AAAA", keyPrefix+"mark", "1800000000", int64(1), []byte("x"), true, uint8(3))
	f.Add(ourKey, "AA\nAA", ourKey, "AB", int64(-1)<<60, []byte(nil), false, uint8(0))
	f.Add("", "", "n", "", int64(1)<<40, []byte{}, true, uint8(1))
	f.Fuzz(func(t *testing.T, key, text, key2, text2 string, n int64, b []byte, yes bool, depth uint8) {
		values := map[string]any{"n": n, "b": b, "yes": yes, "at": time.Unix(n%1e11, n%1e9), "role": codecRole(text), "nil": nil}
		for range depth % 8 {
			values = map[string]any{"nested": values, key2: text2, keyPrefix + key2: n}
		}
		if yes {
			values = map[string]any{key2: text2, keyPrefix + key2: text}
		}
		values[key] = text
		at := time.UnixMicro(n).UTC()
		theirs, gobErr := scs.GobCodec{}.Encode(at, values)
		ours, err := Codec{}.Encode(at, values)
		if gobErr != nil || err != nil {
			if (gobErr == nil) != (err == nil) {
				t.Fatalf("%#v: %v, gob: %v", values, err, gobErr)
			}
			return
		}
		_, want, gobErr := scs.GobCodec{}.Decode(theirs)
		for _, b := range [][]byte{ours, theirs} {
			got, all, err := decodeSession(b)
			if gobErr != nil || err != nil || got != at || !reflect.DeepEqual(all, want) {
				t.Fatalf("%v, %#v, %v, gob: %#v, %v", got, all, err, want, gobErr)
			}
			checkFind(t, b)
		}
	})
}

func BenchmarkFindRecord(b *testing.B) {
	login := userRecord("zhangsan")
	for name, values := range map[string]map[string]any{
		"alone":     {ourKey: login},
		"with_rest": {ourKey: login, "n": 1},
		"of_three":  {ourKey: login, "wecomauth.00000000": login, "wecomauth.ffffffff": login},
		"long":      {ourKey: ofRaw(300)},
		"not_there": {"wecomauth.ffffffff": login},
	} {
		blob := encodeAll(b, Codec{}, values)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				findRecord(blob, ourKey)
			}
		})
	}
}
