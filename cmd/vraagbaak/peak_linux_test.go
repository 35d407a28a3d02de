package main

import (
	"os"
	"syscall"
)

// peakMemory is the most memory a process had at once, in MB.
func peakMemory(p *os.ProcessState) (int64, bool) {
	u, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	return u.Maxrss >> 10, true
}
