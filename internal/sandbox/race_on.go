//go:build race

package sandbox

// slack is how many times its memory the kernel lets a child have: the race
// detector needs several times what the program does.
const slack = 16
