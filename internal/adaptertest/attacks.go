package adaptertest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// testAttacks is one test for each attack on a login that is not another part's,
// by its usual name.
func testAttacks(t *testing.T, mount Mount) {
	t.Run("session fixation: a cookie planted before the login becomes no session, and each login makes a new token", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		planted := sessionName(t, mount) + "=" + strings.Repeat("planted", 6) + "7"
		v := w.visitor("zhangsan")
		u, _ := url.Parse(base)
		name, value, _ := strings.Cut(planted, "=")
		v.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
		first := v.open("/me").want(200, "user=zhangsan").session()
		second := v.open("/login?fresh=1&return_to=/me").want(200, "user=zhangsan").session()
		if first == planted || second == planted || second == first {
			t.Error("a token was kept over a login")
		}
		for _, old := range []string{planted, first} {
			if rec := w.raw("GET", "/me", "Cookie", old); !turnedAway(rec) {
				t.Errorf("a cookie from before the login works: status %d", rec.Code)
			}
		}
		if _, ok := s.items[value]; ok {
			t.Error("the planted token is in the store")
		}
	})
	t.Run("login CSRF: a callback of the attacker's logs nobody else in as the attacker", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for name, prepare := range map[string]func(victim *visitor){
			"with nothing":                func(*visitor) {},
			"who is logged in":            func(v *visitor) { v.open("/me").want(200) },
			"in the middle of a login":    func(v *visitor) { v.callback("/me") },
			"who has just logged out":     func(v *visitor) { v.open("/me").do("POST", "/logout") },
			"who switches the person now": func(v *visitor) { v.open("/me").callback("/login?fresh=1&return_to=/me") },
		} {
			attack := w.visitor("lisi").callback("/me?stolen=1")
			victim := w.visitor("zhangsan")
			prepare(victim)
			calls := w.fake.Calls("auth/getuserinfo")
			victim.still().open(attack)
			if strings.Contains(victim.body, "user=lisi") || w.fake.Calls("auth/getuserinfo") != calls || strings.Contains(victim.location(), "stolen") {
				t.Errorf("a victim %s: status %d, Location %q, body %.200s", name, victim.res.StatusCode, victim.location(), victim.body)
			}
			if rec := w.raw("GET", "/optional", "Cookie", victim.cookies()); strings.Contains(rec.Body.String(), "user=lisi") {
				t.Errorf("a victim %s is logged in as the attacker", name)
			}
		}
	})
	t.Run("logout CSRF: no request that another site can make ends a session", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").want(200)
		for _, attempt := range [][]string{
			{"GET", "Sec-Fetch-Dest", "image", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Site", "cross-site"},
			{"GET", "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site"},
			{"GET", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site"},
			{"POST", "Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"},
			{"POST", "Sec-Fetch-Site", "same-site", "Origin", "https://evil.example.com"},
			{"POST", "Sec-Fetch-Site", "", "Origin", "null"},
			{"POST", "Sec-Fetch-Site", "", "Origin", "https://evil.example"},
			{"POST", "Sec-Fetch-Site", "", "Origin", "https://oa.example.com.evil.example"},
			{"GET", "X-Http-Method-Override", "POST", "Sec-Fetch-Site", "cross-site"},
		} {
			for _, target := range []string{"/logout", "/logout?everywhere=1", "/logout?_method=POST"} {
				if rec := w.raw(attempt[0], target, append(attempt[1:], "Cookie", v.cookies())...); rec.Code != 403 && rec.Code != 405 {
					t.Errorf("%v: status %d", attempt, rec.Code)
				}
			}
		}
		v.open("/me").want(200, "user=zhangsan")
	})
	t.Run("cookie tossing: a sibling's cookies make nobody somebody else", func(t *testing.T) { tossCookies(t, mount) })
	t.Run("forged headers: those that proxies and frameworks believe change no decision", func(t *testing.T) { forgeHeaders(t, mount) })
	t.Run("host confusion: whatever names another host, answers name ours", func(t *testing.T) { confuseHosts(t, mount) })
	t.Run("identity headers: a name in a header is nobody's", func(t *testing.T) { forgeIdentity(t, mount) })
}

// tossCookies plays a sibling subdomain, which can set cookies of any name but
// those with __Host- on https, in any number and order.
func tossCookies(t *testing.T, mount Mount) {
	for _, site := range []string{base, "http://oa.example.com"} {
		w := newWorld(t, mount, func(c *core.Config) { c.BaseURL = site })
		v, attacker := w.visitor("zhangsan").open(site+"/me").want(200), w.visitor("lisi").open(site+"/me").want(200)
		own, others := sessionOf(t, v), sessionOf(t, attacker)
		name, mine, theirs := own.Name, own.Value, others.Value
		short, prefixed := strings.CutPrefix(name, "__Host-")
		if prefixed != strings.HasPrefix(site, "https:") {
			t.Errorf("%s: the session's cookie is %s: on https, and only there, siblings must not be able to set it", site, name)
		}
		for _, toss := range []struct {
			name   string
			cookie string
			owner  bool // the victim's session still counts
		}{
			{"theirs before ours", name + "=" + theirs + "; " + name + "=" + mine, false},
			{"theirs after ours", name + "=" + mine + "; " + name + "=" + theirs, false},
			{"theirs on both sides", name + "=" + theirs + "; " + name + "=" + mine + "; " + name + "=" + theirs, false},
			{"many of theirs", strings.Repeat(name+"="+theirs+"; ", 150) + name + "=" + mine, false},
			{"an oversized one before ours", name + "=" + strings.Repeat("A", 60<<10) + "; " + name + "=" + mine, false},
			{"an empty one before ours", name + "=; " + name + "=" + mine, false},
			{"theirs under a name without a prefix", short + "x=" + theirs + "; " + name + "=" + mine, true},
			{"theirs under another prefix", "__Secure-" + short + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs in other letters", strings.ToUpper(name) + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs in a cookie without a name", "=" + name + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs behind a space that is none", "\u3000" + name + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs within a value", "a=" + name + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs behind a comma", "a=b, " + name + "=" + theirs + "; " + name + "=" + mine, true},
			{"theirs in quotes of another", "a=\"b; " + name + "=" + mine + "; c=\"", true},
			{"five thousand of other names", strings.Repeat("a=b; ", 5000) + name + "=" + mine, true},
		} {
			rec := w.raw("GET", "/me", "Cookie", toss.cookie)
			owner := strings.Contains(rec.Body.String(), "user=zhangsan")
			if strings.Contains(rec.Body.String(), "user=lisi") || owner != toss.owner || !owner && !turnedAway(rec) {
				t.Errorf("%s: %s: status %d: %.100s", site, toss.name, rec.Code, rec.Body)
			}
		}
		if rec := w.raw("GET", "/me", "Cookie", short+"="+theirs); prefixed && !turnedAway(rec) {
			t.Errorf("%s: a cookie that a sibling can set is a session: status %d", site, rec.Code)
		}
		tossAttempts(t, w, site)
	}
}

// tossAttempts lays attempt cookies that are not ours around a login's own.
func tossAttempts(t *testing.T, w *world, site string) {
	v := w.visitor("zhangsan").still().open(site + "/me?week=3").want(302)
	var own []string
	for _, c := range v.res.Cookies() {
		own = append(own, c.Name+"="+c.Value)
	}
	name, value, _ := strings.Cut(own[0], "=")
	junk := strings.Repeat(name+"="+strings.Repeat("A", 400)+"; ", 100)
	v.open(v.location()).want(302)
	for _, cookie := range []string{junk + own[0], own[0] + "; " + junk, name + "=" + value[1:] + "; " + own[0]} {
		rec := w.raw("GET", strings.TrimPrefix(v.location(), site), "Cookie", cookie)
		if rec.Code != 302 || rec.Header().Get("Location") != site+"/me?week=3#" {
			t.Errorf("%s: a login among tossed attempts: status %d, Location %q", site, rec.Code, rec.Header().Get("Location"))
		}
	}
}

// sessionOf returns a browser's session cookie at the page it is on.
func sessionOf(t *testing.T, v *visitor) *http.Cookie {
	for _, c := range v.Jar.Cookies(v.res.Request.URL) {
		if len(c.Value) == 43 {
			return c
		}
	}
	t.Fatal("no session cookie")
	return nil
}

func forgeHeaders(t *testing.T, mount Mount) {
	w := newWorld(t, mount, nil)
	v := w.visitor("zhangsan").open("/me").want(200)
	for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		if rec := w.raw("POST", "/me", name, "GET", "Sec-Fetch-Site", "cross-site", "Cookie", v.cookies()); rec.Code != 403 {
			t.Errorf("%s: GET: a cross-site POST has status %d", name, rec.Code)
		}
		if rec := w.raw("GET", "/logout", name, "POST", "Cookie", v.cookies()); rec.Code != 405 {
			t.Errorf("%s: POST: a GET of Logout has status %d", name, rec.Code)
		}
	}
	for _, name := range []string{"X-Original-Url", "X-Rewrite-Url", "X-Forwarded-Uri", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Accel-Redirect", "X-Original-Method", "X-Forwarded-Proto", "X-Forwarded-Scheme", "Front-End-Https", "X-Url-Scheme", "X-Forwarded-Ssl"} {
		for _, value := range []string{"/", "/optional", "//evil.example", "http", "off", "https://evil.example/"} {
			rec := w.raw("GET", "/admin", name, value)
			if rec.Code != 302 || !strings.Contains(rec.Header().Get("Location"), "redirect_uri=https%3A%2F%2Foa.example.com%2Fadmin&") || !strings.Contains(rec.Header().Get("Set-Cookie"), "; Secure") {
				t.Errorf("%s: %s: status %d, Location %q", name, value, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	fake := wecomtest.New(wecomtest.Config{})
	w = newWorldAt(t, mount, fake, func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} })
	for _, name := range []string{"X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "Forwarded"} {
		if rec := w.raw("GET", "/me", name, "www.oa.example.com"); !strings.HasPrefix(rec.Header().Get("Location"), "https://open.weixin.qq.com/") {
			t.Errorf("%s made the request an alias's: Location %q", name, rec.Header().Get("Location"))
		}
	}
}

func confuseHosts(t *testing.T, mount Mount) {
	w := newWorld(t, mount, func(c *core.Config) { c.CallbackPath = "/login" })
	for _, host := range []string{
		"evil.example", "evil.example:443", "oa.example.com.evil.example", "evil.example/oa.example.com", "oa.example.com@evil.example", "oa.example.com:443@evil.example",
		"oa.example.com, evil.example", "oa.example.com evil.example", "OA.EXAMPLE.COM.", "oa.example.com:8443", "[::1]", "127.0.0.1", "*", "\"><script>", "evil.example\r\nX-Injected: 1", "", strings.Repeat("x", 60<<10),
	} {
		for _, target := range []string{"/me", "http://evil.example/me", "https://oa.example.com@evil.example/me"} {
			for _, header := range [][]string{nil, {"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, {"Sec-Fetch-Dest", "iframe"}, {"User-Agent", wecomtest.UserAgentPhone}} {
				rec := w.raw("GET", target, append(header, "Host", host)...)
				if to := Site(base).Foreign(rec.Header(), rec.Body.String()); to != "" && rec.Code != 301 && rec.Code != 307 {
					t.Errorf("Host %.60q, %s: status %d leads to %s", host, target, rec.Code, to)
				}
				if strings.Contains(strings.Join(rec.Header().Values("Set-Cookie"), "\n"), "Domain") || w.runs.Load() != 0 {
					t.Errorf("Host %.60q, %s: Set-Cookie %q, %d handlers ran", host, target, rec.Header().Values("Set-Cookie"), w.runs.Load())
				}
			}
		}
	}
}

func forgeIdentity(t *testing.T, mount Mount) {
	w := newWorld(t, mount, nil)
	v := w.visitor("zhangsan").open("/me").want(200)
	var all []string
	for _, name := range []string{"X-User", "X-Userid", "X-User-Id", "X-User-Name", "X-Username", "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Auth-Request-User", "X-Authenticated-User", "X-Authenticated-Userid", "X-Wecom-User", "X-Wecom-Userid", "X-Wecomauth-User", "X-Webauth-User", "X-Goog-Authenticated-User-Email", "X-Ms-Client-Principal-Name", "X-Amzn-Oidc-Identity", "Ssl-Client-S-Dn", "X-Ssl-Client-Cn", "X-Identity", "From"} {
		all = append(all, name, "wangwu")
	}
	all = append(all, "Authorization", "Basic d2FuZ3d1Og==", "Proxy-Authorization", "Bearer wangwu")
	for i := 0; i <= len(all); i += 2 {
		header := all[:i]
		if i < len(all) {
			header = all[i : i+2]
		}
		if rec := w.raw("GET", "/admin", header...); rec.Code != 302 {
			t.Errorf("%q: status %d", header, rec.Code)
		}
		if rec := w.raw("GET", "/optional", header...); !strings.Contains(rec.Body.String(), "user= name= ok=false") {
			t.Errorf("%q: %s", header, rec.Body)
		}
		if rec := w.raw("GET", "/me", append(header[:len(header):len(header)], "Cookie", v.cookies())...); !strings.Contains(rec.Body.String(), "user=zhangsan ") {
			t.Errorf("%q: %s", header, rec.Body)
		}
	}
}
