//go:build !linux

package sandbox

import "syscall"

// dieWithParent has no counterpart here; the child ends when its stdin does.
func dieWithParent() *syscall.SysProcAttr { return nil }

// limitSelf: the child watches itself.
func limitSelf(int64) {}
