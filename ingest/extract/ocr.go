package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// OCR is the program that reads scans: Tesseract 4 or later, with Dutch.
type OCR struct {
	Command   string // path of tesseract
	Languages string // as its -l takes them: "nld+eng"
}

// FindOCR looks for Tesseract with Dutch on this machine. The error says what to
// install.
func FindOCR(ctx context.Context) (*OCR, error) {
	command, err := exec.LookPath("tesseract")
	if err != nil {
		return nil, errors.New("scans are not read: install tesseract with its Dutch data (on Debian: tesseract-ocr tesseract-ocr-nld)")
	}
	out, err := exec.CommandContext(ctx, command, "--list-langs").Output()
	if err != nil {
		return nil, fmt.Errorf("scans are not read: %s --list-langs: %w", command, err)
	}
	known := strings.Fields(string(out))
	if !slices.Contains(known, "nld") {
		return nil, errors.New("scans are not read: tesseract has no Dutch; install its data (on Debian: tesseract-ocr-nld)")
	}
	o := &OCR{command, "nld"}
	if slices.Contains(known, "eng") {
		o.Languages += "+eng"
	}
	return o, nil
}

const (
	ocrDPI      = 300
	ocrPageTime = 2 * time.Minute // for one page
	// ocrLeast is the mean confidence, of 100, below which a page is taken for
	// unread: a photograph, a drawing, another script.
	ocrLeast = 55
	// ocrWord is the confidence below which a word is left out.
	ocrWord = 30
	// maxScanText is how many characters a page may have and still be a scan: a
	// stamp or a page number that was added to it.
	maxScanText = 15
)

// readScans reads the pages of a PDF that have no text, each on its own; a page
// that cannot be read keeps its error. It lists the pages that were read.
func readScans(ctx context.Context, in Input, file *pdfFile) (read []int, err error) {
	var scans []int
	for i, s := range file.sheets {
		if s.count <= maxScanText && s.err == nil {
			scans = append(scans, i)
		}
	}
	if in.OCR == nil || len(scans) == 0 {
		return nil, nil
	}
	err = withPDFium(ctx, in.Data, func(lib pdfium.Pdfium, doc references.FPDF_DOCUMENT) error {
		for _, i := range scans {
			if err := ctx.Err(); err != nil {
				return err
			}
			lines, err := in.OCR.page(ctx, lib, doc, i)
			s := &file.sheets[i]
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				s.err = err
			case len(lines) > 0: // else the page is empty, which is no failure
				s.lines, s.count = lines, 0
				for _, l := range lines {
					s.count += l.chars
				}
				read = append(read, i+1)
			}
		}
		return nil
	})
	return read, err
}

// page renders one page (index from 0) and reads it.
func (o *OCR) page(ctx context.Context, lib pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) ([]span, error) {
	if !hasPicture(lib, doc, index) {
		return nil, nil
	}
	r, err := lib.RenderPageInDPI(&requests.RenderPageInDPI{
		DPI: ocrDPI, Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: index}},
	})
	if err != nil {
		return nil, fmt.Errorf("it cannot be drawn: %w", err)
	}
	defer r.Cleanup()
	grey := image.NewGray(r.Result.RenderedImage.Bounds())
	draw.Draw(grey, grey.Bounds(), r.Result.RenderedImage, r.Result.RenderedImage.Bounds().Min, draw.Src)
	var picture bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&picture, grey); err != nil {
		return nil, err
	}
	return o.read(ctx, picture.Bytes(), index+1, float64(grey.Bounds().Dy()))
}

// hasPicture reports whether there is anything on a page to read.
func hasPicture(lib pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) bool {
	n, err := lib.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: index}},
	})
	return err != nil || n.Count > 0
}

// read gives the lines that Tesseract finds in a picture. height is that of the
// picture, in pixels.
func (o *OCR) read(ctx context.Context, picture []byte, page int, height float64) ([]span, error) {
	limited, cancel := context.WithTimeout(ctx, ocrPageTime)
	defer cancel()
	cmd := exec.CommandContext(limited, o.Command, "stdin", "stdout", "-l", o.Languages, "--dpi", strconv.Itoa(ocrDPI), "--psm", "3", "tsv")
	cmd.Stdin = bytes.NewReader(picture)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // its threads wait for each other more than they work
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("text recognition took more than %s", ocrPageTime)
	case err != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(errOut.String()), "\n")
		return nil, fmt.Errorf("text recognition: %w (%s)", err, first)
	}
	lines, confidence := parseTSV(string(out), page, height)
	if len(lines) > 0 && confidence < ocrLeast {
		return nil, fmt.Errorf("text recognition is %d%% sure of what it read, at least %d%% is needed", int(confidence), ocrLeast)
	}
	return lines, nil
}

// parseTSV reads the table that Tesseract writes: a line for each word, with its
// block, paragraph and line, box and confidence. It gives lines in points from the
// lower edge, and the mean confidence of their characters.
func parseTSV(table string, page int, height float64) (lines []span, confidence float64) {
	const scale = 72.0 / ocrDPI
	var at [3]string
	var sure, chars float64
	for row := range strings.Lines(table) {
		f := strings.Split(strings.TrimRight(row, "\r\n"), "\t")
		if len(f) < 12 || f[0] != "5" {
			continue
		}
		word := normalise(f[11])
		var box [4]float64 // left, top, width, height
		ok := word != ""
		for i := range box {
			v, err := strconv.ParseFloat(f[6+i], 64)
			box[i], ok = v, ok && err == nil
		}
		c, err := strconv.ParseFloat(f[10], 64)
		if !ok || err != nil || c < ocrWord || !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue // a smear, a rule, the edge of a picture
		}
		n := float64(len(word))
		sure, chars = sure+c*n, chars+n
		key := [3]string{f[2], f[3], f[4]}
		if len(lines) == 0 || key != at {
			lines = append(lines, span{page: page, x0: box[0] * scale, y: (height - box[1] - box[3]) * scale})
		} else {
			lines[len(lines)-1].text += " "
		}
		at = key
		l := &lines[len(lines)-1]
		l.text += word
		l.x1 = (box[0] + box[2]) * scale
		l.size = max(l.size, min(box[3]*scale, 30))
		l.chars += len([]rune(word))
	}
	evenSizes(lines)
	if chars > 0 {
		confidence = sure / chars
	}
	return lines, confidence
}

// evenSizes gives lines of nearly the same height the same size: the boxes of a
// scan differ by which letters are in a line.
func evenSizes(lines []span) {
	if len(lines) == 0 {
		return
	}
	sizes := make([]float64, len(lines))
	for i, l := range lines {
		sizes[i] = l.size
	}
	slices.Sort(sizes)
	usual := sizes[len(sizes)/2]
	for i := range lines {
		if s := lines[i].size; s > usual*0.7 && s < usual*1.5 {
			lines[i].size = usual
		}
	}
}
