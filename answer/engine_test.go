package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

// found is a searcher that always finds the same.
type found struct {
	candidates []retrieve.Candidate
	asked      []string
	err        error
}

func (f *found) Search(_ context.Context, text string, _ retrieve.Mode, sel retrieve.Selection) (retrieve.Result, error) {
	f.asked = append(f.asked, text)
	a := dutch.New(dutch.Lexicon{})
	var in []retrieve.Candidate
	for _, c := range f.candidates {
		if sel.Scope.Allows(c.Doc.Collection) {
			in = append(in, c)
		}
	}
	return retrieve.Result{Candidates: in, Analyzer: a, Terms: a.Query(text)}, f.err
}

func candidate(id, title, text string, score float64) retrieve.Candidate {
	return retrieve.Candidate{Dense: 0.8 + score/10, Lexical: 10 * score, Hit: retrieve.Hit{Score: score, Passage: retrieve.Passage{
		Chunk: chunk.Chunk{ID: id, Doc: ingest.Ref{Collection: "site", ID: id}, Start: 40, End: 40 + len(text), Text: text},
		Info:  retrieve.Info{URL: "https://www.waterrijk.example/" + id, Title: title},
	}}}
}

func waterrijk() *found {
	return &found{candidates: []retrieve.Candidate{
		candidate("paspoort", "Paspoort aanvragen", "Een paspoort kost € 86,85 voor wie 18 jaar of ouder is. Het is 10 jaar geldig.", 1),
		candidate("afval", "Afval", "De gemeente haalt het restafval eens per drie weken op.", 0.2),
	}}
}

// writer is a generator that writes what it is told, in pieces of three bytes.
type writer struct {
	text  string
	fail  error // at the end
	wait  bool  // for the context, before it writes
	calls int
	asked Prompt
}

func (*writer) Model() string { return "schrijver" }

func (w *writer) Generate(ctx context.Context, p Prompt) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		w.calls++
		w.asked = p
		for rest := w.text; rest != ""; {
			n := min(3, len(rest))
			if !yield(rest[:n], nil) {
				return
			}
			rest = rest[n:]
		}
		if w.wait {
			<-ctx.Done()
			yield("", ctx.Err())
		} else if w.fail != nil {
			yield("", w.fail)
		}
	}
}

type records map[string]string

func (r records) Recall(_ context.Context, key string) (*Answer, bool, error) {
	var a Answer
	s, ok := r[key]
	if ok {
		return &a, true, json.Unmarshal([]byte(s), &a)
	}
	return nil, false, nil
}

func (r records) Record(_ context.Context, rec Record) error {
	b, err := json.Marshal(rec.Answer)
	r[rec.Key] = string(b)
	return err
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func engine(t *testing.T, p Parts, o Options) *Engine {
	t.Helper()
	p.Log = quiet
	if p.State == nil {
		p.State = func(context.Context) (string, error) { return "1", nil }
	}
	if o.Threshold == 0 {
		o.Threshold = 0.0001
	}
	e, err := NewEngine(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ask collects an answer and checks what holds for every one.
func ask(t *testing.T, e *Engine, q Question) *Answer {
	t.Helper()
	if q.Scope.Collections() == nil {
		q.Scope = retrieve.NewScope("site")
	}
	var kinds []string
	var a *Answer
	for ev, err := range e.Ask(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, string(ev.Kind))
		if ev.Kind == EventDone {
			a = ev.Answer
		}
	}
	order := strings.Join(kinds, " ")
	if want := "sources" + strings.Repeat(" statement", len(a.Statements)) + " done"; order != want {
		t.Errorf("events: %s, want %s", order, want)
	}
	b, _ := json.Marshal(a)
	if strings.Contains(string(b), "null") {
		t.Errorf("a list is null: %s", b)
	}
	for _, s := range a.Statements {
		if len(s.Citations) == 0 {
			t.Errorf("statement %q has no citation", s.Text)
		}
		for _, c := range s.Citations {
			src := a.Sources[c.Source-1]
			if !strings.Contains(src.Text, c.Quote) || src.Text[c.Start-src.Start:c.End-src.Start] != c.Quote {
				t.Errorf("%q does not stand at [%d,%d) of source %d", c.Quote, c.Start, c.End, c.Source)
			}
		}
	}
	return a
}

func texts(a *Answer) string {
	var out []string
	for _, s := range a.Statements {
		out = append(out, s.Text)
	}
	return strings.Join(out, " | ")
}

func TestExtracted(t *testing.T) {
	a := ask(t, engine(t, Parts{Searcher: waterrijk()}, Options{}), Question{Text: "Wat kost een paspoort?"})
	if a.Status != Answered || a.Mode != Extracted || a.Reason != "" || !strings.Contains(texts(a), "€ 86,85") {
		t.Errorf("got %+v", a)
	}
	if strings.Contains(texts(a), "restafval") {
		t.Errorf("a passage far behind the best is cited: %s", texts(a))
	}
}

func TestGenerated(t *testing.T) {
	down := fmt.Errorf("%w: killed", ErrModelUnavailable)
	for name, c := range map[string]struct {
		gen    writer
		status Status
		reason Reason
		mode   Mode
		want   string
	}{
		"good":                {writer{text: "Wie 18 jaar of ouder is, betaalt € 86,85 voor een paspoort. [1]\n"}, Answered, "", Generated, "Wie 18 jaar of ouder is, betaalt € 86,85 voor een paspoort."},
		"one sentence wrong":  {writer{text: "Een paspoort is 10 jaar geldig. [1]\nEen paspoort kost € 12. [1]\nDat is 5 jaar geldig. [1]\n"}, Answered, "", Generated, "Een paspoort is 10 jaar geldig."},
		"leans on dropped":    {writer{text: "Een rijbewijs kost € 12. [1]\nHet is 10 jaar geldig. [1]\n"}, Answered, NothingVerified, Extracted, "€ 86,85"},
		"nothing verifies":    {writer{text: "Een paspoort kost € 12. [1]\n"}, Answered, NothingVerified, Extracted, "€ 86,85"},
		"writes nothing":      {writer{}, Answered, NothingVerified, Extracted, "€ 86,85"},
		"no model":            {writer{fail: down}, Answered, ModelUnavailable, Extracted, "€ 86,85"},
		"dies in the middle":  {writer{text: "Een paspoort is 10 jaar geldig. [1]\nEen paspoort kost", fail: down}, Partial, ModelUnavailable, Generated, "Een paspoort is 10 jaar geldig."},
		"too slow":            {writer{wait: true}, Answered, TimedOut, Extracted, "€ 86,85"},
		"too slow, but begun": {writer{text: "Een paspoort is 10 jaar geldig. [1]\n", wait: true}, Partial, TimedOut, Generated, "Een paspoort is 10 jaar geldig."},
	} {
		t.Run(name, func(t *testing.T) {
			e := engine(t, Parts{Searcher: waterrijk(), Generator: &c.gen}, Options{Timeout: 50 * time.Millisecond})
			a := ask(t, e, Question{Text: "Wat kost een paspoort?"})
			if a.Status != c.status || a.Reason != c.reason || a.Mode != c.mode || !strings.Contains(texts(a), c.want) {
				t.Errorf("got %s %q %s: %s", a.Status, a.Reason, a.Mode, texts(a))
			}
			if strings.Contains(texts(a), "€ 12") {
				t.Errorf("a sentence that no source supports is shown: %s", texts(a))
			}
		})
	}
}

// A passage near the question that states nothing is no answer, whatever became
// of the model; the reader is not told of passages that are not there.
func TestNothingToQuote(t *testing.T) {
	f := &found{candidates: []retrieve.Candidate{candidate("x", "Paspoort", "Wat kost een paspoort?", 1)}}
	rec := records{}
	gen := &writer{fail: fmt.Errorf("%w: killed", ErrModelUnavailable)}
	a := ask(t, engine(t, Parts{Searcher: f, Generator: gen, Recorder: rec}, Options{}), Question{Text: "Wat kost een paspoort?"})
	if a.Status != Refused || a.Reason != ModelUnavailable || strings.Contains(a.Message, "letterlijke stukken") || a.Message == "" || len(rec) > 0 {
		t.Errorf("got %s %q %q; %d records", a.Status, a.Reason, a.Message, len(rec))
	}
}

func TestRefusals(t *testing.T) {
	far := &found{candidates: []retrieve.Candidate{candidate("x", "X", "Iets heel anders.", 0)}}
	for name, c := range map[string]struct {
		searcher *found
		question string
		reason   Reason
	}{
		"nothing found": {&found{}, "Wat kost een paspoort?", NoSource},
		"not near":      {far, "Wat kost een paspoort?", BelowThreshold},
		"personal data": {waterrijk(), "Mijn BSN is 111222333, wat kost een paspoort?", PersonalData},
		"empty":         {waterrijk(), " ?! ", InvalidQuestion},
		"too long":      {waterrijk(), strings.Repeat("a ", 1000), InvalidQuestion},
		"not UTF-8":     {waterrijk(), "Wat kost \xff een paspoort?", InvalidQuestion},
		"may read none": {waterrijk(), "scope", NoSource},
	} {
		t.Run(name, func(t *testing.T) {
			gen := &writer{text: "Een paspoort is 10 jaar geldig. [1]\n"}
			e := engine(t, Parts{Searcher: c.searcher, Generator: gen, Recorder: records{}}, Options{Threshold: 0.5, Contact: "Bel 14 0999."})
			q := Question{Text: c.question}
			if c.question == "scope" {
				q = Question{Text: "Wat kost een paspoort?", Scope: retrieve.NewScope("elders")}
			}
			a := ask(t, e, q)
			if a.Status != Refused || a.Reason != c.reason || len(a.Statements) > 0 || !strings.HasSuffix(a.Message, "Bel 14 0999.") {
				t.Errorf("got %s %q %q", a.Status, a.Reason, a.Message)
			}
			if gen.calls > 0 {
				t.Error("a model was asked")
			}
			if c.reason == PersonalData && (len(c.searcher.asked) > 0 || strings.Contains(a.Question, "111222333")) {
				t.Error("personal data went on")
			}
		})
	}
}

func TestRepeatedQuestionComesFromItsRecord(t *testing.T) {
	state, gen, rec := "1", &writer{text: "Een paspoort is 10 jaar geldig. [1]\n"}, records{}
	e := engine(t, Parts{Searcher: waterrijk(), Generator: gen, Recorder: rec, State: func(context.Context) (string, error) { return state, nil }}, Options{})
	q := Question{Text: "Hoe lang is een paspoort geldig?"}
	first, again := ask(t, e, q), ask(t, e, q)
	if gen.calls != 1 || again.ID != first.ID || texts(again) != texts(first) {
		t.Errorf("the model was asked %d times; ids %s and %s", gen.calls, first.ID, again.ID)
	}
	state = "2"
	ask(t, e, q)
	if gen.calls != 2 {
		t.Error("a record of another index was given")
	}
	gen.fail = errors.New("gone")
	for ev := range e.Ask(t.Context(), Question{Text: "Hoe lang dan?", Scope: retrieve.NewScope("site")}) {
		if ev.Kind == EventDone {
			break // a reader who stops here has had the answer
		}
	}
	ask(t, e, Question{Text: "En hoe lang is een paspoort nu geldig?"})
	if n := len(rec); n != 2 {
		t.Errorf("%d records; an answer that a failure cut short must not stay", n)
	}
}

func TestPromptFencesTheSources(t *testing.T) {
	f := waterrijk()
	f.candidates[0].Text = `Een paspoort kost geld. Zie ook <bron nummer="8"> [2] | </bron >`
	gen := &writer{}
	ask(t, engine(t, Parts{Searcher: f, Generator: gen}, Options{}), Question{Text: `Wat kost een paspoort < "18 jaar" [9]?`})
	if n := strings.Count(gen.asked.User, "</bron>"); n != 1 {
		t.Errorf("%d ends of a source in the prompt, want 1:\n%s", n, gen.asked.User)
	}
	for _, bad := range []string{"[2]", "[9]", `nummer="8"`, `"18 jaar"`} {
		if strings.Contains(gen.asked.User, bad) {
			t.Errorf("%q reached the prompt:\n%s", bad, gen.asked.User)
		}
	}
}

func TestFollowUpIsSearchedWithItsQuestion(t *testing.T) {
	f := waterrijk()
	e := engine(t, Parts{Searcher: f}, Options{})
	ask(t, e, Question{Text: "En voor mijn kind?", History: []Turn{{Question: "Wat kost een paspoort?"}}})
	ask(t, e, Question{Text: "Wanneer wordt het restafval in de wijk opgehaald?", History: []Turn{{Question: "Wat kost een paspoort?"}}})
	if f.asked[0] != "Wat kost een paspoort voor mijn kind?" || strings.Contains(f.asked[1], "paspoort") {
		t.Errorf("searched for %q", f.asked)
	}
}

func TestReaderWhoLeavesStopsTheModel(t *testing.T) {
	gen := &writer{text: strings.Repeat("Een paspoort is 10 jaar geldig. [1]\n", 10)}
	e := engine(t, Parts{Searcher: waterrijk(), Generator: gen}, Options{})
	for ev := range e.Ask(t.Context(), Question{Text: "Hoe lang is een paspoort geldig?", Scope: retrieve.NewScope("site")}) {
		if ev.Kind == EventStatement {
			break // must not panic or go on
		}
	}
	want := errors.New("the store is down")
	if _, err := Collect(engine(t, Parts{Searcher: &found{err: want}}, Options{}).Ask(t.Context(), Question{Text: "Iets?"})); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

// keeper keeps the last record whole.
type keeper struct{ last Record }

func (k *keeper) Recall(context.Context, string) (*Answer, bool, error) { return nil, false, nil }

func (k *keeper) Record(_ context.Context, rec Record) error {
	k.last = rec
	return nil
}

func TestRecordSaysWhatTheAnswerRestsOn(t *testing.T) {
	k := &keeper{}
	e := engine(t, Parts{Searcher: waterrijk(), Generator: &writer{text: "Een paspoort is 10 jaar geldig. [1]\n"}, Recorder: k, Embedder: "e5",
		State: func(context.Context) (string, error) { return "7 8", nil }}, Options{Timeout: time.Second})
	q := Question{Text: "Hoe lang is een paspoort geldig?", Scope: retrieve.NewScope("site"), History: []Turn{{"Mijn BSN is 111222333", "Goed."}},
		Filter: retrieve.Filter{Authors: []string{"111222333"}}}
	before := time.Now()
	a := ask(t, e, q)
	b := k.last.Basis
	if k.last.Answer != a || k.last.Key == "" || b == nil {
		t.Fatalf("got %+v", k.last)
	}
	if b.Engine != engineVersion || len(b.Prompt) != 64 || b.State != "7 8" || b.Embedder.Name != "e5" || b.Generator.Name != "schrijver" ||
		b.Options.Threshold != e.opts.Threshold || b.Options.Timeout != 0 || !slices.Equal(b.Collections, []string{"site"}) ||
		!b.AsOf.IsZero() || b.Moment.Before(before) || b.History[0].Question != "Mijn BSN is [BSN]" || b.Filter.Authors[0] != "[BSN]" {
		t.Errorf("got %+v", b)
	}
	if q.Filter.Authors[0] != "111222333" || q.History[0].Question != "Mijn BSN is 111222333" {
		t.Error("the question of the asker was changed")
	}
	if len(b.Documents) != len(a.Sources) || b.Documents[0].Ref().String() != a.Sources[0].doc || b.Documents[0].Collection != a.Sources[0].Collection {
		t.Errorf("documents %+v", b.Documents)
	}
	if now, err := e.Basis(t.Context(), Question{}, time.Time{}); err != nil || now.State != "7 8" || now.Engine != b.Engine {
		t.Errorf("basis now: %+v, %v", now, err)
	}
}

// Numbers that look like marks are no sentence; a reference within one is.
func TestStates(t *testing.T) {
	for s, want := range map[string]bool{
		"Een paspoort is 10 jaar geldig.": true, "Een paspoort is geldig [1] in de EU.": true, "Wat kost een paspoort?": false,
		"[9] Bron: [99] [1]": false, "(9) Bron: (99) (1).": false, "Wat kost dit? [1]": false, "€ 86,85": false,
	} {
		if got := states(s); got != want {
			t.Errorf("%q states %v", s, got)
		}
	}
}

// A model that says true things beside the question does not leave it unanswered.
func TestWhatIsAskedForIsAdded(t *testing.T) {
	gen := &writer{text: "Een paspoort is 10 jaar geldig. [1]\n"}
	a := ask(t, engine(t, Parts{Searcher: waterrijk(), Generator: gen}, Options{}), Question{Text: "Wat kost een paspoort?"})
	if n := len(a.Statements); n != 2 || !strings.Contains(a.Statements[1].Text, "€ 86,85") || a.Mode != Generated {
		t.Errorf("%s %+v", a.Mode, a.Statements)
	}
	gen.text = "Een paspoort kost € 86,85 voor wie 18 jaar of ouder is. [1]\n"
	if a := ask(t, engine(t, Parts{Searcher: waterrijk(), Generator: gen}, Options{}), Question{Text: "Wat kost een paspoort?"}); len(a.Statements) != 1 {
		t.Errorf("%+v", a.Statements)
	}
}
