package sandbox

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// resident is the memory that a process has in use, in bytes (proc(5), statm).
func resident(pid int) (int64, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, false
	}
	f := strings.Fields(string(data))
	if len(f) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}

// apart gives a child a group of its own, so that Ctrl-C reaches the parent alone,
// which ends its children.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
