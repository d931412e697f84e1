package adaptertest

import (
	"net/http"
	"testing"
)

// TestResolve: the judge reads addresses as a browser does. internal/e2e compares
// it with a real one.
func TestResolve(t *testing.T) {
	const page = "https://oa.example.com/app/page"
	const home, evil = "https://oa.example.com", "https://evil.example"
	for _, tc := range []struct{ name, address, origin, path string }{
		{"a path", "/me?x=//evil.example", home, "/me"},
		{"nothing at all is the page itself", "", home, "/app/page"},
		{"a name without a slash", "evil.example", home, "/app/evil.example"},
		{"two slashes begin a host", "//evil.example/x", evil, "/x"},
		{"any number of slashes do", "////evil.example", evil, "/"},
		{"a backslash is a slash", `/\evil.example`, evil, "/"},
		{"in a path too", `/a\..\b`, home, "/b"},
		{"tabs and line breaks are not there", "/\t/\r\nevil.example", evil, "/"},
		{"control bytes and spaces in front are not there", "\x00\x1f //evil.example", evil, "/"},
		{"a space within a path is", "/ /evil.example", home, "/ /evil.example"},
		{"the own scheme without slashes is a path", "https:evil.example", home, "/app/evil.example"},
		{"with one slash as well", "https:/evil.example", home, "/evil.example"},
		{"with two it is a host", `hTTps:\\evil.example`, evil, "/"},
		{"another scheme needs none", "http:evil.example", "http://evil.example", "/"},
		{"a scheme with a tab in it", "ht\ttps://evil.example", evil, "/"},
		{"a script", "JaVa\nScript:alert(1)", "null", "alert(1)"},
		{"a scheme cannot begin with a digit", "1https://evil.example", home, "/app/1https://evil.example"},
		{"the last @ ends the user's name", "https://oa.example.com@x@evil.example", evil, "/"},
		{"a name that begins with ours", "//oa.example.com.evil.example", "https://oa.example.com.evil.example", "/"},
		{"our own host in other letters", "//OA.Example%2eCOM:443/x", home, "/x"},
		{"a port makes another origin", "//oa.example.com:8443", home + ":8443", "/"},
		{"full width letters and stops", "//ｅｖｉｌ。ｅｘａｍｐｌｅ", evil, "/"},
		{"letters that are not seen", "//ev\u00adil\u200b.example", evil, "/"},
		{"dot segments, encoded as well", "/app/%2E./x/.%2e/./y/..", home, "/"},
		{"no path leaves the root", "/../../x", home, "/x"},
		{"encoded slashes are none", "/%2f%5cevil.example", home, "/%2f%5cevil.example"},
		{"an address in brackets", "//[2001:DB8::0]:443", "https://[2001:db8::]", "/"},
	} {
		if d, ok := Resolve(tc.address, page); !ok || d.Origin != tc.origin || d.Path != tc.path {
			t.Errorf("%s: Resolve(%q) = %+v, %t", tc.name, tc.address, d, ok)
		}
	}
	for _, address := range []string{"//", "https://@", "//evil.example:x", "//evil.example:99999", "//e%00vil", "//a b", "//[::1", "//127.1", "//0x7f.1", "//évil", "//%zz"} {
		if d, ok := Resolve(address, page); ok {
			t.Errorf("Resolve(%q) = %+v, want none", address, d)
		}
	}
}

// TestJudge: what the judge lets pass and what it does not.
func TestJudge(t *testing.T) {
	const weCom = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww&redirect_uri="
	for _, tc := range []struct {
		name   string
		header http.Header
		body   string
		clean  bool
	}{
		{"a page of ours", http.Header{"Location": {"https://oa.example.com/app/me"}}, "", true},
		{"WeCom, and back to us", http.Header{"Location": {weCom + "https%3A%2F%2Foa.example.com%2Fapp%2Fme"}}, "", true},
		{"WeCom, and back to another", http.Header{"Location": {weCom + "https%3A%2F%2Fevil.example%2F"}}, "", false},
		{"WeCom with two ways back", http.Header{"Location": {weCom + "https%3A%2F%2Foa.example.com%2Fapp%2F&redirect_uri=https%3A%2F%2Fevil.example"}}, "", false},
		{"another page of WeCom's", http.Header{"Location": {"https://open.weixin.qq.com/else?redirect_uri=https%3A%2F%2Foa.example.com%2Fapp%2F"}}, "", false},
		{"out of the prefix", http.Header{"Location": {"https://oa.example.com/app/%2e%2e/x"}}, "", false},
		{"a Refresh header", http.Header{"Refresh": {"0; url=//evil.example"}}, "", false},
		{"a header with a line break", http.Header{"X": {"a\r\nb"}}, "", false},
		{"a link", nil, `<a href="https://oa.example.com/app/">`, true},
		{"a link to elsewhere, escaped", nil, `<a class=b href="https&#58;//evil.example">`, false},
		{"a link without quotes", nil, `<a href=//evil.example>`, false},
		{"a script", nil, `<a href='javascript:alert(1)'>`, false},
		{"a page that goes on", nil, `<meta http-equiv="refresh" content="0; url=//evil.example">`, false},
		{"a form", nil, `<form action="//evil.example">`, false},
		{"an answer for programs", nil, `{"login_url":"https://evil.example/?a\u0026b"}`, false},
	} {
		if got := Site("https://oa.example.com/app").Foreign(tc.header, tc.body); (got == "") != tc.clean {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}
