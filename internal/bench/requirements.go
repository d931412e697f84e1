package main

import (
	"fmt"
	"math"
	"text/tabwriter"
)

// bound says how a value is held against what it must be.
type bound int

const (
	atMost bound = iota
	atLeast
	exactly
)

// requirement is a row of the last table: the median of values is what counts.
// aim is NaN if there is none.
type requirement struct {
	what      string
	values    []float64 // several if it is a ratio of times
	bound     bound
	must, aim float64
	counted   bool // needs no clock, so that -quick can tell too
}

func (r requirement) holds(limit float64) bool {
	switch value := median(r.values); r.bound {
	case atMost:
		return value <= limit
	case atLeast:
		return value >= limit
	default:
		return value == limit
	}
}

// spread is the middle half of several values.
func (r requirement) spread() string {
	if len(r.values) < 2 {
		return ""
	}
	return number(quantile(r.values, 0.25)) + "–" + number(quantile(r.values, 0.75))
}

const (
	notMeasured = "not measured"
	notMet      = "NOT MET"
)

func (r requirement) verdict() string {
	switch {
	case math.IsNaN(median(r.values)):
		return notMeasured
	case !r.holds(r.must):
		return notMet
	case !math.IsNaN(r.aim) && !r.holds(r.aim):
		return "met, short of the aim"
	}
	return "met"
}

func (r requirement) limit(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return map[bound]string{atMost: "≤ ", atLeast: "≥ ", exactly: "= "}[r.bound] + number(v)
}

// printRequirements returns those that are not met.
func printRequirements(b *bench) (missed []string) {
	heading(b.out, "requirements")
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	say(w, "what\tmeasured\tmiddle half\tmust\taim\t\n")
	for _, r := range b.requirements() {
		verdict := r.verdict()
		if verdict == notMet && (r.counted || !b.brief) {
			missed = append(missed, r.what)
		}
		say(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.what, number(median(r.values)), r.spread(), r.limit(r.must), r.limit(r.aim), verdict)
	}
	_ = w.Flush() // to where the rest goes
	return missed
}

// ratios of two contenders of a section, by their titles.
func (b *bench) ratios(section, one, other string) []float64 {
	return ratios(b.times[section+"/"+one], b.times[section+"/"+other])
}

func single(value float64) []float64 { return []float64{value} }

// fact is NaN if it was not found out.
func (b *bench) fact(name string) float64 {
	if v, ok := b.facts[name]; ok {
		return v
	}
	return math.NaN()
}

// requirements are those of the issue, with the times first.
func (b *bench) requirements() []requirement {
	counts := b.counts()
	for i := range counts {
		counts[i].counted = true
	}
	return append(b.timings(), counts...)
}

func (b *bench) timings() (rows []requirement) {
	auth := func(one, other string) []float64 { return b.ratios(sectionAuth, one, other) }
	row := func(what string, values []float64, bound bound, must, aim float64) {
		rows = append(rows, requirement{what: what, values: values, bound: bound, must: must, aim: aim})
	}
	for _, r := range routers {
		row("ours ÷ floor, "+r, auth("ours, "+r, "floor, "+r), atMost, 1.5, 1.15)
	}
	row("scs's defaults ÷ ours, net/http", auth(scsGob+", "+netHTTP, "ours, "+netHTTP), atLeast, 15, 22)
	row("echo-jwt ÷ ours, Echo v4", auth(echoJWT+", "+onEcho4, "ours, "+onEcho4), atLeast, 6, 8)
	row("gin-contrib/sessions ÷ ours, Gin", auth(ginContrib+", "+onGin, "ours, "+onGin), atLeast, 15, 22)
	most := b.sizes[len(b.sizes)-1]
	row(fmt.Sprintf("ours ÷ floor with %d sessions", most), b.ratios(sectionSize(most), "ours, "+netHTTP, "floor, "+netHTTP), atMost, 1.3, 1.15)
	row("anonymous page load ÷ the same answer by scs gob", b.ratios(sectionAnonymous, "ours, "+netHTTP, scsAnswer+", "+netHTTP), atMost, 1./3, 1./4)
	row("redisstore ÷ default store, warm", auth("ours + redisstore, "+netHTTP, "ours, "+netHTTP), atMost, 3, 1.8)
	row("scs gob over goredisstore ÷ redisstore", auth(scsRedis+", "+netHTTP, "ours + redisstore, "+netHTTP), atLeast, 20, 50)
	for _, e := range []ending{logout, revoke} {
		what := factEnding(e.name, "redisstore")
		row(what, single(b.fact(what)), atMost, 50, 5)
	}
	return rows
}

func (b *bench) counts() (rows []requirement) {
	none := math.NaN()
	row := func(what string, value float64, bound bound, must, aim float64) {
		rows = append(rows, requirement{what: what, values: single(value), bound: bound, must: must, aim: aim})
	}
	for _, r := range routers {
		most, aim := 5., 4.
		if r == netHTTP {
			most, aim = 4, 3
		}
		row("allocations added to the bare handler, "+r, b.added(r), atMost, most, aim)
	}
	// Less than a byte per ten hits is the collector's and runtime's own.
	row(fmt.Sprintf("heap kept after %d anonymous page loads, KiB", b.hits), b.kept(), exactly, 0, none)
	for _, store := range sharedStores() {
		for _, kind := range []string{sectionAuth, sectionAnonymous, sectionMalformed} {
			what, bound, must := factCommands(store.name, kind), exactly, 0.
			if kind == sectionAuth {
				bound, must = atMost, 1
			}
			row(what, b.fact(what), bound, must, none)
		}
	}
	row("bytes per session ÷ memstore with gob", b.fact(factSession)/b.fact(factGob), atMost, 0.7, 0.5)
	for _, whence := range []string{fromMany, fromOne} {
		for _, what := range []string{factGetToken(whence), factExchanges(whence), factLoggedIn(whence)} {
			row(what, b.fact(what), exactly, 1, none)
		}
	}
	return rows
}

// added is what the login allocates behind a router.
func (b *bench) added(router string) float64 {
	with, without := b.times[sectionAuth+"/ours, "+router], b.times[sectionAuth+"/bare, "+router]
	if with == nil || without == nil {
		return math.NaN()
	}
	return with.allocs - without.allocs
}

// kept is the fact in whole tenths of a byte per hit, so that it can be 0.
func (b *bench) kept() float64 {
	kib := b.fact(factKept)
	if math.Abs(kib)*1024 < 0.1*float64(b.hits) {
		return 0
	}
	return kib
}
