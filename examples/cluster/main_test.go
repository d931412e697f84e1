package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTheExample runs it as its reader does, who logs in and presses Ctrl-C.
func TestTheExample(t *testing.T) {
	program, addr, files := built(t), mustFreeAddr(t), t.TempDir()
	cmd := exec.Command(program, "-addr", addr)
	cmd.Env = append(os.Environ(), "TMPDIR="+files)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "open http://"+addr+"/me") {
		continue
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()

	s := &site{cluster: &cluster{base: "http://" + addr}, t: t, deadline: time.Now().Add(atMost)}
	if who, err := s.person("zhangsan", 0).open("/me"); who != "zhangsan" {
		t.Errorf("zhangsan is greeted as %q: %v", who, err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(files); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if reachable(addr) == nil {
		t.Error("nginx lives on")
	}
}
