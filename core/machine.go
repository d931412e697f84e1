package core

// This file is the login's state machine: what happens next, given what is
// known. It does no I/O, reads no clock and draws no random number, so every
// transition is a row of the table in machine_test.go.

// visit is the kind of request, as far as a login cares.
type visit uint8

const (
	visitAPI     visit = iota // fetch, XHR, WebSocket, a program: never redirected
	visitUnsafe               // a method other than GET and HEAD
	visitPassive              // HEAD, prefetch: looks, and never touches a login
	visitFrame                // a page load in a frame: WeCom logs nobody in there
	visitPage                 // a person opens a page
)

// answer is what the request brings back from WeCom. It is told by an authentic
// state, never by the names of query parameters.
type answer uint8

const (
	answerNone      answer = iota // no state of ours
	answerCode                    // our state and one well-formed code
	answerRefusal                 // our state and no code: the person refused
	answerMalformed               // our state, and a code that WeCom would not send
)

// attemptStatus is what the browser's sealed cookie says of a login attempt.
type attemptStatus uint8

const (
	attemptMissing attemptStatus = iota // no cookie, not ours, another state's, or expired
	attemptOpen                         // sent to WeCom, not back yet
	attemptDone                         // spent: its code became a session
	attemptFailed                       // spent: the person saw why it failed
)

// fragment is what is known of the part of an address behind '#', which browsers
// do not send, on a site that wants to keep it: Config.KeepFragment.
type fragment uint8

const (
	fragmentIgnored fragment = iota // not kept, or not asked for on this request
	fragmentUnknown                 // a script has to say
	fragmentKnown                   // a script has said
)

// maxRounds bounds a login that keeps coming back without its cookies: round 1
// is a redirect, round 2 a page that sets the cookie on a 200 (some WebViews
// drop cookies set on a 302), and there is no round 3. A browser that holds other
// attempts keeps its cookies: many tabs are pushing each other's out, and have
// more rounds.
const (
	maxRounds        = 2
	maxRoundsCrowded = 6
)

// facts is everything that a transition depends on.
type facts struct {
	visit       visit
	crossOrigin bool // another site sent it, and it may change something
	session     bool // a live session came with the request
	alias       bool // the request came to a host of Config.Aliases
	fragment    fragment
	answer      answer
	attempt     attemptStatus // of the attempt that the answer's state names
	crowded     bool          // the browser holds other open attempts
	sibling     bool          // one of them began a moment ago
	fresh       bool          // the attempt asks for a login although there is a session
	round       int           // of the answer's state, 0 if that is stale; without an answer, of a login just finished, or 0
}

// move is what to do. The zero value refuses.
type move uint8

const (
	moveRefuse       move = iota // an impossible state: refuse, as an internal error
	movePass                     // let the request through, if the rules agree
	moveUnauthorized             // 401
	moveFrame                    // 401, with a link that leaves the frame
	moveCrossOrigin              // 403
	moveRelocate                 // to the same page on BaseURL
	moveAsk                      // a page whose script tells the fragment
	moveStart                    // seal an attempt and go to WeCom
	moveExchange                 // trade the code
	moveWait                     // a page that comes back in two seconds: another tab is logging in
	moveResume                   // to the page that was asked for, without code and state
	moveFinish                   // set the session, then as moveResume
	moveCancelled                // 403: the person refused at WeCom
	moveMalformed                // 400
	moveGiveUp                   // 400: the page that names the causes of a loop
	moveTell                     // the exchange failed for good: say why
)

// step is a move and, for moveStart, the round that begins.
type step struct {
	move  move
	round int
}

// next is the transition on a request.
func next(f facts) step {
	switch {
	case f.crossOrigin:
		return step{move: moveCrossOrigin}
	case f.visit != visitPage:
		return still(f)
	case f.answer != answerNone:
		return back(f)
	case f.alias && !f.session:
		return step{move: moveRelocate}
	case f.session && f.fragment == fragmentKnown:
		return step{move: moveResume} // a reload of the address that told it
	case f.session:
		return step{move: movePass}
	case f.fragment == fragmentUnknown:
		return step{move: moveAsk}
	default:
		return again(f) // round 1; or the next, if a login has just made a session that did not stick
	}
}

// still is the transition on a request that may not begin or end a login.
func still(f facts) step {
	looking := f.visit == visitPassive || f.visit == visitFrame
	switch {
	case f.session && looking && f.answer != answerNone:
		return step{move: moveResume} // keep our code and state from the handler
	case f.session:
		return step{move: movePass}
	case f.visit == visitFrame:
		return step{move: moveFrame}
	default:
		return step{move: moveUnauthorized}
	}
}

// back is the transition on a page load that returns from WeCom.
func back(f facts) step {
	switch {
	case f.session && (!f.fresh || f.attempt != attemptOpen):
		return step{move: moveResume} // logged in meanwhile: a reload, a second delivery, another tab
	case f.attempt == attemptFailed:
		return step{moveStart, 1} // a reload of the page that said why: the person's own wish
	case f.attempt == attemptMissing && f.sibling:
		return step{move: moveWait} // it will bring the session for all
	case f.attempt != attemptOpen:
		return again(f)
	}
	switch f.answer {
	case answerCode:
		return step{move: moveExchange}
	case answerRefusal:
		return step{move: moveCancelled}
	default:
		return step{move: moveMalformed}
	}
}

// outcome is how an exchange ended.
type outcome uint8

const (
	exchangeFailed  outcome = iota // WeCom, the network or a callback said no
	exchangeInvalid                // the code is used, expired or another app's
	exchangeOK
)

// settle is the transition when an exchange has ended.
func settle(f facts, o outcome) step {
	switch o {
	case exchangeOK:
		return step{move: moveFinish}
	case exchangeInvalid:
		if f.round >= maxRounds {
			return step{move: moveTell}
		}
		return again(f)
	default:
		return step{move: moveTell}
	}
}

// again starts the next round, or gives up. Only what failed counts: a return
// without its attempt, and a visit without the session that was made seconds
// ago. Fresh visits begin round 1, so twenty restored tabs all finish.
func again(f facts) step {
	most := maxRounds
	if f.crowded && f.attempt == attemptMissing && f.answer != answerNone {
		most = maxRoundsCrowded
	}
	if f.round >= most {
		return step{move: moveGiveUp}
	}
	return step{moveStart, f.round + 1}
}
