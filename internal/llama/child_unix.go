//go:build !windows

package llama

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// privateStdout returns a file that writes to the parent, after pointing the
// standard output at standard error: what C code prints cannot break the
// protocol.
func privateStdout() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("duplicate the standard output: %w", err)
	}
	if err := unix.Dup2(2, 1); err != nil {
		return nil, fmt.Errorf("redirect the standard output: %w", err)
	}
	return os.NewFile(uintptr(fd), "parent"), nil
}

// cpuTime is the time this process has spent on the cores, all threads
// together.
func cpuTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
