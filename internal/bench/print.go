package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// say prints to where a failure to print could not be reported either.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func printMachine(out io.Writer, o options) {
	say(out, "%s, %d cores, %s %s/%s, GOMAXPROCS %d unless said otherwise; %d rounds of %v\n",
		cpuModel(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), o.rounds, o.batch)
}

// cpuModel is what Linux calls the processor.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "a processor without a name"
	}
	defer func() { _ = f.Close() }() // only read
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(s.Text(), "model name"); ok {
			return strings.TrimLeft(name, "\t: ")
		}
	}
	return "a processor without a name"
}

func heading(out io.Writer, section string) { say(out, "\n== %s\n", section) }

// printTable prints a section's contenders. The floor and ours that they are
// compared with are behind the same router where there are such.
func printTable(out io.Writer, section string, table []*times, all map[string]*times) {
	if len(table) == 0 {
		return
	}
	heading(out, section)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	say(w, "ns\tmiddle half\tbytes\tallocs\t÷ floor\t÷ ours\t\t\n")
	for _, t := range table {
		say(w, "%.0f\t%.0f–%.0f\t%.0f\t%.1f\t%s\t%s\t\t%s\n",
			median(t.ns), quantile(t.ns, 0.25), quantile(t.ns, 0.75), t.bytes, t.allocs,
			number(ratio(t, all[section+"/floor, "+t.router])), number(ratio(t, all[section+"/ours, "+t.router])), t.title())
	}
	_ = w.Flush() // to where the rest goes
}

// number with three digits, or a dash if there is none.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v != 0 && math.Abs(v) < 10:
		return fmt.Sprintf("%.2f", v)
	case math.Abs(v) < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
