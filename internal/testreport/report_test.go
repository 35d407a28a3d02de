package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestGroups(t *testing.T) {
	got := groups([]string{"-race", "./...", "--", "--", "./a"})
	if want := [][]string{{"-race", "./..."}, {"./a"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if got := groups(nil); got != nil {
		t.Errorf("%q", got)
	}
}

// module writes a module with these files and goes to stand in it.
func module(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module m\ngo 1.26\n"
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
}

const good = `package a
import ("os"; "testing")
func TestGood(t *testing.T) { t.Run("sub", func(t *testing.T) {}) }
func TestNever(t *testing.T) { t.Skip("the moon is not full") }
func TestModel(t *testing.T) { if os.Getenv("MODEL") == "" && testing.Short() { t.Skip("no model") } }
`

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		runs  [][]string
		code  int
		want  []string
		last  string
	}{
		{"a test counts once over all runs", map[string]string{"a/a_test.go": good, "b/b.go": "package b"},
			[][]string{{"-short", "./..."}, {"./a"}}, 0,
			[]string{"ok  \tm/a", "?   \tm/b\t[no test files]", "SKIP m/a.TestNever: the moon is not full"}, "3 passed, 0 failed, 1 skipped"},
		{"skipped in the only run", map[string]string{"a/a_test.go": good}, [][]string{{"-short", "./..."}}, 0,
			[]string{"SKIP m/a.TestModel: no model"}, "2 passed, 0 failed, 2 skipped"},
		{"failed", map[string]string{"a/a_test.go": good, "b/b_test.go": "package b\nimport \"testing\"\nfunc TestBad(t *testing.T) { t.Error(\"one is not two\") }"},
			[][]string{{"./..."}}, 1, []string{"one is not two", "FAIL m/b.TestBad", "FAIL\tm/b"}, "3 passed, 1 failed, 1 skipped"},
		{"does not build", map[string]string{"a/a_test.go": good, "b/b_test.go": "package b\nvar x int = \"\""},
			[][]string{{"./..."}}, 1, []string{"cannot use \"\"", "does not build"}, "3 passed, 1 failed, 1 skipped"},
		{"exits without a word", map[string]string{"a/a_test.go": good, "b/b_test.go": "package b\nimport (\"os\"; \"testing\")\nfunc TestMain(*testing.M) { os.Exit(3) }\nfunc TestX(*testing.T) {}"},
			[][]string{{"./..."}}, 1, []string{"FAIL m/b failed outside its tests"}, "3 passed, 1 failed, 1 skipped"},
		{"panics", map[string]string{"a/a_test.go": good, "b/b_test.go": "package b\nimport \"testing\"\nfunc TestX(*testing.T) { panic(\"oh\") }"},
			[][]string{{"./..."}}, 1, []string{"panic: oh", "FAIL m/b.TestX"}, "3 passed, 1 failed, 1 skipped"},
		{"no tests", map[string]string{"b/b.go": "package b"}, [][]string{{"./..."}}, 1, []string{"no test ran"}, "0 passed, 1 failed, 0 skipped"},
		{"one run without tests", map[string]string{"a/a_test.go": good}, [][]string{{"./..."}, {"./nothing"}}, 1, []string{"FAIL [./nothing]"}, ""},
		{"only skipped", map[string]string{"a/a_test.go": good}, [][]string{{"-run", "Never", "./..."}}, 1, nil, "0 passed, 0 failed, 1 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			module(t, c.files)
			var out, errs bytes.Buffer
			code := run(c.runs, &out, &errs)
			text := strings.TrimSpace(out.String())
			if code != c.code || !strings.HasSuffix(text, c.last) {
				t.Errorf("exit %d, want %d and %q", code, c.code, c.last)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in it", want)
				}
			}
			if t.Failed() {
				t.Logf("%s\n%s", text, errs.String())
			}
		})
	}
	if run(nil, &bytes.Buffer{}, &bytes.Buffer{}) != 2 {
		t.Error("no arguments are not wrong usage")
	}
}
