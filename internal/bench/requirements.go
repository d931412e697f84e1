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

func (r requirement) verdict() string {
	switch {
	case math.IsNaN(median(r.values)):
		return "not measured"
	case !r.holds(r.must):
		return "NOT MET"
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

func printRequirements(b *bench) {
	heading(b.out, "requirements")
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	say(w, "what\tmeasured\tmiddle half\tmust\taim\t\n")
	for _, r := range b.requirements() {
		say(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.what, number(median(r.values)), r.spread(), r.limit(r.must), r.limit(r.aim), r.verdict())
	}
	_ = w.Flush() // to where the rest goes
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

func (b *bench) requirements() []requirement {
	auth := func(one, other string) []float64 { return b.ratios(sectionAuth, one, other) }
	var rows []requirement
	for _, r := range routers {
		rows = append(rows, requirement{"ours ÷ floor, " + r, auth("ours, "+r, "floor, "+r), atMost, 1.5, 1.15})
	}
	rows = append(rows,
		requirement{"scs's defaults ÷ ours, net/http", auth(scsGob+", "+netHTTP, "ours, "+netHTTP), atLeast, 15, 22},
		requirement{"echo-jwt ÷ ours, Echo v4", auth(echoJWT+", "+onEcho4, "ours, "+onEcho4), atLeast, 6, 8},
		requirement{"gin-contrib/sessions ÷ ours, Gin", auth(ginContrib+", "+onGin, "ours, "+onGin), atLeast, 15, 22},
	)
	for _, r := range routers {
		row := requirement{"allocations added to the bare handler, " + r, single(b.added(r)), atMost, 5, 4}
		if r == netHTTP {
			row.must, row.aim = 4, 3
		}
		rows = append(rows, row)
	}
	most := b.sizes[len(b.sizes)-1]
	rows = append(rows,
		requirement{fmt.Sprintf("ours ÷ floor with %d sessions", most), b.ratios(sectionSize(most), "ours, "+netHTTP, "floor, "+netHTTP), atMost, 1.3, 1.15},
		requirement{"anonymous page load ÷ the same answer by scs gob", b.ratios(sectionAnonymous, "ours, "+netHTTP, scsAnswer+", "+netHTTP), atMost, 1. / 3, 1. / 4},
		// Less than a byte per ten hits is the collector's and runtime's own.
		requirement{fmt.Sprintf("heap kept after %d anonymous page loads, KiB", b.hits), single(b.kept()), exactly, 0, math.NaN()},
	)
	return append(rows, b.redisRequirements()...)
}

func (b *bench) redisRequirements() []requirement {
	none := math.NaN()
	var rows []requirement
	for _, store := range []string{"goredisstore", "redisstore"} {
		for _, kind := range []string{sectionAuth, sectionAnonymous, sectionMalformed} {
			row := requirement{factCommands(store, kind), single(b.fact(factCommands(store, kind))), exactly, 0, none}
			if kind == sectionAuth {
				row.bound, row.must = atMost, 1
			}
			rows = append(rows, row)
		}
	}
	auth := func(one, other string) []float64 { return b.ratios(sectionAuth, one+", "+netHTTP, other+", "+netHTTP) }
	rows = append(rows,
		requirement{"redisstore ÷ default store, warm", auth("ours + redisstore", "ours"), atMost, 3, 1.8},
		requirement{"scs gob over goredisstore ÷ redisstore", auth(scsRedis, "ours + redisstore"), atLeast, 20, 50},
		requirement{"logout until the other instance refuses, ms, redisstore", single(b.fact(factLogout("redisstore"))), atMost, 50, 5},
		requirement{"bytes per session ÷ memstore with gob", single(b.fact(factSession) / b.fact(factGob)), atMost, 0.7, 0.5},
	)
	for _, whence := range []string{fromMany, fromOne} {
		for _, name := range []string{factGetToken(whence), factExchanges(whence), factLoggedIn(whence)} {
			rows = append(rows, requirement{name, single(b.fact(name)), exactly, 1, none})
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
