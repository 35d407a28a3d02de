package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain makes this test program the child of its own tests, with work that
// does what its header says.
func TestMain(m *testing.M) {
	RunChildIfAsked(obey)
	os.Exit(m.Run())
}

func obey(ctx context.Context, header, data []byte, alive func()) []byte {
	command, arg, _ := strings.Cut(string(header), " ")
	switch command {
	case "panic":
		panic(arg)
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "spin":
		for i := 0; ; i++ {
			_ = i
		}
	case "allocate":
		for all := [][]byte{nil}; len(all) > 0; {
			b := make([]byte, 8<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
	case "allocate-at-once":
		return make([]byte, 1<<36)[:1]
	case "recurse":
		return []byte(strconv.Itoa(recurse(0)))
	case "garbage":
		fmt.Println("a library prints on the standard output")
	case "once": // arg is a file that remembers
		if _, err := os.Stat(arg); err != nil {
			_ = os.WriteFile(arg, nil, 0o600)
			os.Exit(3)
		}
	case "slow": // long, with signs of life
		for range 25 {
			time.Sleep(50 * time.Millisecond)
			alive()
		}
	case "env":
		return []byte(os.Getenv(arg))
	case "pid":
		return []byte(strconv.Itoa(os.Getpid()))
	case "grow":
		return make([]byte, 60<<20)
	}
	return append([]byte("done "), data...)
}

// recurse goes as deep as the stack allows.
func recurse(n int) int {
	if n < 0 {
		return 0
	}
	return recurse(n+1) + 1
}

func pool(t *testing.T, o Options) *Pool {
	if o.Memory == 0 {
		o.Memory = 128 << 20
	}
	p := New(o)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// Whatever the work does, it costs that piece only, and the reason is told.
func TestFailures(t *testing.T) {
	patient, hasty := pool(t, Options{Workers: 1}), pool(t, Options{Workers: 1, Time: 500 * time.Millisecond})
	for _, c := range []struct {
		command string
		want    error
		text    string
	}{
		{"panic oei", ErrCrashed, "crashed: panic: oei"},
		{"exit", ErrCrashed, "crashed: exit status 3"},
		{"hang", ErrTime, "took too long: over 500ms"},
		{"spin", ErrTime, "took too long"},
		{"allocate", ErrMemory, "needed too much memory: over 128 MB"},
		{"allocate-at-once", ErrMemory, "over 128 MB"},
		{"recurse", ErrCrashed, "stack exceeds"},
		{"garbage", ErrCrashed, "not a message"},
	} {
		if c.command == "allocate-at-once" && slack > 2 {
			continue // the race detector dies of it first
		}
		p := patient
		if c.want == ErrTime {
			p = hasty
		}
		_, err := p.Do(context.Background(), []byte(c.command), nil)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want %q", c.command, err, c.text)
		}
		got, err := patient.Do(context.Background(), []byte("echo"), []byte("next"))
		if err != nil || string(got) != "done next" {
			t.Errorf("after %s: %q, error %v", c.command, got, err)
		}
	}
}

func TestChildIsKept(t *testing.T) {
	p := pool(t, Options{Workers: 1})
	var first string
	for i := range 5 {
		pid, err := p.Do(context.Background(), []byte("pid"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = string(pid)
		}
		if string(pid) != first || first == strconv.Itoa(os.Getpid()) {
			t.Errorf("piece %d was done by %s, the first by %s", i, pid, first)
		}
	}
	if _, err := p.Do(context.Background(), []byte("grow"), nil); err != nil {
		t.Fatal(err)
	}
	if pid, err := p.Do(context.Background(), []byte("pid"), nil); err != nil || string(pid) == first {
		t.Errorf("a child that has grown is kept: %s, error %v", pid, err)
	}
}

// A child that did other work before is not blamed at once.
func TestSecondTry(t *testing.T) {
	p := pool(t, Options{Workers: 1})
	if _, err := p.Do(context.Background(), []byte("echo"), nil); err != nil {
		t.Fatal(err)
	}
	got, err := p.Do(context.Background(), []byte("once "+t.TempDir()+"/been"), []byte("x"))
	if err != nil || string(got) != "done x" {
		t.Errorf("%q, error %v", got, err)
	}
}

func TestSignsOfLife(t *testing.T) {
	p := pool(t, Options{Time: time.Second})
	if _, err := p.Do(context.Background(), []byte("slow"), nil); err != nil {
		t.Errorf("work that says that it goes on: %v", err)
	}
	p = pool(t, Options{Time: time.Second, Total: 300 * time.Millisecond})
	if _, err := p.Do(context.Background(), []byte("slow"), nil); !errors.Is(err, ErrTime) {
		t.Errorf("work that never ends: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	p := pool(t, Options{Workers: 1})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := p.Do(ctx, []byte("hang"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if got, err := p.Do(context.Background(), []byte("echo"), []byte("x")); err != nil || string(got) != "done x" {
		t.Errorf("afterwards: %q, error %v", got, err)
	}
}

func TestSecretsStay(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "geheim")
	p := pool(t, Options{})
	if got, err := p.Do(context.Background(), []byte("env OPENAI_API_KEY"), nil); err != nil || len(got) > 0 {
		t.Errorf("the child has the key %q, error %v", got, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	p := pool(t, Options{Workers: 2})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			data := bytes.Repeat([]byte{byte('a' + i)}, 100_000)
			got, err := p.Do(context.Background(), []byte("echo"), data)
			if err != nil || !bytes.Equal(got, append([]byte("done "), data...)) {
				t.Errorf("piece %d: %d bytes, error %v", i, len(got), err)
			}
		})
	}
	wg.Wait()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Do(context.Background(), []byte("echo"), nil); err == nil {
		t.Error("a closed pool works")
	}
}

func FuzzFrame(f *testing.F) {
	var b bytes.Buffer
	_ = writeFrame(&b, kindResult, []byte("resultaat"))
	f.Add(b.Bytes())
	f.Add([]byte("VS\x01\xff\xff\xff\x3f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, payload, err := readFrame(bytes.NewReader(data))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := writeFrame(&out, k, payload); err != nil || !bytes.HasPrefix(data, out.Bytes()) {
			t.Errorf("%q became %q, error %v", data, out.Bytes(), err)
		}
	})
}

// BenchmarkDo is the cost of the way to a child and back, of a page of a
// website and of a large file.
func BenchmarkDo(b *testing.B) {
	p := New(Options{Workers: 1})
	defer p.Close()
	for _, size := range []int{50_000, 5_000_000} {
		data := bytes.Repeat([]byte("x"), size)
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := p.Do(context.Background(), []byte("echo"), data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
