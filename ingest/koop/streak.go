package koop

import "fmt"

// maxInARow is how many files in a row may fail to come before the server
// counts as down.
const maxInARow = 5

// streak counts files that could not be fetched one after another.
type streak int

// failed counts one more. The error ends the run: the server is down. What
// failed in an earlier run as well is not counted: a few files that fail for
// good would keep all that comes after them from being read, run after run.
func (n *streak) failed(before bool, why error) error {
	if before {
		return nil
	}
	if *n++; *n >= maxInARow {
		return fmt.Errorf("%d files in a row could not be fetched; the last: %w", *n, why)
	}
	return nil
}
