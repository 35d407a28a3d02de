package llama

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func fake(mode string) Config {
	return Config{ModelFile: "fake.gguf", Env: []string{fakeEnv + "=" + mode}, Backoff: time.Millisecond}
}

func fakeEmbedder(t *testing.T, c Config) *Embedder {
	e := NewEmbedder(c)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func fakeGenerator(t *testing.T, c Config) *Generator {
	g := NewGenerator(c)
	t.Cleanup(func() { _ = g.Close() })
	return g
}

// write collects an output.
func write(ctx context.Context, g *Generator, r Request) (string, *Summary, error) {
	var b strings.Builder
	for p, err := range g.Generate(ctx, r) {
		if err != nil {
			return b.String(), nil, err
		}
		b.WriteString(p.Text)
		if p.Done != nil {
			return b.String(), p.Done, nil
		}
	}
	return b.String(), nil, errors.New("the output ended without a summary")
}

func TestEmbedInOrder(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	if st := e.Status(); st.Running || st.Starts != 0 {
		t.Errorf("a child runs before it was asked for: %+v", st)
	}
	texts := make([]string, 40)
	for i := range texts {
		texts[i] = strings.Repeat("x", i)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := e.Embed(t.Context(), Batch, texts)
			if err != nil {
				t.Error(err)
				return
			}
			for i, v := range got {
				if len(v.Vector) != 2 || v.Vector[0] != float32(i) {
					t.Errorf("text %d got %v", i, v.Vector)
				}
			}
		})
	}
	wg.Wait()
	if st := e.Status(); !st.Running || st.Starts != 1 || st.PID == 0 || st.Info.Description != "fake encoder" {
		t.Errorf("status %+v", st)
	}
	if n, err := e.CountTokens(t.Context(), "een twee drie"); n != 3 || err != nil {
		t.Errorf("CountTokens = %d, %v", n, err)
	}
}

func TestEmbedSurvivesOneDeath(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	got, err := e.Embed(t.Context(), Batch, []string{"a", "die-once " + filepath.Join(t.TempDir(), "died"), "b", "c", "d"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 5 || got[4].Vector[0] != 1 {
		t.Errorf("got %v", got)
	}
	if st := e.Status(); st.Starts != 2 || !strings.Contains(st.LastError, "exit status 3") {
		t.Errorf("status %+v", st)
	}
}

// What kills the child each time fails; what only stood in the queue does not.
func TestPoisonousText(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	ctx := t.Context()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := e.Embed(ctx, Batch, []string{"die"})
		if !errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), "GGML_ASSERT(wrong) failed") {
			t.Errorf("error %v", err)
		}
	})
	for range 3 {
		wg.Go(func() {
			if _, err := e.Embed(ctx, Batch, []string{"goed", "ook goed", "nog beter"}); err != nil {
				t.Errorf("an innocent text failed: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestBadBehaviour(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"die", "exit status 3"},
		{"garbage", "not in the protocol"},
		{"half", "broke off"},
		{"hang", "silent for"},
	} {
		t.Run(c.text, func(t *testing.T) {
			conf := fake("ok")
			if c.text == "hang" {
				conf.Silence = 100 * time.Millisecond
			}
			e := fakeEmbedder(t, conf)
			_, err := e.Embed(t.Context(), Urgent, []string{c.text})
			if !errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if _, err := e.Embed(t.Context(), Urgent, []string{"verder"}); err != nil {
				t.Errorf("the next request: %v", err)
			}
		})
	}
}

func TestPrintingLibrary(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	if _, err := e.Embed(t.Context(), Batch, []string{"print", "print", "x"}); err != nil {
		t.Fatal(err)
	}
	if st := e.Status(); st.Starts != 1 {
		t.Errorf("%d starts: what a library printed broke the protocol", st.Starts)
	}
}

func TestRequestFails(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	_, err := e.Embed(t.Context(), Batch, []string{"x", "fail te vreemd"})
	if err == nil || errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), "text 2 of 2: te vreemd") {
		t.Errorf("error %v", err)
	}
	if st := e.Status(); st.Starts != 1 || !st.Running {
		t.Errorf("a failed request took the child down: %+v", st)
	}
}

func TestUnloadable(t *testing.T) {
	conf := fake("unloadable")
	conf.Backoff = time.Hour
	e := fakeEmbedder(t, conf)
	for range 2 { // the second is answered without another start
		_, err := e.Embed(t.Context(), Batch, []string{"x"})
		var load *LoadError
		if !errors.As(err, &load) || load.ModelFile != "fake.gguf" || load.Message != "no such model" {
			t.Fatalf("error %v", err)
		}
	}
	if st := e.Status(); st.Starts != 1 {
		t.Errorf("%d starts, want 1", st.Starts)
	}
}

func TestLoadTimeout(t *testing.T) {
	conf := fake("silent")
	conf.LoadTimeout = 50 * time.Millisecond
	e := fakeEmbedder(t, conf)
	if _, err := e.Start(t.Context()); !errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), "not loaded within") {
		t.Errorf("error %v", err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	g := fakeGenerator(t, Config{Command: []string{filepath.Join(t.TempDir(), "missing")}})
	if _, err := g.Start(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestBackoffAfterDeathsInARow(t *testing.T) {
	conf := fake("ok")
	conf.Backoff = time.Hour
	g := fakeGenerator(t, conf)
	for range 2 {
		if _, _, err := write(t.Context(), g, Request{User: "die"}); !errors.Is(err, ErrChildDied) {
			t.Fatalf("error %v", err)
		}
	}
	_, _, err := write(t.Context(), g, Request{User: "count 1"})
	if !errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), "next attempt in") {
		t.Errorf("after two deaths in a row: error %v", err)
	}
	if st := g.Status(); st.Starts != 2 {
		t.Errorf("%d starts, want 2", st.Starts)
	}
}

func TestGenerate(t *testing.T) {
	g := fakeGenerator(t, fake("ok"))
	text, sum, err := write(t.Context(), g, Request{User: "count 5", MaxTokens: 10})
	if err != nil || text != "1 2 3 4 5 " || sum.Reason != ReasonEnd {
		t.Errorf("%q, %+v, %v", text, sum, err)
	}
	var long *TooLongError
	if _, _, err := write(t.Context(), g, Request{User: "long"}); !errors.As(err, &long) || long.Tokens != 5000 || long.Limit != 4095 {
		t.Errorf("error %v", err)
	}
}

func TestDeathInTheMiddle(t *testing.T) {
	for _, command := range []string{"count-die 3", "count-hang 3"} {
		conf := fake("ok")
		conf.Silence = 200 * time.Millisecond
		g := fakeGenerator(t, conf)
		text, _, err := write(t.Context(), g, Request{User: command})
		if text != "1 2 3 " || !errors.Is(err, ErrChildDied) {
			t.Errorf("%s: %q, %v", command, text, err)
		}
		if text, _, err := write(t.Context(), g, Request{User: "count 2"}); text != "1 2 " || err != nil {
			t.Errorf("after %s: %q, %v", command, text, err)
		}
	}
}

func TestStopReading(t *testing.T) {
	g := fakeGenerator(t, fake("ok"))
	for range g.Generate(t.Context(), Request{User: "count-forever"}) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range g.Generate(ctx, Request{User: "count-forever"}) {
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	// The child is free for the next request, and still the first one.
	if text, _, err := write(t.Context(), g, Request{User: "count 1"}); text != "1 " || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if st := g.Status(); st.Starts != 1 {
		t.Errorf("%d starts, want 1", st.Starts)
	}
}

func TestFlood(t *testing.T) {
	g := fakeGenerator(t, fake("ok"))
	for p, err := range g.Generate(t.Context(), Request{User: "flood", MaxTokens: 8}) {
		if err != nil {
			if !errors.Is(err, ErrChildDied) || !strings.Contains(err.Error(), "more than was asked for") {
				t.Errorf("error %v", err)
			}
			return
		}
		_ = p
		time.Sleep(time.Millisecond) // a reader that is slower than the flood
	}
	t.Error("a flood of pieces ended without an error")
}

func TestQueriesOvertakePassages(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	ctx := t.Context()
	if _, err := e.Start(ctx); err != nil {
		t.Fatal(err)
	}
	batch := make([]string, 40)
	for i := range batch {
		batch[i] = "slow"
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := e.Embed(ctx, Batch, batch); err != nil {
			t.Error(err)
		}
	}()
	for range 5 {
		if _, err := e.Embed(ctx, Urgent, []string{"vraag"}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-done:
		t.Error("the batch was done before five queries were")
	default:
	}
	<-done
}

func TestKilledFromOutside(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	if _, err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := e.Status().PID
	child, err := os.FindProcess(pid)
	if err == nil {
		err = child.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Embed(t.Context(), Batch, []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	if int(got[0].Vector[1]) == pid {
		t.Error("the dead child answered")
	}
}

func TestClose(t *testing.T) {
	e := NewEmbedder(fake("ok"))
	if _, err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := e.proc
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if p.alive() || !p.cmd.ProcessState.Success() {
		t.Errorf("the child did not end by itself: %v", p.cmd.ProcessState)
	}
	if _, err := e.Embed(t.Context(), Batch, []string{"x"}); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
	if err := NewGenerator(fake("ok")).Close(); err != nil {
		t.Errorf("closing what never started: %v", err)
	}
}

func TestNoTexts(t *testing.T) {
	e := fakeEmbedder(t, fake("ok"))
	if got, err := e.Embed(t.Context(), Batch, nil); err != nil || len(got) != 0 || e.Status().Starts != 0 {
		t.Errorf("%v, %v, %d starts", got, err, e.Status().Starts)
	}
}
