package endpoint

import (
	"errors"
	"fmt"
	"net"
	"net/http"
)

// Kind is the interface that a model server speaks.
type Kind string

// The kinds.
const (
	Ollama Kind = "ollama" // Ollama's own: /api/chat, /api/embed
	OpenAI Kind = "openai" // OpenAI's, as vLLM, llama-server, TEI and many others speak it: /v1/chat/completions, /v1/embeddings
)

// Check returns an error where k is none of the kinds.
func (k Kind) Check() error {
	if k != Ollama && k != OpenAI {
		return fmt.Errorf("kind of the model server %q: need %q or %q", k, Ollama, OpenAI)
	}
	return nil
}

// Failure is a request to a model server that did not succeed. Its text names
// the server and the model and says what to do.
type Failure struct {
	Kind   Kind
	URL    string
	Model  string
	KeyEnv string // the environment variable with the key, "" for none
	Err    error
	text   string
}

// Fail returns the failure of a request to e.
func (e *Endpoint) Fail(kind Kind, model string, err error) *Failure {
	f := &Failure{Kind: kind, URL: e.URL(), Model: model, KeyEnv: e.keyEnv, Err: err}
	f.text = fmt.Sprintf("%s server at %s, model %q: %s", kind, f.URL, model, e.clean(err.Error()))
	if todo := f.advice(); todo != "" {
		f.text += "; " + todo
	}
	return f
}

func (f *Failure) Error() string { return f.text }

// Unwrap returns what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

func (f *Failure) advice() string {
	var status *StatusError
	var dns *net.DNSError
	var dial *net.OpError
	switch {
	case errors.As(f.Err, &status):
		return f.statusAdvice(status.Code)
	case errors.Is(f.Err, ErrSilent):
		return "it may be loading the model or be overloaded; raise the idle time-out if it needs longer"
	case errors.As(f.Err, &dns):
		return "check the host name in the configuration"
	case errors.As(f.Err, &dial) && dial.Op == "dial" && f.Kind == Ollama:
		return "check the address, and that Ollama runs there (ollama serve)"
	case errors.As(f.Err, &dial) && dial.Op == "dial":
		return "check the address, and that the server runs there"
	}
	return ""
}

func (f *Failure) statusAdvice(code int) string {
	switch {
	case (code == http.StatusUnauthorized || code == http.StatusForbidden) && f.KeyEnv == "":
		return "it needs an API key: put it in an environment variable and name that in the configuration"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return "check the API key in the environment variable " + f.KeyEnv
	case code == http.StatusNotFound && f.Kind == Ollama:
		return "fetch the model there with: ollama pull " + f.Model
	case code == http.StatusNotFound:
		return "check the name of the model (" + f.URL + "/models lists them) and the address, which usually ends in /v1"
	case code == http.StatusRequestEntityTooLarge:
		return "send less at once: lower the batch or the text limit"
	case code == http.StatusTooManyRequests:
		return "it asks for fewer requests; try again later"
	case code >= 500:
		return "the server's own log says more"
	}
	return ""
}
