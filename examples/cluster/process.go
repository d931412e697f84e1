package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	startsIn  = 20 * time.Second
	lookEvery = 20 * time.Millisecond // while a process starts
	pause     = 50 * time.Millisecond // before a process is started again
)

// process is a program that runs beside this one, and may be started again.
type process struct {
	name    string
	log     *os.File
	command func() *exec.Cmd // a new one for each start
	answers func() error     // nil once it is ready

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has ended
}

// run starts a process and waits until it answers.
func run(name string, log *os.File, command func() *exec.Cmd, answers func() error) (*process, error) {
	p := &process{name: name, log: log, command: command, answers: answers}
	if err := p.launch(); err != nil {
		return nil, err
	}
	if err := p.ready(); err != nil {
		p.end(syscall.SIGKILL)
		return nil, err
	}
	return p, nil
}

func (p *process) launch() error {
	cmd, ended := p.command(), make(chan struct{})
	cmd.Stderr, cmd.SysProcAttr = p.log, apart()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s does not start: %w", p.name, err)
	}
	p.mu.Lock()
	p.cmd, p.ended = cmd, ended
	p.mu.Unlock()
	go func() {
		_ = cmd.Wait() // how it ended, its own log tells
		close(ended)
	}()
	return nil
}

// ready waits until it answers.
func (p *process) ready() error {
	late := time.After(startsIn)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		err := p.answers()
		if err == nil {
			return nil
		}
		select {
		case <-look.C:
		case <-late:
			return fmt.Errorf("%s is not ready after %v: %w", p.name, startsIn, err)
		}
	}
}

// current is the process as it runs now.
func (p *process) current() (*os.Process, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process, p.ended
}

func (p *process) pid() int {
	now, _ := p.current()
	return now.Pid
}

// end signals it and waits until it has ended.
func (p *process) end(s os.Signal) {
	now, ended := p.current()
	_ = now.Signal(s) // it may have ended already
	<-ended
}

// keep starts it again whenever it ends, as systemd does with Restart=always,
// until ctx is done; then it ends it.
func (p *process) keep(ctx context.Context) {
	for {
		_, ended := p.current()
		select {
		case <-ctx.Done():
			p.end(syscall.SIGTERM)
			return
		case <-ended:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if err := p.launch(); err != nil {
			return // the program is gone
		}
	}
}

// freeAddr returns an address that nobody uses. Its port is below those that
// Linux gives to outgoing connections: one of them could take it while an
// instance is being restarted.
func freeAddr() (string, error) {
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(10000+rand.IntN(20000))) // #nosec G404 -- any will do
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		return addr, l.Close()
	}
	return "", fmt.Errorf("no free port on 127.0.0.1")
}
