//go:build !linux

package llama

import (
	"runtime"
	"syscall"
)

// dieWithParent has no counterpart here; the child ends when its stdin does.
func dieWithParent() *syscall.SysProcAttr { return nil }

func preferToDie() {}

// rss is not known here.
func rss(int) int64 { return 0 }

func physicalCores() int { return runtime.NumCPU() }
