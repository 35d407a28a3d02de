package eval

import (
	"errors"
	"math"
)

// Logistic is a logistic regression: the chance of yes is 1/(1+exp(-z)) with
// z = Bias + Σ Weights·x.
type Logistic struct {
	Bias    float64
	Weights []float64
}

// Z is the log-odds of a row.
func (m Logistic) Z(x []float64) float64 {
	z := m.Bias
	for i, w := range m.Weights {
		z += w * x[i]
	}
	return z
}

const (
	ridge        = 1.0 // on standardised columns, so that no weight runs away
	maxSteps     = 50
	fitPrecision = 1e-9
)

// FitLogistic fits the weights by Newton's method with a ridge penalty
// (le Cessie and van Houwelingen, 1992). Rows have the same length; weight says how
// much each counts.
func FitLogistic(x [][]float64, yes []bool, weight []float64) (Logistic, error) {
	if len(x) == 0 || len(x) != len(yes) || len(x) != len(weight) {
		return Logistic{}, errors.New("there are no rows to fit, or not a label and a weight for each")
	}
	n := len(x[0])
	mean, deviation := moments(x)
	rows := make([][]float64, len(x)) // standardised, with a column of ones
	for i, r := range x {
		rows[i] = make([]float64, n+1)
		rows[i][n] = 1
		for j, v := range r {
			rows[i][j] = (v - mean[j]) / deviation[j]
		}
	}
	beta := make([]float64, n+1)
	for range maxSteps {
		gradient := make([]float64, n+1)
		hessian := make([][]float64, n+1)
		for j := range hessian {
			hessian[j] = make([]float64, n+1)
			if j < n {
				gradient[j], hessian[j][j] = -ridge*beta[j], ridge
			}
		}
		for i, r := range rows {
			p := 1 / (1 + math.Exp(-dot(beta, r)))
			y := 0.0
			if yes[i] {
				y = 1
			}
			for j := range r {
				gradient[j] += weight[i] * (y - p) * r[j]
				for k := range r {
					hessian[j][k] += weight[i] * p * (1 - p) * r[j] * r[k]
				}
			}
		}
		step, ok := solve(hessian, gradient)
		if !ok {
			return Logistic{}, errors.New("the questions do not decide the weights: give more, of both kinds")
		}
		moved := 0.0
		for j := range beta {
			beta[j] += step[j]
			moved = max(moved, math.Abs(step[j]))
		}
		if moved < fitPrecision {
			break
		}
	}
	m := Logistic{Bias: beta[n], Weights: make([]float64, n)}
	for j := range n {
		m.Weights[j] = beta[j] / deviation[j]
		m.Bias -= m.Weights[j] * mean[j]
	}
	return m, nil
}

// moments are the mean and the standard deviation of each column; a column that
// never changes gets deviation 1.
func moments(x [][]float64) (mean, deviation []float64) {
	n := len(x[0])
	mean, deviation = make([]float64, n), make([]float64, n)
	for _, r := range x {
		for j, v := range r {
			mean[j] += v / float64(len(x))
		}
	}
	for _, r := range x {
		for j, v := range r {
			deviation[j] += (v - mean[j]) * (v - mean[j]) / float64(len(x))
		}
	}
	for j := range deviation {
		if deviation[j] = math.Sqrt(deviation[j]); deviation[j] < 1e-12 {
			deviation[j] = 1
		}
	}
	return mean, deviation
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// solve solves a·x = b by elimination with pivots; false if a is singular.
func solve(a [][]float64, b []float64) ([]float64, bool) {
	n := len(b)
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		if math.Abs(a[p][c]) < 1e-12 || math.IsNaN(a[p][c]) {
			return nil, false
		}
		a[c], a[p], b[c], b[p] = a[p], a[c], b[p], b[c]
		for r := c + 1; r < n; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < n; k++ {
				a[r][k] -= f * a[c][k]
			}
			b[r] -= f * b[c]
		}
	}
	x := make([]float64, n)
	for r := n - 1; r >= 0; r-- {
		x[r] = b[r]
		for k := r + 1; k < n; k++ {
			x[r] -= a[r][k] * x[k]
		}
		x[r] /= a[r][r]
	}
	return x, true
}
