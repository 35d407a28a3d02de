package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/replay"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// view is what the page shows, in words.
type view struct {
	ID, Organisation string
	Given, Written   moment
	Alert            string // about sources that are no longer what they were; "" if all are
	Question         string
	Asked            []row // what bounded the question
	History          []answer.Turn
	Status, Message  string
	Refused          bool
	Reason, Code     string
	Mode             string
	Statements       []statement
	Sources          []source
	Models           []row
	Made             []row
	Settings         string // JSON
	Incomplete       bool   // an earlier version recorded it
}

// row is a line of a table of properties. Exact values are shown as they are,
// in another type.
type row struct {
	Name, Value string
	Exact       bool
}

type statement struct {
	N         int
	Text      string
	Citations []answer.Citation
}

type source struct {
	answer.Source
	Web        bool   // its address is one of the web
	Date, Path string // Path: the headings above it
	Cited      bool
	State      replay.State
	Flag       string // what became of it
	Pieces     []piece
	Properties []row
}

// newView puts a dossier into words.
func newView(d Dossier) (view, error) {
	a, b := d.Record.Answer, d.Record.Basis
	at := clock(d.Zone)
	v := view{ID: a.ID, Organisation: d.Organisation, Given: at(d.Record.Given), Written: at(d.Written), Question: a.Question,
		Status: word(statuses, string(a.Status)), Message: a.Message, Refused: a.Status == answer.Refused,
		Reason: word(reasons, string(a.Reason)), Code: string(a.Reason), Mode: word(modes, string(a.Mode)), Incomplete: b == nil}
	for i, s := range a.Statements {
		v.Statements = append(v.Statements, statement{i + 1, s.Text, s.Citations})
	}
	for i, s := range a.Sources {
		v.Sources = append(v.Sources, newSource(a, s, document(b, i), became(d.Sources, i)))
	}
	v.Alert = alert(v.Sources)
	v.Made = append(v.Made, row{"Zekerheid dat de bronnen het antwoord hebben", decimal(a.Confidence), false})
	if b == nil {
		v.Models = []row{{"Zoekmodel", orNone(a.Models.Embedder), false}, {"Taalmodel", orNone(a.Models.Generator), false}}
		return v, nil
	}
	v.History = b.History
	v.Asked = asked(b, at)
	v.Models = models(a, b)
	v.Made = append(v.Made, made(b, d.Index)...)
	settings, err := json.MarshalIndent(b.Options, "", "  ")
	v.Settings = string(settings)
	return v, err
}

func newSource(a *answer.Answer, s answer.Source, doc answer.DocumentState, now replay.Source) source {
	sum := sha256.Sum256([]byte(s.Text))
	out := source{Source: s, Web: strings.HasPrefix(s.URL, "https://") || strings.HasPrefix(s.URL, "http://"),
		Date: date(s.Published), Path: strings.Join(s.Heading, " › "), State: now.State, Pieces: highlight(s, a), Cited: len(spans(s, a)) > 0}
	out.Flag = verdict(now, out.Cited)
	add := func(name, value string, exact bool) {
		if value != "" {
			out.Properties = append(out.Properties, row{name, value, exact})
		}
	}
	add("Verzameling", s.Collection, false)
	add("Datum van publicatie", out.Date, false)
	add("Kop", out.Path, false)
	if s.Page > 0 {
		add("Bladzijde", fmt.Sprint(s.Page), false)
	}
	add("Staat ook op", strings.Join(s.Also, "\n"), false)
	add("Plaats in het document", fmt.Sprintf("byte %d tot %d", s.Start, s.End), false)
	add("Document", doc.ID, true)
	add("Controlegetal van de tekst (sha256)", hex.EncodeToString(sum[:]), true)
	add("Controlegetal van het hele document", doc.Digest, true)
	return out
}

func document(b *answer.Basis, i int) answer.DocumentState {
	if b == nil || i >= len(b.Documents) {
		return answer.DocumentState{}
	}
	return b.Documents[i]
}

func became(sources []replay.Source, i int) replay.Source {
	if i >= len(sources) {
		return replay.Source{State: replay.Unknown}
	}
	return sources[i]
}

// asked is what bounded the question.
func asked(b *answer.Basis, at func(time.Time) moment) []row {
	var out []row
	if !b.AsOf.IsZero() {
		out = append(out, row{"Gevraagd naar de stand op", at(b.AsOf).Text, false})
	}
	out = append(out, row{"Gezocht in de verzamelingen", orNone(strings.Join(b.Collections, ", ")), false})
	return append(out, filters(b.Filter)...)
}

func filters(f retrieve.Filter) []row {
	var out []row
	for _, g := range []struct {
		name   string
		values []string
	}{{"Alleen dossier", f.Dossiers}, {"Alleen vergaderjaar", f.Sessions}, {"Alleen soort", f.Kinds}, {"Alleen indiener", f.Authors},
		{"Alleen kenmerk", f.Identifiers}, {"Alleen wet", f.Laws}} {
		if len(g.values) > 0 {
			out = append(out, row{g.name, strings.Join(g.values, ", "), false})
		}
	}
	if !f.From.IsZero() {
		out = append(out, row{"Gepubliceerd vanaf", day(f.From), false})
	}
	if !f.Until.IsZero() {
		out = append(out, row{"Gepubliceerd tot en met", day(f.Until), false})
	}
	return out
}

func models(a *answer.Answer, b *answer.Basis) []row {
	hash := func(m answer.ModelState) row {
		if m.SHA256 == "" {
			return row{"Controlegetal (sha256)", "niet bekend: het model is niet van deze computer", false}
		}
		return row{"Controlegetal (sha256)", m.SHA256, true}
	}
	out := []row{{"Zoekmodel", b.Embedder.Name, false}, hash(b.Embedder)}
	switch {
	case b.Generator.Name == "":
		return append(out, row{"Taalmodel", "geen: er is alleen letterlijk geciteerd", false})
	case a.Models.Generator == "":
		return append(out, row{"Taalmodel", b.Generator.Name + " (is voor dit antwoord niet gebruikt)", false}, hash(b.Generator))
	}
	return append(out, row{"Taalmodel", b.Generator.Name, false}, hash(b.Generator))
}

func made(b *answer.Basis, now answer.IndexState) []row {
	out := []row{
		{"Drempel: bij minder zekerheid komt er geen antwoord", decimal(b.Options.Threshold), false},
		{"Versie van de antwoordmachine", b.Engine, false},
		{"Controlegetal van de opdracht aan het taalmodel (sha256)", b.Prompt, true},
		{"Index", orNone(b.Index.Made), true},
		{"Stand van de index bij dit antwoord", orNone(b.Index.Revision), true},
	}
	if now.Revision != "" {
		then := "dezelfde"
		if now.Revision != b.Index.Revision || now.Made != b.Index.Made {
			then = "een andere: " + now.Revision
		}
		out = append(out, row{"Stand van de index toen dit dossier werd gemaakt", then, false})
	}
	out = append(out, row{"Woordenlijst van de index", orNone(b.Index.Lexicon), true})
	for _, p := range parts(b.Index.Signature) {
		out = append(out, row{"Index gemaakt met: " + p[0], p[1], true})
	}
	return out
}
