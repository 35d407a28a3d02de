// Package endpoint is the HTTP side of a model server elsewhere: its address,
// its key, and what went wrong with a request to it. It owns the rules that
// every client library above it has to keep: a key goes to that server only and
// into no log or error, a redirect is never followed, a server that falls
// silent is given up, and a failure says which status and message came back.
// It never knows what is asked of the server.
//
// Client libraries tend to flatten a failure to a line of text. Here a request
// whose context comes from [Endpoint.Watch] leaves its outcome with the
// [Watch], where the caller finds it whatever the library returned.
package endpoint

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config says where a model server is and how patient to be with it. The zero
// durations stand for the defaults.
type Config struct {
	// URL is http or https, with a path where the server has one
	// ("http://127.0.0.1:11434", "https://llm.example.nl/v1"); without user
	// name, query and fragment.
	URL string
	// KeyEnv names the environment variable that holds the API key, sent as a
	// bearer token; "" where the server needs none.
	KeyEnv string
	// Connect is how long connecting may take; 10 s.
	Connect time.Duration
	// Idle is how long the server may stay silent: before the first byte of its
	// answer (it may have to load a model) and between two pieces; 120 s.
	Idle time.Duration
	// Transport replaces the network, in tests. Connect does not apply to it.
	Transport http.RoundTripper
	// Getenv replaces [os.LookupEnv], in tests.
	Getenv func(string) (string, bool)
}

// Endpoint is a model server. It is safe for concurrent use.
type Endpoint struct {
	url    *url.URL
	key    string
	keyEnv string
	idle   time.Duration
	client *http.Client
}

// New checks c and returns its endpoint. It does not connect.
func New(c Config) (*Endpoint, error) {
	u, err := parse(c.URL)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{url: u, keyEnv: c.KeyEnv, idle: or(c.Idle, 120*time.Second)}
	if c.KeyEnv != "" {
		get := c.Getenv
		if get == nil {
			get = os.LookupEnv
		}
		key, _ := get(c.KeyEnv)
		if e.key = strings.TrimSpace(key); e.key == "" {
			return nil, fmt.Errorf("%s: the environment variable %s, which should hold its API key, is not set", u, c.KeyEnv)
		}
		if strings.ContainsFunc(e.key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, fmt.Errorf("%s: the API key in the environment variable %s has a line break or control character in it", u, c.KeyEnv)
		}
	}
	base := c.Transport
	if base == nil {
		base = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: or(c.Connect, 10*time.Second)}).DialContext,
			TLSHandshakeTimeout: or(c.Connect, 10*time.Second),
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     90 * time.Second,
			ForceAttemptHTTP2:   true,
		}
	}
	e.client = &http.Client{
		Transport: &transport{base: base, endpoint: e},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	return e, nil
}

func parse(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("address of the model server: %w", withoutURL(err))
	case u.User != nil:
		return nil, fmt.Errorf("address of the model server %s: holds a user name or password; put the key in an environment variable and name that", u.Redacted())
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("address of the model server %q: need http://HOST:PORT or https://HOST", s)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("address of the model server %s://%s%s: has a query or fragment", u.Scheme, u.Host, u.Path)
	}
	return u, nil
}

// withoutURL drops the address from a parse error: it may hold a password.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func or(d, standard time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return standard
}

// URL is the address of the server, without a slash at its end.
func (e *Endpoint) URL() string { return e.url.String() }

// Client sends requests to the server. It adds the key, and drops the
// Authorization header that a library set.
func (e *Endpoint) Client() *http.Client { return e.client }
