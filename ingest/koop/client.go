package koop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/guard"
)

const (
	productToken = "vraagbaak"
	maxAttempts  = 4
	maxHops      = 5
)

// clientOptions describe how a service is asked. Zero values mean the default.
type clientOptions struct {
	Hosts             []string      // scheme://host[:port] that may be asked; nothing else ever is
	RequestsPerSecond float64       // to one host: 1
	AllowPrivate      []string      // internal servers, host:port, that may be asked
	Contact           string        // URL or e-mail address in the User-Agent
	Timeout           time.Duration // of one request with its body: 2 minutes
	MaxBody           int64         // bytes of one answer: 100 MB
	MaxRetryAfter     time.Duration // longest pause a server can ask for within a run: 5 minutes
	Log               *slog.Logger

	transport http.RoundTripper // of the tests; nil for the guarded one
	clock     clock             // of the tests
}

// client asks the services one request at a time per host, not faster than
// configured, and is patient with them. It is for one goroutine.
type client struct {
	o     clientOptions
	http  *http.Client
	agent string
	next  map[string]time.Time // by host: before which nothing is requested
}

// answer is a response that was read in full.
type answer struct {
	URL         string // it was read from, after redirects
	Status      int
	Header      http.Header
	ContentType string
	Body        []byte
}

func newClient(o clientOptions) (*client, error) {
	if o.RequestsPerSecond == 0 {
		o.RequestsPerSecond = 1
	}
	if o.RequestsPerSecond < 0 || o.RequestsPerSecond != o.RequestsPerSecond {
		return nil, fmt.Errorf("requests_per_second is %v; give a number above 0", o.RequestsPerSecond)
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 100 << 20
	}
	if o.MaxRetryAfter <= 0 {
		o.MaxRetryAfter = 5 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.clock.now == nil {
		o.clock = realClock()
	}
	for i, h := range o.Hosts {
		u, err := url.Parse(h)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("address %q: write it as https://host", h)
		}
		o.Hosts[i] = origin(u)
	}
	transport := o.transport
	if transport == nil {
		t, err := guard.Transport(o.AllowPrivate)
		if err != nil {
			return nil, err
		}
		transport = t
	}
	contact := o.Contact
	if contact == "" {
		contact = "https://github.com/vraagbaak/vraagbaak"
	}
	if strings.HasPrefix(contact, "http") {
		contact = "+" + contact
	}
	return &client{o: o, agent: productToken + "/1.0 (" + contact + ")", next: map[string]time.Time{},
		http: &http.Client{Transport: transport, Timeout: o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// get requests an address, at the pace of its host, and follows its redirects
// within the allowed hosts. Answers that ask for patience (429, 5xx) and
// connections that fail are tried again, after Retry-After or twice as long
// each time. An answer with another status is no error. The error names the
// address.
func (c *client) get(ctx context.Context, address, accept string) (*answer, error) {
	for range maxHops + 1 {
		a, err := c.persist(ctx, address, accept)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
		loc := a.Header.Get("Location")
		if a.Status < 300 || a.Status > 399 || loc == "" {
			return a, nil
		}
		at, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		to, err := at.Parse(loc)
		if err != nil {
			return nil, fmt.Errorf("%s: redirects to %q, which is no address", address, loc)
		}
		address = to.String()
	}
	return nil, fmt.Errorf("%s: redirects more than %d times", address, maxHops)
}

// file requests a file. A status that says neither that it is there nor that it
// is not, such as 403, is an error: trouble on the way, which passes.
func (c *client) file(ctx context.Context, address string) (*answer, error) {
	a, err := c.get(ctx, address, "")
	if err == nil && a.Status != http.StatusOK && !a.absent() {
		err = fmt.Errorf("%s: the server answers %d", a.URL, a.Status)
	}
	return a, err
}

// absent reports whether the server says that there is nothing at the address.
func (a *answer) absent() bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusGone
}

func (c *client) persist(ctx context.Context, address, accept string) (*answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	host := origin(u)
	if !slices.Contains(c.o.Hosts, host) {
		return nil, fmt.Errorf("%w: %s is not one of %s", errNotAllowed, host, strings.Join(c.o.Hosts, ", "))
	}
	for attempt := 1; ; attempt++ {
		a, err := c.once(ctx, u, host, accept)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, guard.ErrRefused), errors.Is(err, errTooLarge):
			return nil, err
		case err == nil && a.Status != http.StatusTooManyRequests && a.Status < 500:
			return a, nil
		}
		pause := time.Second << attempt
		if err == nil {
			pause = c.patience(a.Header, pause)
		}
		if attempt == maxAttempts || pause > c.o.MaxRetryAfter {
			if err == nil {
				err = fmt.Errorf("the server answers %d, and asks for %s of patience; the rest is left for a later run", a.Status, pause.Round(time.Second))
			}
			return nil, err
		}
		c.o.Log.Info("asking again later", "url", address, "pause", pause, "attempt", attempt, "error", err)
		if at := c.o.clock.now().Add(pause); at.After(c.next[host]) { // no patience at all is no leave to hurry
			c.next[host] = at
		}
	}
}

// patience is how long a server wants to be left alone.
func (c *client) patience(header http.Header, otherwise time.Duration) time.Duration {
	v := strings.TrimSpace(header.Get("Retry-After"))
	if secs, err := strconv.Atoi(v); err == nil && secs >= 0 {
		return time.Duration(min(secs, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(c.o.clock.now()), 0)
	}
	return otherwise
}

// errNotAllowed: an address that this source does not ask, whoever names it.
var errNotAllowed = errors.New("its server is not one of this source")

var errTooLarge = errors.New("its answer is too large")

// once makes one request; it is the only place where that is done.
func (c *client) once(ctx context.Context, u *url.URL, host, accept string) (*answer, error) {
	if err := c.o.clock.sleep(ctx, c.next[host].Sub(c.o.clock.now())); err != nil {
		return nil, err
	}
	c.next[host] = c.o.clock.now().Add(time.Duration(float64(time.Second) / c.o.RequestsPerSecond))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.agent)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.o.MaxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("its answer broke off: %w", err)
	case int64(len(body)) > c.o.MaxBody:
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, c.o.MaxBody)
	}
	return &answer{URL: u.String(), Status: res.StatusCode, Header: res.Header, ContentType: res.Header.Get("Content-Type"), Body: body}, nil
}

// clock is the time that the pace is kept by.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

func realClock() clock {
	return clock{now: time.Now, sleep: func(ctx context.Context, d time.Duration) error {
		if d <= 0 {
			return ctx.Err()
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			return nil
		}
	}}
}
