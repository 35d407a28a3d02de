package extract

import "syscall"

// dieWithParent makes the kernel end Tesseract with the thread that starts it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
