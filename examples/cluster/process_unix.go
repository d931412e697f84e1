//go:build unix && !linux

package main

import "syscall"

// apart keeps the terminal's Ctrl-C from a process, so that they end in order.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
