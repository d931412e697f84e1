package core

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"errors"
	"maps"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
)

const ourKey = "wecomauth.ab12cd34"

var codecDeadline = time.Date(2027, 1, 15, 8, 0, 0, 123456000, time.UTC)

type codecRole string

type codecCart struct {
	Items map[string]int
	Since time.Time
	Next  *codecCart
}

type codecPanics struct{ Set bool }

func (codecPanics) GobEncode() ([]byte, error) { return []byte{1}, nil }
func (*codecPanics) GobDecode([]byte) error    { panic("a bug of the application") }

// register is not called for the process: with a map type known, hostile data
// can have gob make a huge map.
func register() {
	for _, v := range []any{codecRole(""), codecCart{}, time.Time{}, map[string]any{}, []any{}, codecPanics{}} {
		gob.Register(v)
	}
}

func ofRaw(n int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, n)) }

func userRecord(userID string) string {
	id := Identity{CorpID: "ww0123456789abcdef", UserID: userID, LoginAt: codecDeadline.Add(-12 * time.Hour)}
	return record{id: id, seen: id.LoginAt.Unix()}.text()
}

func encodeAll(t testing.TB, c scs.Codec, values map[string]any) []byte {
	t.Helper()
	b, err := c.Encode(codecDeadline, values)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCodecRoundTrip(t *testing.T) {
	register()
	for name, tc := range map[string]struct {
		values  map[string]any
		records int // stored as such
		rest    bool
	}{
		"nil":                        {nil, 0, false},
		"nothing":                    {map[string]any{}, 0, false},
		"a login":                    {map[string]any{ourKey: userRecord("zhangsan")}, 1, false},
		"three logins":               {map[string]any{"wecomauth.c": "AAAA", ourKey: userRecord("zhangsan"), "wecomauth.": "AA"}, 3, false},
		"a login and others' values": {map[string]any{ourKey: "AAAA", "n": 1, "s": "AAAA", "__rememberMe": true}, 1, true},
		"no login":                   {map[string]any{"wecomauth": "AAAA", "Wecomauth.x": "AAAA"}, 0, true},
		"a record of 127 bytes":      {map[string]any{ourKey: ofRaw(127)}, 1, false},
		"a record of 128 bytes":      {map[string]any{ourKey: ofRaw(128)}, 1, false},
		"the longest record":         {map[string]any{ourKey: ofRaw(4096)}, 1, false},
		"a longer one":               {map[string]any{ourKey: ofRaw(4097)}, 0, true},
		"a long key":                 {map[string]any{keyPrefix + strings.Repeat("k", 300): "AAAA"}, 1, false},
		"texts that are no base64url": {map[string]any{keyPrefix + "a": "", keyPrefix + "b": "A", keyPrefix + "c": "AB", keyPrefix + "d": "AA==",
			keyPrefix + "e": "A+/A", keyPrefix + "f": "AA\nAA", keyPrefix + "g": "AAAA\r\n", keyPrefix + "h": "张三", keyPrefix + "i": "\xff"}, 0, true},
		"marks":                {map[string]any{ourKey: userRecord("a"), keyPrefix + "mark.a": "1800000000", keyPrefix + "mark.b": "1800000000123456"}, 2, true},
		"a prefix, no text":    {map[string]any{ourKey: 1, keyPrefix + "b": []byte("AAAA"), keyPrefix + "c": codecRole("AAAA"), keyPrefix + "d": nil}, 0, true},
		"an application's own": {map[string]any{"nil": nil, "role": codecRole("boss"), "at": codecDeadline, "cart": codecCart{Items: map[string]int{"a": 1}, Since: codecDeadline, Next: &codecCart{}}, "nested": map[string]any{"a": nil, "b": []any{1, "x", map[string]any{}}}, "bytes": []byte{}, "float": 1.5}, 0, true},
	} {
		before := maps.Clone(tc.values)
		b := encodeAll(t, Codec{}, tc.values)
		if !reflect.DeepEqual(tc.values, before) {
			t.Errorf("%s: Encode changed the values", name)
		}
		_, want, err := scs.GobCodec{}.Decode(encodeAll(t, scs.GobCodec{}, tc.values))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = map[string]any{}
		}
		at, got, err := decodeSession(b)
		if err != nil || at != codecDeadline || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %#v, %v, want %#v", name, at, got, err, want)
		}
		if _, n, _ := readHead(b); n != tc.records || (len(headOf(b)) < len(b)) != tc.rest {
			t.Errorf("%s: %d records in %d bytes of %d", name, n, len(headOf(b)), len(b))
		}
		if !tc.rest && !bytes.Equal(b, encodeAll(t, Codec{}, tc.values)) {
			t.Errorf("%s: not twice the same bytes", name)
		}
		checkFind(t, b)
	}
	if _, err := (Codec{}).Encode(codecDeadline, map[string]any{"f": func() {}}); err == nil {
		t.Error("a function is encoded")
	}
}

func TestCodecDeadline(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 1), time.Unix(-1, 999_999_999), time.Now(), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", 8*3600))} {
		b, err := Codec{}.Encode(at, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := decodeSession(b); err != nil || got.Location() != time.UTC || !got.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("%v: %v, %v", at, got, err)
		}
	}
	for _, at := range []time.Time{time.Unix(1<<62, 0), time.Unix(-1<<62, 0), time.Unix(1<<44, 0)} {
		if _, err := (Codec{}).Encode(at, nil); err == nil {
			t.Errorf("%v is encoded", at)
		}
	}
	b, err := scs.GobCodec{}.Encode(codecDeadline.In(time.FixedZone("", 8*3600)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, values, err := decodeSession(b); err != nil || got != codecDeadline || values == nil {
		t.Errorf("of gob: %v, %v, %v", got, values, err)
	}
}

func TestCodecAndGob(t *testing.T) {
	values := map[string]any{ourKey: userRecord("zhangsan"), "n": 1}
	for name, b := range map[string][]byte{"scs's": encodeAll(t, scs.GobCodec{}, values), "ours": encodeAll(t, Codec{Gob: true}, values)} {
		for _, c := range []scs.Codec{Codec{}, Codec{Gob: true}, scs.GobCodec{}} {
			if at, got, err := c.Decode(b); err != nil || at != codecDeadline || !reflect.DeepEqual(got, values) {
				t.Errorf("%s gob by %#v: %v, %v, %v", name, c, at, got, err)
			}
		}
		if _, _, ok := findRecord(b, ourKey); ok {
			t.Errorf("%s gob: findRecord finds something", name)
		}
	}
	b := encodeAll(t, Codec{}, values)
	if _, got, err := decodeSession(b); err != nil || !reflect.DeepEqual(got, values) {
		t.Errorf("step one does not read step two: %v, %v", got, err)
	}
	if _, _, err := (scs.GobCodec{}).Decode(b); err == nil {
		t.Error("gob reads our layout")
	}
}

// allocated is how many bytes f allocates, at least; others allocate too.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestCodecHostileGob(t *testing.T) {
	register()
	if _, err := (Codec{}).Encode(codecDeadline, map[string]any{"p": codecPanics{}}); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"ours": encodeAll(t, Codec{}, map[string]any{"p": codecPanics{}}), "gob": encodeAll(t, scs.GobCodec{}, map[string]any{"p": codecPanics{}})} {
		if _, values, err := decodeSession(b); !errors.Is(err, errCodec) || values != nil {
			t.Errorf("a GobDecode that panics, in %s: %v, %v", name, values, err)
		}
	}
	const key = "a key to look for"
	for name, b := range map[string][]byte{
		"a message of 9 MB":           {0xfd, 0x89, 0x54, 0x40, 1},
		"one of 2^56 bytes":           {0xf8, 1, 0, 0, 0, 0, 0, 0, 0, 1},
		"a length of nine bytes":      {0xf7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1},
		"a length cut short":          {0xf8, 1},
		"a million records":           raw(1<<20, ourKey, "x"),
		"a message of 9 MB in a rest": append(raw(0), 0xfd, 0x89, 0x54, 0x40, 1),
		"a map of 4 million values":   inflate(t, encodeAll(t, scs.GobCodec{}, map[string]any{key: 1}), key),
		"and in a rest":               append(raw(0), inflate(t, []byte(gobOf(t, map[string]any{key: 1})), key)...),
	} {
		var err error
		if n := allocated(func() { _, _, err = decodeSession(b) }); n > 1<<20 || !errors.Is(err, errCodec) {
			t.Errorf("%s: %d bytes allocated, %v", name, n, err)
		}
	}
}

// inflate replaces the count of 1 before key by 2^22 in the last message of b.
func inflate(t *testing.T, b []byte, key string) []byte {
	t.Helper()
	i := bytes.Index(b, append([]byte{1, byte(len(key))}, key...))
	for start := 0; start < len(b); {
		n, size := int(b[start]), 1
		if n > 0x7f { // only lengths of one byte more are met here
			n, size = int(b[start+1]), 2
		}
		if end := start + size + n; end == len(b) && i > start {
			message := append(append(bytes.Clone(b[start+size:i]), 0xfd, 0x40, 0, 0), b[i+1:]...)
			return append(append(bytes.Clone(b[:start]), 0xff, byte(len(message))), message...)
		}
		start += size + n
	}
	t.Fatalf("no map in %x", b)
	return nil
}

// TestCodecSize logs what a session costs in the store.
func TestCodecSize(t *testing.T) {
	shared := map[string]any{ourKey: userRecord("zhangsan"), "csrf": "abcdefghijklmnop", "cart": 3}
	for name, values := range map[string]map[string]any{"a login": {ourKey: userRecord("zhangsan")}, "a login, a string and an int": shared} {
		ours, gobs := len(encodeAll(t, Codec{}, values)), len(encodeAll(t, scs.GobCodec{}, values))
		t.Logf("%s: %d bytes, gob %d", name, ours, gobs)
		if ours > gobs*3/4 {
			t.Errorf("%s: %d bytes, gob %d", name, ours, gobs)
		}
	}
}

func BenchmarkCodec(b *testing.B) {
	login := map[string]any{ourKey: userRecord("zhangsan")}
	shared := map[string]any{ourKey: userRecord("zhangsan"), "csrf": "abcdefghijklmnop", "cart": 3}
	for name, c := range map[string]scs.Codec{"ours": Codec{}, "gob": scs.GobCodec{}} {
		for what, values := range map[string]map[string]any{"login": login, "shared": shared} {
			blob := encodeAll(b, c, values)
			b.Run("encode/"+what+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = c.Encode(codecDeadline, values)
				}
			})
			b.Run("decode/"+what+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _, _ = c.Decode(blob)
				}
			})
		}
	}
}
