package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Progress is told what happens during a pull or a verification, from one
// goroutine at a time.
type Progress interface {
	// Step begins something new; text is one line for a user.
	Step(text string)
	// Bytes says how far the step is; total is 0 when it is not known.
	Bytes(done, total int64)
}

type silent struct{}

func (silent) Step(string)        {}
func (silent) Bytes(int64, int64) {}

// PullOptions change where a pull takes from and where it puts things. The zero
// value pulls from the sources of the manifest into the cache.
type PullOptions struct {
	// From is a folder filled with To. Nothing else is tried then, so nothing
	// goes over the network.
	From string
	// To is a folder to fill for another machine, instead of the cache. What is
	// complete in the cache is copied from there.
	To string
}

// Attempt is one source that was tried and why it failed.
type Attempt struct {
	Source string
	Err    error
}

// PullError says that no source could deliver an entry.
type PullError struct {
	Name     string
	Attempts []Attempt
}

func (e *PullError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "could not pull %s; %d source(s) tried:", e.Name, len(e.Attempts))
	for i, a := range e.Attempts {
		fmt.Fprintf(&b, "\n  %d. %s: %s", i+1, a.Source, strings.ReplaceAll(a.Err.Error(), "\n", "\n     "))
	}
	return b.String()
}

func (e *PullError) Unwrap() []error {
	var errs []error
	for _, a := range e.Attempts {
		errs = append(errs, a.Err)
	}
	return errs
}

// Pull makes the named entries complete, the defaults for this platform when
// there are no names. Entries that are complete are left alone. One that fails
// does not stop the others; the errors are joined, each a *PullError or wrapping
// ErrUnknown. Files take their place only when all of their entry were checked.
func (c *Cache) Pull(ctx context.Context, names []string, o PullOptions, p Progress) error {
	if p == nil {
		p = silent{}
	}
	if len(names) == 0 {
		var err error
		if names, err = c.Defaults(); err != nil {
			return err
		}
	}
	entries := make([]Entry, len(names))
	for i, name := range names {
		var err error
		if entries[i], err = c.Entry(name); err != nil {
			return err
		}
	}
	target := *c
	if o.To != "" {
		target.root, target.links = o.To, false
	}
	var failed []error
	for _, e := range entries {
		sources := e.Sources
		switch {
		case o.From != "":
			sources = []Source{folder{o.From}}
		case o.To != "" && c.Pulled(e):
			sources = append([]Source{folder{c.root}}, sources...)
		}
		if err := target.pull(ctx, e, sources, p); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

func (c *Cache) pull(ctx context.Context, e Entry, sources []Source, p Progress) error {
	if _, err := c.check(ctx, e, nil); err == nil {
		p.Step(fmt.Sprintf("%s: complete in %s", e.Name, c.Dir(e)))
		return nil
	}
	if err := os.MkdirAll(c.root, 0o755); err != nil {
		return fmt.Errorf("pull %s: %w", e.Name, err)
	}
	unlock, err := lock(ctx, filepath.Join(c.root, "."+e.Name+".lock"), func() {
		p.Step(e.Name + ": another pull is busy with it; waiting")
	})
	if err != nil {
		return fmt.Errorf("pull %s: %w", e.Name, err)
	}
	defer unlock()
	// Another pull may have completed it while this one waited.
	_, err = c.check(ctx, e, nil)
	if err == nil {
		p.Step(fmt.Sprintf("%s: complete in %s", e.Name, c.Dir(e)))
		return nil
	}
	if errors.Is(err, ErrWrongChecksum) {
		p.Step(e.Name + ": a file here is wrong and is replaced")
	}
	j := &job{ctx: ctx, entry: e, dir: c.Dir(e) + ".partial", client: c.client, progress: p, recorded: readStamp(c.Dir(e))}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return fmt.Errorf("pull %s: %w", e.Name, err)
	}
	failure := &PullError{Name: e.Name}
	for _, s := range sources {
		p.Step(fmt.Sprintf("%s: from %s", e.Name, s))
		err := j.try(s)
		if err == nil {
			return c.install(j, s)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("pull %s: %w; what was fetched is kept, run it again to go on", e.Name, ctx.Err())
		}
		p.Step(fmt.Sprintf("%s: failed: %v", e.Name, firstLine(err)))
		failure.Attempts = append(failure.Attempts, Attempt{s.String(), err})
	}
	return failure
}

// install moves checked files into place. Each file is moved in one step; the
// stamp comes last, so that a pull that is killed in between is seen as not
// complete, or as complete after a new check.
func (c *Cache) install(j *job, s Source) error {
	dir := c.Dir(j.entry)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("pull %s: %w", j.entry.Name, err)
	}
	st := stamp{Source: s.String(), Pulled: time.Now().UTC().Truncate(time.Second)}
	for _, f := range j.files {
		path := filepath.Join(dir, f.Name)
		if err := os.Rename(filepath.Join(j.dir, f.Name), path); err != nil {
			return fmt.Errorf("pull %s: %w", j.entry.Name, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("pull %s: %w", j.entry.Name, err)
		}
		st.Files = append(st.Files, newStampFile(f.Name, f.SHA256, info))
	}
	if err := writeStamp(dir, st); err != nil {
		return fmt.Errorf("pull %s: %w", j.entry.Name, err)
	}
	if c.links {
		if err := makeLinks(dir, j.entry.Links); err != nil {
			return fmt.Errorf("pull %s: %w", j.entry.Name, err)
		}
	}
	if !j.entry.Pinned() {
		for _, f := range st.Files {
			j.progress.Step(fmt.Sprintf("%s: the manifest has no sha256 for %s; recorded %s, which later pulls and checks are held to",
				j.entry.Name, f.Name, f.SHA256))
		}
	}
	j.progress.Step(fmt.Sprintf("%s: complete in %s", j.entry.Name, dir))
	return os.RemoveAll(j.dir)
}

// job is the pull of one entry into a folder of its own.
type job struct {
	ctx      context.Context
	entry    Entry
	dir      string // where the files are gathered
	client   *http.Client
	progress Progress
	recorded stamp // of an earlier pull: trust on first use
	files    []File
}

func (j *job) path(name string) string { return filepath.Join(j.dir, name) }

// try fetches from one source and checks what came. Files that are wrong are
// removed: the next source starts clean.
func (j *job) try(s Source) error {
	j.files = nil
	if err := s.fetch(j); err != nil {
		return err
	}
	if j.files == nil {
		j.files = append(j.files, j.entry.Files...)
	}
	if len(j.files) == 0 {
		return errors.New("it holds no file of this entry")
	}
	for i, f := range j.files {
		sum, err := hashFile(j.ctx, j.path(f.Name), nil)
		if err != nil {
			return err
		}
		want := f.SHA256
		if sf, ok := j.recorded.file(f.Name); want == "" && ok {
			want = sf.SHA256
		}
		if want != "" && sum != want {
			_ = os.Remove(j.path(f.Name))
			return fmt.Errorf("%s has the %w: it is %s, want %s", f.Name, ErrWrongChecksum, sum, want)
		}
		j.files[i].SHA256 = sum
	}
	return nil
}

// lock waits for the file lock; waiting is called once if it is not free.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	got := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		got <- result{unlock, err}
	}()
	timer := time.NewTimer(500 * time.Millisecond)
	defer timer.Stop()
	for {
		select {
		case r := <-got:
			return r.unlock, r.err
		case <-timer.C:
			waiting()
		case <-ctx.Done():
			// The lock is given back as soon as it is got.
			go func() {
				if r := <-got; r.err == nil {
					r.unlock()
				}
			}()
			return nil, ctx.Err()
		}
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
