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
	// alarm is how much slower than its average a step must be for a trial to
	// come at once.
	alarm = 2
	// longestWait bounds the seconds of ordinary work before a trial, so that
	// cores that have become free are noticed.
	longestWait = 60
)

// newPace chooses among 1, 2, 4… and max threads, and begins with max.
func newPace(max int) *pace {
	p := &pace{step: -1}
	for n := 1; n < max; n *= 2 {
		p.choices = append(p.choices, n)
	}
	p.choices = append(p.choices, max)
	p.cost = make([]float64, len(p.choices))
	p.at = len(p.choices) - 1
	return p
}

// threads is the number for the next step.
func (p *pace) threads() int {
	p.trial = p.at
	if p.owed <= 0 && p.cost[p.at] > 0 {
		if next := p.at + p.step; next >= 0 && next < len(p.choices) {
			p.trial = next
		} else {
			p.step = -p.step
		}
	}
	return p.choices[p.trial]
}

// took tells how long the step of so many tokens took.
func (p *pace) took(d time.Duration, tokens int) {
	seconds := max(d.Seconds(), 1e-9)
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
