package llama

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// Config says which model a child runs and how it is watched.
type Config struct {
	LibraryDir string // folder with the shared libraries of llama.cpp v0.5.0
	ModelFile  string // a GGUF file

	// ContextTokens is what the model reads at once, its own output included;
	// 0 stands for 512 (embedding) or 4096 (generation).
	ContextTokens int
	// Threads is the number of threads that compute; 0 stands for Threads().
	Threads int

	// Silence is how long a child that has work may say nothing before it is
	// taken for hung and replaced; 0 stands for one minute.
	Silence time.Duration
	// LoadTimeout bounds the loading of the model; 0 stands for three minutes.
	LoadTimeout time.Duration
	// Backoff is the pause after a second death in a row; it doubles with each
	// that follows, to half a minute at most. 0 stands for 250 ms.
	Backoff time.Duration

	// Command starts the child; empty for this executable. Env is added to the
	// child's environment. Both are for tests.
	Command []string
	Env     []string

	Log *slog.Logger // nil for none
}

func (c Config) withDefaults(contextTokens int) Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if c.ContextTokens <= 0 {
		c.ContextTokens = contextTokens
	}
	if c.Threads <= 0 {
		c.Threads = Threads()
	}
	def(&c.Silence, time.Minute)
	def(&c.LoadTimeout, 3*time.Minute)
	def(&c.Backoff, 250*time.Millisecond)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Threads is the default number of threads: the physical cores this process may
// use, within the limits of its container. More only makes ggml's threads wait
// for each other.
func Threads() int { return max(1, min(runtime.GOMAXPROCS(0), physicalCores())) }

// Info is what a child says about its model once it is loaded.
type Info struct {
	Description   string // llama.cpp's own, e.g. "qwen2 1.5B Q4_K - Medium"
	Dimensions    int    // of an embedding; 0 for a generator
	ContextTokens int
}

// Embedding is the vector of one text.
type Embedding struct {
	Vector    []float32 // as the model gives it, not normalised
	Tokens    int       // of the text before truncation, those at its ends included
	Truncated bool      // the model did not read the whole text
}

// Status is the state of a child.
type Status struct {
	Running   bool
	PID       int   // 0 when not running
	RSS       int64 // bytes of resident memory, mapped weights included; 0 if unknown
	Starts    int   // how often a child was started
	LastError string
	Info      Info // of the last child that was ready
}

// ErrChildDied is wrapped by the error of a request whose child died or fell
// silent. The next request starts another child.
var ErrChildDied = errors.New("the model process died")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the model is closed")

// ErrGrammar is wrapped by the error for a grammar that llama.cpp cannot read.
var ErrGrammar = errors.New("the grammar is not valid GBNF")

// LoadError says that the libraries or the model could not be loaded. Trying
// again does not help until the files change.
type LoadError struct {
	ModelFile string
	Message   string
}

func (e *LoadError) Error() string {
	return fmt.Sprintf("load the model %s: %s", e.ModelFile, e.Message)
}

// TooLongError says that a prompt, with room for at least one token of output,
// does not fit the context.
type TooLongError struct{ Tokens, Limit int }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the prompt is %d tokens, the model reads at most %d", e.Tokens, e.Limit)
}
