package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// pdfiumMemory bounds the memory of one PDFium instance, in pages of 64 KiB.
const pdfiumMemory = 512 << 20 >> 16

// pdfiumPool starts PDFium once per process, when the first file needs it: the
// module takes seconds to compile, less than 0.1 s from the cache on disk. It
// is the one global of this package: a compiled module belongs to the process.
//
// WithCloseOnContextDone would let a context end a call within PDFium, at a
// hundred times the cost of each of the million calls that a report needs; the
// context is looked at between pages instead.
var pdfiumPool = sync.OnceValues(func() (pdfium.Pool, error) {
	conf := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(pdfiumMemory)
	if dir := pdfiumCache(); dir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(dir); err == nil {
			conf = conf.WithCompilationCache(cache)
		}
	}
	return webassembly.Init(webassembly.Config{
		MaxIdle: 0, MaxTotal: 2, RuntimeConfig: conf,
		FSConfig: wazero.NewFSConfig(), // it sees no files
		Stdout:   io.Discard, Stderr: io.Discard,
	})
})

// pdfiumCache is where compiled modules are kept: below VRAAGBAAK_HOME or the
// user's cache directory; "" without either.
func pdfiumCache() string {
	if home := os.Getenv("VRAAGBAAK_HOME"); home != "" {
		return filepath.Join(home, "wasm")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "vraagbaak", "wasm")
}

// readPDFium reads with PDFium, compiled to WebAssembly. It is slower to start
// and reads more files: broken cross-reference tables, other filters, modern
// encryption with an empty password.
func readPDFium(ctx context.Context, data []byte) (file *pdfFile, err error) {
	err = withPDFium(ctx, data, func(d pdfiumDocument) error {
		var err error
		file, err = d.read(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// withPDFium opens a file in an instance of its own, whose memory goes with it.
func withPDFium(ctx context.Context, data []byte, use func(pdfiumDocument) error) (err error) {
	pool, err := pdfiumPool()
	if err != nil {
		return fmt.Errorf("PDFium does not start: %w", err)
	}
	lib, err := pool.GetInstanceWithContext(ctx)
	if err != nil {
		return fmt.Errorf("PDFium is busy: %w", err)
	}
	defer func() {
		p := recover()
		lib.Close()
		if p != nil {
			err = fmt.Errorf("PDFium failed: %v", p)
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	opened, err := lib.OpenDocument(&requests.OpenDocument{File: &data})
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return errEncrypted
	case err != nil:
		return err
	}
	return use(pdfiumDocument{lib, opened.Document})
}

type pdfiumDocument struct {
	lib pdfium.Pdfium
	doc references.FPDF_DOCUMENT
}

func (d pdfiumDocument) read(ctx context.Context) (*pdfFile, error) {
	count, err := d.lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil {
		return nil, err
	}
	if count.PageCount > maxPages {
		return nil, fmt.Errorf("%d pages, at most %d are read", count.PageCount, maxPages)
	}
	file := &pdfFile{engine: "PDFium"}
	if meta, err := d.lib.GetMetaData(&requests.GetMetaData{Document: d.doc}); err == nil {
		for _, t := range meta.Tags {
			switch t.Tag {
			case "Title":
				file.title = t.Value
			case "CreationDate":
				file.created = t.Value
			}
		}
	}
	if marks, err := d.lib.GetBookmarks(&requests.GetBookmarks{Document: d.doc}); err == nil {
		file.bookmarks = flattenBookmarks(marks.Bookmarks, 1, nil)
	}
	for i := range count.PageCount {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := file.add(d.sheet(i)); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func flattenBookmarks(marks []responses.GetBookmarksBookmark, level int, out []bookmark) []bookmark {
	for _, m := range marks {
		if level > maxDepth || len(out) >= maxBookmarks {
			break
		}
		out = flattenBookmarks(m.Children, level+1, append(out, bookmark{m.Title, level}))
	}
	return out
}

// sheet reads the characters of a page (index from 0).
func (d pdfiumDocument) sheet(index int) sheet {
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: index}}
	chars, err := d.lib.GetPageTextStructured(&requests.GetPageTextStructured{
		Page: page, Mode: requests.GetPageTextStructuredModeChars, CollectFontInformation: true,
	})
	if err != nil {
		return sheet{sheetFacts: sheetFacts{err: err}}
	}
	text, err := d.lib.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return sheet{sheetFacts: sheetFacts{err: err}}
	}
	defer d.lib.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
	var s sheet
	p, unseen := d.scene(page)
	for i, c := range chars.Chars {
		if c.Text == "" || c.Text == "\r" || c.Text == "\n" || c.FontInformation == nil {
			continue // line breaks are PDFium's own guess
		}
		if c.Text == "\u0002" || c.Text == "\ufffe" {
			c.Text = "-" // its mark for a hyphen at the end of a line
		}
		at, err := d.lib.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: text.TextPage, Index: i})
		if err != nil {
			continue
		}
		g := glyph{
			text: ligatures.Replace(c.Text), x: at.X, y: at.Y, size: c.FontInformation.RenderedSize,
			angle: quarter(math.Cos(c.Angle), math.Sin(c.Angle)), bold: c.FontInformation.Weight >= 600,
		}
		g.blank = blankText(g.text)
		g.w = c.PointPosition.Right - at.X
		if g.angle == 90 || g.angle == 270 {
			g.w = c.PointPosition.Top - c.PointPosition.Bottom
		}
		how := look{}
		if c, err := d.lib.FPDFText_GetFillColor(&requests.FPDFText_GetFillColor{TextPage: text.TextPage, Index: i}); err == nil {
			how.fill = rgb(c.R, c.G, c.B)
			g.dark = c.A == 0
		}
		for _, r := range unseen {
			if x, y := g.centre(); r.has(x, y) {
				how.mode3 = true
				break
			}
		}
		if n := len(p.looks); n == 0 || p.looks[n-1] != how {
			p.looks = append(p.looks, how)
		}
		g.look = int32(len(p.looks) - 1)
		p.out = append(p.out, g)
	}
	s.take(p)
	closeGaps(s.glyphs)
	return s
}

// closeGaps widens each character up to the next one that follows it: its box
// is that of the ink, and PDFium has put a space wherever there is one.
func closeGaps(glyphs []glyph) {
	for i := 1; i < len(glyphs); i++ {
		g, next := &glyphs[i-1], glyphs[i]
		if gap := next.x - g.x; g.angle == 0 && next.angle == 0 && next.y == g.y && gap > g.w && gap < 1.2*g.size && !g.blank {
			g.w = gap
		}
	}
}
