package llama

import (
	"fmt"
	"os"

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
