package extract

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// OCR reads the text in pictures of pages with Tesseract, a program of its own
// that need not be there. It works on one page at a time.
type OCR struct {
	Program  string        // its path
	Version  string        // as it says, such as 5.3.0
	Language string        // its name of the language, such as nld
	PageTime time.Duration // for one page; 0 for DefaultPageTime
	// Time is for all pages of a document together; 0 for no limit but the
	// context's. Pages that are not reached are listed as unread.
	Time time.Duration
}

// DefaultPageTime bounds the recognition of one page. A page of A4 takes a few
// seconds of one core.
const DefaultPageTime = 90 * time.Second

// ErrNoOCR is why pages without text cannot be read on this machine.
var ErrNoOCR = errors.New("no OCR here")

// FindOCR looks for Tesseract with Dutch on the PATH. An error wraps ErrNoOCR
// and says what to install.
func FindOCR(ctx context.Context) (*OCR, error) {
	const language = "nld"
	program, err := exec.LookPath("tesseract")
	if err != nil {
		return nil, fmt.Errorf("%w: tesseract is not on the PATH; install it with Dutch (tesseract-ocr and tesseract-ocr-nld)", ErrNoOCR)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	version, err := ocrCommand(ctx, program, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s --version: %w", ErrNoOCR, program, err)
	}
	languages, err := ocrCommand(ctx, program, "--list-langs").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s --list-langs: %w", ErrNoOCR, program, err)
	}
	if !slices.Contains(strings.Fields(string(languages)), language) {
		return nil, fmt.Errorf("%w: tesseract has no Dutch; install tesseract-ocr-nld", ErrNoOCR)
	}
	o := &OCR{Program: program, Language: language}
	if f := strings.Fields(string(version)); len(f) > 1 {
		o.Version = f[1]
	}
	return o, nil
}

// String names the program in a state or signature: without spaces.
func (o *OCR) String() string {
	if o == nil {
		return ""
	}
	return "tesseract-" + o.Version + "-" + o.Language
}

// ocrCommand is Tesseract on one core: its threads gain little and take the
// cores from the models. It ends with this process where the system can see to
// that.
func ocrCommand(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.SysProcAttr = dieWithParent()
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// maxHOCR bounds what Tesseract says of one page.
const maxHOCR = 32 << 20

// read recognises the text in a picture; its characters have places in points.
func (o *OCR) read(ctx context.Context, picture *image.Gray, dpi float64) ([]glyph, error) {
	limit := o.PageTime
	if limit <= 0 {
		limit = DefaultPageTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := ocrCommand(ctx, o.Program, "stdin", "stdout", "-l", o.Language, "--dpi", fmt.Sprint(int(dpi)), "--psm", "3",
		"-c", "tessedit_create_hocr=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out := &limited{left: maxHOCR}
	complaint := &limited{left: 4096}
	cmd.Stdout, cmd.Stderr = out, complaint
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	writeErr := writePGM(in, picture)
	in.Close()
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("tesseract did not finish the page within %v", limit)
	case err != nil:
		return nil, fmt.Errorf("tesseract: %w: %s", err, oneLine(complaint.String()))
	case writeErr != nil:
		return nil, fmt.Errorf("tesseract: %w", writeErr)
	case out.cut:
		return nil, fmt.Errorf("tesseract found more than %d MB on the page", maxHOCR>>20)
	}
	return parseHOCR(out.Bytes(), float64(picture.Rect.Dy()), dpi)
}

// writePGM writes a grey picture as it is: no time is lost on compression.
func writePGM(w io.Writer, p *image.Gray) error {
	b := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(b, "P5 %d %d 255\n", p.Rect.Dx(), p.Rect.Dy())
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		at := p.PixOffset(p.Rect.Min.X, y)
		b.Write(p.Pix[at : at+p.Rect.Dx()])
	}
	return b.Flush()
}

// limited keeps the first bytes of what is written.
type limited struct {
	bytes.Buffer
	left int
	cut  bool
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	l.cut = l.cut || n < len(b)
	l.Buffer.Write(b[:n])
	return len(b), nil
}
