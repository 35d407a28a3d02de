//go:build !linux

package sandbox

import "syscall"

// resident is not known here: the limit on memory is the collector's alone.
func resident(int) (int64, bool) { return 0, false }

func apart() *syscall.SysProcAttr { return nil }
