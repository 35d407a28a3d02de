package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/internal/models"
)

// program runs vraagbaak in its own process, with models and in a folder of its
// own.
type program struct {
	dir  string // working directory, with the configurations
	home string // VRAAGBAAK_HOME: the models of this machine, its own vectors
}

// newProgram skips the test where a model is not on this machine.
func newProgram(t *testing.T, names ...string) *program {
	t.Helper()
	if testing.Short() {
		t.Skip("real models take long: not with -short")
	}
	cache, err := models.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cache.RuntimeDir(); err != nil {
		t.Skipf("needs the runtime: %v", err)
	}
	for _, name := range names {
		if _, err := cache.Path(name); err != nil {
			t.Skipf("needs a model: %v", err)
		}
	}
	p := &program{dir: t.TempDir(), home: t.TempDir()}
	// PDFium, compiled, is kept beside the models.
	for _, shared := range []string{"models", "wasm"} {
		real := filepath.Join(filepath.Dir(cache.Root()), shared)
		if err := os.MkdirAll(real, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(real, filepath.Join(p.home, shared)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// write makes a file below the folder of the program.
func (p *program) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyTree copies testdata of the repository below the folder of the program.
func (p *program) copyTree(t *testing.T, name string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(p.dir, name), os.DirFS(filepath.Join("../../testdata", name))); err != nil {
		t.Fatal(err)
	}
}

func (p *program) command(ctx context.Context, t *testing.T, args ...string) (cmd *exec.Cmd, out, errOut *bytes.Buffer) {
	t.Helper()
	path, err := exec.LookPath("vraagbaak")
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(ctx, path, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "VRAAGBAAK_HOME="+p.home)
	out, errOut = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, errOut
	return cmd, out, errOut
}

// run returns standard output and the exit code.
func (p *program) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd, out, errOut := p.command(t.Context(), t, args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if s := errOut.String(); s != "" {
		t.Logf("vraagbaak %s: %s", args[0], s)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// mustRun fails the test unless the exit code is 0.
func (p *program) mustRun(t *testing.T, args ...string) string {
	t.Helper()
	out, code := p.run(t, args...)
	if code != 0 {
		t.Fatalf("vraagbaak %q: exit code %d", args, code)
	}
	return out
}

func (p *program) ingest(t *testing.T, config string) index.Report {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(p.mustRun(t, "ingest", "--config", config, "--json")), "\n")
	var r index.Report
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		t.Fatalf("%v: %q", err, lines)
	}
	if r.Failures == nil {
		t.Error("failures is null")
	}
	return r
}
