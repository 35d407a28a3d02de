package models

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPathChecksTheFile(t *testing.T) {
	b := content(30_000)
	flipped := bytes.Clone(b)
	flipped[100] ^= 1
	tests := []struct {
		name   string
		change func(t *testing.T, path string)
		want   error
	}{
		{"changed", func(t *testing.T, path string) { writeFile(t, path, flipped) }, ErrWrongChecksum},
		{"cut short", func(t *testing.T, path string) { writeFile(t, path, b[:29_999]) }, ErrWrongChecksum},
		{"longer", func(t *testing.T, path string) { writeFile(t, path, append(bytes.Clone(b), 0)) }, ErrWrongChecksum},
		{"removed", func(t *testing.T, path string) { os.Remove(path) }, ErrNotPulled},
		{"touched", func(t *testing.T, path string) { touch(t, path) }, nil},
		{"stamp removed", func(t *testing.T, path string) { os.Remove(filepath.Join(filepath.Dir(path), stampName)) }, nil},
		{"stamp unreadable", func(t *testing.T, path string) {
			writeFile(t, filepath.Join(filepath.Dir(path), stampName), []byte("{"))
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := testCache(t, pinned(b, HTTPS{[]string{serve(t, b).URL}}))
			mustPull(t, c, PullOptions{})
			path := mustHold(t, c, b)
			tt.change(t, path)
			if tt.name == "changed" {
				touch(t, path) // also where the clock is too coarse to tell
			}
			_, err := c.Path("m")
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "models pull m") {
				t.Errorf("the message names neither file nor remedy: %v", err)
			}
			mustPull(t, c, PullOptions{})
			mustHold(t, c, b)
		})
	}
}

// A change that leaves size and time alone is beyond Path, which does not read
// the file; Verify finds it.
func TestVerify(t *testing.T) {
	b := content(30_000)
	c := testCache(t, pinned(b, HTTPS{[]string{serve(t, b).URL}}))
	mustPull(t, c, PullOptions{})
	if err := c.Verify(context.Background(), "m", nil); err != nil {
		t.Fatal(err)
	}
	path := mustHold(t, c, b)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	b[7] ^= 1
	writeFile(t, path, b)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(context.Background(), "m", nil); !errors.Is(err, ErrWrongChecksum) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}

// A file that was checked once is not read again: Path costs no hashing.
func TestPathTrustsTheStamp(t *testing.T) {
	b := content(30_000)
	c := testCache(t, pinned(b, HTTPS{[]string{serve(t, b).URL}}))
	mustPull(t, c, PullOptions{})
	path := mustHold(t, c, b)
	touch(t, path)
	mustHold(t, c, b) // hashes, and notes it
	s := readStamp(filepath.Dir(path))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := s.file("m.gguf"); !ok || !f.unchanged(info) {
		t.Errorf("the stamp %+v does not hold the time of %v", s, info.ModTime())
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	when := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

func TestStampNamesNoFileElsewhere(t *testing.T) {
	for _, name := range []string{"../x", "a/b", "..", stampName} {
		dir := t.TempDir()
		if err := writeStamp(dir, stamp{Files: []stampFile{{Name: name, Size: 1}}}); err != nil {
			t.Fatal(err)
		}
		if s := readStamp(dir); len(s.Files) != 0 {
			t.Errorf("a stamp with %q was read", name)
		}
	}
}

func TestUnknownName(t *testing.T) {
	c := New(t.TempDir())
	for name, want := range map[string]string{
		"multilingual-e5-smal": `did you mean "multilingual-e5-small"?`,
		"x":                    `"vraagbaak models list"`,
	} {
		_, err := c.Path(name)
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", name, err, want)
		}
	}
}

func TestHome(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("VRAAGBAAK_HOME", dir)
	if got, err := Home(); err != nil || got != dir {
		t.Errorf("Home() = %q, %v; want %q", got, err, dir)
	}
	t.Setenv("VRAAGBAAK_HOME", "")
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	if got, err := Home(); err != nil || !strings.HasPrefix(got, dir) || filepath.Base(got) != "vraagbaak" {
		t.Errorf("Home() = %q, %v; want vraagbaak below %q", got, err, dir)
	}
}

func TestRuntime(t *testing.T) {
	b := content(5000)
	e := pinned(b, HTTPS{[]string{serve(t, b).URL}})
	e.Kind, e.Platform, e.Default, e.Links = Runtime, "plan9/mips", true, map[string]string{"libm.so": "m.gguf"}
	c := testCache(t, e)
	if _, err := c.RuntimeDir(); err == nil || !strings.Contains(err.Error(), "plan9/mips") {
		t.Errorf("another platform: error %v", err)
	}
	c.platform = "plan9/mips"
	if _, err := c.RuntimeDir(); !errors.Is(err, ErrNotPulled) {
		t.Errorf("before the pull: %v", err)
	}
	mustPull(t, c, PullOptions{})
	dir, err := c.RuntimeDir()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "libm.so")); err != nil || !bytes.Equal(got, b) {
		t.Errorf("the link: %d bytes, %v", len(got), err)
	}
	// A link that was lost comes back.
	if err := os.Remove(filepath.Join(dir, "libm.so")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RuntimeDir(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "libm.so")); err != nil {
		t.Error(err)
	}
}
