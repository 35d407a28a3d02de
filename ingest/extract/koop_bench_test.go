package extract

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// realPublications are the files of ../shared/data/koop that hold the text of a
// publication. Without the folder the benchmark reads a law that it writes
// itself.
func realPublications(tb testing.TB) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	for _, pattern := range []string{"bwb/*toestand*.xml", "cvdr/*.xml", "handelingen/repaired/*.xml", "bekendmakingen/[gps]*[0-9].xml",
		"publications/*/[ak]*.xml", "rechtspraak/*.xml"} {
		names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "koop", pattern))
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			out[filepath.Base(name)] = data
		}
	}
	return out
}

// BenchmarkKOOP reads the same files by turns with Extract and with nothing
// but the tokens of encoding/xml, and reports how many times as long Extract
// takes ("x-tokens").
func BenchmarkKOOP(b *testing.B) {
	files := realPublications(b)
	if len(files) == 0 {
		b.Skip("../shared/data/koop is not here")
	}
	var size int64
	for _, data := range files {
		size += int64(len(data))
	}
	b.SetBytes(size)
	var ours, bare time.Duration
	for b.Loop() {
		for name, data := range files {
			start := time.Now()
			if _, err := Extract(context.Background(), Input{Name: name, Data: data}); err != nil {
				b.Fatal(err)
			}
			ours += time.Since(start)
			start = time.Now()
			d := xml.NewDecoder(bytes.NewReader(data))
			d.Strict = false
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
			bare += time.Since(start)
		}
	}
	b.ReportMetric(float64(ours)/float64(bare), "x-tokens")
}
