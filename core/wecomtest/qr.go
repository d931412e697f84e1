package wecomtest

import (
	"fmt"
	"strings"
)

const qrSize = 25 // modules in a row; page.html knows it too

// qrPath is the SVG path of a picture that looks like a QR code and is none: it
// is the same for everybody and says nothing.
var qrPath = drawQR()

func drawQR() string {
	var path strings.Builder
	noise := uint32(2463534242)
	for y := range qrSize {
		for x := range qrSize {
			noise ^= noise << 13
			noise ^= noise >> 17
			noise ^= noise << 5
			dark, fixed := finder(x, y)
			if !fixed {
				dark = noise%2 == 0
			}
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return path.String()
}

// finder says whether a module is dark, for those of the squares in three
// corners and of the bare middle.
func finder(x, y int) (dark, fixed bool) {
	const middle = qrSize / 2
	if distance(x, y, middle, middle) <= 3 {
		return false, true
	}
	for _, corner := range [][2]int{{3, 3}, {qrSize - 4, 3}, {3, qrSize - 4}} {
		if d := distance(x, y, corner[0], corner[1]); d <= 4 {
			return d != 2 && d != 4, true
		}
	}
	return false, false
}

// distance counts the steps of a chess king.
func distance(x, y, x2, y2 int) int {
	return max(x-x2, x2-x, y-y2, y2-y)
}
