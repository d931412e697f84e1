package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"
)

// TestQuick runs everything once. It looks at no time; of the requirements it
// judges those that need no clock: allocations, Redis's commands, the cold start,
// the heap and the bytes of a session.
func TestQuick(t *testing.T) {
	o := quick()
	o.svg = filepath.Join(t.TempDir(), "bench.svg")
	var out bytes.Buffer
	if err := run(o, &out); err != nil {
		t.Error(err)
	}
	t.Log(out.String())
	if _, err := exec.LookPath("redis-server"); err == nil && strings.Contains(out.String(), notMeasured) {
		t.Error("not everything was measured")
	}
	for _, section := range []string{
		sectionAuth, sectionForeign, sectionAnonymous, sectionMalformed, sectionUnknown, sectionParallel,
		sectionHeap, sectionLoad, sectionStorm, "requirements", sectionSize(o.sizes[0]), sectionLongest(o.sizes[1]),
	} {
		if !strings.Contains(out.String(), "== "+section) {
			t.Errorf("no section %q", section)
		}
	}
	picture, err := os.ReadFile(o.svg)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the plot: %v", err)
		}
	}
}

func TestQuantile(t *testing.T) {
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median %v", got)
	}
	if !math.IsNaN(median(nil)) {
		t.Error("a median of nothing")
	}
	one, other := &times{ns: []float64{10, 40, 30}}, &times{ns: []float64{10, 20, 10}}
	if got := ratio(one, other); got != 2 {
		t.Errorf("ratio %v", got)
	}
}

func TestCookieValue(t *testing.T) {
	for line, want := range map[string]string{
		"sid=a":                 "a",
		"x=1; sid=a; y=2":       "a",
		"asid=b;sid=\"a\"":      "a",
		"sidx=b; y":             "",
		"":                      "",
		"sid":                   "",
		"a=1;b=2;  sid=a ; c=3": "a",
	} {
		if got := cookieValue(http.Header{"Cookie": {line}}, "sid"); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestUsedCommands(t *testing.T) {
	before := readCommands("# Commandstats\r\ncmdstat_get:calls=3,usec=9,usec_per_call=3.00\r\n")
	after := readCommands("cmdstat_get:calls=5,usec=9\r\ncmdstat_info:calls=2,usec=1\r\ncmdstat_client|caching:calls=1,usec=1\r\n")
	if n, names := used(before, after); n != 3 || names != "client|caching 1, get 2" {
		t.Errorf("%d commands: %s", n, names)
	}
}

// TestMissed: what is not met makes the program fail; with -quick only what needs
// no clock.
func TestMissed(t *testing.T) {
	slow, twice := factEnding("logout", "redisstore"), factGetToken(fromOne)
	b := &bench{options: quick(), out: io.Discard, facts: map[string]float64{slow: 51, twice: 2, factGetToken(fromMany): 1}}
	if got := printRequirements(b); !slices.Equal(got, []string{twice}) {
		t.Errorf("with -quick: %q", got)
	}
	b.options = thorough()
	if got := printRequirements(b); !slices.Equal(got, []string{slow, twice}) {
		t.Errorf("%q", got)
	}
}

// TestReadsOfRevocationsAreApart: a store that is asked about a mark says so.
func TestReadsOfRevocationsAreApart(t *testing.T) {
	s := &markReads{CtxStore: noStore{}}
	for _, token := range []string{randomToken(), "wecomauth;abc", "wecomauth", randomToken()} {
		if _, _, err := s.FindCtx(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.n.Load(); n != 1 {
		t.Errorf("%d reads", n)
	}
}

type noStore struct{ scs.CtxStore }

func (noStore) FindCtx(context.Context, string) ([]byte, bool, error) { return nil, false, nil }

func TestVerdict(t *testing.T) {
	for want, r := range map[string]requirement{
		"met":                   {values: single(1), bound: atMost, must: 2, aim: 1},
		"met, short of the aim": {values: single(1.5), bound: atMost, must: 2, aim: 1},
		"NOT MET":               {values: single(3), bound: atLeast, must: 4, aim: 5},
		"not measured":          {values: single(math.NaN()), bound: atMost},
	} {
		if got := r.verdict(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}
