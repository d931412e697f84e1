package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// The plot's measures, in pixels.
const (
	plotWidth = 860
	labels    = 300 // width of the names
	barsEnd   = 770
	rowHeight = 24
	top       = 64
)

// Colours that read on white and on GitHub's dark background alike: a plot in a
// README does not know which one it stands on.
const (
	inkColour   = "#768390"
	gridColour  = "#76839055"
	oursColour  = "#2da44e"
	floorColour = "#4184e4"
	bareColour  = "#8b949e"
	peerColour  = "#d4762c"
)

func colourOf(name string) string {
	switch {
	case strings.HasPrefix(name, "ours"):
		return oursColour
	case strings.HasPrefix(name, "floor"):
		return floorColour
	case name == "bare":
		return bareColour
	}
	return peerColour
}

// plot draws the main table as bars on a logarithmic scale.
func plot(b *bench) []byte {
	var rows []*times
	for _, t := range b.main {
		if !t.minor {
			rows = append(rows, t)
		}
	}
	low, high := decades(rows)
	x := func(ns float64) float64 {
		return labels + (barsEnd-labels)*(math.Log10(ns)-low)/(high-low)
	}
	bottom := top + rowHeight*len(rows)
	var w bytes.Buffer
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="system-ui, sans-serif" font-size="13">`+"\n",
		plotWidth, bottom+30, plotWidth, bottom+30)
	text(&w, 8, 20, "start", "One authenticated request, nanoseconds on a logarithmic scale; less is better", ` font-size="15" font-weight="600"`)
	text(&w, 8, 40, "start", subtitle(b), "")
	for d := low; d <= high; d++ {
		at := x(math.Pow(10, d))
		fmt.Fprintf(&w, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/>`+"\n", at, top-8, at, bottom, gridColour)
		text(&w, at, float64(bottom+18), "middle", axis(d), "")
	}
	for i, t := range rows {
		y, ns := top+rowHeight*i, median(t.ns)
		text(&w, labels-8, float64(y+14), "end", t.title(), "")
		fmt.Fprintf(&w, `<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>`+"\n",
			labels, y+2, max(1, x(ns)-labels), rowHeight-7, colourOf(t.name))
		text(&w, x(ns)+6, float64(y+14), "start", thousands(ns), "")
	}
	w.WriteString("</svg>\n")
	return w.Bytes()
}

// decades are the powers of ten that enclose all bars.
func decades(rows []*times) (low, high float64) {
	least, most := 100.0, 1000.0
	for _, t := range rows {
		least, most = min(least, median(t.ns)), max(most, median(t.ns))
	}
	return math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
}

func subtitle(b *bench) string {
	return fmt.Sprintf("%s, one core; median of %d rounds. By make bench.", cpuModel(), b.rounds)
}

func text(w *bytes.Buffer, x, y float64, anchor, content, attributes string) {
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s"%s>`, x, y, anchor, inkColour, attributes)
	_ = xml.EscapeText(w, []byte(content)) // a buffer takes everything
	w.WriteString("</text>\n")
}

func axis(decade float64) string {
	switch {
	case decade >= 6:
		return fmt.Sprintf("%.0f ms", math.Pow(10, decade-6))
	case decade >= 3:
		return fmt.Sprintf("%.0f µs", math.Pow(10, decade-3))
	}
	return fmt.Sprintf("%.0f ns", math.Pow(10, decade))
}

// thousands groups the digits of a number of nanoseconds.
func thousands(ns float64) string {
	s := fmt.Sprintf("%.0f", ns)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:] // a thin space
	}
	return s
}
