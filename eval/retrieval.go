package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Search ranks the documents of an index for a question and says how long that
// took, without the time the question's embedding took.
type Search func(ctx context.Context, question string) ([]Ranked, time.Duration, error)

// Scores are means over questions.
type Scores struct {
	NDCG10   float64 `json:"ndcg@10"`
	Recall10 float64 `json:"recall@10"`
	MRR10    float64 `json:"mrr@10"`
	Queries  int     `json:"queries"`
}

func (s *Scores) add(ranked []string, rel map[string]int) {
	s.NDCG10 += NDCG(ranked, rel, 10)
	s.Recall10 += Recall(ranked, rel, 10)
	s.MRR10 += MRR(ranked, rel, 10)
	s.Queries++
}

func (s *Scores) mean() {
	if n := float64(s.Queries); n > 0 {
		s.NDCG10 /= n
		s.Recall10 /= n
		s.MRR10 /= n
	}
}

// Latency holds percentiles in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// Size says how large the searched index is and how long it took to make.
type Size struct {
	Passages int     `json:"passages"`
	Seconds  float64 `json:"seconds"`
}

// Retrieval is the outcome of an evaluation of search alone. Groups are by the
// "source" in the metadata of the questions.
type Retrieval struct {
	Scores
	Mode    string            `json:"mode"`
	Groups  map[string]Scores `json:"groups"`
	Latency Latency           `json:"latency_ms"`
	Index   Size              `json:"index"`
}

// Retrieve puts every judged question to search and scores the rankings. Each
// ranking also goes to run, if it is not nil. Questions without a judgement are
// left out, as trec_eval does.
func Retrieve(ctx context.Context, queries []Query, qrels Qrels, search Search, run *RunWriter) (Retrieval, error) {
	out := Retrieval{Groups: map[string]Scores{}}
	var took []time.Duration
	for _, q := range queries {
		rel := qrels[q.ID]
		if len(rel) == 0 {
			continue
		}
		ranked, d, err := search(ctx, q.Text)
		if err != nil {
			return out, fmt.Errorf("question %s: %w", q.ID, err)
		}
		took = append(took, d)
		ids := IDs(ranked)
		out.add(ids, rel)
		group, _ := q.Metadata["source"].(string)
		g := out.Groups[group]
		g.add(ids, rel)
		out.Groups[group] = g
		if run != nil {
			if err := run.Write(q.ID, ranked); err != nil {
				return out, err
			}
		}
	}
	if out.Queries == 0 {
		return out, fmt.Errorf("none of the %d questions has a judgement; do the ids in queries.jsonl and qrels.tsv agree?", len(queries))
	}
	out.mean()
	for k, g := range out.Groups {
		g.mean()
		out.Groups[k] = g
	}
	out.Latency = Percentiles(took)
	return out, nil
}

// Percentiles gives the median and the 95th percentile (nearest rank).
func Percentiles(ds []time.Duration) Latency {
	if len(ds) == 0 {
		return Latency{}
	}
	s := slices.Sorted(slices.Values(ds))
	at := func(p int) float64 {
		i := (len(s)*p + 99) / 100
		return float64(s[max(i, 1)-1].Microseconds()) / 1000
	}
	return Latency{P50: at(50), P95: at(95)}
}

// Document makes a document of a line of a corpus: each line of its text is a
// paragraph.
func (d Doc) Document(collection string) *ingest.Document {
	out := &ingest.Document{Ref: ingest.Ref{Collection: collection, ID: d.ID}, Title: d.Title, Language: "nl", Text: d.Text}
	pos := 0
	for _, l := range strings.SplitAfter(d.Text, "\n") {
		if strings.TrimSpace(l) != "" {
			out.Blocks = append(out.Blocks, ingest.Block{Start: pos, End: pos + len(l), Kind: ingest.Paragraph})
		}
		pos += len(l)
	}
	return out
}
