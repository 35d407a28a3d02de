package extract

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"
)

// realPDFs are the born-digital PDFs of the test data, by folder.
func realPDFs(t testing.TB) (out [][]byte) {
	for _, dir := range []string{"kamervragen-pdf", "policy-pdf", "dusi"} {
		files, _ := filepath.Glob(filepath.Join(data(t), "documents", dir, "*.[pP][dD][fF]"))
		if len(files) == 0 {
			t.Fatalf("no PDF in %s", dir)
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, raw)
		}
	}
	return out
}

func pageCount(t testing.TB, files [][]byte) (n int) {
	for _, raw := range files {
		r, err := pdf.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		n += r.NumPage()
	}
	return n
}

// BenchmarkPDF compares reading a PDF to a document with what the raw engine
// takes for its plain text. The two take turns at each file, so that what else
// goes on in the machine hits both.
//
//	go test -run '^$' -bench BenchmarkPDF -cpu 1 ./ingest/extract
func BenchmarkPDF(b *testing.B) {
	files := realPDFs(b)
	pages := pageCount(b, files)
	var ours, raw time.Duration
	for b.Loop() {
		for _, data := range files {
			at := time.Now()
			if _, err := Extract(context.Background(), Input{Name: "x.pdf", Data: data}); err != nil {
				b.Error(err)
			}
			mid := time.Now()
			if err := rawText(data); err != nil {
				b.Log(err)
			}
			ours, raw = ours+mid.Sub(at), raw+time.Since(mid)
		}
	}
	perPage := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N*pages) }
	b.ReportMetric(perPage(ours), "ms/page")
	b.ReportMetric(perPage(raw), "rawms/page")
	b.ReportMetric(float64(ours)/float64(raw), "times")
}

// rawText is the text that the raw engine gives of a file.
func rawText(data []byte) error {
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	text, err := r.GetPlainText()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, text)
	return err
}
