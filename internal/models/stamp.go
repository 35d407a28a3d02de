package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stampName is the file beside a model that says what was checked. It also is
// the record of sha256s that the manifest does not have.
const stampName = "verified.json"

// stamp records a completed check of all files of an entry.
type stamp struct {
	Source string      `json:"source"` // the one that gave the files
	Pulled time.Time   `json:"pulled"`
	Files  []stampFile `json:"files"`
}

// stampFile is a file as it was when its sha256 was checked.
type stampFile struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	ModTime int64  `json:"mtime_ns"`
}

func newStampFile(name, sum string, info os.FileInfo) stampFile {
	return stampFile{Name: name, Size: info.Size(), SHA256: sum, ModTime: info.ModTime().UnixNano()}
}

func (f stampFile) unchanged(info os.FileInfo) bool {
	return f.Size == info.Size() && f.ModTime == info.ModTime().UnixNano()
}

func (s stamp) file(name string) (stampFile, bool) {
	i := slices.IndexFunc(s.Files, func(f stampFile) bool { return f.Name == name })
	if i < 0 {
		return stampFile{}, false
	}
	return s.Files[i], true
}

func (s stamp) equal(t stamp) bool {
	return s.Source == t.Source && s.Pulled.Equal(t.Pulled) && slices.Equal(s.Files, t.Files)
}

// readStamp returns the zero stamp where there is none that can be read: the
// files are then checked as if for the first time. A name that is no plain file
// name makes the stamp unreadable.
func readStamp(dir string) stamp {
	b, err := os.ReadFile(filepath.Join(dir, stampName))
	if err != nil {
		return stamp{}
	}
	var s stamp
	if json.Unmarshal(b, &s) != nil {
		return stamp{}
	}
	for _, f := range s.Files {
		if f.Name != filepath.Base(f.Name) || f.Name == stampName || f.Name == ".." || f.Name == "." {
			return stamp{}
		}
	}
	return s
}

func writeStamp(dir string, s stamp) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, stampName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(append(b, '\n')); err == nil {
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(dir, stampName))
}

// hashFile returns the sha256 of a file in hex; read, which may be nil, is told
// how many bytes were read so far.
func hashFile(ctx context.Context, path string, read func(int64)) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return hashReader(ctx, f, read)
}

func hashReader(ctx context.Context, r io.Reader, read func(int64)) (string, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, &countingReader{ctx: ctx, r: r, tell: read}, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// countingReader tells how much was read, and ends when its context does.
type countingReader struct {
	ctx  context.Context
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.tell != nil && n > 0 {
		c.tell(c.n)
	}
	return n, err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}
