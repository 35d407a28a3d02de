package eval

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxLine is the longest line that is read, in bytes. A document of a corpus
// is one line; the longest official publications stay under 20 MB.
const maxLine = 64 << 20

// Doc is one document of a corpus.
type Doc struct {
	ID    string
	Title string // "" where there is none
	Text  string
}

// Query is one judged question. Metadata is as the file has it, nil where it
// has none.
type Query struct {
	ID       string
	Text     string
	Metadata map[string]any
}

// Qrels are relevance judgements: query ID, then document ID, then relevance.
// A document is relevant from 1 upwards.
type Qrels map[string]map[string]int

// Judged lists the queries that have at least one relevant document, sorted.
// These are the ones a mean is taken over.
func (q Qrels) Judged() []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(q)) {
		for _, g := range q[id] {
			if g > 0 {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// ReadQrels reads judgements, as BEIR writes them (tab separated, with the
// header query-id, corpus-id, score) or as TREC does (query, iteration,
// document, relevance, without a header). name is for the errors, which name
// file, line and field. A pair that is judged twice in different ways is an
// error, and so is a file without judgements.
func ReadQrels(r io.Reader, name string) (Qrels, error) {
	out := Qrels{}
	for l, err := range lines(r, name) {
		if err != nil {
			return nil, err
		}
		if l.n == 1 && isHeader(string(l.text)) {
			continue
		}
		query, doc, score, err := judgement(string(l.text))
		if err != nil {
			return nil, l.errorf("%w", err)
		}
		if old, ok := out[query][doc]; ok && old != score {
			return nil, l.errorf("query %q and document %q are judged twice, %d and %d", query, doc, old, score)
		}
		if out[query] == nil {
			out[query] = map[string]int{}
		}
		out[query][doc] = score
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no judgements in it", name)
	}
	return out, nil
}

func isHeader(line string) bool {
	f := strings.Split(strings.ReplaceAll(strings.ToLower(line), "_", "-"), "\t")
	return len(f) == 3 && f[0] == "query-id" && f[1] == "corpus-id" && f[2] == "score"
}

func judgement(line string) (query, doc string, score int, err error) {
	f := strings.Split(line, "\t")
	if len(f) != 3 {
		if f = strings.Fields(line); len(f) == 4 {
			f = []string{f[0], f[2], f[3]}
		}
	}
	if len(f) != 3 {
		return "", "", 0, fmt.Errorf("%d fields; need query, document and score separated by tabs, or the four of a TREC file", len(f))
	}
	for i, field := range []string{"query-id", "corpus-id"} {
		if strings.TrimSpace(f[i]) == "" {
			return "", "", 0, fmt.Errorf("%s: empty", field)
		}
	}
	score, err = strconv.Atoi(strings.TrimSpace(f[2]))
	if err != nil {
		return "", "", 0, fmt.Errorf("score: %q is not an integer", f[2])
	}
	return f[0], f[1], score, nil
}

// CorpusFile finds the corpus of a BEIR folder: corpus.jsonl, or corpus.jsonl.gz.
func CorpusFile(dir string) (string, error) {
	for _, name := range []string{"corpus.jsonl", "corpus.jsonl.gz"} {
		path := filepath.Join(dir, name)
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: holds neither corpus.jsonl nor corpus.jsonl.gz", dir)
}

// ReadCorpus reads a corpus of BEIR, one JSON object a line with _id, title and
// text, gzip-compressed or not. It holds one document at a time. An error, which
// names file, line and field, ends the sequence; so does a repeated _id, because
// the judgements would not say which of the two they mean.
func ReadCorpus(path string) iter.Seq2[Doc, error] {
	return func(yield func(Doc, error) bool) {
		for o, err := range objects(path) {
			if err != nil {
				yield(Doc{}, err)
				return
			}
			if !yield(Doc{ID: o.ID, Title: o.Title, Text: o.Text}, nil) {
				return
			}
		}
	}
}

// ReadQueries reads the queries of BEIR, one JSON object a line with _id, text
// and possibly metadata, in the way of [ReadCorpus].
func ReadQueries(path string) iter.Seq2[Query, error] {
	return func(yield func(Query, error) bool) {
		for o, err := range objects(path) {
			if err == nil && strings.TrimSpace(o.Text) == "" {
				err = o.line.errorf("text: empty, so there is nothing to search for")
			}
			if err != nil {
				yield(Query{}, err)
				return
			}
			if !yield(Query{ID: o.ID, Text: o.Text, Metadata: o.Metadata}, nil) {
				return
			}
		}
	}
}

// object is a line of a corpus or of queries.
type object struct {
	line
	ID, Title, Text string
	Metadata        map[string]any
}

func objects(path string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(object{}, err)
			return
		}
		defer f.Close()
		r, err := decompressed(f)
		if err != nil {
			yield(object{}, fmt.Errorf("%s: %w", path, err))
			return
		}
		first := map[string]int{}
		for l, err := range lines(r, path) {
			var o object
			if err == nil {
				o, err = parseObject(l)
			}
			if n, dup := first[o.ID]; err == nil && dup {
				err = l.errorf("_id: %q is also on line %d", o.ID, n)
			}
			if err != nil {
				yield(object{}, err)
				return
			}
			first[o.ID] = l.n
			if !yield(o, nil) {
				return
			}
		}
		if len(first) == 0 {
			yield(object{}, fmt.Errorf("%s: empty", path))
		}
	}
}

// decompressed looks at the first bytes, not at the name: a renamed file reads
// all the same.
func decompressed(f io.Reader) (io.Reader, error) {
	b := bufio.NewReader(f)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, nil
	}
	return gzip.NewReader(b)
}

func parseObject(l line) (object, error) {
	o := object{line: l}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(l.text, &raw); err != nil {
		return o, l.errorf("not a JSON object: %w", err)
	}
	for _, f := range []struct {
		name     string
		to       any
		required bool
	}{
		{"_id", &o.ID, true},
		{"title", &o.Title, false},
		{"text", &o.Text, true},
		{"metadata", &o.Metadata, false},
	} {
		v, ok := raw[f.name]
		if !ok && f.required {
			return o, l.errorf("%s: missing", f.name)
		}
		if !ok {
			continue
		}
		if err := json.Unmarshal(v, f.to); err != nil {
			return o, l.errorf("%s: %w", f.name, err)
		}
	}
	if o.ID == "" {
		return o, l.errorf("_id: empty")
	}
	return o, nil
}

// line is one line of a file, without its end.
type line struct {
	name string
	n    int // from 1
	text []byte
}

func (l line) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", l.name, l.n, fmt.Errorf(format, args...))
}

// lines are the lines of r that are not blank. The bytes of one hold until the
// next is asked for.
func lines(r io.Reader, name string) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		src := &source{r: r}
		sc := bufio.NewScanner(src)
		sc.Buffer(make([]byte, 0, 64<<10), maxLine)
		sc.Split(src.split)
		l := line{name: name}
		for sc.Scan() {
			l.n++
			l.text = sc.Bytes()
			if l.n == 1 {
				l.text = bytes.TrimPrefix(l.text, []byte("\ufeff"))
			}
			if len(bytes.TrimSpace(l.text)) == 0 {
				continue
			}
			if !yield(l, nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			l.n++
			yield(line{}, l.errorf("%w", err))
		}
	}
}

// source remembers how a reader ended, so that the piece of a line before a
// read error (a truncated gzip file) is not taken for a line.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) split(data []byte, atEOF bool) (int, []byte, error) {
	if s.err != nil && bytes.IndexByte(data, '\n') < 0 {
		return 0, nil, s.err
	}
	return bufio.ScanLines(data, atEOF)
}
