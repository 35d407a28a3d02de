package endpoint

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestFailureSaysWhatToDo(t *testing.T) {
	refused := fmt.Errorf("post: %w", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")})
	for _, c := range []struct {
		kind   Kind
		keyEnv string
		err    error
		want   string
	}{
		{Ollama, "", &StatusError{Code: 404, Message: "model 'm' not found"}, `ollama server at http://host, model "m": HTTP 404 Not Found: model 'm' not found; fetch the model there with: ollama pull m`},
		{OpenAI, "", &StatusError{Code: 404}, `openai server at http://host, model "m": HTTP 404 Not Found; check the name of the model (http://host/models`},
		{OpenAI, "", &StatusError{Code: 401}, "it needs an API key"},
		{OpenAI, "LLM_KEY", &StatusError{Code: 403}, "check the API key in the environment variable LLM_KEY"},
		{OpenAI, "", &StatusError{Code: 413}, "send less at once"},
		{OpenAI, "", &StatusError{Code: 429}, "try again later"},
		{OpenAI, "", &StatusError{Code: 500}, "the server's own log"},
		{OpenAI, "", ErrSilent, "raise the idle time-out"},
		{Ollama, "", refused, "(ollama serve)"},
		{OpenAI, "", refused, "that the server runs there"},
		{OpenAI, "", &net.DNSError{Err: "no such host", Name: "host"}, "check the host name"},
		{OpenAI, "LLM_KEY", errors.New("the library quotes sk-1"), "the library quotes ***"},
	} {
		e, err := New(Config{URL: "http://host", KeyEnv: c.keyEnv, Getenv: env("LLM_KEY", "sk-1")})
		if err != nil {
			t.Fatal(err)
		}
		f := e.Fail(c.kind, "m", c.err)
		if !strings.Contains(f.Error(), c.want) || !errors.Is(f, c.err) {
			t.Errorf("%v: %v", c.err, f)
		}
	}
}

func TestKindCheck(t *testing.T) {
	for kind, ok := range map[Kind]bool{Ollama: true, OpenAI: true, "": false, "vllm": false} {
		if err := kind.Check(); (err == nil) != ok {
			t.Errorf("%q: %v", kind, err)
		}
	}
}
