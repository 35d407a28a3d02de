//go:build !linux

package extract

import "syscall"

// dieWithParent: only Linux has it. Elsewhere Tesseract ends with its page.
func dieWithParent() *syscall.SysProcAttr { return nil }
