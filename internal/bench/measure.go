package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
)

// bench is one run and what it has found out.
type bench struct {
	options
	out   io.Writer
	redis *redisServer       // nil if there is none
	times map[string]*times  // by section/contender
	facts map[string]float64 // other numbers, by requirement
	main  []*times           // the rows of the main table
}

// contender is one way to answer the protected page.
type contender struct {
	name    string
	router  string
	handler http.Handler
	cookie  string // the Cookie header
	status  int    // of the answer that it has to give; 0 is 200
	minor   bool   // the tables have it, the plot does not
	forget  func() // what a batch has left in memory, which others' collections would pay for
}

func (c contender) title() string { return c.name + ", " + c.router }

// times are a contender's measurements in one section.
type times struct {
	contender
	ns            []float64 // per request, by round
	bytes, allocs float64   // per request
}

func (b *bench) wants(section, title string) bool { return b.only.MatchString(section + "/" + title) }

// oneCore is the setting of all tables but one. It returns what undoes it.
func (b *bench) oneCore() (undo func()) { return cores(1) }

func cores(n int) (undo func()) {
	before := runtime.GOMAXPROCS(n)
	return func() { runtime.GOMAXPROCS(before) }
}

// compare lets the contenders that are wanted serve batches in turn, each on
// so many goroutines, and prints the table.
func (b *bench) compare(section string, workers int, all []contender) {
	type entry struct {
		t    *times
		crew []*visitor
		n    int
	}
	var entries []entry
	var table []*times
	for _, c := range all {
		if !b.wants(section, c.title()) {
			continue
		}
		if c.forget == nil {
			c.forget = func() {}
		}
		crew := newCrew(c, workers)
		t := &times{contender: c}
		n := calibrate(crew, b.batch)
		t.bytes, t.allocs = allocated(crew, min(n, 2000))
		c.forget()
		b.times[section+"/"+c.title()] = t
		entries, table = append(entries, entry{t, crew, n}), append(table, t)
	}
	for range b.rounds {
		rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] }) //nolint:gosec // an order
		for _, e := range entries {
			runtime.GC()
			e.t.ns = append(e.t.ns, perRequest(serve(e.crew, e.n), e.n))
			e.t.forget()
		}
	}
	if section == sectionAuth {
		b.main = table
	}
	printTable(b.out, section, table, b.times)
}

func newCrew(c contender, workers int) []*visitor {
	crew := make([]*visitor, workers)
	for i := range crew {
		crew[i] = newVisitor(c)
		crew[i].check(c)
	}
	return crew
}

// serve lets the crew serve n requests together.
func serve(crew []*visitor, n int) time.Duration {
	start := time.Now()
	if len(crew) == 1 {
		crew[0].serve(n)
		return time.Since(start)
	}
	var wg sync.WaitGroup
	for _, v := range crew {
		wg.Go(func() { v.serve(n / len(crew)) })
	}
	wg.Wait()
	return time.Since(start)
}

// calibrate returns how many requests take about as long as a batch should.
func calibrate(crew []*visitor, batch time.Duration) int {
	n := len(crew)
	for {
		took := serve(crew, n)
		if took >= batch/4 || n >= 1<<24 {
			n = int(float64(n) * float64(batch) / float64(max(took, 1)))
			return max(len(crew), n-n%len(crew))
		}
		n *= 2
	}
}

// allocated counts heap allocations per request.
func allocated(crew []*visitor, n int) (bytes, allocs float64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	serve(crew, n)
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(n), math.Round(float64(after.Mallocs-before.Mallocs)/float64(n)*10) / 10
}

func perRequest(took time.Duration, n int) float64 { return float64(took.Nanoseconds()) / float64(n) }

// quantile of numbers, by linear interpolation; NaN of none.
func quantile(numbers []float64, q float64) float64 {
	if len(numbers) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(numbers))
	at := q * float64(len(s)-1)
	low := int(at)
	high := min(low+1, len(s)-1)
	return s[low] + (at-float64(low))*(s[high]-s[low])
}

func median(numbers []float64) float64 { return quantile(numbers, 0.5) }

// ratios are those of each round; nil if either was not measured.
func ratios(a, b *times) []float64 {
	if a == nil || b == nil || len(a.ns) != len(b.ns) {
		return nil
	}
	r := make([]float64, len(a.ns))
	for i := range r {
		r[i] = a.ns[i] / b.ns[i]
	}
	return r
}

func ratio(a, b *times) float64 { return median(ratios(a, b)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Errorf("bench: %w", err))
	}
	return v
}
