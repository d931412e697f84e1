package core

import (
	"reflect"
	"testing"
	"time"
)

func TestRecordRoundTrip(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for name, r := range map[string]record{
		"a full one":                     {Identity{CorpID: "ww1", UserID: "ZhangSan", Name: "张三", Departments: []int{1, 2, 1 << 30}, LoginAt: at.Add(123 * time.Millisecond)}, at.Unix() + 3600},
		"departments unknown":            {Identity{CorpID: "ww1", UserID: "a", LoginAt: at}, at.Unix()},
		"known to be in no department":   {Identity{CorpID: "ww1", UserID: "a", Departments: []int{}, LoginAt: at}, at.Unix()},
		"as many as a provider may name": {Identity{CorpID: "ww1", UserID: "a", Departments: make([]int, maxDepartments), LoginAt: at}, at.Unix()},
		"no employee":                    {Identity{CorpID: "ww1", OpenID: "oAAA", LoginAt: at}, at.Unix()},
	} {
		if got, ok := decodeRecord(string(r.encode())); !ok || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: got %+v, %t, want %+v", name, got, ok, r)
		}
	}
}

func decodeRecord(b string) (r record, ok bool) {
	ok = r.decode(b, true)
	return r, ok
}

// FuzzRecord: hostile bytes never panic or allocate much, and what is accepted
// is exactly what would be written.
func FuzzRecord(f *testing.F) {
	at := time.Unix(1_800_000_000, 0)
	whole := record{Identity{CorpID: "ww1", UserID: "zhangsan", Name: "张三", Departments: []int{2}, LoginAt: at}, at.Unix()}.encode()
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(whole, 0))
	f.Add([]byte{recordVersion, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{recordVersion, 0, 0, 1, 'c', 1, 'u', 0, 0, 0xe8, 0x07})
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := decodeRecord(string(b))
		if login(b).valid() != ok {
			t.Fatalf("%x: valid with its departments: %t", b, ok)
		}
		if ok && (!r.id.somebody() || len(r.id.Departments) > len(b)) {
			t.Fatalf("%x is taken for %+v", b, r)
		}
		if again, ok2 := decodeRecord(string(r.encode())); ok && (!ok2 || !reflect.DeepEqual(again, r)) {
			t.Fatalf("%x: %+v, then %+v", b, r, again)
		}
	})
}
