package koop

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// OpenDataOptions describe a harvest of the open data of rijksoverheid.nl. Zero
// values mean the default.
type OpenDataOptions struct {
	Service
	// Kinds are the lists to read: faq (questions with their answers), documents,
	// news, or another information type of the service. The default is faq.
	Kinds []string
	// From takes documents that were modified then or later only.
	From time.Time
	// Files takes the files of documents too, each as a document of its own.
	Files bool
	// Recheck is the time between two full listings of documents, which show what
	// was removed; other kinds are listed in full every time. A week.
	Recheck time.Duration
}

const (
	openDataAddress = "https://opendata.rijksoverheid.nl/v1"
	openDataFiles   = "https://www.rijksoverheid.nl"
	listRows        = 200 // the most the service gives
	documents       = "documents"
)

// OpenData is the open data of rijksoverheid.nl. It is safe for one run at a
// time.
type OpenData struct {
	opts   OpenDataOptions
	client *client
	base   *url.URL
	scope  string
}

var _ ingest.Source = (*OpenData)(nil)

var infoType = regexp.MustCompile(`^[a-z][a-z-]*$`)

// NewOpenData checks the options; it makes no request.
func NewOpenData(o OpenDataOptions) (*OpenData, error) {
	s, err := newOpenData(o)
	if err != nil {
		return nil, fmt.Errorf("rijksoverheid source %q: %w", o.Name, err)
	}
	return s, nil
}

func newOpenData(o OpenDataOptions) (*OpenData, error) {
	if len(o.Kinds) == 0 {
		o.Kinds = []string{"faq"}
	}
	for _, k := range o.Kinds {
		if !infoType.MatchString(k) {
			return nil, fmt.Errorf("kinds: %q is not an information type; write faq, documents or news", k)
		}
	}
	if o.Recheck <= 0 {
		o.Recheck = defaultRecheck
	}
	s := &OpenData{opts: o}
	var err error
	if s.client, err = s.opts.open(openDataAddress, openDataFiles); err != nil {
		return nil, err
	}
	if s.base, err = url.Parse(s.opts.Address); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "1\x00%s\x00%q\x00%s\x00%v\x00%s", s.opts.Address, o.Kinds, day(o.From), o.Files, o.ExtractVersion)
	s.scope = strconv.FormatUint(h.Sum64(), 36)
	return s, nil
}

// Name of the source in the configuration.
func (s *OpenData) Name() string { return s.opts.Name }

// Collection its documents belong to.
func (s *OpenData) Collection() string { return s.opts.Collection }

// Changes lists the kinds, reads what is new or was modified, and asks for what
// a full listing no longer has. The error, always the last item, says why the
// service could not be read to the end; the rest is for the next run.
func (s *OpenData) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		r := &openDataRun{s: s, mem: mem, out: newEmitter(func(c ingest.Change) bool { return yield(c, nil) })}
		err := r.harvest(ctx)
		if errors.Is(err, errStopped) || r.out.flush() != nil {
			return
		}
		if err != nil {
			yield(ingest.Change{}, fmt.Errorf("rijksoverheid source %q: %w", s.opts.Name, err))
		}
	}
}

// listURL is the address of a page of a list.
func (s *OpenData) listURL(kind string, offset, rows int, since string) string {
	where := "infotypes/" + kind
	if kind == documents {
		where = "sources/rijksoverheid/documents"
	}
	v := url.Values{"output": {"json"}, "rows": {strconv.Itoa(rows)}, "offset": {strconv.Itoa(offset)}}
	if since != "" {
		v.Set("lastmodifiedsince", since)
	}
	return s.base.JoinPath(where).String() + "?" + v.Encode()
}

// list requests a page of a list.
func (s *OpenData) list(ctx context.Context, address string) ([]page, error) {
	a, err := s.client.get(ctx, address, "application/json, application/xml;q=0.5")
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: the service answers %d", a.URL, a.Status)
	}
	pages, err := parsePages(a.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.URL, err)
	}
	return pages, nil
}

// detailURL is where a page of a list is read in full. The service names the
// address itself; of an imitation, or a service that has moved, the path counts.
func (s *OpenData) detailURL(kind string, p page) string {
	u, err := url.Parse(p.DataURL)
	if err != nil || u.Path == "" {
		where := "infotypes/" + kind
		if kind == documents {
			where = "sources/rijksoverheid/documents"
		}
		u = s.base.JoinPath(where, p.ID)
	} else if origin(u) != origin(s.base) {
		_, path, found := strings.Cut(u.Path, "/v1/")
		if !found {
			return ""
		}
		u = s.base.JoinPath(path)
	}
	u.RawQuery = "output=json"
	return u.String()
}

// Survey asks for one page of each list. The service does not count: where the
// page is full there are at least as many.
func (s *OpenData) Survey(ctx context.Context) (Survey, error) {
	out := Survey{Address: s.opts.Address, Parts: []SurveyPart{}}
	since := ""
	if !s.opts.From.IsZero() {
		since = s.opts.From.Format("20060102")
	}
	for _, k := range s.opts.Kinds {
		part := SurveyPart{Kind: k}
		if k == documents {
			part.Query = s.listURL(k, 0, listRows, since)
		} else {
			part.Query = s.listURL(k, 0, listRows, "")
		}
		pages, err := s.list(ctx, part.Query)
		if err != nil {
			return out, err
		}
		part.Records = len(pages)
		out.Records += len(pages)
		out.Estimate = out.Estimate || len(pages) >= listRows
		out.Parts = append(out.Parts, part)
		if out.Query == "" {
			out.Query = part.Query
		}
	}
	return out, nil
}
