// Package core is the WeCom (企业微信) login itself: a state machine for code,
// state and UserID, sessions in scs, and rules. It knows no web framework; the
// packages ginmw, echomw and nethttpmw carry its decisions out.
//
//	auth, err := core.New(core.Config{
//		Provider: wecom.App{CorpID: "ww…", AgentID: "1000002", Secret: os.Getenv("WECOM_SECRET")},
//		BaseURL:  "https://oa.example.com",
//	})
//
// # What happens on a first visit
//
//	browser                          this service                        WeCom
//	   │  GET /me?week=3                  │                                │
//	   │─────────────────────────────────▶│ no session: seal an attempt    │
//	   │  302 to WeCom, Set-Cookie attempt│                                │
//	   │◀─────────────────────────────────│                                │
//	   │  GET /connect/oauth2/authorize?redirect_uri=…/me&state=S          │
//	   │──────────────────────────────────────────────────────────────────▶│
//	   │  302 /me?code=C&state=S          │                                │
//	   │◀──────────────────────────────────────────────────────────────────│
//	   │  GET /me?code=C&state=S, attempt │                                │
//	   │─────────────────────────────────▶│ S is ours, and this browser's  │
//	   │                                  │ who is C? ────────────────────▶│
//	   │                                  │◀──────────────────── zhangsan  │
//	   │  302 /me?week=3#, Set-Cookie     │ OnLogin; a new session         │
//	   │◀─────────────────────────────────│                                │
//
// Every protected page is its own callback, since WeCom checks only the host of
// redirect_uri; pages whose path or route does not allow it use
// Config.CallbackPath. The attempt lives in the browser, sealed: a visitor who
// never logs in costs no memory and no write, and any instance can finish what
// another began.
//
// # The machine
//
// The machine's file, machine.go, is pure: facts about a request in, one move
// out. Its test lists every transition.
//
//   - A page load without a session starts a login. API calls, and methods other
//     than GET and HEAD, get 401. HEAD, prefetches and frames never start,
//     finish or count a login.
//   - A callback is told by an authentic state, never by the names of query
//     parameters: ?code=…&state=open of another system is an ordinary query.
//   - The code is sent to WeCom only if this browser holds the state's attempt,
//     and once per instance; duplicates share the result and the session.
//   - A login that comes back without its cookies starts a second round, from a
//     page rather than a redirect, and then stops with a page that says why. So
//     does one whose session is not there on the next page.
//   - A tab whose attempt other tabs have pushed out waits for one of theirs.
//
// # Threat model
//
// The assets are the session, the app's secret and access token, and the code.
//
//   - Another site can make the browser visit any address here. It cannot finish
//     a login that the browser did not begin (the attempt cookie), act in the
//     person's name (SameSite=Lax, http.CrossOriginProtection on protected
//     routes and Logout, for WebSockets too), or choose where a login ends (the
//     target is sealed, or a checked local path, and every Location begins with
//     BaseURL).
//   - Whoever gets hold of a callback's address has a spent code and a state
//     that is worth nothing in another browser.
//   - A sibling subdomain cannot plant our cookies on https (__Host-; the cookie
//     of Config.Sessions has the name you give it), and of two session cookies
//     neither counts. It cannot open a WebSocket in the person's name, and Optional
//     names nobody to what it sends. A planted session ends with the login: the
//     token is new every time.
//   - A bot costs a sealed cookie for each page. Invented codes are rationed:
//     see budget.go.
//   - A proxy's headers are not believed: X-Forwarded-* decide nothing, and Host
//     only whether a visitor to one of Config.Aliases is moved to BaseURL.
//   - The log, error texts and answers hold no secret, token, code or state. Text
//     from outside is bounded and quoted.
//   - A former employee keeps a session in a browser. Revoke ends it, and Recheck
//     finds out by itself.
//   - An attacker's authorize link can send a code to any page of the host. The
//     code is worth nothing without the secret, and nothing here without a state
//     of ours and its attempt.
//   - Of several companies in one process, a session, a rule and a revocation are
//     of one: keys and records are bound to the app.
//
// Not covered: a code that is stolen before it is used, such as from a callback
// that came back after ten minutes, with which nobody was logged in: for five
// minutes it is worth a login; a stolen device or session cookie (Revoke it,
// shorten Lifetime);
// an employee who scans the QR code of somebody else's login and confirms it;
// scripts of the protected site itself (use a Content-Security-Policy) and other
// services on its host; and http deployments, where everybody on the way reads
// and plants cookies. docs/security.md has every attack, with the code that stops
// it and the test that shows it.
//
// # Several companies
//
// Each app is an Authenticator, and all it makes is bound to that app. [Corps]
// puts several in front of the same routes: a function or the host chooses before
// the redirect, the state at the callback.
//
// # Leaving
//
// Sessions end by Logout, Lifetime and IdleTimeout; by Revoke, which writes a
// mark: a session whose exchange of the code began no later is dead, wherever it
// is; and by Config.Recheck, which asks WeCom and then revokes. Instances read the
// marks of the people they serve once in Config.RevokeWithin, unless their store
// tells them of changes.
//
// # What is stored
//
// A session is one string value in scs, under a key that is bound to BaseURL,
// CorpID and AgentID, in a layout that record.go and codeclayout.go document. Marks are
// entries of their own, which markstore.go describes. With
// Config.Sessions and an outer LoadAndSave the data is changed and LoadAndSave
// commits it; otherwise it is committed here before anything is written. The
// response writer is never wrapped on a request that passes.
package core
