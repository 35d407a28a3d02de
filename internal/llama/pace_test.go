package llama

import (
	"slices"
	"testing"
	"time"
)

// play computes steps on a machine where a token takes cost(threads), and
// returns the number of threads of each step.
func play(p *pace, steps int, cost func(threads int) time.Duration) []int {
	var used []int
	for range steps {
		n := p.threads()
		used = append(used, n)
		p.took(10*cost(n), time.Duration(n)*10*cost(n), 10)
	}
	return used
}

func idle(n int) time.Duration { return time.Duration(8/n) * time.Millisecond }

// busy is what was measured with another program on the same cores.
func busy(n int) time.Duration {
	if n == 1 {
		return 10 * time.Millisecond
	}
	return time.Duration(50*n) * time.Millisecond
}

func share(used []int, n int) float64 {
	count := 0
	for _, u := range used {
		if u == n {
			count++
		}
	}
	return float64(count) / float64(len(used))
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		max  int
		cost func(int) time.Duration
		want int
	}{
		{1, idle, 1}, {1, busy, 1}, {2, idle, 2}, {2, busy, 1}, {8, idle, 8}, {8, busy, 1}, {6, idle, 6},
		{8, func(n int) time.Duration { return time.Duration(1+max(n-2, 2-n)) * time.Millisecond }, 2},
	} {
		p := newPace(c.max)
		play(p, 30, c.cost)
		if used := play(p, 400, c.cost); share(used, c.want) < 0.9 {
			t.Errorf("at most %d threads: %d were used in %.0f%% of the steps, want 90%%", c.max, c.want, 100*share(used, c.want))
		}
	}
}

func TestPaceFollowsTheLoad(t *testing.T) {
	p := newPace(4)
	play(p, 100, idle)
	used := play(p, 60, busy)
	if i := slices.Index(used, 1); i < 0 || i > 5 {
		t.Errorf("when the cores became busy, the change to one thread took %d steps: %v", i, used)
	}
	var spent time.Duration
	p2 := func(n int) time.Duration { spent += 10 * idle(n); return idle(n) }
	used = play(p, 3000, p2)
	if share(used[len(used)-500:], 4) < 0.9 {
		t.Errorf("when the cores became free, the threads did not come back: %v", used[len(used)-20:])
	}
}

// On a machine with more work than cores, more threads are not even tried.
func TestPaceWhenCrowded(t *testing.T) {
	p := newPace(4)
	for range 200 {
		if n := p.threads(); n != 1 {
			t.Fatalf("%d threads were tried", n)
		}
		p.took(30*time.Millisecond, 10*time.Millisecond, 10)
	}
	if n := play(p, 20, idle)[19]; n != 4 {
		t.Errorf("with the cores free again: %d threads, want 4", n)
	}
}
