// Package chunk cuts a document into passages that are small enough to embed
// and whole enough to answer from. It is a pure function of the document and
// the options: no I/O, no state, the same passages with the same IDs each time.
package chunk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Chunk is one passage of a document. Text is Doc.Text[Start:End] byte for
// byte, so whatever is quoted from it stands verbatim in the document.
type Chunk struct {
	ID         string // deterministic: same document reference, range and text, same ID
	Doc        ingest.Ref
	Ordinal    int // 0-based position among the passages of the document
	Start, End int // byte range in the document's text
	Text       string
	// Context is what the passage needs to be understood: the question it
	// answers, the header row of its table. Embedded and shown, never quoted.
	Context string
	Heading []string // path of headings, outermost first
	Page    int      // 1-based page it starts on, 0 where there are no pages
	Anchor  string   // fragment that leads to it, without '#'
}

// Span is a byte range.
type Span struct{ Start, End int }

func id(doc ingest.Ref, start, end int, text string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %d %d ", doc.Collection, doc.ID, start, end)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
