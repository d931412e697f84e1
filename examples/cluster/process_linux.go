package main

import "syscall"

// apart keeps the terminal's Ctrl-C from a process, so that they end in order,
// and lets none survive this one.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
