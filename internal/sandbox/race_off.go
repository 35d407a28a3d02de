//go:build !race

package sandbox

// slack is how many times its memory the kernel lets a child have.
const slack = 2
