package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// largePDF writes a report of so many pages of 40 lines.
func largePDF(pages int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", pages, kids.String()))
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	for i := range pages {
		var page strings.Builder
		page.WriteString("BT /F1 10 Tf 14 TL 50 800 Td\n")
		for line := range 40 {
			fmt.Fprintf(&page, "(Op bladzijde %d staat in regel %d dat de gemeente Waterrijk %d bomen plant.) Tj T*\n", i+1, line+1, (i+1)*(line+1))
		}
		page.WriteString("ET")
		object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>", 5+2*i))
		object(fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", page.Len(), page.String()))
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// A report of 1,600 pages is read page by page, in a bounded amount of memory.
func TestLargePDF(t *testing.T) {
	if testing.Short() {
		t.Skip("1,600 pages take long: not with -short")
	}
	const pages, limit = 1600, 300 // MB
	p := &program{dir: t.TempDir(), home: t.TempDir()}
	if err := os.WriteFile(filepath.Join(p.dir, "groot.pdf"), largePDF(pages), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, out, errOut := p.command(t.Context(), t, "extract", "groot.pdf", "--json")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errOut)
	}
	var doc extractedJSON
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if last := doc.Blocks[len(doc.Blocks)-1]; last.Page != pages || !strings.Contains(doc.Text, "regel 20 dat de gemeente Waterrijk 32000 bomen plant") {
		t.Errorf("the last block is on page %d", last.Page)
	}
	peak, ok := peakMemory(cmd.ProcessState)
	if !ok {
		t.Skipf("%s does not tell the memory of a process", runtime.GOOS)
	}
	t.Logf("%d pages, %.1f MB of text: at most %d MB, %s of processor time", pages, float64(len(doc.Text))/1e6, peak, cmd.ProcessState.UserTime())
	if peak > limit {
		t.Errorf("at most %d MB, more than %d", peak, limit)
	}
}
