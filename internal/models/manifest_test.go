package models

import (
	"encoding/hex"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	names := map[string]bool{}
	for _, e := range Manifest() {
		t.Run(e.Name, func(t *testing.T) {
			if names[e.Name] {
				t.Error("the name stands there twice")
			}
			names[e.Name] = true
			if u, err := url.Parse(e.Origin); err != nil || u.Scheme != "https" {
				t.Errorf("origin %q", e.Origin)
			}
			if !slices.Contains([]string{"MIT", "Apache-2.0"}, e.License) {
				t.Errorf("licence %q: not one that was looked at", e.License)
			}
			if e.Kind != Runtime && !slices.Contains(e.Languages, "nl") {
				t.Error("Dutch is not among its languages")
			}
			if (e.Kind == Runtime) != (e.Platform != "") {
				t.Errorf("a %s with platform %q", e.Kind, e.Platform)
			}
			if len(e.Files) == 0 && e.Pattern == "" {
				t.Error("neither files nor a pattern")
			}
			for _, f := range e.Files {
				checkPinned(t, f.Name, f.Size, f.SHA256, e.Default)
				if path.Base(f.Name) != f.Name {
					t.Errorf("file name %q", f.Name)
				}
			}
			for name, target := range e.Links {
				if !slices.ContainsFunc(e.Files, func(f File) bool { return f.Name == target }) {
					t.Errorf("link %s points to %s, which is not a file of it", name, target)
				}
			}
			if len(e.Sources) == 0 {
				t.Error("no source")
			}
			for _, s := range e.Sources {
				checkSource(t, e, s)
			}
		})
	}
	for _, name := range []string{DefaultEmbedder, DefaultGenerator} {
		if !names[name] {
			t.Errorf("the default %s is not in it", name)
		}
	}
}

func checkPinned(t *testing.T, name string, size int64, sha string, must bool) {
	t.Helper()
	if sha == "" && !must {
		return
	}
	if b, err := hex.DecodeString(sha); err != nil || len(b) != 32 {
		t.Errorf("%s: sha256 %q", name, sha)
	}
	if size <= 0 {
		t.Errorf("%s: %d bytes", name, size)
	}
}

func checkSource(t *testing.T, e Entry, s Source) {
	t.Helper()
	switch s := s.(type) {
	case HTTPS:
		if len(s.URLs) != len(e.Files) {
			t.Errorf("%d addresses for %d files", len(s.URLs), len(e.Files))
		}
		for i, u := range s.URLs {
			if !strings.HasPrefix(u, "https://") || path.Base(u) != e.Files[i].Name {
				t.Errorf("address %s of %s", u, e.Files[i].Name)
			}
		}
	case Pip:
		var total int64
		for _, p := range s.Parts {
			checkPinned(t, p.Requirement, p.Size, p.SHA256, true)
			if !strings.Contains(p.Requirement, "==") || !strings.Contains(p.Member, "/") || strings.Contains(p.Requirement+p.Member, "%!") {
				t.Errorf("part %q %q", p.Requirement, p.Member)
			}
			total += p.Size
		}
		if s.Convert == nil && total != e.Size() {
			t.Errorf("the parts have %d bytes, the file %d", total, e.Size())
		}
	case NPM:
		if strings.Count(s.Package, "@") != 2 {
			t.Errorf("package %q has no version", s.Package)
		}
	default:
		t.Errorf("source %T", s)
	}
}

func TestDefaults(t *testing.T) {
	c := New(t.TempDir())
	for platform, runtime := range map[string]string{
		"linux/amd64": "llama.cpp-v0.5.0-linux-x64", "linux/arm64": "llama.cpp-v0.5.0-linux-arm64",
		"darwin/arm64": "llama.cpp-v0.5.0-mac-arm64-metal", "windows/amd64": "llama.cpp-v0.5.0-win-x64",
	} {
		c.platform = platform
		got, err := c.Defaults()
		if want := []string{runtime, DefaultEmbedder, DefaultGenerator}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", platform, got, err, want)
		}
	}
	c.platform = "plan9/mips"
	if got, err := c.Defaults(); err == nil {
		t.Errorf("plan9/mips: %v", got)
	}
}
