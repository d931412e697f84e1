// Command bench measures what an authenticated request costs behind real
// routers: ours, the cheapest code that is sound, and what people use today, side
// by side in one run.
//
//	go run .            # everything, some minutes; make bench also draws docs/bench.svg
//	go run . -quick     # does it all work? The numbers mean little
//	go run . -only 'authenticated/.*net/http' -cpuprofile cpu.prof
//
// Every contender runs a batch of some milliseconds in each round, in random
// order, after a garbage collection. A contender's time is the median over the
// rounds; a ratio is the median of the rounds' ratios, so that what disturbs the
// machine for a while disturbs both sides.
//
// It ends with 1 if a requirement is not met; with -quick only those count that
// need no clock. It is a module of its own to keep the peers out of the library's
// go.mod.
package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime/pprof"
	"strings"
	"time"
)

// options are the flags, and what -quick makes of the sizes.
type options struct {
	rounds  int
	batch   time.Duration
	only    *regexp.Regexp
	svg     string
	profile string

	sizes    []int         // of the stores
	hits     int           // anonymous ones
	sessions int           // whose bytes are counted
	counted  int           // requests for Redis's counters
	load     time.Duration // per contender
	ends     int           // of sessions on another instance
	storm    int           // callbacks at once
	watch    time.Duration // for the longest request
	brief    bool          // -quick: no time is judged
}

func thorough() options {
	return options{
		rounds: 20, batch: 25 * time.Millisecond, only: regexp.MustCompile(""),
		sizes: []int{1e3, 1e4, 1e5, 1e6}, hits: 1e6, sessions: 1e5, counted: 1000,
		load: 3 * time.Second, ends: 200, storm: 10_000, watch: 2 * time.Second,
	}
}

func quick() options {
	o := thorough()
	o.rounds, o.batch = 3, time.Millisecond
	o.sizes, o.hits, o.sessions, o.counted = []int{1e3, 1e4}, 1e5, 1e4, 100
	o.load, o.ends, o.storm, o.watch, o.brief = 200*time.Millisecond, 10, 500, 100*time.Millisecond, true
	return o
}

func main() {
	o, err := flags(os.Args[1:])
	if err == nil {
		err = run(o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func flags(args []string) (options, error) {
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	fast := fs.Bool("quick", false, "a smoke test: everything, once and briefly")
	rounds := fs.Int("rounds", 0, "rounds per table (default 20)")
	batch := fs.Duration("batch", 0, "length of a contender's batch in a round (default 25ms)")
	only := fs.String("only", "", "regexp of section/contender: what to run")
	svg := fs.String("svg", "", "file to draw the plot into")
	profile := fs.String("cpuprofile", "", "file to write a CPU profile to")
	_ = fs.Parse(args) // exits
	o := thorough()
	if *fast {
		o = quick()
	}
	if *rounds > 0 {
		o.rounds = *rounds
	}
	if *batch > 0 {
		o.batch = *batch
	}
	o.svg, o.profile = *svg, *profile
	var err error
	o.only, err = regexp.Compile(*only)
	return o, err
}

// run measures everything that is asked for, and prints it.
func run(o options, out io.Writer) error {
	b := &bench{options: o, out: out, times: make(map[string]*times), facts: make(map[string]float64)}
	defer b.oneCore()()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // gin-contrib/sessions reports each bad cookie
	printMachine(out, o)
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	b.redis = startRedis()
	defer b.redis.stop()
	for _, section := range []func(*bench){
		authenticated, foreignCookies, strangersVisit, parallel, redisCommands,
		endings, load, storm, heap, sizes,
	} {
		section(b)
	}
	missed := printRequirements(b)
	if o.svg != "" && len(b.main) > 0 {
		if err := os.WriteFile(o.svg, plot(b), 0o644); err != nil { //nolint:gosec // a picture for everybody
			return err
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("not met: %s", strings.Join(missed, "; "))
	}
	return nil
}
