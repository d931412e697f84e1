// Package wecomtest is a fake WeCom (企业微信): an [http.Handler] that answers
// the sign-in pages and the APIs by which an app signs people in and looks them
// up, as strictly as the real one, without a company, a phone or a network.
//
// In a test, everything stays in process:
//
//	fake := wecomtest.New(wecomtest.Config{})
//	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com"})
//	// … build the router with auth …
//	fake.Serve("https://oa.example.com", router)
//	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me")
//
// No socket is opened, and time is read with time.Now, so all of it works
// inside testing/synctest.
//
// On a developer's machine, serve the fake on a loopback port and give the app
// [Fake.AppAt]; a browser then sees a page on which to choose an employee. The
// fake refuses requests that reach it from outside the machine.
//
// With the scope snsapi_privateinfo, an employee is asked on a page whether the
// app may see their [Details]; [Employee.NoConsent] answers for a silent sign-in.
// [Fake.BrowserAs] visits as a desktop browser or a phone. [Fake.Change] and
// [Fake.Remove] disable people or let them leave while their session lasts.
//
// # Where it differs from WeCom
//
// It is stricter: each parameter of a sign-in page, also an optional one such as
// state, agentid or login_type, must be there exactly once, and a redirect_uri holds
// no code and no state.
//
// It is laxer: the fragment #wechat_redirect is not missed, an API is answered over
// http too, no limit of calls is kept unless [Fake.Fail] says so (45009, 45033), and
// there is one self-built app: errors about another app's codes and tokens (50001,
// 301002) come from Fail only.
package wecomtest
