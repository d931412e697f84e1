package adaptertest

import (
	"slices"
	"strings"
)

// What stands in front of a host in an address that is to look like a local one.
var openings = []string{
	// slashes, backslashes, and what browsers do not see between them
	"//", "///", "////", `/\`, `\/`, `\\`, `\`, `/\/`, `//\`, `/\\`, "/\t/", "/\n/", "/\r/", "/\r\n/", "/\t\\", "\t//", "\n//", " //", "\x00//", "\x1f//", "/\x00/", "/\x1f/", "/\x7f/", "/ /",
	// the same, encoded once and twice
	"/%09/", "/%0a/", "/%0d%0a/", "/%00/", "/%20/", "/%2f", "/%2F/", "/%2f%2f", "%2f%2f", "/%5c", "/%5C/", "/%5c%5c", `/%5c\`, "%5c%5c", "/%252f", "/%252f%252f", "/%255c", "/%25252f",
	// dot segments, which leave an empty one or the prefix behind
	"/.//", "/..//", `/../\`, "/../../", "/../..//", "/./\\", "/%2e//", "/%2e%2e//", "/.%2e//", `/%2E./\`, "/%252e%252e//", "/x/..//", `/x/../\`, "/x/%2e%2e//", "/any/../..//", "../", "..//", "./\\",
	// path parameters, empty segments, queries and fragments
	"/;//", "/;/\\", "/..;//", "/;@", "/any//", `/any/\`, "/any/%2f%2f", "/any/%5c", "/?//", "/?next=//", "/#//", "?//", "#//", "/#\\\\", "/any?next=https://", "/any#https://",
	// other letters that look like slashes, and overlong and halved ones
	"/／", "／／", "/＼", "/⁄", "/∕", "/⧸", "/⧵", "/。", "/\u2028/", "/\u200b/", "/\ufeff/", "/%ef%bc%8f", "/%ef%bc%bc", "/%c0%af", "/%e0%80%af", "/%u002f", "/%", "/%2", "/%zz/",
	// whole addresses, in each way that a browser takes for one
	"https://", "HTTPS://", `https:\\`, `https:/\`, "https:/", "https:", "https:///", "http://", "http:", "http:/", `hTTp:\\`, "h\tttps://", "htt\nps://", "\x01https://", " https://", "https://@", "https://:@", "https://x:y@", "ftp://", "ws://", "wss://", "file://", "//https://", "/https://", "/https:\\",
	// names that begin or end like ours
	"@", ":@", ":443@", ".", "-", "https://oa.example.com@", "https://oa.example.com.", "https://oa.example.com:443@", "https://oa.example.com%40", `https://oa.example.com\@`, "https://oa.example.com%2f@", "https://oa.example.com%00.", "https://oa.example.com#@", "https://oa.example.com?@", "https://oa.example.com;@", "https://oa.example.com/@", "//oa.example.com@", "//oa.example.com.", `//oa.example.com\@`, `//oa.example.com\.`, "//oa.example.com%2e",
}

// Hosts of the attacker.
var elsewhere = []string{"evil.example", "evil.example/any/x", "ｅｖｉｌ。ｅｘａｍｐｌｅ/me"}

// What needs no host in front of it, or is one.
var outright = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "javascript://oa.example.com/%0aalert(1)", "/javascript:alert(1)", "javascript&colon;alert(1)", "javascript%3aalert(1)",
	"data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x", "about:blank", "view-source:https://evil.example", "intent://evil.example#Intent;scheme=https;end", "weixin://evil", "wxwork://evil", "mailto:x@evil.example", "tel:1",
	"//[2001:db8::66]", "//[2001:DB8:0::66]:443/", "//203.0.113.66", "//3405803842", "//0xcb.0x0.0x71.0x42", "//0313.0.0161.0102", "//evil.example:443", "//evil.example:oa.example.com", "//ev%69l.example", "//evil%2eexample", "//evil。example", "//e\u00advil.example", "//EVIL.EXAMPLE",
	"https://oa.example.com:8443/", "http://oa.example.com/", "https://oa.example.co", "https://oa.example.com.evil.example/app/", "https://oa.example.comevil.example", "https://evil.example/https://oa.example.com/", "https://evil.example?https://oa.example.com/", "https://evil.example#https://oa.example.com/", "https://oa.example.com", "https://oa.example.com/app/../evil", "https://oa.example.com//evil.example",
	"/..", "/../", "/../app", "/app/../../evil", "/%2e%2e", "/%2e%2e/evil", "/%2e%2e%2fevil", "/..%2fevil", "/..%5cevil", `/..\evil`, "/..;/evil", "/.;/evil", "/..%00/evil", "/..%0d/evil", "/..\t/evil", "/.\t./evil", "/%252e%252e/evil", "/．．/evil", "/any/../../evil", "/any/%2e%2e/%2e%2e/evil",
	"/me\r\nLocation: https://evil.example", "/me\nSet-Cookie: a=b", "/me%0d%0aLocation:%20https://evil.example", "/me%0aSet-Cookie:a=b", "/me?x=\r\nLocation: //evil.example", "/me?x=%0d%0aLocation:%20//evil.example", "/me\u560d\u560aLocation:evil", "/me%E5%98%8D%E5%98%8ALocation:evil", "/me\x00//evil.example", "/me%00//evil.example",
	`/me"><a href="//evil.example">`, `/me?"><meta http-equiv=refresh content="0;url=//evil.example">`, "/me?'><script src=//evil.example></script>", `/me?x="onclick=location='//evil.example'`, "/me?url=javascript:alert(1)", "/me?return_to=//evil.example", "/me?redirect_uri=https://evil.example", "/me?x&redirect_uri=https%3A%2F%2Fevil.example&", "/login?return_to=//evil.example", "/login?return_to=%2F%2Fevil.example", "/logout?return_to=//evil.example",
	"//", "///", `\`, `\\`, "/\\", "*", "*//evil.example", "evil.example:443", "oa.example.com:443", ":443/x", ":8443/", ".evil.example/", "//@", "//:443", "https://", "https:", "?", "#", "%", "/%", "\x00", "",
}

// RedirectTargets returns addresses that somebody may try in order to be sent
// elsewhere, each once.
func RedirectTargets() []string {
	all := slices.Clone(outright)
	for _, opening := range openings {
		for _, host := range elsewhere {
			all = append(all, opening+host)
		}
	}
	for _, n := range []int{200, 1800, 2048, 8192, 9000} { // about the lengths at which something is cut off
		all = append(all, "//"+strings.Repeat("x", n)+".evil.example", "/"+strings.Repeat("x", n)+"//evil.example",
			"/"+strings.Repeat("a/", n/2)+"/evil.example", "/"+strings.Repeat("../", n/3)+"/evil.example",
			"/me?"+strings.Repeat("x", n)+"//evil.example", "/any/"+strings.Repeat("x", n)+`\evil.example`, "/"+strings.Repeat("\t", n)+"/evil.example")
	}
	slices.Sort(all)
	return slices.Compact(all)
}
