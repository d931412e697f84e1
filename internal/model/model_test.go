package model

import (
	"slices"
	"time"
)

const (
	secure = "https://oa.example.com"
	plain  = "http://oa.example.com"
)

// scenes are small worlds, each played to its own depth: a larger menu means
// fewer steps.
var scenes = []scene{
	{
		name: "links, stolen callbacks and used codes", site: secure, second: "bob", depth: 6, short: 4,
		menu: func(w *world) []action {
			a := w.alice
			return append(w.visits(a, 0), w.again(a), w.logout(a), w.gather(), w.link(a), w.mixed(a), w.steal(a), w.inject(a), w.revoke(a), w.balance(), w.pass(11*time.Minute))
		},
	},
	{
		name: "two victims, two tabs each, and time", site: secure, second: "bob", depth: 5, short: 4,
		menu: func(w *world) []action {
			a, b := w.alice, w.bob
			return slices.Concat(w.visits(a, 0), w.visits(a, 1), w.visits(b, 0), w.visits(b, 1),
				[]action{w.again(a), w.logout(a), w.pass(11 * time.Minute), w.pass(lifetime + 2*time.Second)})
		},
	},
	{
		name: "duplicates on two instances", site: secure, second: "bob", depth: 6, short: 4,
		menu: func(w *world) []action {
			a := w.alice
			return append(w.visits(a, 0), w.twice(a, "", 0, 0), w.twice(a, ", on both instances", 0, 1), w.again(a), w.fresh(a), w.failing(a), w.logout(a),
				w.balance(), w.pass(lifetime+2*time.Second))
		},
	},
	{
		name: "an attacker who replays and swaps", site: secure, second: "bob", depth: 5, short: 4,
		menu: func(w *world) []action {
			a := w.alice
			return append(w.visits(a, 0), w.gather(), w.replay(), w.other(), w.swap(), w.logout(w.mallory), w.link(a), w.toss(a, false), w.balance(), w.pass(11*time.Minute))
		},
	},
	{
		name: "planted cookies on plain http", site: plain, second: "bob", depth: 6, short: 4,
		menu: func(w *world) []action { return append(w.planting(w.alice), w.balance()) },
	},
	{
		name: "planted cookies on plain http, and time", site: plain, second: "bob", depth: 5, short: 3,
		menu: func(w *world) []action {
			return append(w.planting(w.alice), w.balance(), w.pass(11*time.Minute), w.pass(lifetime+2*time.Second))
		},
	},
	{
		name: "cookies that are blocked", site: secure, second: "bob", depth: 5, short: 4,
		menu: func(w *world) []action {
			a := w.alice
			return append(w.visits(a, 0), w.visits(a, 1)[0], w.visits(a, 1)[1], w.whole(a), w.again(a), w.blocking(a), w.losing(a), w.logout(a), w.balance(), w.pass(11*time.Minute))
		},
	},
	{
		name: "logging out everywhere, and a WeCom that refuses codes", site: secure, second: otherAlice, depth: 5, short: 4,
		menu: func(w *world) []action {
			a, b := w.alice, w.bob
			return []action{w.whole(a), w.whole(b), w.fresh(a), w.logout(a), w.everywhere(a), w.everywhere(b), w.refusing(), w.balance(), w.pass(within)}
		},
	},
	{
		name: "everything together", site: secure, second: "bob", depth: 4, short: 3,
		before: (*world).gather,
		menu: func(w *world) []action {
			a, b := w.alice, w.bob
			return slices.Concat(w.visits(a, 0), w.visits(a, 1), w.visits(b, 0), w.visits(b, 1),
				[]action{w.twice(a, "", 0, 0), w.twice(a, ", on both instances", 0, 1), w.again(a)},
				[]action{w.gather(), w.link(a), w.mixed(a), w.steal(a), w.inject(a), w.replay(), w.other(), w.swap()},
				[]action{w.balance(), w.pass(11 * time.Minute), w.pass(lifetime + 2*time.Second)})
		},
	},
}
