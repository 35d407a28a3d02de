package koop

import (
	"context"
	"testing"
	"time"
)

// BenchmarkHarvest is the first harvest of a selection that is spread over ten
// years, without its files: what it costs the service in searches. Most of the
// time is the imitation's.
func BenchmarkHarvest(b *testing.B) {
	const n = 20_000
	at := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	var papers []*paper
	for i := range n {
		p := newPaper(i, day(at.AddDate(0, 0, i*3600/n)))
		p.manifestations = []string{"metadata"}
		papers = append(papers, p)
	}
	for b.Loop() {
		now := newTime("2026-11-20T08:00:00Z")
		w := &wire{time: now, to: &repository{papers: papers}}
		p, err := NewPublications(PublicationsOptions{Selection: Selection{Kinds: []string{"Kamerstuk"}},
			Service: Service{Name: "stukken", Collection: "kst", Extract: readText, transport: w, clock: now.clock()}})
		if err != nil {
			b.Fatal(err)
		}
		records := 0
		for _, err := range p.Changes(context.Background(), newLedger()) {
			if err != nil {
				b.Fatal(err)
			}
			records++
		}
		if records != n {
			b.Fatalf("%d records", records)
		}
		b.ReportMetric(float64(len(w.log))/(n/pageSize), "searches/page")
	}
}

// BenchmarkParseResponse reads a real page of ten records where it is there.
func BenchmarkParseResponse(b *testing.B) {
	data := read(b, shared(b, "koop", "sru", "response-10-of-76.xml"))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parseResponse(data); err != nil {
			b.Fatal(err)
		}
	}
}
