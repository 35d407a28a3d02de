// Package ingest holds what every source yields: documents with one canonical
// text, and the changes to them. It never fetches, parses or stores anything
// itself; the packages below it (crawl, files, extract) do.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"maps"
	"slices"
	"time"
)

// Ref names a document. ID is the canonical URL or official identifier for
// published documents, the slash-separated path below the folder for files;
// it is unique within its collection and stable between runs.
type Ref struct{ Collection, ID string }

func (r Ref) String() string { return r.Collection + "/" + r.ID }

// Kind says what a block is in the structure of its document.
type Kind string

// The kinds of blocks.
const (
	Paragraph Kind = "paragraph"
	Heading   Kind = "heading"
	Item      Kind = "item"     // of a list
	Row       Kind = "row"      // of a table
	Note      Kind = "note"     // footnote
	Question  Kind = "question" // of a question and answer pair; never quoted as an answer
	Answer    Kind = "answer"
)

// Block is a byte range of Document.Text with its place in the structure.
// Blocks are in order, do not overlap, and never start or end within a rune.
type Block struct {
	Start, End int      // byte offsets in Document.Text
	Heading    []string // path of headings above the block, outermost first
	Page       int      // 1-based page it starts on, 0 where there are no pages
	Anchor     string   // fragment that leads to the block, without '#'
	Kind       Kind
	// Context is what the block cannot be read without though it stands
	// elsewhere: the header row of its table. It is embedded and shown, never
	// quoted.
	Context string
	// Group ties blocks that belong together, such as a question and its
	// answer: blocks with the same number other than 0.
	Group int
}

// Document is one document with its canonical text. Blocks, chunks and
// quotations are byte ranges in Text, which is valid UTF-8 in NFC.
type Document struct {
	Ref                                                 Ref
	URL, Title, Language                                string // Language: BCP 47, "" if unknown
	Published, Modified, ValidFrom, ValidUntil, Fetched time.Time
	Digest                                              [32]byte // of the content; see ContentDigest
	Meta                                                map[string]string
	Text                                                string
	Blocks                                              []Block
}

// ContentDigest is the SHA-256 of everything that an index keeps of the
// document: a document whose digest is the same needs no new passages. When it
// was fetched is left out.
func (d *Document) ContentDigest() [32]byte {
	h := sha256.New()
	field(h, d.URL, d.Title, d.Language, d.Text)
	for _, t := range []time.Time{d.Published, d.Modified, d.ValidFrom, d.ValidUntil} {
		number(h, t.Unix())
	}
	for _, k := range slices.Sorted(maps.Keys(d.Meta)) {
		field(h, k, d.Meta[k])
	}
	for _, b := range d.Blocks {
		number(h, int64(b.Start), int64(b.End), int64(b.Page), int64(b.Group), int64(len(b.Heading)))
		field(h, b.Heading...)
		field(h, b.Anchor, string(b.Kind), b.Context)
	}
	return [32]byte(h.Sum(nil))
}

// field writes strings with their lengths, so that no two lists look alike.
func field(h hash.Hash, ss ...string) {
	for _, s := range ss {
		number(h, int64(len(s)))
		io.WriteString(h, s)
	}
}

func number(h hash.Hash, ns ...int64) {
	for _, n := range ns {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
}

// Check reports the first violation of what a Document promises: valid block
// ranges, in order, within the text.
func (d *Document) Check() error {
	last := 0
	for i, b := range d.Blocks {
		if b.Start < last || b.End < b.Start || b.End > len(d.Text) {
			return fmt.Errorf("%s: block %d [%d,%d) is out of order or outside the text of %d bytes", d.Ref, i, b.Start, b.End, len(d.Text))
		}
		last = b.End
	}
	return nil
}

// Cursor is a source's own note of how far it got; only the source reads it.
type Cursor []byte

// Op says what happened to a document at its source.
type Op int

// The operations a Change can carry.
const (
	Put  Op = iota // Doc is new or may have changed
	Keep           // still there and known to be unchanged; Doc is nil
	Gone           // gone at the source for certain: leaves the index
	Fail           // could not be read; what the index has of it stays. Err says why
)

// Change is one step of a source. The indexer carries it out completely
// (passages, then entry, then Next) before it takes the following one, so that
// a crash repeats work and loses none.
type Change struct {
	Ref Ref
	Op  Op
	Doc *Document
	// State replaces what the ledger keeps of the document for its source
	// (validators such as ETag, a file's size and time). Empty leaves it.
	State string
	Err   error
	Next  Cursor // saved after the change; nil leaves the cursor where it is
}

// Entry is what the ledger remembers of one document of a source.
type Entry struct {
	Ref         Ref
	Digest      string // hex of the content digest that is indexed; "" if never indexed
	State       string // as the source last gave it
	URL, Title  string
	Passages    int
	Indexed     time.Time // when the passages were last written
	Checked     time.Time // when the source last confirmed the document
	Failure     string    // why the last attempt failed; "" after success
	FailedSince time.Time
}

// Memory is what a source may ask about its own earlier runs.
type Memory interface {
	Cursor(ctx context.Context) (Cursor, error)
	Entry(ctx context.Context, id string) (Entry, bool, error)
	// Entries yields every document the ledger knows of this source.
	Entries(ctx context.Context) iter.Seq2[Entry, error]
}

// Source yields what changed since the ledger was last written. An error that
// Changes yields ends the run of this source (the site is down, the folder is
// missing); trouble with one document is a Change with Op Fail. Documents that
// are gone are yielded only after the source has established that, so a source
// that is down deletes nothing.
type Source interface {
	Name() string
	Collection() string
	Changes(ctx context.Context, mem Memory) iter.Seq2[Change, error]
}

// HexDigest is the form of a digest in ledgers and JSON.
func HexDigest(d [32]byte) string { return hex.EncodeToString(d[:]) }
