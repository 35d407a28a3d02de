package models

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// A machine without internet must find out fast and go on to the next
	// source.
	connectTimeout = 10 * time.Second
	// stallTimeout is how long a download may stand still.
	stallTimeout = 60 * time.Second
	// downloadTries counts tries in a row that brought nothing.
	downloadTries = 3
)

func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = connectTimeout
	t.ResponseHeaderTimeout = connectTimeout
	return &http.Client{Transport: t}
}

func (s HTTPS) String() string {
	if len(s.URLs) == 1 {
		return s.URLs[0]
	}
	return fmt.Sprintf("%s (%d files)", s.URLs[0], len(s.URLs))
}

func (s HTTPS) fetch(j *job) error {
	if len(s.URLs) != len(j.entry.Files) {
		return fmt.Errorf("%d addresses for %d files", len(s.URLs), len(j.entry.Files))
	}
	var done int64
	for i, f := range j.entry.Files {
		d := &download{job: j, url: s.URLs[i], file: f, path: j.path(f.Name), before: done, total: j.entry.Size()}
		if err := d.run(); err != nil {
			return err
		}
		done += sizeOf(d.path)
	}
	return nil
}

// download is one file from one URL.
type download struct {
	*job
	url           string
	file          File
	path          string
	before, total int64 // bytes of earlier files and of all, for progress

	// stated is the sha256 that the origin gives for the file, if it does:
	// Hugging Face puts it in X-Linked-Etag.
	stated string
}

// run downloads until the file is whole, going on where it was broken off.
func (d *download) run() error {
	resumed := sizeOf(d.path) > 0
	for failures := 0; ; {
		had := sizeOf(d.path)
		whole, err := d.once(had)
		if err == nil && whole {
			break
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		var fatal fatalError
		if d.ctx.Err() != nil || errors.As(err, &fatal) {
			return err
		}
		if failures++; sizeOf(d.path) > had {
			failures = 1
		}
		if failures >= downloadTries || had == 0 && sizeOf(d.path) == 0 {
			return err
		}
	}
	_ = os.Remove(d.validatorPath())
	want := d.file.SHA256
	if want == "" {
		want = d.stated
	}
	if want == "" {
		return nil
	}
	sum, err := hashFile(d.ctx, d.path, nil)
	if err != nil {
		return err
	}
	if sum == want {
		return nil
	}
	_ = os.Remove(d.path)
	if resumed {
		// What was there from an earlier pull may have been of another file.
		return d.run()
	}
	return fmt.Errorf("%s has the %w: it is %s, want %s", d.file.Name, ErrWrongChecksum, sum, want)
}

// fatalError is an answer that trying again does not change.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

// once asks for what is missing after had bytes and reports whether the file is
// whole.
func (d *download) once(had int64) (bool, error) {
	if d.file.SHA256 != "" && had == d.file.Size {
		return true, nil
	}
	ctx, cancel := context.WithCancelCause(d.ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return false, fatalError{err}
	}
	req.Header.Set("User-Agent", "vraagbaak")
	if had > 0 {
		validator := d.validator()
		if d.file.SHA256 == "" && validator == "" {
			had = 0 // it could be another version by now
		} else {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", had))
			if validator != "" {
				req.Header.Set("If-Range", validator)
			}
		}
	}
	res, err := d.clientFor().Do(req)
	if err != nil {
		return false, tidyURLError(err)
	}
	defer res.Body.Close()
	d.noteStated(res)
	switch res.StatusCode {
	case http.StatusOK:
		had = 0
	case http.StatusPartialContent:
		if got := res.Header.Get("Content-Range"); !strings.HasPrefix(got, fmt.Sprintf("bytes %d-", had)) {
			return false, fatalError{fmt.Errorf("asked for bytes from %d, got %q", had, got)}
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return false, os.Truncate(d.path, 0)
	default:
		return false, fatalError{fmt.Errorf("HTTP %s", res.Status)}
	}
	size := int64(-1)
	if res.ContentLength >= 0 {
		size = had + res.ContentLength
	}
	if d.file.SHA256 != "" && size >= 0 && size != d.file.Size {
		return false, fatalError{fmt.Errorf("the server has %d bytes, want %d", size, d.file.Size)}
	}
	d.keepValidator(res)
	if err := d.save(cancel, res.Body, had, size); err != nil {
		if cause := context.Cause(ctx); cause != nil && d.ctx.Err() == nil {
			err = cause
		}
		return false, err
	}
	return size < 0 || sizeOf(d.path) == size, nil
}

func (d *download) save(cancel context.CancelCauseFunc, body io.Reader, had, size int64) error {
	out, err := os.OpenFile(d.path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return fatalError{err}
	}
	defer out.Close()
	if err := out.Truncate(had); err != nil {
		return fatalError{err}
	}
	total := max(d.total, d.before+size)
	stalled := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing came for %s", stallTimeout)) })
	defer stalled.Stop()
	r := &countingReader{ctx: d.ctx, r: body, tell: func(n int64) {
		stalled.Reset(stallTimeout)
		d.progress.Bytes(d.before+had+n, total)
	}}
	limit := int64(maxFile)
	if d.file.SHA256 != "" {
		limit = d.file.Size
	}
	n, err := io.Copy(io.NewOffsetWriter(out, had), io.LimitReader(r, limit-had+1))
	if err == nil && had+n > limit {
		_ = out.Truncate(0)
		err = fatalError{fmt.Errorf("%w: %d bytes", errTooLarge, limit)}
	}
	if cerr := out.Close(); err == nil && cerr != nil {
		err = fatalError{cerr}
	}
	return err
}

// clientFor follows redirects, but not from https to http, and looks at every
// answer on the way for a stated sha256.
func (d *download) clientFor() *http.Client {
	c := *d.client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("more than 10 redirects")
		}
		if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
			return fmt.Errorf("redirected to %s, which is not encrypted", req.URL.Redacted())
		}
		d.noteStated(req.Response)
		return nil
	}
	return &c
}

func (d *download) noteStated(res *http.Response) {
	if res == nil {
		return
	}
	tag := strings.Trim(res.Header.Get("X-Linked-Etag"), `"`)
	if b, err := hex.DecodeString(tag); err == nil && len(b) == 32 {
		d.stated = tag
	}
}

func (d *download) validatorPath() string { return d.path + ".etag" }

// validator is the strong ETag of what is there, with the URL it came from.
func (d *download) validator() string {
	b, err := os.ReadFile(d.validatorPath())
	if err != nil {
		return ""
	}
	from, tag, ok := strings.Cut(strings.TrimSpace(string(b)), " ")
	if !ok || from != strconv.Quote(d.url) {
		return ""
	}
	return tag
}

func (d *download) keepValidator(res *http.Response) {
	tag := res.Header.Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") || strings.ContainsAny(tag, " \n") {
		_ = os.Remove(d.validatorPath())
		return
	}
	_ = os.WriteFile(d.validatorPath(), []byte(strconv.Quote(d.url)+" "+tag+"\n"), 0o644)
}

// tidyURLError drops the URL from an error of the client: it is in the name of
// the source already.
func tidyURLError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("no answer in %s: %w", connectTimeout, u.Err)
		}
		return u.Err
	}
	return err
}
