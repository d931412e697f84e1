package core

import (
	"slices"
	"testing"
)

// row is one rule of the machine. A nil field matches everything.
type row struct {
	name     string
	visits   []visit
	cross    []bool
	session  []bool
	alias    []bool
	fragment []fragment
	answers  []answer
	attempts []attemptStatus
	crowded  []bool
	sibling  []bool
	fresh    []bool
	rounds   []int
	want     step
}

var (
	yes, no  = []bool{true}, []bool{false}
	pages    = []visit{visitPage}
	looking  = []visit{visitPassive, visitFrame}
	nothing  = []answer{answerNone}
	anything = []answer{answerCode, answerRefusal, answerMalformed}
	open     = []attemptStatus{attemptOpen}
	missing  = []attemptStatus{attemptMissing}
	spent    = []attemptStatus{attemptDone}
)

var table = []row{
	{name: "what another site sent to change something is refused, session or not",
		cross: yes, want: step{move: moveCrossOrigin}},
	{name: "an unsafe request with a session passes",
		visits: []visit{visitUnsafe}, session: yes, want: step{move: movePass}},
	{name: "an unsafe request without a session is told to log in, and never redirected",
		visits: []visit{visitUnsafe}, session: no, want: step{move: moveUnauthorized}},
	{name: "an API call with a session passes, whatever its query looks like",
		visits: []visit{visitAPI}, session: yes, want: step{move: movePass}},
	{name: "an API call without a session is told to log in, and never redirected",
		visits: []visit{visitAPI}, session: no, want: step{move: moveUnauthorized}},
	{name: "HEAD, prefetch and frames pass with a session",
		visits: looking, session: yes, answers: nothing, want: step{move: movePass}},
	{name: "HEAD, prefetch and frames never show a handler our code and state",
		visits: looking, session: yes, answers: anything, want: step{move: moveResume}},
	{name: "HEAD and prefetch without a session never start, finish or count a login",
		visits: []visit{visitPassive}, session: no, want: step{move: moveUnauthorized}},
	{name: "a frame without a session is offered a way out",
		visits: []visit{visitFrame}, session: no, want: step{move: moveFrame}},
	{name: "an anonymous page load on an alias moves to BaseURL",
		visits: pages, session: no, alias: yes, answers: nothing, want: step{move: moveRelocate}},

	{name: "a page load with a session passes",
		visits: pages, session: yes, answers: nothing, fragment: []fragment{fragmentIgnored, fragmentUnknown}, want: step{move: movePass}},
	{name: "a page load with a session that tells its fragment goes to the address with it",
		visits: pages, session: yes, answers: nothing, fragment: []fragment{fragmentKnown}, want: step{move: moveResume}},
	{name: "a page load without a session starts a login",
		visits: pages, session: no, alias: no, answers: nothing, fragment: []fragment{fragmentIgnored, fragmentKnown}, rounds: []int{0}, want: step{moveStart, 1}},
	{name: "a page load right after a login, without its session, starts the second round",
		visits: pages, session: no, alias: no, answers: nothing, fragment: []fragment{fragmentIgnored, fragmentKnown}, rounds: []int{1}, want: step{moveStart, 2}},
	{name: "the same after the second round stops: never a loop",
		visits: pages, session: no, alias: no, answers: nothing, fragment: []fragment{fragmentIgnored, fragmentKnown}, rounds: []int{2, 3, 4, 5, 6}, want: step{move: moveGiveUp}},
	{name: "a page load without a session is first asked for the fragment that is to be kept",
		visits: pages, session: no, alias: no, answers: nothing, fragment: []fragment{fragmentUnknown}, want: step{move: moveAsk}},

	{name: "a callback that finds a session goes on to its page: a reload, a second delivery, another tab",
		visits: pages, session: yes, answers: anything, attempts: []attemptStatus{attemptMissing, attemptDone, attemptFailed}, want: step{move: moveResume}},
	{name: "a callback of an open attempt that finds a session goes on, without an exchange",
		visits: pages, session: yes, answers: anything, attempts: open, fresh: no, want: step{move: moveResume}},
	{name: "a callback that was asked to switch the person exchanges in spite of the session",
		visits: pages, session: yes, answers: []answer{answerCode}, attempts: open, fresh: yes, want: step{move: moveExchange}},
	{name: "switching the person may be refused",
		visits: pages, session: yes, answers: []answer{answerRefusal}, attempts: open, fresh: yes, want: step{move: moveCancelled}},
	{name: "switching the person with a malformed code is refused",
		visits: pages, session: yes, answers: []answer{answerMalformed}, attempts: open, fresh: yes, want: step{move: moveMalformed}},

	{name: "the open attempt's code is exchanged",
		visits: pages, session: no, answers: []answer{answerCode}, attempts: open, want: step{move: moveExchange}},
	{name: "the open attempt without a code was refused by the person",
		visits: pages, session: no, answers: []answer{answerRefusal}, attempts: open, want: step{move: moveCancelled}},
	{name: "the open attempt with a malformed code is refused without a call",
		visits: pages, session: no, answers: []answer{answerMalformed}, attempts: open, want: step{move: moveMalformed}},
	{name: "a reload after an attempt that failed in plain sight begins afresh",
		visits: pages, session: no, answers: anything, attempts: []attemptStatus{attemptFailed}, want: step{moveStart, 1}},
	{name: "a callback whose attempt another tab has pushed out waits for that tab's login",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: yes, want: step{move: moveWait}},
	{name: "a callback without its attempt that is older than an attempt lives begins afresh",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, rounds: []int{0}, want: step{moveStart, 1}},
	{name: "a callback without its attempt starts the second round",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, rounds: []int{1}, want: step{moveStart, 2}},
	{name: "the same in the second round stops: never a loop",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: no, rounds: []int{2, 3, 4, 5, 6}, want: step{move: moveGiveUp}},
	{name: "a callback without its attempt, in a browser with other attempts: cookies work, there are many tabs",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: yes, rounds: []int{2}, want: step{moveStart, 3}},
	{name: "the same later",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: yes, rounds: []int{5}, want: step{moveStart, 6}},
	{name: "the same in between",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: yes, rounds: []int{3}, want: step{moveStart, 4}},
	{name: "the same before that",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: yes, rounds: []int{4}, want: step{moveStart, 5}},
	{name: "many tabs do not go on for ever",
		visits: pages, session: no, answers: anything, attempts: missing, sibling: no, crowded: yes, rounds: []int{6}, want: step{move: moveGiveUp}},
	{name: "a stale callback whose attempt was spent begins afresh",
		visits: pages, session: no, answers: anything, attempts: spent, rounds: []int{0}, want: step{moveStart, 1}},
	{name: "a callback whose attempt became a session that is not there starts the second round",
		visits: pages, session: no, answers: anything, attempts: spent, rounds: []int{1}, want: step{moveStart, 2}},
	{name: "the same later stops: never a loop",
		visits: pages, session: no, answers: anything, attempts: spent, rounds: []int{2, 3, 4, 5, 6}, want: step{move: moveGiveUp}},
}

func matches[T comparable](set []T, v T) bool { return set == nil || slices.Contains(set, v) }

func (r row) matches(f facts) bool {
	if r.cross == nil {
		r.cross = no
	}
	return matches(r.visits, f.visit) && matches(r.cross, f.crossOrigin) && matches(r.session, f.session) &&
		matches(r.alias, f.alias) && matches(r.fragment, f.fragment) && matches(r.answers, f.answer) && matches(r.attempts, f.attempt) &&
		matches(r.crowded, f.crowded) && matches(r.sibling, f.sibling) && matches(r.fresh, f.fresh) && matches(r.rounds, f.round)
}

// everyFacts calls fn with every combination of facts there is, counting through
// them as a number whose digits have different bases.
func everyFacts(fn func(facts)) {
	bases := []int{int(visitPage) + 1, int(answerMalformed) + 1, int(attemptFailed) + 1, maxRoundsCrowded + 1, int(fragmentKnown) + 1, 2, 2, 2, 2, 2, 2}
	all := 1
	for _, b := range bases {
		all *= b
	}
	for n := range all {
		d := make([]int, len(bases))
		for i, b := range bases {
			d[i], n = n%b, n/b
		}
		fn(facts{
			visit: visit(d[0]), answer: answer(d[1]), attempt: attemptStatus(d[2]), round: d[3], fragment: fragment(d[4]),
			crossOrigin: d[5] == 1, session: d[6] == 1, alias: d[7] == 1, fresh: d[8] == 1, crowded: d[9] == 1, sibling: d[10] == 1,
		})
	}
}

// TestMachineIsItsTable: every combination of facts is described by exactly one
// row, and the machine does what that row says.
func TestMachineIsItsTable(t *testing.T) {
	used := make(map[string]bool)
	everyFacts(func(f facts) {
		var rows []row
		for _, r := range table {
			if r.matches(f) {
				rows = append(rows, r)
				used[r.name] = true
			}
		}
		if len(rows) != 1 {
			t.Fatalf("%+v: %d rows describe it, want 1: %v", f, len(rows), rows)
		}
		if got := next(f); got != rows[0].want {
			t.Errorf("%s: next(%+v) = %+v, want %+v", rows[0].name, f, got, rows[0].want)
		}
	})
	for _, r := range table {
		if !used[r.name] {
			t.Errorf("no combination of facts is described by %q", r.name)
		}
	}
}

func TestMachineAfterTheExchange(t *testing.T) {
	for _, tc := range []struct {
		name    string
		outcome outcome
		round   int
		want    step
	}{
		{"a code that became a session finishes the login", exchangeOK, 1, step{move: moveFinish}},
		{"a code that became a session in the second round finishes it too", exchangeOK, 2, step{move: moveFinish}},
		{"a used or expired code starts the second round", exchangeInvalid, 1, step{moveStart, 2}},
		{"a used or expired code in the second round is told", exchangeInvalid, 2, step{move: moveTell}},
		{"a refusal is told", exchangeFailed, 1, step{move: moveTell}},
		{"the zero outcome is a refusal", outcome(0), 2, step{move: moveTell}},
	} {
		if got := settle(facts{round: tc.round}, tc.outcome); got != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// TestMachineNeverLetsAnonymousIn states the one thing that matters most, apart
// from the table.
func TestMachineNeverLetsAnonymousIn(t *testing.T) {
	everyFacts(func(f facts) {
		if s := next(f); s.move == movePass && !f.session {
			t.Errorf("%+v passes without a session", f)
		}
		if s := next(f); s.move == moveExchange && (f.attempt != attemptOpen || f.answer != answerCode || f.visit != visitPage) {
			t.Errorf("%+v exchanges a code that this browser did not ask for", f)
		}
	})
	if (step{}).move != moveRefuse || (Decision{}).Action != Deny || (Decision{}).Status() != 500 {
		t.Error("a zero value does not refuse")
	}
}
