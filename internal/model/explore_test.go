package model

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scene is a menu of actions, and how long the scripts are that are played.
type scene struct {
	name         string
	site         string
	second       string              // the second victim's name
	before       func(*world) action // what every script begins with, or nil
	menu         func(*world) []action
	depth, short int // short: with -short, and with the race detector
}

// racing: the race detector takes ten times as long.
var racing bool

const otherAlice = "alice's other browser"

// figures are what a scene came to.
type figures struct {
	scripts, steps, requests, hops int
}

// script is the choices of one play: which of the possible actions is taken at
// each step. Missing choices are 0.
type script struct {
	choice []int
	of     []int // how many actions were possible
	names  []string
}

// next moves the last choice that has an alternative on to it; ok is false when
// all scripts of this length have been played.
func (s script) next() (choice []int, ok bool) {
	for i := len(s.choice) - 1; i >= 0; i-- {
		if s.choice[i]+1 < s.of[i] {
			return append(s.choice[:i:i], s.choice[i]+1), true
		}
	}
	return nil, false
}

// explore plays all scripts of one step, of two, and so on. It stops at the first
// broken invariant, whose script is a shortest one.
func (s scene) explore(t *testing.T, depth int) figures {
	var f figures
	for length := 1; length <= depth; length++ {
		var choice []int
		for ok := true; ok; {
			played, w := s.play(choice, length)
			f.scripts++
			f.steps += len(played.choice)
			f.requests += w.requests
			f.hops = max(f.hops, w.hops)
			if w.broken != "" {
				t.Fatalf("%s\nafter:\n  %s", w.broken, strings.Join(played.names, "\n  "))
			}
			choice, ok = played.next()
		}
	}
	return f
}

// play plays one script from the beginning and looks at the invariants after its
// last step: all that begins like it, and is shorter, has been played before. An
// action takes a second.
func (s scene) play(choice []int, length int) (script, *world) {
	w, done := newWorld(s), script{}
	menu := s.menu(w)
	if s.before != nil {
		first := s.before(w)
		first.do()
		done.names = append(done.names, "0. "+first.name)
	}
	for step := range length {
		var possible []action
		for _, a := range menu {
			if a.can == nil || a.can() {
				possible = append(possible, a)
			}
		}
		chosen := 0
		if step < len(choice) {
			chosen = choice[step]
		}
		done.choice, done.of = append(done.choice, chosen), append(done.of, len(possible))
		done.names = append(done.names, fmt.Sprintf("%d. %s", step+1, possible[chosen].name))
		time.Sleep(time.Second)
		possible[chosen].do()
		if w.broken != "" {
			return done, w
		}
	}
	if w.check(); w.broken == "" {
		done.names = append(done.names, "and everybody is left alone")
		w.settle()
	}
	return done, w
}

// TestMain lets garbage wait: a play leaves little behind, and there are many.
func TestMain(m *testing.M) {
	debug.SetGCPercent(1000)
	os.Exit(m.Run())
}

func TestEveryScript(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				depth := s.depth
				if testing.Short() || racing {
					depth = s.short
				}
				f := s.explore(t, depth)
				t.Logf("%d scripts of up to %d steps, %d states looked at, %d requests, at most %d answers to a page load",
					f.scripts, depth, f.steps, f.requests, f.hops)
			})
		})
	}
}
