package llama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fakeEnv makes the child of a test serve a fakeEngine.
const fakeEnv = "VRAAGBAAK_LLAMA_FAKE"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == childServe && os.Getenv(fakeEnv) != "" {
		serveFake()
	}
	RunChildIfAsked()
	os.Exit(m.Run())
}

func serveFake() {
	if os.Getenv(fakeEnv) == "silent" { // never gets as far as a model
		time.Sleep(time.Hour)
	}
	out, err := privateStdout()
	if err == nil {
		err = serveChild(os.Stdin, out, func(r loadRequest) (engine, error) {
			if os.Getenv(fakeEnv) == "unloadable" {
				return nil, errors.New("no such model")
			}
			return &fakeEngine{out: out, request: r}, nil
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fakeEngine does what its input says.
type fakeEngine struct {
	out     *os.File
	request loadRequest
}

func (e *fakeEngine) info() Info {
	return Info{Description: "fake " + string(e.request.Role), Dimensions: 2, ContextTokens: e.request.ContextTokens}
}

func (e *fakeEngine) count(text string) (int, error) { return len(strings.Fields(text)), nil }

func (e *fakeEngine) run(ctx context.Context, f frame, send func(kind, []byte) error) (kind, []byte, error) {
	text := string(f.payload)
	var r Request
	if f.kind == kindGenerate {
		if err := json.Unmarshal(f.payload, &r); err != nil {
			return 0, nil, err
		}
		text = r.User
	}
	command, arg, _ := strings.Cut(text, " ")
	switch command {
	case "die":
		fmt.Fprintln(os.Stderr, "GGML_ASSERT(wrong) failed")
		os.Exit(3)
	case "die-once": // arg is a file that remembers
		if _, err := os.Stat(arg); err != nil {
			_ = os.WriteFile(arg, nil, 0o600)
			os.Exit(3)
		}
	case "hang":
		select {}
	case "garbage":
		_, _ = io.WriteString(e.out, "llama_model_loader: loaded meta data with 24 key-value pairs")
	case "half":
		_, _ = e.out.Write([]byte{'V', 'B', byte(kindVector), 1, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 7})
		os.Exit(0)
	case "print":
		fmt.Println("a library prints on the standard output")
	case "fail":
		return 0, nil, errors.New(arg)
	case "long":
		return 0, nil, &TooLongError{Tokens: 5000, Limit: 4095}
	case "slow":
		time.Sleep(30 * time.Millisecond)
	case "flood":
		for range 100_000 {
			if err := send(kindPiece, []byte("x")); err != nil {
				return 0, nil, err
			}
		}
	}
	if f.kind != kindGenerate {
		return kindVector, Embedding{Vector: []float32{float32(len(text)), float32(os.Getpid())}, Tokens: 1}.marshal(), nil
	}
	return e.generate(ctx, command, arg, send)
}

// generate yields the numbers 1 to n for "count n"; "count-die n" dies after
// them, and "count-forever" goes on until it is cancelled.
func (e *fakeEngine) generate(ctx context.Context, command, arg string, send func(kind, []byte) error) (kind, []byte, error) {
	n, _ := strconv.Atoi(arg)
	for i := 1; i <= n || command == "count-forever"; i++ {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		k := kindPiece
		if command == "count-forever" && i > 3 {
			k = kindStarted
			time.Sleep(time.Millisecond)
		}
		if err := send(k, []byte(strconv.Itoa(i)+" ")); err != nil {
			return 0, nil, err
		}
	}
	switch command {
	case "count-die":
		os.Exit(3)
	case "count-hang":
		select {}
	}
	b, err := json.Marshal(Summary{OutputTokens: n, Reason: ReasonEnd})
	return kindDone, b, err
}
