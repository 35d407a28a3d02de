package llama

import "time"

// pace finds out, while the work goes on, how many threads compute fastest.
//
// ggml's threads wait for each other at many points of every step, spinning.
// On cores of their own that costs nothing. On cores shared with anything else,
// one thread that is not running holds up all others: two threads on two busy
// cores were measured at a tenth of the speed of one. How busy the cores are is
// the business of other programs and changes by the minute, so it is measured,
// not configured: now and then a step is computed with a neighbouring number of
// threads, and what is faster is kept. The results do not depend on it.
type pace struct {
	choices []int     // numbers of threads, ascending
	cost    []float64 // seconds per token with each, smoothed; 0 if unknown
	at      int       // the choice in use
	trial   int       // the choice of the step in progress
	step    int       // direction of the next trial
	crowded bool      // the last step did not get the cores it asked for
	owed    float64   // seconds of ordinary work before the next trial
}

const (
	// trialShare bounds what trials cost: after one of t seconds follow
	// trialShare*t seconds of ordinary work.
	trialShare = 40
	// gain is how much cheaper a choice must be to be changed to.
	gain = 0.9
	// weight of a new measurement in its average.
	weight = 0.3
	// enough is the share of its threads' time that a step must get on the
	// cores before more threads are tried. On a machine with more work than
	// cores a step with two threads was seen to take minutes.
	enough = 0.95
	// alarm is how much slower than its average a step must be for a trial to
	// come at once.
	alarm = 2
	// longestWait bounds the seconds of ordinary work before a trial, so that
	// cores that have become free are noticed.
	longestWait = 60
)

// newPace chooses among 1, 2, 4… and max threads, and begins with 1: where the
// cores are free it is at max after a few steps.
func newPace(max int) *pace {
	p := &pace{step: 1}
	for n := 1; n < max; n *= 2 {
		p.choices = append(p.choices, n)
	}
	p.choices = append(p.choices, max)
	p.cost = make([]float64, len(p.choices))
	return p
}

// threads is the number for the next step.
func (p *pace) threads() int {
	p.trial = p.at
	if p.owed <= 0 && p.cost[p.at] > 0 {
		switch next := p.at + p.step; {
		case next < 0 || next >= len(p.choices):
			p.step = -p.step
		case next < p.at || !p.crowded:
			p.trial = next
		}
	}
	return p.choices[p.trial]
}

// took tells how long the step of so many tokens took, and how much time its
// threads were given on the cores; they never wait without spinning.
func (p *pace) took(d, onCores time.Duration, tokens int) {
	seconds := max(d.Seconds(), 1e-9)
	p.crowded = onCores.Seconds() < enough*seconds*float64(p.choices[p.trial])
	measured := seconds / float64(max(tokens, 1))
	if p.trial == p.at {
		p.owed -= seconds
		if p.cost[p.at] == 0 {
			p.cost[p.at] = measured
		}
		if measured > alarm*p.cost[p.at] {
			p.cost[p.at] = measured // the past says nothing about now
			p.owed = 0
		}
		p.cost[p.at] += weight * (measured - p.cost[p.at])
		return
	}
	p.cost[p.trial] = measured
	p.owed = min(trialShare*seconds, longestWait)
	if measured < gain*p.cost[p.at] {
		p.at = p.trial
		p.owed = seconds // it may get better still
		return
	}
	p.step = -p.step
}

// stopwatch measures a step.
type stopwatch struct {
	begun time.Time
	cpu   time.Duration
}

func startWatch() stopwatch { return stopwatch{time.Now(), cpuTime()} }

// stop reports the step to p.
func (s stopwatch) stop(p *pace, tokens int) {
	p.took(time.Since(s.begun), cpuTime()-s.cpu, tokens)
}
