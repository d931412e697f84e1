package core

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzCookie: the scanner finds what net/http finds, and token takes it or
// leaves it as it should.
func FuzzCookie(f *testing.F) {
	const name = "wecomauth-ab12cd34"
	good := strings.Repeat("a", 43)
	for _, line := range []string{
		"", name, name + "=", name + "=x", name + "=" + good, "a=b; " + name + "=" + good + "; c=d", name + " = \"" + good + "\" ;",
		"x" + name + "=1;" + name + "=2", name + "2=1; " + name + "=" + good, "a=" + name + "=x", name + "=\x01; " + name + "=" + good,
		name + "=" + good + ";" + name + "=" + good, name + "=a;" + name + "=b", ";;; ;" + name, name + `="`, name + `=""`, name + "=a\tb", "\t" + name + "=1\t;",
		name + name + "=1; " + name + "=", "a=;" + name + "=1", "=" + name + "=1", name + "=\"a\";" + name + "=\\",
	} {
		f.Add(line, "")
		f.Add(line, name+"="+good)
	}
	s := &sessions{name: name}
	f.Fuzz(func(t *testing.T, one, two string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = []string{one, two}
		want := r.CookiesNamed(name)
		var got []string
		for value := range cookiesNamed(r, name) {
			got = append(got, value)
		}
		if len(got) != len(want) {
			t.Fatalf("%q: found %q, net/http %v", r.Header["Cookie"], got, want)
		}
		token := ""
		for i, c := range want {
			if got[i] != c.Value {
				t.Fatalf("%q: found %q, net/http %v", r.Header["Cookie"], got, want)
			}
			if i == 0 {
				token = c.Value
			}
			if c.Value != token || !scsToken(c.Value) {
				token = ""
				break
			}
		}
		if got := s.token(r); got != token {
			t.Fatalf("%q: token %q, want %q", r.Header["Cookie"], got, token)
		}
	})
}

// TestTokenDoesNotAllocate: anonymous visits and hostile headers cost nothing here.
func TestTokenDoesNotAllocate(t *testing.T) {
	s := &sessions{name: "wecomauth-ab12cd34"}
	for _, header := range []string{"", "wecomauth-ab12cd34=" + strings.Repeat("a", 43), strings.Repeat("wecomauth-ab12cd34x; ", 1000), strings.Repeat("wecomauth-ab12cd34=\"; ", 1000)} {
		r := &http.Request{Header: http.Header{"Cookie": {header}}}
		if n := testing.AllocsPerRun(100, func() { s.token(r) }); n != 0 {
			t.Errorf("%.60q: %v allocations", header, n)
		}
	}
}
