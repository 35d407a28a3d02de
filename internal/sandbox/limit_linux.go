package sandbox

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// dieWithParent makes the kernel end the child with the thread that starts it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// rlimitData is RLIMIT_DATA: private memory that can be written. That of the
// whole address space would count what Go only reserves.
const rlimitData = 2

// limitSelf has the kernel refuse memory far beyond the limit, for what grows
// faster than it can be watched. What there is at the start comes on top: the
// race detector sets much aside.
func limitSelf(memory int64) {
	most := dataSize() + slack*uint64(memory)
	_ = syscall.Setrlimit(rlimitData, &syscall.Rlimit{Cur: most, Max: most})
}

// dataSize is the private memory of this process that can be written, in bytes.
func dataSize() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if f := bytes.Fields(b); err == nil && len(f) > 5 {
		pages, _ := strconv.ParseUint(string(f[5]), 10, 64)
		return pages * uint64(os.Getpagesize())
	}
	return 0
}
