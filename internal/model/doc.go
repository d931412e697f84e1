// Package model checks the login machine by trying everything: victims, an
// attacker, two instances and the clock take turns in every order, up to a
// number of steps, and after each step the invariants must hold. It has tests
// only.
//
// # What is played
//
// The real code: requests go through nethttpmw to two [core.Authenticator]s that
// share a store and a WeCom of this package's own, and browsers keep the real
// cookies. Time is a testing/synctest bubble's. A server's memory cannot be
// copied, so each script is played from the beginning.
//
// # The bound
//
// A scene is a menu of actions and a depth. All scripts of one step, of two, and
// so on up to the depth are played, each action wherever it is possible; nothing
// is left out as equivalent. So a failure's script is the shortest that the
// scene holds. After the last step everybody is left alone, and each honest
// browser must reach its page. Only the cookie that an attempt gets is left to
// chance, as in real life; the attacker holds an attempt under each name.
//
// # What is combined
//
// One scene, "everything together", has two victims with two tabs each, duplicate
// callbacks, reloads, an attacker who replays and swaps cookies, states, codes and
// addresses, two instances, and the ends of attempts and of sessions, all on one
// menu: for four steps after the attacker has begun his logins. A visit and its
// return from WeCom are two steps, so the victims finish at most two logins.
//
// The others leave something out, and go one or two steps further: to six for
// links, stolen callbacks and time; for duplicates, failing logins, logouts and
// the end of sessions; and for planted cookies, which meet time to a depth of
// five. Only they hold logouts, logins that are asked for afresh, revocations,
// cookies that are blocked, lost or planted, plain http, and a WeCom that fails.
//
// # The invariants
//
//   - A browser's session belongs to the person who is signed in at WeCom in that
//     browser, by a login that the browser began itself no more than ten minutes ago.
//   - The handler runs for nobody without one live session that was given to this
//     browser, and the identity in its context is that browser's person.
//   - A login's session has a new token, and the former one opens nothing.
//   - WeCom takes no code twice, and one instance sends no code twice.
//   - A page load leads somewhere within a few answers.
//   - What was logged out, revoked or has expired opens nothing, on either instance.
//   - An honest browser that keeps cookies and is left alone reaches the page.
//
// What no scene holds: more than two tabs, more than three browsers, longer
// scripts than the depth, requests that overlap except the duplicates of one
// callback, and what no code here can prevent: a code that is stolen before
// WeCom has taken it, be it on its way or because it came back to an attempt that
// had expired; or a planted cookie on plain http together with a link to the
// attacker's own callback.
package model
