package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

var (
	// ErrNotPulled is wrapped by the error for an entry that is not, or not
	// completely, on this machine.
	ErrNotPulled = errors.New("not pulled")
	// ErrWrongChecksum is wrapped by the error for a file that is not the one
	// that was checked when it was pulled.
	ErrWrongChecksum = errors.New("wrong sha256")
	// ErrUnknown is wrapped by the error for a name that is not in the manifest.
	ErrUnknown = errors.New("not in the manifest")
)

// Home is the folder that holds everything this program downloads:
// $VRAAGBAAK_HOME, or vraagbaak in the user's cache folder.
func Home() (string, error) {
	if h := os.Getenv("VRAAGBAAK_HOME"); h != "" {
		return filepath.Abs(h)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the models: %w; set VRAAGBAAK_HOME", err)
	}
	return filepath.Join(dir, "vraagbaak"), nil
}

// Cache is a folder with one folder per pulled entry, and the manifest it is
// held to. Its methods may be called at the same time, from several processes
// too.
type Cache struct {
	root     string // <home>/models
	entries  []Entry
	platform string // GOOS/GOARCH
	client   *http.Client
	links    bool // make Entry.Links; not in a folder that only carries files
}

// New returns the cache below home, for this platform and the built-in
// manifest. It does not touch the disk.
func New(home string) *Cache {
	return &Cache{
		root:     filepath.Join(home, "models"),
		entries:  Manifest(),
		platform: runtime.GOOS + "/" + runtime.GOARCH,
		client:   newClient(),
		links:    true,
	}
}

// Open returns the cache below Home.
func Open() (*Cache, error) {
	home, err := Home()
	if err != nil {
		return nil, err
	}
	return New(home), nil
}

// Root is the folder that holds one folder per entry.
func (c *Cache) Root() string { return c.root }

// Entries lists the manifest: runtimes, embedders, generators.
func (c *Cache) Entries() []Entry { return slices.Clone(c.entries) }

// Entry finds an entry by name; the error for another name, which wraps
// ErrUnknown, suggests the nearest one.
func (c *Cache) Entry(name string) (Entry, error) {
	nearest, best := "", len(name)/2+1
	for _, e := range c.entries {
		if e.Name == name {
			return e, nil
		}
		if d := levenshtein.ComputeDistance(name, e.Name); d < best {
			nearest, best = e.Name, d
		}
	}
	hint := `"vraagbaak models list" shows the names`
	if nearest != "" {
		hint = fmt.Sprintf("did you mean %q?", nearest)
	}
	return Entry{}, fmt.Errorf("model %q is %w; %s", name, ErrUnknown, hint)
}

// Defaults names what this platform needs to answer questions: the runtime, the
// default embedder and the default generator. Without a runtime for this
// platform it is an error: models alone are of no use.
func (c *Cache) Defaults() ([]string, error) {
	rt, err := c.runtimeEntry()
	if err != nil {
		return nil, err
	}
	names := []string{rt.Name}
	for _, e := range c.entries {
		if e.Default && e.Kind != Runtime {
			names = append(names, e.Name)
		}
	}
	return names, nil
}

func (c *Cache) runtimeEntry() (Entry, error) {
	var known []string
	for _, e := range c.entries {
		if e.Kind != Runtime {
			continue
		}
		if e.Platform == c.platform {
			return e, nil
		}
		known = append(known, e.Platform)
	}
	return Entry{}, fmt.Errorf("there is no llama.cpp runtime for %s in the manifest (there is for %s); use a remote model instead",
		c.platform, strings.Join(known, ", "))
}

// Path returns the file of a pulled model that is opened; where a model has
// several files, the others lie beside it. The file has the size and the
// modification time it had when its sha256 was last checked; where these differ
// the sha256 is checked now, which takes a second or two per gigabyte.
//
// The error wraps ErrUnknown, ErrNotPulled or ErrWrongChecksum and says what to
// do.
func (c *Cache) Path(name string) (string, error) {
	e, err := c.Entry(name)
	if err != nil {
		return "", err
	}
	files, err := c.check(context.Background(), e, nil)
	if err != nil {
		return "", err
	}
	return filepath.Join(c.Dir(e), files[0].Name), nil
}

// RuntimeDir returns the folder with the llama.cpp libraries for this platform,
// under the names the dynamic loader looks for. Errors are those of Path.
func (c *Cache) RuntimeDir() (string, error) {
	e, err := c.runtimeEntry()
	if err != nil {
		return "", err
	}
	if _, err := c.check(context.Background(), e, nil); err != nil {
		return "", err
	}
	return c.Dir(e), nil
}

// Pulled reports whether all files of e are there with the size they should
// have. It reads no file, so it says nothing about their content.
func (c *Cache) Pulled(e Entry) bool {
	files, _ := c.expected(e)
	for _, f := range files {
		info, err := os.Stat(filepath.Join(c.Dir(e), f.Name))
		if err != nil || f.SHA256 != "" && info.Size() != f.Size {
			return false
		}
	}
	return len(files) > 0
}

// Verify reads every file of e again and compares its sha256. The errors of all
// files that are wrong are joined; each names its file.
func (c *Cache) Verify(ctx context.Context, name string, p Progress) error {
	e, err := c.Entry(name)
	if err != nil {
		return err
	}
	if p == nil {
		p = silent{}
	}
	_, err = c.check(ctx, e, p)
	return err
}

// Dir is the folder of an entry, whether it was pulled or not.
func (c *Cache) Dir(e Entry) string { return filepath.Join(c.root, e.Name) }

// expected lists the files e should have, with the sha256 of the manifest or
// else the one that was recorded when they were first pulled, and the stamp.
func (c *Cache) expected(e Entry) ([]File, stamp) {
	s := readStamp(c.Dir(e))
	if len(e.Files) == 0 {
		files := make([]File, 0, len(s.Files))
		for _, sf := range s.Files {
			files = append(files, File{Name: sf.Name, Size: sf.Size, SHA256: sf.SHA256})
		}
		return files, s
	}
	files := slices.Clone(e.Files)
	for i, f := range files {
		if f.SHA256 == "" {
			if sf, ok := s.file(f.Name); ok {
				files[i] = File{Name: f.Name, Size: sf.Size, SHA256: sf.SHA256}
			}
		}
	}
	return files, s
}

// check compares the files of e with what they should be and returns them.
// Without rehash, a file that has not changed since its last check is not read.
func (c *Cache) check(ctx context.Context, e Entry, rehash Progress) ([]File, error) {
	files, s := c.expected(e)
	if len(files) == 0 {
		return nil, notPulled(e, c.Dir(e))
	}
	var wrong []error
	var done, total int64
	for _, f := range files {
		total += f.Size
	}
	fresh := stamp{Source: s.Source, Pulled: s.Pulled}
	for _, f := range files {
		path := filepath.Join(c.Dir(e), f.Name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, notPulled(e, path)
		case err != nil:
			return nil, fmt.Errorf("model %s: %w", e.Name, err)
		case f.SHA256 == "":
			return nil, fmt.Errorf("%w (no sha256 of %s is recorded)", notPulled(e, path), f.Name)
		case info.Size() != f.Size:
			wrong = append(wrong, wrongFile(e, path, fmt.Sprintf("it has %d bytes, want %d", info.Size(), f.Size)))
			continue
		}
		if sf, ok := s.file(f.Name); rehash == nil && ok && sf.unchanged(info) && sf.SHA256 == f.SHA256 {
			fresh.Files = append(fresh.Files, sf)
			continue
		}
		sum, err := hashFile(ctx, path, func(n int64) {
			if rehash != nil {
				rehash.Bytes(done+n, total)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", e.Name, err)
		}
		done += f.Size
		if sum != f.SHA256 {
			wrong = append(wrong, wrongFile(e, path, fmt.Sprintf("it is %s, want %s", sum, f.SHA256)))
			continue
		}
		fresh.Files = append(fresh.Files, newStampFile(f.Name, sum, info))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if c.links {
		if err := makeLinks(c.Dir(e), e.Links); err != nil {
			return nil, fmt.Errorf("model %s: %w", e.Name, err)
		}
	}
	if !fresh.equal(s) {
		// The check holds without the note of it; it is only repeated next time.
		_ = writeStamp(c.Dir(e), fresh)
	}
	return files, nil
}

func notPulled(e Entry, path string) error {
	return fmt.Errorf("%s %s is %w (%s is not there); run \"vraagbaak models pull %s\"", e.Kind, e.Name, ErrNotPulled, path, e.Name)
}

func wrongFile(e Entry, path, why string) error {
	return fmt.Errorf("model file %s has the %w: %s; run \"vraagbaak models pull %s\" to replace it", path, ErrWrongChecksum, why, e.Name)
}

// makeLinks gives files their further names: a symbolic link where the system
// has these, so that a library that is loaded under both names is loaded once,
// else a copy.
func makeLinks(dir string, links map[string]string) error {
	for name, target := range links {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		_ = os.Remove(path) // a link to nothing
		if err := os.Symlink(target, path); err == nil || errors.Is(err, fs.ErrExist) {
			continue
		}
		if err := copyFile(filepath.Join(dir, target), path); err != nil {
			return fmt.Errorf("link %s: %w", path, err)
		}
	}
	return nil
}
