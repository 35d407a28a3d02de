package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of "go test -json" (go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
}

type test struct{ pkg, name string }

func (t test) String() string { return t.pkg + "." + t.name }

type report struct {
	w        io.Writer
	events   int // that were results of tests
	result   map[test]string
	output   map[test][]string // of the run in progress
	reason   map[test]string   // why it was skipped
	packages map[string]bool   // with a failed test or build, in the run in progress
	problems []string          // failures that no test stands for
}

func newReport(w io.Writer) *report {
	return &report{w: w, result: map[test]string{}, reason: map[test]string{}}
}

// read takes in the events of one run.
func (r *report) read(in io.Reader) error {
	r.output, r.packages = map[test][]string{}, map[string]bool{}
	b := bufio.NewReader(in)
	for {
		line, err := b.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if jsonErr := json.Unmarshal(line, &e); jsonErr != nil {
				fmt.Fprintf(r.w, "%s", line) // not all of what go prints is an event
			} else {
				r.event(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) event(e event) {
	t := test{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.w, e.Output)
	case e.Action == "build-fail":
		r.packages[e.ImportPath] = true
		r.problem("%s does not build", e.ImportPath)
	case e.Action == "output" && e.Test != "":
		r.output[t] = append(r.output[t], e.Output)
	case e.Action == "output" && e.Output != "PASS\n":
		fmt.Fprint(r.w, e.Output)
	case e.Test == "" && e.Action == "fail":
		r.packageFailed(e)
	case e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
		r.tested(t, e.Action)
	}
}

func (r *report) tested(t test, action string) {
	r.events++
	switch {
	case action == "fail":
		r.packages[t.pkg] = true
		fmt.Fprint(r.w, strings.Join(r.output[t], ""))
	case action == "skip":
		r.reason[t] = why(r.output[t])
	}
	rank := map[string]int{"": 0, "skip": 1, "pass": 2, "fail": 3}
	if rank[action] > rank[r.result[t]] {
		r.result[t] = action
	}
	delete(r.output, t)
}

// packageFailed is a package that failed; where no test and no build of its did,
// it crashed or ran out of time, and what its unfinished tests said matters.
func (r *report) packageFailed(e event) {
	for _, p := range slices.Sorted(maps.Keys(r.packages)) {
		// the import path of a build is "pkg" or "pkg [pkg.test]"
		if name, _, _ := strings.Cut(p, " "); name == e.Package || strings.Contains(p, "["+e.Package+".test]") {
			return
		}
	}
	for t, lines := range r.output {
		if t.pkg == e.Package {
			fmt.Fprint(r.w, strings.Join(lines, ""))
		}
	}
	r.problem("%s failed outside its tests", e.Package)
}

// why is the reason that a test gave for skipping: the last thing it said.
func why(output []string) string {
	reason := "no reason given"
	for _, l := range output {
		l = strings.TrimSpace(l)
		if _, after, ok := strings.Cut(l, ".go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				reason = text
			}
		}
	}
	return reason
}

func (r *report) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

func (r *report) with(action string) []test {
	var out []test
	for t, a := range r.result {
		if a == action {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b test) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// failed counts what stands for a failure.
func (r *report) failed() int { return len(r.with("fail")) + len(r.problems) }

// finish prints what was skipped, what failed and the count, and returns the
// exit code.
func (r *report) finish() int {
	skipped := r.with("skip")
	for _, t := range skipped {
		fmt.Fprintf(r.w, "SKIP %s: %s\n", t, r.reason[t])
	}
	for _, t := range r.with("fail") {
		fmt.Fprintf(r.w, "FAIL %s\n", t)
	}
	for _, p := range r.problems {
		fmt.Fprintf(r.w, "FAIL %s\n", p)
	}
	fmt.Fprintf(r.w, "%d passed, %d failed, %d skipped\n", len(r.with("pass")), r.failed(), len(skipped))
	if r.failed() > 0 || len(r.with("pass")) == 0 {
		return 1
	}
	return 0
}
