package app

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(13*time.Hour, cancel)
		start := time.Now()
		var got []string
		// a takes ten minutes, b longer than its interval, c once a day.
		takes := []time.Duration{10 * time.Minute, 5 * time.Hour, time.Minute}
		repeat(ctx, []time.Duration{6 * time.Hour, 4 * time.Hour, 24 * time.Hour}, func(i int) func(time.Time) {
			line := fmt.Sprintf("%c %s", 'a'+i, time.Since(start))
			time.Sleep(takes[i])
			return func(next time.Time) { got = append(got, line+" next "+next.Sub(start).String()) }
		})
		want := []string{
			"a 0s next 6h0m0s",
			"b 10m0s next 5h10m0s", // never two at a time: it is late
			"c 5h10m0s next 29h10m0s",
			"b 5h11m0s next 10h11m0s",
			"a 10h11m0s next 16h11m0s",
			"b 10h21m0s next 15h21m0s", // the context ended while it ran
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if since := time.Since(start); since != 15*time.Hour+21*time.Minute {
			t.Errorf("it ended after %s", since)
		}
	})
}

// Told to stop while it waits, it stops at once.
func TestRepeatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		start, runs := time.Now(), 0
		repeat(ctx, []time.Duration{24 * time.Hour}, func(int) func(time.Time) {
			runs++
			return func(time.Time) {}
		})
		if runs != 1 || time.Since(start) != time.Hour {
			t.Errorf("%d runs, ended after %s", runs, time.Since(start))
		}
	})
}
