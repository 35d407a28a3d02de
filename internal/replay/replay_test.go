package replay

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

const text = "Een paspoort kost € 86,85. U betaalt met pin."

// record is a new one at each call.
func record() answer.Record {
	given := time.Date(2026, 5, 3, 14, 5, 6, 0, time.UTC)
	quote := "Een paspoort kost € 86,85."
	return answer.Record{Key: "k", Given: given,
		Answer: &answer.Answer{ID: "id1", Question: "Wat kost een paspoort?", Status: answer.Answered, Mode: answer.Extracted,
			Statements: []answer.Statement{{Text: quote, Citations: []answer.Citation{{Source: 1, Quote: quote, URL: "p.html", Start: 10, End: 10 + len(quote)}}}},
			Choices:    []string{}, Sources: []answer.Source{{N: 1, URL: "p.html", Title: "Paspoort", Collection: "site", Text: text, Start: 10, End: 10 + len(text)}},
			Confidence: 0.9, Models: answer.Models{Embedder: "e5"}},
		Basis: &answer.Basis{Engine: "3", Prompt: "ab", Options: answer.Defaults(), Collections: []string{"site"}, Moment: given, Embedder: answer.ModelState{Name: "e5", SHA256: "cd"},
			State: "1 2", Documents: []answer.DocumentState{{Collection: "site", ID: "p.html", Digest: "d1"}},
			Index: answer.IndexState{Made: "m1", Revision: "1", Lexicon: "2", Signature: map[string]string{"chunks": "220/60"}}}}
}

func kinds(r Report) []Kind {
	var out []Kind
	for _, c := range r.Changes {
		out = append(out, c.Kind)
	}
	return out
}

func TestCompare(t *testing.T) {
	same := []Source{{N: 1, URL: "p.html", State: Unchanged, Quoted: true}}
	for name, c := range map[string]struct {
		now       func(*answer.Record)
		sources   []Source
		identical bool
		want      []Kind
		detail    string
	}{
		"nothing":            {func(*answer.Record) {}, same, true, nil, ""},
		"another ID":         {func(r *answer.Record) { r.Answer.ID, r.Answer.Confidence = "id2", 0.8 }, same, true, nil, ""},
		"no heading":         {func(r *answer.Record) { r.Answer.Statements[0].Citations[0].Heading = []string{} }, same, true, nil, ""},
		"status":             {func(r *answer.Record) { r.Answer.Status, r.Answer.Reason = answer.Refused, answer.NoSource }, same, false, []Kind{OtherStatus, OtherReason, Unexplained}, "answered then, refused now"},
		"mode":               {func(r *answer.Record) { r.Answer.Mode = answer.Generated }, same, false, []Kind{OtherMode, Unexplained}, ""},
		"message":            {func(r *answer.Record) { r.Answer.Message = "Bel ons." }, same, false, []Kind{OtherMessage, Unexplained}, `"" then, "Bel ons." now`},
		"choices":            {func(r *answer.Record) { r.Answer.Choices = []string{"a"} }, same, false, []Kind{OtherChoices, Unexplained}, ""},
		"statement":          {func(r *answer.Record) { r.Answer.Statements[0].Text = "Anders." }, same, false, []Kind{OtherStatements, Unexplained}, `gone: "Een paspoort kost € 86,85."; new: "Anders."`},
		"twice":              {func(r *answer.Record) { r.Answer.Statements = append(r.Answer.Statements, r.Answer.Statements...) }, same, false, []Kind{OtherStatements, Unexplained}, "order or number"},
		"citation":           {func(r *answer.Record) { r.Answer.Statements[0].Citations[0].URL = "q.html" }, same, false, []Kind{OtherCitations, Unexplained}, "quoted from elsewhere"},
		"citation of none":   {func(r *answer.Record) { r.Answer.Statements[0].Citations = nil }, same, false, []Kind{OtherCitations, Unexplained}, ""},
		"source withdrawn":   {func(*answer.Record) {}, []Source{{N: 1, URL: "p.html", Title: "Paspoort", State: Withdrawn}}, true, []Kind{SourceWithdrawn}, "no more: Paspoort, p.html"},
		"source changed":     {func(*answer.Record) {}, []Source{{N: 1, State: Changed}, {N: 2, State: Changed}}, true, []Kind{SourceChanged}, "stands no more"},
		"source still there": {func(*answer.Record) {}, []Source{{N: 1, State: Changed, Quoted: true}}, true, []Kind{SourceChanged}, "still stands"},
		"source new": {func(r *answer.Record) {
			r.Answer.Sources = append(r.Answer.Sources, answer.Source{N: 2, URL: "q.html"})
			r.Basis.Documents = append(r.Basis.Documents, answer.DocumentState{Collection: "site", ID: "q.html"})
		}, same, true, []Kind{SourceNew}, "q.html"},
		"revised":              {func(r *answer.Record) { r.Basis.Index.Revision = "9" }, same, true, []Kind{IndexRevised}, "revision 1 then, 9 now"},
		"weighed":              {func(r *answer.Record) { r.Basis.Index.Lexicon = "9" }, same, true, []Kind{IndexRevised}, "weighed anew"},
		"rebuilt":              {func(r *answer.Record) { r.Basis.Index.Made, r.Basis.Index.Revision = "m2", "9" }, same, true, []Kind{IndexRebuilt}, "m1 then, m2 now"},
		"no name":              {func(r *answer.Record) { r.Basis.Index.Made, r.Basis.Index.Revision = "", "9" }, same, true, []Kind{IndexRevised}, ""},
		"other way":            {func(r *answer.Record) { r.Basis.Index.Signature = map[string]string{"chunks": "100/60"} }, same, true, []Kind{IndexRebuilt}, `chunks: "220/60" then, "100/60" now`},
		"weights of the model": {func(r *answer.Record) { r.Basis.Embedder.SHA256 = "ee" }, same, true, []Kind{OtherModel}, "embedder: e5 (sha256 cd) then, e5 (sha256 ee) now"},
		"a model more":         {func(r *answer.Record) { r.Basis.Generator = answer.ModelState{Name: "qwen"} }, same, true, []Kind{OtherModel}, "generator: none then, qwen (no hash known) now"},
		"engine":               {func(r *answer.Record) { r.Basis.Engine = "4" }, same, true, []Kind{OtherEngine}, "version 3"},
		"instructions":         {func(r *answer.Record) { r.Basis.Prompt = "cd" }, same, true, []Kind{OtherEngine}, ""},
		"settings":             {func(r *answer.Record) { r.Basis.Options.Threshold, r.Basis.Options.Weights.Names = 0.7, 2 }, same, true, []Kind{OtherSettings}, "Threshold: 0.5 then, 0.7 now; Weights.Names: -1.34 then, 2 now"},
		"collections":          {func(r *answer.Record) { r.Basis.Collections = nil }, same, true, []Kind{OtherCollections}, "site"},
		"day":                  {func(r *answer.Record) { r.Basis.Moment = r.Basis.Moment.AddDate(0, 0, 1) }, same, true, []Kind{OtherDay}, "as of 2026-05-03 then, as of 2026-05-04 now"},
		"cause and effect":     {func(r *answer.Record) { r.Answer.Status, r.Basis.Engine = answer.Refused, "4" }, same, false, []Kind{OtherStatus, OtherEngine}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := record()
			c.now(&now)
			r := Compare(record(), now, c.sources)
			if r.ID != "id1" || r.Identical != c.identical {
				t.Errorf("id %s, identical %v", r.ID, r.Identical)
			}
			if !slices.Equal(kinds(r), c.want) {
				t.Errorf("changes %q, want %q", kinds(r), c.want)
			}
			if all, err := json.Marshal(r.Changes); err != nil || c.detail != "" && !strings.Contains(strings.ReplaceAll(string(all), `\"`, `"`), c.detail) {
				t.Errorf("changes %s, %v; want %q in them", all, err, c.detail)
			}
		})
	}
}

func TestRecordOfAnEarlierVersion(t *testing.T) {
	then := record()
	then.Basis = nil
	sources, err := Sources(then, func(ingest.Ref) (Document, error) { return Document{}, errors.New("asked") })
	if err != nil || len(sources) != 1 || sources[0].State != Unknown || sources[0].Quoted {
		t.Errorf("sources %+v, %v", sources, err)
	}
	r := Compare(then, record(), sources)
	if !r.Identical || !slices.Equal(kinds(r), []Kind{Unrecorded}) {
		t.Errorf("got %+v", r.Changes)
	}
	b, err := json.Marshal(r)
	if err != nil || strings.Contains(string(b), ":null") && !strings.Contains(string(b), `"heading":null`) {
		t.Errorf("%s, %v", b, err)
	}
	if r.Recorded.Time != "2026-05-03T14:05:06Z" || r.Recorded.AsOf != "" || r.Recorded.Embedder.Name != "e5" {
		t.Errorf("recorded: %+v", r.Recorded)
	}
}

func passage(start int, text string) retrieve.Passage {
	return retrieve.Passage{Chunk: chunk.Chunk{Start: start, End: start + len(text), Text: text}}
}

func TestSources(t *testing.T) {
	const before = "Paspoort\n\n"
	for name, c := range map[string]struct {
		now    Document
		state  State
		quoted bool
	}{
		"as it was":           {Document{"d1", []retrieve.Passage{passage(10, text)}}, Unchanged, true},
		"cut otherwise":       {Document{"d1", []retrieve.Passage{passage(0, before+text[:28]), passage(10+28, text[28:])}}, Unchanged, true},
		"cut at a space":      {Document{"d1", []retrieve.Passage{passage(10, text[:28]), passage(10+29, text[29:])}}, Unchanged, true},
		"no digest":           {Document{"", []retrieve.Passage{passage(10, text)}}, Unchanged, true},
		"no digest, moved":    {Document{"", []retrieve.Passage{passage(12, text)}}, Changed, true},
		"other title":         {Document{"d2", []retrieve.Passage{passage(10, text)}}, Changed, true},
		"other text":          {Document{"d2", []retrieve.Passage{passage(10, strings.Replace(text, "86", "91", 1))}}, Changed, false},
		"replaced meanwhile":  {Document{"d1", []retrieve.Passage{passage(10, strings.Replace(text, "pin", "geld", 1))}}, Changed, true},
		"shorter":             {Document{"", []retrieve.Passage{passage(10, text[:20])}}, Changed, false},
		"gone":                {Document{}, Withdrawn, false},
		"gone, entry remains": {Document{"d1", nil}, Withdrawn, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Sources(record(), func(ref ingest.Ref) (Document, error) {
				if ref != (ingest.Ref{Collection: "site", ID: "p.html"}) {
					t.Errorf("asked for %v", ref)
				}
				return c.now, nil
			})
			if err != nil || len(got) != 1 || got[0].State != c.state || got[0].Quoted != c.quoted || got[0].URL != "p.html" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if _, err := Sources(record(), func(ingest.Ref) (Document, error) { return Document{}, errors.New("closed") }); err == nil {
		t.Error("that the index cannot be asked was lost")
	}
}
