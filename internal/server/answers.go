package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
)

// timeoutMessage tells the reader that the answer was not finished in time.
const timeoutMessage = "Het antwoord was niet op tijd klaar. Probeer het nog eens, of bekijk de gevonden bronnen."

// answers is POST /v1/answers.
func (s *server) answers(w http.ResponseWriter, r *http.Request) {
	form := negotiate(r.Header.Values("Accept"))
	if form == "" {
		writeProblem(w, r, errAccept)
		return
	}
	scope, err := s.scope(r)
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	q, collections, err := decodeQuestion(w, r)
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	q.Scope = scope.Narrow(collections...)

	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		writeProblem(w, r, errBusy)
		return
	}
	// The request has been read. Its read deadline must not end the answer (the
	// server watches the connection for a client that hangs up), and writing gets
	// a deadline of its own.
	rc := http.NewResponseController(w)
	rc.SetReadDeadline(time.Time{})

	ctx, cancel := context.WithTimeout(r.Context(), s.Limits.AnswerTime)
	defer cancel()
	w.Header().Set("Vary", "Accept")
	if form == typeSSE {
		s.stream(ctx, w, r, q)
		return
	}
	rc.SetWriteDeadline(time.Now().Add(s.Limits.AnswerTime + s.Limits.Write))
	var last *answer.Answer
	err = s.ask(ctx, q, func(e answer.Event) error {
		if e.Kind == answer.EventDone {
			last = e.Answer
		}
		return nil
	})
	if err != nil {
		s.failed(r, err)
		writeProblem(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, last)
}

// ask passes the events of an answer on. When the time for the answer is up it
// ends with what there is: a partial answer, or a refusal, with reason
// timed_out. It returns nil only after an EventDone.
func (s *server) ask(ctx context.Context, q answer.Question, emit func(answer.Event) error) error {
	start := time.Now()
	so := answer.Answer{Question: q.Text, Status: answer.Refused, Reason: answer.TimedOut, Message: timeoutMessage, Mode: answer.Extracted,
		Statements: []answer.Statement{}, Parts: []answer.Part{}, Choices: []string{}, Sources: []answer.Source{}}
	for e, err := range s.Asker.Ask(ctx, q) {
		if err != nil {
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				so.Timings.Total = float64(time.Since(start).Microseconds()) / 1000
				return emit(answer.Event{Kind: answer.EventDone, Answer: &so})
			}
			return err
		}
		switch {
		case e.Kind == answer.EventSources && e.Answer != nil:
			so.ID, so.Sources, so.Models, so.Timings, so.Mode = e.Answer.ID, e.Answer.Sources, e.Answer.Models, e.Answer.Timings, e.Answer.Mode
		case e.Kind == answer.EventStatement && e.Statement != nil:
			so.Status = answer.Partial
			so.Statements = append(so.Statements, *e.Statement)
		case e.Kind == answer.EventDone && e.Answer != nil:
			return emit(e)
		default:
			return fmt.Errorf("asker: event %q without what it should carry", e.Kind)
		}
		if err := emit(e); err != nil {
			return err
		}
	}
	return errors.New("asker: the answer ended without a done event")
}

// failed logs why there is no answer. It never logs the question.
func (s *server) failed(r *http.Request, err error) {
	if r.Context().Err() == nil && !errors.Is(err, context.Canceled) { // a client that left is no failure
		s.Log.ErrorContext(r.Context(), "no answer", "path", r.URL.Path, "err", err)
	}
}

// stream sends the events sources, statement (any number) and done, each with
// JSON as data; an error after the first byte is an event error with a problem
// as data. The text/event-stream format is of the HTML standard.
func (s *server) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, q answer.Question) {
	out := &eventWriter{w: w, rc: http.NewResponseController(w), patience: s.Limits.Write}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	events := make(chan message)
	go func() {
		defer close(events)
		send := func(m message) error {
			select {
			case events <- m:
				return nil
			case <-r.Context().Done():
				return r.Context().Err()
			case <-ctx.Done():
				if m.name == string(answer.EventDone) || m.name == "error" {
					break // the time is up, the outcome still goes out
				}
				return ctx.Err()
			}
			select {
			case events <- m:
				return nil
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
		defer func() {
			if v := recover(); v != nil {
				s.panicked(r, v)
				send(message{"error", errInternal})
			}
		}()
		err := s.ask(ctx, q, func(e answer.Event) error {
			if e.Kind == answer.EventStatement {
				return send(message{string(e.Kind), e.Statement})
			}
			return send(message{string(e.Kind), e.Answer})
		})
		if err != nil {
			s.failed(r, err)
			send(message{"error", asProblem(err)})
		}
	}()
	s.forward(out, events, cancel)
}

// message is one event of the stream.
type message struct {
	name string
	data any
}

// forward writes messages as they come, and a comment when there are none for
// a while. It returns when there are no more, and waits for the sender to end,
// so that an answer never outlives its request.
func (s *server) forward(out *eventWriter, events <-chan message, cancel func()) {
	ping := time.NewTicker(s.Limits.Ping)
	defer ping.Stop()
	for {
		var err error
		select {
		case m, ok := <-events:
			if !ok {
				return
			}
			err = out.event(m)
			ping.Reset(s.Limits.Ping)
		case <-ping.C:
			err = out.write([]byte(": ping\n\n"))
		}
		if err != nil {
			cancel()
			for range events { // the client is gone; let the sender notice
			}
			return
		}
	}
}

// eventWriter writes an event stream, each piece with its own deadline.
type eventWriter struct {
	w        http.ResponseWriter
	rc       *http.ResponseController
	patience time.Duration
	started  bool
}

func (e *eventWriter) event(m message) error {
	data, err := json.Marshal(m.data) // one line: JSON has no raw line ends
	if err != nil {
		return err
	}
	if !e.started && m.name == "error" {
		e.started = true
		e.rc.SetWriteDeadline(time.Now().Add(e.patience))
		p := m.data.(*problem)
		e.w.Header().Set("Content-Type", "application/problem+json")
		e.w.WriteHeader(p.Status)
		_, err := e.w.Write(data)
		return err
	}
	return e.write(fmt.Appendf(nil, "event: %s\ndata: %s\n\n", m.name, data))
}

func (e *eventWriter) write(b []byte) error {
	if !e.started {
		e.started = true
		h := e.w.Header()
		h.Set("Content-Type", typeSSE)
		h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
		e.w.WriteHeader(http.StatusOK)
	}
	e.rc.SetWriteDeadline(time.Now().Add(e.patience))
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.rc.Flush()
}
