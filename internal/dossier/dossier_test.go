package dossier

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/replay"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	costs = "Wat kost een paspoort?\n\nEen paspoort kost € 86,85. Een spoedaanvraag kost € 60,35 extra.\n\nU betaalt met pin."
	valid = "Een paspoort is 10 jaar geldig. Voor kinderen is dat 5 jaar."
	evil  = "Negeer dit.</div><script>alert('x')</script><img src=http://kwaad.example/x.png onerror=alert(1)>\u202e"
)

// sample has something of everything.
func sample() Dossier {
	given := time.Date(2026, 5, 3, 14, 5, 6, 0, time.UTC)
	costs1 := "Een paspoort kost € 86,85."
	costs2 := "Een spoedaanvraag kost € 60,35 extra."
	a := &answer.Answer{ID: "5f0c2a9be1d34478a6b0c911", Question: "Wat kost een paspoort <b>met spoed</b>?", Status: answer.Answered, Mode: answer.Generated,
		Statements: []answer.Statement{
			{Text: "Een paspoort kost € 86,85.", Citations: []answer.Citation{{Source: 1, Quote: costs1, Start: 100 + strings.Index(costs, costs1)}}},
			{Text: "Met spoed betaalt u € 60,35 extra.", Citations: []answer.Citation{{Source: 1, Quote: costs2, Start: 0}}}, // its place is not right: it is searched
			{Text: "Een paspoort is 10 jaar geldig.", Citations: []answer.Citation{{Source: 2, Quote: "Een paspoort is 10 jaar geldig.", Start: 0}}},
		},
		Sources: []answer.Source{
			{N: 1, URL: "https://www.waterrijk.example/paspoort#kosten", Title: "Paspoort aanvragen", Collection: "site", Text: costs, Heading: []string{"Paspoort", "Kosten"},
				Start: 100, End: 100 + len(costs), Published: "2026-01-31", Also: []string{"https://www.waterrijk.example/tarieven"}},
			{N: 2, URL: "https://www.waterrijk.example/geldig.pdf#page=3", Title: "Hoe lang is een paspoort geldig?", Collection: "site", Text: valid, Context: "Vraag: hoe lang is een paspoort geldig?", Page: 3, End: len(valid)},
			{N: 3, URL: "javascript:alert(1)", Title: "<script>alert('titel')</script>", Collection: "archief", Text: evil, End: len(evil)},
			{N: 4, URL: "brieven/2024/besluit 12.txt", Title: "Besluit 12", Collection: "archief", Text: "Een besluit.", End: 12},
		},
		Confidence: 0.9277, Models: answer.Models{Embedder: "multilingual-e5-small", Generator: "qwen2.5-coder-1.5b-instruct"}}
	b := &answer.Basis{Engine: "3", Prompt: strings.Repeat("ab", 32), Options: answer.Defaults(), Collections: []string{"archief", "site"},
		History: []answer.Turn{{Question: "Wat kost een rijbewijs?", Answer: "Een rijbewijs kost € 49,35."}}, Filter: retrieve.Filter{Dossiers: []string{"36600-VII"}, From: given.AddDate(-2, 0, 0)},
		AsOf: given, Moment: given, Embedder: answer.ModelState{Name: "multilingual-e5-small", SHA256: strings.Repeat("cd", 32)},
		Generator: answer.ModelState{Name: "qwen2.5-coder-1.5b-instruct", SHA256: strings.Repeat("ef", 32)},
		Documents: []answer.DocumentState{{Collection: "site", ID: "https://www.waterrijk.example/paspoort", Digest: strings.Repeat("12", 32)}, {Collection: "site", ID: "https://www.waterrijk.example/geldig.pdf", Digest: strings.Repeat("34", 32)},
			{Collection: "archief", ID: "kwaad.html", Digest: strings.Repeat("56", 32)}, {Collection: "archief", ID: "brieven/2024/besluit 12.txt"}},
		Index: answer.IndexState{Made: "0a1b2c3d4e5f6071", Revision: "8192a3b4c5d6e7f8", Lexicon: "nl3/77aa", Signature: map[string]string{"chunks": "220/60", "embedder": "multilingual-e5-small@cdcdcdcdcdcd/384"}}}
	now := func(n int, s replay.State, quoted bool) replay.Source {
		return replay.Source{N: n, State: s, Quoted: quoted}
	}
	return Dossier{Record: answer.Record{Key: "k", Given: given, Answer: a, Basis: b}, Organisation: "gemeente Waterrijk", Written: given.AddDate(0, 1, 0),
		Sources: []replay.Source{now(1, replay.Changed, true), now(2, replay.Withdrawn, false), now(3, replay.Unchanged, true), now(4, replay.Unknown, false)},
		Index:   answer.IndexState{Made: "0a1b2c3d4e5f6071", Revision: "ffff0000ffff0000", Lexicon: "nl3/77aa"}}
}

func write(t *testing.T, d Dossier) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	const golden = "testdata/dossier.html"
	got := write(t, sample())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page is not that of %s; look at it, and run the test with -update", golden)
	}
}

func TestWhatItShows(t *testing.T) {
	page := write(t, sample())
	for _, want := range []string{
		`<html lang="nl">`, "5f0c2a9be1d34478a6b0c911", "3 mei 2026, 14.05 uur (UTC)", "Een antwoord van gemeente Waterrijk.",
		"<mark>Een paspoort kost € 86,85.</mark> <mark>Een spoedaanvraag kost € 60,35 extra.</mark>", "<mark>Een paspoort is 10 jaar geldig.</mark>",
		"U betaalt met pin.", "Een besluit.", "Vraag: hoe lang is een paspoort geldig?",
		"31 januari 2026", "Paspoort › Kosten", "36600-VII", "Wat kost een rijbewijs?", "archief, site",
		strings.Repeat("cd", 32), strings.Repeat("ef", 32), strings.Repeat("12", 32), "0,927", "0,500",
		"80dde6121fc853767b1d404f9465ab661be1faaff384d5051b80c8229af84982", // by sha256sum
		"Van de bronnen die zijn geciteerd (2): 1 is sinds dit antwoord gewijzigd, 1 staat niet meer in de index.",
		"Sinds dit antwoord gewijzigd. Het citaat staat er nog wel letterlijk in.", "Niet meer in de index.", "Ongewijzigd sinds dit antwoord.", "Niet na te gaan of dit is gewijzigd.",
		"een andere: ffff0000ffff0000",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

// Texts are texts: the page has only the elements of its template, loads
// nothing, and runs nothing.
func TestHostileTexts(t *testing.T) {
	d := sample()
	for _, s := range []*string{&d.Organisation, &d.Record.Answer.ID, &d.Record.Answer.Message, &d.Record.Basis.Embedder.Name, &d.Record.Basis.Engine, &d.Record.Basis.History[0].Answer,
		&d.Record.Basis.Options.Contact, &d.Record.Basis.Collections[0], &d.Record.Basis.Filter.Dossiers[0], &d.Record.Answer.Statements[0].Text, &d.Record.Answer.Sources[0].URL} {
		*s = evil
	}
	d.Record.Answer.Reason, d.Record.Answer.Status = answer.Reason(evil), answer.Status(evil)
	root, err := html.Parse(strings.NewReader(write(t, d)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "link", "iframe", "object", "embed", "base", "form":
			t.Errorf("there is a %s", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" ||
				a.Key == "href" && !strings.HasPrefix(a.Val, "https://www.waterrijk.example/") && !strings.HasPrefix(a.Val, "#bron-") {
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
}

// Tables have captions and headers, headings skip no level, and every address
// within the page leads somewhere.
func TestAccessible(t *testing.T) {
	root, err := html.Parse(strings.NewReader(write(t, sample())))
	if err != nil {
		t.Fatal(err)
	}
	level, ids, targets := 0, map[string]bool{}, []string{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if id := attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
		for _, target := range []string{strings.TrimPrefix(attr["href"], "#"), attr["aria-labelledby"]} {
			if target != "" && !strings.Contains(target, "/") {
				targets = append(targets, target)
			}
		}
		switch n.Data {
		case "h1", "h2", "h3":
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("h%d comes after h%d", now, level)
			}
			level = now
		case "th":
			if attr["scope"] == "" {
				t.Error("a header of a table has no scope")
			}
		case "table":
			if first := n.FirstChild.NextSibling; first.Data != "caption" {
				t.Errorf("a table begins with %q, not with its caption", first.Data)
			}
		}
	}
	if level == 0 || len(targets) == 0 {
		t.Error("there are no headings or no links")
	}
	for _, target := range targets {
		if !ids[target] {
			t.Errorf("#%s leads nowhere", target)
		}
	}
}

func TestRefusalAndRecordOfAnEarlierVersion(t *testing.T) {
	d := sample()
	a := d.Record.Answer
	a.Status, a.Reason, a.Statements, a.Message = answer.Refused, answer.BelowThreshold, nil, "Ik heb in de bronnen geen antwoord gevonden."
	page := write(t, d)
	for _, want := range []string{"De vraag is niet beantwoord.", "past niet goed genoeg bij de vraag", "below_threshold", a.Message} {
		if !strings.Contains(page, want) {
			t.Errorf("a refusal does not say %q", want)
		}
	}
	if strings.Contains(page, "<mark>") || strings.Contains(page, "Let op") {
		t.Error("a refusal has quotations, or a warning about them")
	}
	old := sample()
	old.Record.Basis, old.Sources, old.Index = nil, nil, answer.IndexState{}
	page = write(t, old)
	for _, want := range []string{"eerdere versie", "(2): 2 zijn niet na te gaan.", "<mark>Een paspoort is 10 jaar geldig.</mark>", "multilingual-e5-small"} {
		if !strings.Contains(page, want) {
			t.Errorf("an old record does not say %q", want)
		}
	}
}

func TestHighlight(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		quotes []answer.Citation
		want   string
	}{
		"none":                {"Een tekst.", nil, "Een tekst."},
		"at its place":        {"ja ja ja", []answer.Citation{{Source: 1, Quote: "ja", Start: 13}}, "ja [ja] ja"},
		"whole":               {"Alles.", []answer.Citation{{Source: 1, Quote: "Alles.", Start: 10}}, "[Alles.]"},
		"overlapping":         {"a b c d", []answer.Citation{{Source: 1, Quote: "b c", Start: 12}, {Source: 1, Quote: "a b", Start: 10}}, "[a b c] d"},
		"twice the same":      {"a b", []answer.Citation{{Source: 1, Quote: "a", Start: 10}, {Source: 1, Quote: "a", Start: 10}}, "[a] b"},
		"place outside":       {"a b", []answer.Citation{{Source: 1, Quote: "b", Start: 999}}, "a [b]"},
		"of another source":   {"a b", []answer.Citation{{Source: 2, Quote: "b", Start: 12}}, "a b"},
		"that stands nowhere": {"a b", []answer.Citation{{Source: 1, Quote: "x", Start: 10}}, "a b"},
		"empty":               {"", []answer.Citation{{Source: 1, Quote: "", Start: 10}}, ""},
	} {
		got := ""
		for _, p := range highlight(answer.Source{N: 1, Text: c.text, Start: 10}, &answer.Answer{Statements: []answer.Statement{{Citations: c.quotes}}}) {
			if p.Marked {
				got += "[" + p.Text + "]"
			} else {
				got += p.Text
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for f, want := range map[float64]string{0.5: "0,500", 0.29: "0,290", 0.49999: "0,499", 1: "1,000", 0: "0,000", 0.57: "0,570"} {
		if got := decimal(f); got != want {
			t.Errorf("%v: %s, want %s", f, got, want)
		}
	}
}
