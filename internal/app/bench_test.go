package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/eval"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/internal/llama"
	"github.com/vraagbaak/vraagbaak/internal/sandbox"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
)

func TestMain(m *testing.M) {
	llama.RunChildIfAsked()
	sandbox.RunChildIfAsked(hostile)
	os.Exit(m.Run())
}

// BenchmarkAnswer measures what a reader waits for, over the 21,819 documents
// of eval/nl-gov with the real embedding model: the sources, and the verbatim
// answer. Questions are embedded anew each time. Run it with
//
//	go test -run '^$' -bench Answer -benchtime 300x ./internal/app
func BenchmarkAnswer(b *testing.B) {
	const data = "../../../shared/data/eval/nl-gov"
	if _, err := os.Stat(data); err != nil {
		b.Skip("the questions of eval/nl-gov are not there")
	}
	log := slog.New(slog.DiscardHandler)
	models := &modelSet{log: log}
	defer models.Close()
	ctx := context.Background()
	plain, err := models.embedder(ctx, config.Model{Kind: "local"})
	if err != nil {
		b.Skip("the embedding model is not pulled: ", err)
	}
	cached, err := models.cached(ctx, plain)
	if err != nil {
		b.Fatal(err)
	}
	store, err := localstore.Open(ctx, filepath.Join(b.TempDir(), indexFile), localstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	x := &index.Indexer{Store: store, Ledger: store, Embedder: cached, Chunks: chunk.Defaults(), Log: log, Owner: "bench", Ahead: 64}
	if err := buildCorpus(ctx, RetrievalOptions{Dir: data}, x, store); err != nil {
		b.Fatal(err)
	}
	_, queries, err := readQuestions(data)
	if err != nil {
		b.Fatal(err)
	}
	lex := lexicon{ledger: store}
	engine, err := answer.NewEngine(answer.Parts{Log: log, Embedder: plain.Model().Name,
		Searcher: &retrieve.Searcher{Store: store, Embedder: plain, Analyzer: lex.analyzer, Fusion: retrieve.DefaultFusion()}}, answer.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ask := func(q eval.Query) (sources, total, search float64) {
		start := time.Now()
		for ev, err := range engine.Ask(ctx, answer.Question{Text: q.Text, Scope: retrieve.NewScope(collection)}) {
			if err != nil {
				b.Fatal(err)
			}
			if ev.Kind == answer.EventSources {
				sources = time.Since(start).Seconds() * 1000
			}
			if ev.Kind == answer.EventDone {
				search = ev.Answer.Timings.Retrieve
			}
		}
		return sources, time.Since(start).Seconds() * 1000, search
	}
	ask(queries[0]) // loads the model and the index
	var sources, totals, searches []float64
	i := 0
	for b.Loop() {
		s, t, r := ask(queries[i%len(queries)])
		sources, totals, searches = append(sources, s), append(totals, t), append(searches, r)
		i++
	}
	b.ReportMetric(percentile(searches, 95), "search-p95-ms")
	b.ReportMetric(percentile(sources, 50), "sources-p50-ms")
	b.ReportMetric(percentile(sources, 95), "sources-p95-ms")
	b.ReportMetric(percentile(totals, 50), "answer-p50-ms")
	b.ReportMetric(percentile(totals, 95), "answer-p95-ms")
	b.ReportMetric(residentMB(), "MB-resident")
}

func percentile(v []float64, p int) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[max((len(s)*p+99)/100, 1)-1]
}

// residentMB is the memory of this process, without the model's, where the
// system tells it.
func residentMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}
