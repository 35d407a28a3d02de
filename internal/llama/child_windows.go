package llama

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// privateStdout returns a file that writes to the parent, after pointing the
// standard output handle at standard error. The C runtime reads that handle
// when the libraries are loaded, which comes later.
func privateStdout() (*os.File, error) {
	out := os.Stdout
	if err := windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(os.Stderr.Fd())); err != nil {
		return nil, fmt.Errorf("redirect the standard output: %w", err)
	}
	return out, nil
}

// cpuTime is the time this process has spent on the cores, all threads
// together.
func cpuTime() time.Duration {
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err != nil {
		return 0
	}
	ticks := func(f windows.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) }
	return time.Duration(100 * (ticks(kernel) + ticks(user)))
}
