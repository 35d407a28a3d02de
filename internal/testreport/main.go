// Command testreport runs the tests of the project and counts them. Each group
// of arguments between -- is one run of "go test -json"; a test is counted once
// over all runs: failed if it failed in any, passed if it passed in any, and
// skipped if it never did more than that. So a test that needs a real model may
// be skipped under the race detector and pass in the run that has the model.
//
// It prints go test's own line for each package, what failed tests said, every
// skipped test by name with its reason, and last
//
//	N passed, N failed, N skipped
//
// It exits 1 where anything failed, where a run could not start, and where a run
// found no tests at all.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() {
	os.Exit(run(groups(os.Args[1:]), os.Stdout, os.Stderr))
}

func groups(args []string) [][]string {
	var out [][]string
	for len(args) > 0 {
		n := slices.Index(args, "--")
		if n < 0 {
			n = len(args)
		}
		if n > 0 {
			out = append(out, args[:n])
		}
		args = args[min(n+1, len(args)):]
	}
	return out
}

func run(runs [][]string, stdout, stderr io.Writer) int {
	if len(runs) == 0 {
		fmt.Fprintln(stderr, "usage: testreport GO-TEST-ARGS [-- GO-TEST-ARGS]...")
		return 2
	}
	r := newReport(stdout)
	for _, args := range runs {
		fmt.Fprintf(stdout, "# go test %v\n", args)
		if err := goTest(r, args, stderr); err != nil {
			r.problem("%v: %v", args, err)
		}
	}
	return r.finish()
}

func goTest(r *report, args []string, stderr io.Writer) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	failedBefore, testsBefore := r.failed(), r.events
	readErr := r.read(pipe)
	waitErr := cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case r.events == testsBefore:
		return fmt.Errorf("no test ran (%v)", waitErr)
	case waitErr != nil && r.failed() == failedBefore:
		return fmt.Errorf("go test: %w, though no test failed", waitErr)
	}
	return nil
}
