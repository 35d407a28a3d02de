// Package files is the source of a folder of documents: it walks the folder in
// order and yields what is new, changed, unchanged, gone or unreadable. It
// reads files only within its folder, and leaves what they mean to extract and
// what becomes of it to the indexer.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Defaults of Options.
const (
	DefaultMaxBytes = 200 << 20
	DefaultTimeout  = 5 * time.Minute
)

// emptyLimit is the number of known documents above which an empty folder is
// taken for a share that is not mounted.
const emptyLimit = 50

// Options describe one folder.
type Options struct {
	Name       string        // of the source
	Collection string        // that its documents belong to
	Path       string        // of the folder
	MaxBytes   int64         // a larger file fails; 0 for DefaultMaxBytes
	Timeout    time.Duration // for extracting one file; 0 for DefaultTimeout
	// Extract reads one file, whose path below the folder is name; required.
	Extract func(ctx context.Context, name string, data []byte) (*ingest.Document, error)
	// Describe reads a metadata file; false for a file that is none. Without it,
	// metadata files are files like any other.
	Describe func(name string, data []byte) (Description, bool)
	// Address is where a reader finds what a file holds, such as the page of an
	// official publication; "" for a file that has no address but its path.
	Address func(name string, doc *ingest.Document) string
	// NotDocument reports whether the error of Extract says that a file was read
	// and is no document, so that it is passed over and not listed as unread.
	NotDocument func(error) bool
	// Members yields the files of an archive; false for a file that is none. Without
	// it, an archive is a file like any other.
	Members func(ctx context.Context, name string, data []byte) (iter.Seq[Member], bool)
	// ExtractVersion changes when Extract gives other documents for the same
	// bytes; then every file is read again.
	ExtractVersion string
	// Abilities names, in one word, what Extract uses on this machine besides
	// itself, such as a program that reads scans; "" for nothing. When it changes,
	// only the files are read again that Lacking said of that they were not, or
	// only partly, read for want of one.
	Abilities string
	Lacking   func(doc *ingest.Document, err error) bool // nil: no file ever is
}

// New gives the source of a folder. The folder is looked at when the changes
// are asked for: one that is missing then is an error of the run and deletes
// nothing.
func New(o Options) (ingest.Source, error) {
	if o.Path == "" {
		return nil, fmt.Errorf("source %q: path is empty; name the folder with the documents", o.Name)
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Extract == nil {
		return nil, fmt.Errorf("source %q: there is nothing to read its files with", o.Name)
	}
	return &source{o}, nil
}

type source struct{ o Options }

func (s *source) Name() string       { return s.o.Name }
func (s *source) Collection() string { return s.o.Collection }

// Changes walks the folder in lexical order. A file whose size and time are
// those of the ledger is not opened: it is kept, or fails for the same reason
// as before. A file that was only touched is read and kept. Files that the
// ledger knows and a complete walk did not meet are gone.
//
// Symbolic links are not followed, names that begin with a dot and the lock
// files of office programs are passed over, and a folder that cannot be read
// ends the run after the files that could, without a deletion.
func (s *source) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		w := &walk{source: s, ctx: ctx, mem: mem, yield: yield, seen: map[string]bool{}}
		if err := w.run(); err != nil && !errors.Is(err, errStop) {
			yield(ingest.Change{}, fmt.Errorf("source %s: %w", s.o.Name, err))
		}
	}
}

var (
	// errStop: the consumer wants no more.
	errStop = errors.New("stop")
	// errPassedOver: a file is no document.
	errPassedOver = errors.New("passed over")
)

// walk is one run over the folder.
type walk struct {
	*source
	ctx   context.Context
	mem   ingest.Memory
	yield func(ingest.Change, error) bool
	root  *os.Root
	seen  map[string]bool // IDs
	bad   []error         // folders that could not be read
	// archives are the members of archives that the ledger has; nil until needed.
	archives map[string][]ingest.Entry
	// folders are their metadata, as far as it was looked for.
	folders map[string]*described
}

func (w *walk) run() error {
	info, err := os.Stat(w.o.Path)
	if err != nil {
		return fmt.Errorf("folder %s: %w; nothing was removed from the index, check the path or mount the share", w.o.Path, reason(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("folder %s: it is a file; name the folder it is in", w.o.Path)
	}
	if w.root, err = os.OpenRoot(w.o.Path); err != nil {
		return fmt.Errorf("folder %s: %w", w.o.Path, reason(err))
	}
	defer w.root.Close()
	if err := fs.WalkDir(w.root.FS(), ".", w.visit); err != nil {
		return err
	}
	return w.finish()
}

// finish removes what is gone, if the walk saw everything.
func (w *walk) finish() error {
	if len(w.bad) > 0 {
		return fmt.Errorf("%d folders could not be read, so nothing was removed from the index: %w", len(w.bad), w.bad[0])
	}
	return w.gone()
}

// visit handles one entry of the folder.
func (w *walk) visit(name string, d fs.DirEntry, err error) error {
	if ctxErr := w.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if err != nil {
		if name == "." {
			return fmt.Errorf("folder %s: %w", w.o.Path, reason(err))
		}
		w.bad = append(w.bad, fmt.Errorf("%s: %w", name, reason(err)))
		return nil
	}
	if name != "." && ignored(path.Base(name)) {
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if !d.Type().IsRegular() {
		return nil
	}
	if w.isMetadata(name) {
		return nil
	}
	id := w.id(name)
	if w.o.Members != nil && strings.EqualFold(path.Ext(name), ".zip") {
		return w.archive(name, id, d)
	}
	change, err := w.file(name, id, d)
	if errors.Is(err, errPassedOver) {
		delete(w.seen, id) // what was listed of it before goes
		return nil
	}
	if err != nil {
		return err
	}
	if !w.yield(change, nil) {
		return errStop
	}
	return nil
}

// id is the path in NFC, so that the same name is the same document on every
// file system. Two names that differ in their form only stay apart.
func (w *walk) id(name string) string {
	id := name
	if !utf8.ValidString(name) {
		id = strings.ToValidUTF8(name, "\ufffd") + "~" + hex.EncodeToString([]byte(name))
	}
	if nfc := norm.NFC.String(id); !w.seen[nfc] {
		id = nfc
	}
	w.seen[id] = true
	return id
}

// ignored are hidden files, lock files and what systems leave in folders.
func ignored(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.HasSuffix(base, "~") ||
		slices.Contains([]string{"Thumbs.db", "desktop.ini", "__MACOSX", "lost+found"}, base) ||
		strings.HasSuffix(base, ".tmp") || strings.HasSuffix(base, ".part") || strings.HasSuffix(base, ".crdownload")
}

// file says what happened to one file. The error is one of the run.
func (w *walk) file(name, id string, d fs.DirEntry) (ingest.Change, error) {
	ref := ingest.Ref{Collection: w.o.Collection, ID: id}
	fail := func(state string, err error) (ingest.Change, error) {
		return ingest.Change{Ref: ref, Op: ingest.Fail, State: state, Err: err}, nil
	}
	entry, known, err := w.mem.Entry(w.ctx, id)
	if err != nil {
		return ingest.Change{}, fmt.Errorf("ledger: %s: %w", id, err)
	}
	info, err := d.Info()
	if err != nil {
		return fail("", fmt.Errorf("%s: %w", name, reason(err)))
	}
	about := w.describes(name)
	version := w.o.ExtractVersion
	if about != nil {
		version += "+" + about.sum
	}
	now := state{Version: version, Size: info.Size(), Time: info.ModTime().UnixNano()}
	old, _ := w.parse(entry.State)
	if known && old.sameFile(now) {
		if old.Failed && entry.Failure != "" {
			return fail(entry.State, errors.New(entry.Failure))
		}
		if !old.Failed && entry.Failure == "" && entry.Digest != "" {
			return ingest.Change{Ref: ref, Op: ingest.Keep, State: entry.State}, nil
		}
	}
	if info.Size() > w.o.MaxBytes {
		now.Failed = true
		return fail(now.String(), fmt.Errorf("%s: %d bytes are more than the limit of %d; split it or raise the limit", name, info.Size(), w.o.MaxBytes))
	}
	data, err := w.read(name)
	if err != nil {
		return fail("", fmt.Errorf("%s: %w", name, reason(err)))
	}
	sum := sha256.Sum256(data)
	now.Size, now.Sum = int64(len(data)), hex.EncodeToString(sum[:])
	if known && old.sameContent(now) && !old.Failed && entry.Failure == "" && entry.Digest != "" {
		now.Lacking = old.Lacking
		return ingest.Change{Ref: ref, Op: ingest.Keep, State: now.String()}, nil
	}
	doc, err := w.extract(name, data)
	now.Lacking = w.lacking(doc, err)
	switch {
	case w.ctx.Err() != nil:
		return ingest.Change{}, w.ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fail("", fmt.Errorf("%s: not read within %v; it is tried again at the next run", name, w.o.Timeout))
	case err != nil && entry.Digest == "" && w.o.NotDocument != nil && w.o.NotDocument(err):
		return ingest.Change{}, errPassedOver
	case err != nil:
		now.Failed = true
		return fail(now.String(), err)
	}
	if about != nil {
		about.Apply(doc)
		doc.Meta["metadata"] = about.file
	}
	w.complete(doc, ref, name, info.ModTime())
	return ingest.Change{Ref: ref, Op: ingest.Put, Doc: doc, State: now.String()}, nil
}

// read reads a file within the root; one that grows while it is read is cut
// off at the limit and fails.
func (w *walk) read(name string) ([]byte, error) {
	f, err := w.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, w.o.MaxBytes+1))
	if err == nil && int64(len(data)) > w.o.MaxBytes {
		err = errors.New("it grew beyond the limit while it was read; it is tried again at the next run")
	}
	return data, err
}

func (w *walk) extract(name string, data []byte) (*ingest.Document, error) {
	ctx, cancel := context.WithTimeout(w.ctx, w.o.Timeout)
	defer cancel()
	return w.o.Extract(ctx, name, data)
}

// complete fills in what only the folder knows. The URL is the path, so that a
// reader recognises the file; an address that the document gives itself stays
// in Meta.
func (w *walk) complete(doc *ingest.Document, ref ingest.Ref, name string, modified time.Time) {
	doc.Ref = ref
	if doc.URL != "" && doc.Meta["canonical"] == "" {
		doc.Meta["canonical"] = doc.URL
	}
	doc.URL = ref.ID
	doc.Meta["file"] = ref.ID
	if w.o.Address != nil {
		if a := w.o.Address(name, doc); a != "" {
			doc.URL = a
			delete(doc.Meta, "canonical")
		}
	}
	if doc.Title == "" {
		doc.Title = path.Base(ref.ID)
	}
	if doc.Modified.IsZero() {
		doc.Modified = modified.UTC().Truncate(time.Second)
	}
	doc.Fetched = time.Now().UTC()
	doc.Digest = doc.ContentDigest()
}

// gone yields what the ledger knows and the walk did not meet.
func (w *walk) gone() error {
	var gone []ingest.Ref
	known := 0
	for entry, err := range w.mem.Entries(w.ctx) {
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		known++
		if !w.seen[entry.Ref.ID] {
			gone = append(gone, entry.Ref)
		}
	}
	if len(w.seen) == 0 && known > emptyLimit {
		return fmt.Errorf("folder %s is empty, and the index has %d documents of it; nothing was removed. Mount the share or restore the files; if they are gone for good, remove the source from the configuration", w.o.Path, known)
	}
	for _, ref := range gone {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if !w.yield(ingest.Change{Ref: ref, Op: ingest.Gone}, nil) {
			return errStop
		}
	}
	return nil
}

// reason is the cause of an error without the path that stands before it.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// state is what the ledger keeps of a file: "version size time sha256", with
// "failed" after it when the file could not be read as a document; of members of
// an archive the size and time are the archive's, and the last one to be carried
// out ends in their number, "of=12". "lacking=none" says that more could be read
// with other abilities.
type state struct {
	Version string
	Size    int64
	Time    int64 // of modification, Unix nanoseconds
	Sum     string
	Failed  bool
	Members int
	// Lacking is what there was to read the file with where that did not suffice
	// for all of it; "" where it did.
	Lacking string
}

// noAbilities stands for none in a state.
const noAbilities = "none"

// lacking is what is kept of a file that was not, or only partly, read.
func (w *walk) lacking(doc *ingest.Document, err error) string {
	if w.o.Lacking == nil || doc == nil && err == nil || !w.o.Lacking(doc, err) {
		return ""
	}
	if w.o.Abilities == "" {
		return noAbilities
	}
	return w.o.Abilities
}

// parse reads a state. One of a file that lacked what is there now is like no
// state of a file that is met: the file is read again.
func (w *walk) parse(text string) (state, bool) {
	s, ok := parseState(text)
	if w.o.Abilities != "" && s.Lacking != "" && s.Lacking != w.o.Abilities {
		s.Version = ""
	}
	return s, ok
}

func (s state) String() string {
	out := fmt.Sprintf("%s %d %d %s", s.Version, s.Size, s.Time, s.sum())
	if s.Failed {
		out += " failed"
	}
	if s.Members > 0 {
		out += " of=" + strconv.Itoa(s.Members)
	}
	if s.Lacking != "" {
		out += " lacking=" + s.Lacking
	}
	return out
}

func (s state) sum() string {
	if s.Sum == "" {
		return "-"
	}
	return s.Sum
}

func parseState(text string) (state, bool) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return state{}, false
	}
	size, err1 := strconv.ParseInt(f[1], 10, 64)
	at, err2 := strconv.ParseInt(f[2], 10, 64)
	if err1 != nil || err2 != nil {
		return state{}, false
	}
	st := state{Version: f[0], Size: size, Time: at, Sum: f[3]}
	for _, more := range f[4:] {
		if n, ok := strings.CutPrefix(more, "of="); ok {
			st.Members, _ = strconv.Atoi(n)
		}
		if had, ok := strings.CutPrefix(more, "lacking="); ok {
			st.Lacking = had
		}
		st.Failed = st.Failed || more == "failed"
	}
	return st, true
}

func (s state) sameFile(o state) bool {
	return s.Version == o.Version && s.Size == o.Size && s.Time == o.Time
}

func (s state) sameContent(o state) bool {
	return s.Version == o.Version && s.Size == o.Size && s.Sum == o.Sum && s.Sum != "-"
}

// nanoseconds is a time of a state.
func nanoseconds(n int64) time.Time { return time.Unix(0, n) }
