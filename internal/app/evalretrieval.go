package app

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/eval"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
)

// RetrievalOptions say what to measure.
type RetrievalOptions struct {
	Dir      string // corpus.jsonl(.gz), queries.jsonl, qrels.tsv
	Run      string // file for the rankings in TREC form; "" for none
	Mode     retrieve.Mode
	Progress func(index.Report) // after every document; may be nil
}

// evalDepth is how many passages are ranked per question.
const evalDepth = 200

// EvalRetrieval indexes a corpus in a temporary folder, exactly as ingest would,
// and measures search on it.
func EvalRetrieval(ctx context.Context, o RetrievalOptions, log *slog.Logger) (out eval.Retrieval, err error) {
	qrels, queries, err := readQuestions(o.Dir)
	if err != nil {
		return out, err
	}
	dir, err := os.MkdirTemp("", "vraagbaak-eval-")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(dir)
	store, err := localstore.Open(ctx, filepath.Join(dir, indexFile), localstore.Options{Log: log})
	if err != nil {
		return out, err
	}
	defer store.Close()
	models := &modelSet{log: log}
	defer models.Close()
	plain, err := models.embedder(ctx, config.Model{Kind: "local"})
	if err != nil {
		return out, err
	}
	embedder, err := models.cached(ctx, plain)
	if err != nil {
		return out, err
	}
	start := time.Now()
	scope := retrieve.NewScope(collection)
	x := &index.Indexer{Store: store, Ledger: store, Embedder: embedder, Chunks: chunk.Defaults(), Log: log, Owner: newOwner(), Ahead: 64, Progress: o.Progress}
	if err := buildCorpus(ctx, o, x, store); err != nil {
		return out, err
	}
	lex := lexicon{ledger: store}
	searcher := &retrieve.Searcher{Store: store, Embedder: embedder, Analyzer: lex.analyzer, Fusion: retrieve.DefaultFusion()}
	stats, err := store.Stats(ctx, scope)
	if err != nil {
		return out, err
	}
	size := eval.Size{Passages: stats.Passages, Seconds: time.Since(start).Seconds()}
	run, finish, err := runFile(o.Run)
	if err != nil {
		return out, err
	}
	search := func(ctx context.Context, question string) ([]eval.Ranked, time.Duration, error) {
		r, err := searcher.Search(ctx, question, o.Mode, retrieve.Selection{Scope: scope, Limit: evalDepth})
		return ranking(r), r.Retrieve, err
	}
	if _, _, err := search(ctx, "warm"); err != nil { // the index is loaded by the first search
		return out, err
	}
	if out, err = eval.Retrieve(ctx, queries, qrels, search, run); err != nil {
		return out, err
	}
	out.Mode, out.Index = string(o.Mode), size
	return out, finish()
}

// collection is the one that a corpus is indexed in.
const collection = "corpus"

func readQuestions(dir string) (eval.Qrels, []eval.Query, error) {
	path := filepath.Join(dir, "qrels.tsv")
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	qrels, err := eval.ReadQrels(f, path)
	if err != nil {
		return nil, nil, err
	}
	var queries []eval.Query
	for q, err := range eval.ReadQueries(filepath.Join(dir, "queries.jsonl")) {
		if err != nil {
			return nil, nil, err
		}
		queries = append(queries, q)
	}
	return qrels, queries, nil
}

// buildCorpus indexes a corpus as ingest would a source.
func buildCorpus(ctx context.Context, o RetrievalOptions, x *index.Indexer, store *localstore.Store) error {
	path, err := eval.CorpusFile(o.Dir)
	if err != nil {
		return err
	}
	if x.Analyzer, err = index.Analyzer(ctx, store); err != nil {
		return err
	}
	report := index.Report{Failures: []index.Failure{}}
	if err := x.Run(ctx, corpus{path}, &report); err != nil {
		return err
	}
	return x.Freeze(ctx, retrieve.NewScope(collection))
}

// corpus is a source of the documents of a corpus file.
type corpus struct{ path string }

func (corpus) Name() string       { return collection }
func (corpus) Collection() string { return collection }

func (c corpus) Changes(context.Context, ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		for d, err := range eval.ReadCorpus(c.path) {
			if err != nil {
				yield(ingest.Change{}, err)
				return
			}
			doc := d.Document(collection)
			if !yield(ingest.Change{Ref: doc.Ref, Op: ingest.Put, Doc: doc}, nil) {
				return
			}
		}
	}
}

// ranking is that of the documents of the passages that were found, each with
// its best passage. Documents whose text is the same rank together.
func ranking(r retrieve.Result) []eval.Ranked {
	var out []eval.Ranked
	for _, c := range r.Candidates {
		out = append(out, eval.Ranked{ID: c.Doc.ID, Score: c.Score})
		for _, p := range c.Also {
			out = append(out, eval.Ranked{ID: p.Doc.ID, Score: c.Score})
		}
	}
	return eval.Rank(out)
}

func runFile(path string) (*eval.RunWriter, func() error, error) {
	if path == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	run := eval.NewRunWriter(f, "vraagbaak")
	return run, func() error {
		if err := run.Flush(); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	}, nil
}
