package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// The work of the tests does what parsers of hostile files do.
func TestMain(m *testing.M) {
	var hoard [][]byte
	RunChildIfAsked("test", func(request []byte) ([]byte, error) {
		switch string(request) {
		case "panic":
			panic("een kapot bestand")
		case "exit":
			os.Exit(3)
		case "hang":
			for n := 0; n >= 0; n = (n + 1) & 0xff { // for ever
			}
		case "memory":
			for {
				b := make([]byte, 16<<20)
				for i := range b {
					b[i] = byte(i)
				}
				hoard = append(hoard, b)
			}
		case "large":
			b := make([]byte, 64<<20)
			for i := range b {
				b[i] = 1
			}
			hoard = append(hoard, b)
			return fmt.Append(nil, os.Getpid()), nil
		case "pid":
			return fmt.Append(nil, os.Getpid()), nil
		}
		return []byte(strings.ToUpper(string(request))), nil
	})
	os.Exit(m.Run())
}

func TestWorkIsDone(t *testing.T) {
	p := New(Options{Name: "test", Size: 3})
	defer p.Close()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			word := fmt.Sprint("vraag ", i)
			got, err := p.Do(t.Context(), []byte(word))
			if err != nil || string(got) != strings.ToUpper(word) {
				t.Errorf("%s: %q %v", word, got, err)
			}
		})
	}
	all.Wait()
}

// Whatever a piece of work does to its process, it costs that piece of work only.
func TestWorkThatEndsItsProcess(t *testing.T) {
	for _, tt := range []struct {
		word, says string
		want       error
	}{
		{"panic", "een kapot bestand", ErrCrashed},
		{"exit", "", ErrCrashed},
		{"hang", "1s", ErrTime},
		{"memory", "256 MB", ErrMemory},
	} {
		if _, ok := resident(os.Getpid()); !ok && tt.want == ErrMemory {
			continue
		}
		o := Options{Name: "test", Size: 1, Memory: 256 << 20}
		if tt.want == ErrTime { // only this one is about time: others may take theirs
			o.Timeout = time.Second
		}
		p := New(o)
		if _, err := p.Do(t.Context(), []byte(tt.word)); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", tt.word, err)
		}
		if tt.want == ErrTime {
			p.Close()
			p = New(Options{Name: "test", Size: 1})
		}
		if got, err := p.Do(t.Context(), []byte("en verder")); err != nil || string(got) != "EN VERDER" {
			t.Errorf("after %s: %q %v", tt.word, got, err)
		}
		p.Close()
	}
}

func TestContextEndsWork(t *testing.T) {
	p := New(Options{Name: "test", Size: 1})
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := p.Do(ctx, []byte("hang")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := p.Do(t.Context(), []byte("verder")); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// A child that has grown is replaced after its work; one that has not is kept.
func TestTiredChildren(t *testing.T) {
	if _, ok := resident(os.Getpid()); !ok {
		t.Skip("the memory of a process is not known here")
	}
	p := New(Options{Name: "test", Size: 1, Tired: 48 << 20})
	defer p.Close()
	do := func(word string) string {
		t.Helper()
		got, err := p.Do(t.Context(), []byte(word))
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	first := do("pid")
	if again := do("large"); again != first {
		t.Errorf("child %s in the place of %s", again, first)
	}
	if next := do("pid"); next == first {
		t.Error("a child of 64 MB was kept")
	}
}

func TestMissingCommand(t *testing.T) {
	p := New(Options{Name: "test", Command: []string{"/bestaat/niet"}})
	defer p.Close()
	if _, err := p.Do(t.Context(), nil); err == nil || errors.Is(err, ErrCrashed) {
		t.Errorf("%v", err)
	}
}
