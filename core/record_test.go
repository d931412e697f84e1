package core

import (
	"reflect"
	"testing"
	"time"
)

func TestRecordRoundTrip(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for name, r := range map[string]record{
		"a full one":                     {Identity{"ww1", "ZhangSan", "张三", []int{1, 2, 1 << 30}, nil, at}, at.Add(time.Hour)},
		"departments unknown":            {Identity{"ww1", "a", "", nil, nil, at}, at},
		"known to be in no department":   {Identity{"ww1", "a", "", []int{}, nil, at}, at},
		"as many as a provider may name": {Identity{"ww1", "a", "", make([]int, maxDepartments), nil, at}, at},
	} {
		if got, ok := decodeRecord(r.encode()); !ok || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: got %+v, %t, want %+v", name, got, ok, r)
		}
	}
}

// FuzzRecord: hostile bytes never panic or allocate much, and what is accepted
// is exactly what would be written.
func FuzzRecord(f *testing.F) {
	at := time.Unix(1_800_000_000, 0)
	whole := record{Identity{"ww1", "zhangsan", "张三", []int{2}, nil, at}, at}.encode()
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(whole, 0))
	f.Add([]byte{recordVersion, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{recordVersion, 0, 0, 1, 'c', 1, 'u', 0, 0xe8, 0x07})
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := decodeRecord(b)
		if ok && (r.id.CorpID == "" || r.id.UserID == "" || len(r.id.Departments) > len(b)) {
			t.Fatalf("%x is taken for %+v", b, r)
		}
		if again, ok2 := decodeRecord(r.encode()); ok && (!ok2 || !reflect.DeepEqual(again, r)) {
			t.Fatalf("%x: %+v, then %+v", b, r, again)
		}
	})
}

func TestRecordCodec(t *testing.T) {
	c, deadline := recordCodec{"k"}, time.Unix(1_800_000_000, 0).UTC()
	b, err := c.Encode(deadline, map[string]any{"k": "text"})
	if err != nil {
		t.Fatal(err)
	}
	if at, values, err := c.Decode(b); err != nil || !at.Equal(deadline) || !reflect.DeepEqual(values, map[string]any{"k": "text"}) {
		t.Errorf("%v, %v, %v", at, values, err)
	}
	for name, values := range map[string]map[string]any{"nothing": {}, "another value": {"k": "text", "l": 1}, "another type": {"k": 1}, "another key": {"l": "text"}} {
		if _, err := c.Encode(deadline, values); err == nil {
			t.Errorf("%s is encoded", name)
		}
	}
	other, err := recordCodec{"k2"}.Encode(deadline, map[string]any{"k2": "text"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {}, b[:8], b[:9], b[:10], append([]byte{2}, b[1:]...), other} {
		if _, _, err := c.Decode(bad); err == nil {
			t.Errorf("%x is decoded", bad)
		}
	}
}
