//go:build !windows

package llama

import (
	"fmt"
	"os"

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
