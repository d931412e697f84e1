// Command picture draws docs/login.png, which README shows: the fake WeCom's
// sign-in page and the protected page after it, as `go run ./examples/gin` has them.
//
//	cd internal/e2e && go run ./picture
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	width, height, gap = 390, 640, 32
	addr               = "localhost:8080"
	output             = "../../docs/login.png"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "picture-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	example := filepath.Join(dir, "example")
	if out, err := exec.Command("go", "build", "-C", "../..", "-o", example, "./examples/gin").CombinedOutput(); err != nil { // #nosec G204 -- a directory made above
		return fmt.Errorf("%w\n%s", err, out)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, 2*width+3*gap, height+2*gap))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.RGBA{0xd5, 0xdb, 0xe4, 0xff}), image.Point{}, draw.Src)
	for i, person := range []string{"", "zhangsan"} { // nobody, who sees the page to choose on; then somebody
		shot, err := screenshot(example, person)
		if err != nil {
			return err
		}
		at := image.Pt(gap+i*(width+gap), gap)
		draw.Draw(canvas, image.Rectangle{at, at.Add(image.Pt(width, height))}, shot, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, canvas); err != nil {
		return err
	}
	log.Printf("%s: %d KiB", output, b.Len()>>10)
	return os.WriteFile(output, b.Bytes(), 0o644) // #nosec G306 -- a picture
}

// screenshot runs the example and opens its protected page in a WeCom client.
func screenshot(example, person string) (image.Image, error) {
	cmd := exec.Command(example, "-addr", addr, "-auto", person) // #nosec G204 -- built above
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for lines := bufio.NewScanner(stderr); lines.Scan() && !strings.Contains(lines.Text(), "open "); {
		continue
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	alloc, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer end()
	ctx, end := chromedp.NewContext(alloc)
	defer end()
	var shot []byte
	err = chromedp.Run(ctx,
		emulation.SetUserAgentOverride(wecomtest.UserAgentWeCom).WithAcceptLanguage("zh-CN"),
		emulation.SetDeviceMetricsOverride(width, height, 1, false),
		chromedp.Navigate("http://"+addr+"/me"), chromedp.WaitVisible("h1", chromedp.ByQuery),
		chromedp.CaptureScreenshot(&shot))
	if err != nil {
		return nil, fmt.Errorf("chromium: %w", err)
	}
	return png.Decode(bytes.NewReader(shot))
}
