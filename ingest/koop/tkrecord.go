package koop

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// paperPage is one answer of OData with a list of documents. Unknown fields are
// left alone, missing ones are empty: the service changes them now and then.
type paperPage struct {
	Value []chamberPaper `json:"value"`
	Next  string         `json:"@odata.nextLink"`
}

// chamberPaper is an entity Document. Of a deleted one all but Id is null.
type chamberPaper struct {
	ID               string           `json:"Id"`
	Number           string           `json:"Nummer"`
	Kind             string           `json:"Soort"`
	Title            string           `json:"Titel"`
	Subject          string           `json:"Onderwerp"`
	Date             string           `json:"Datum"`
	Session          string           `json:"Vergaderjaar"`
	Chamber          int              `json:"Kamer"`
	SubNumber        int              `json:"Ondernummer"` // -1 for none
	SequenceNumber   int              `json:"Volgnummer"`  // its name before v5
	AttachmentNumber string           `json:"Aanhangselnummer"`
	Modified         string           `json:"GewijzigdOp"`
	Deleted          bool             `json:"Verwijderd"`
	Dossiers         []chamberDossier `json:"Kamerstukdossier"`
	Actors           []chamberActor   `json:"DocumentActor"`
	Cases            []chamberCase    `json:"Zaak"`
}

type chamberDossier struct {
	Number   int    `json:"Nummer"`
	Addition string `json:"Toevoeging"`
	Title    string `json:"Titel"`
	Deleted  bool   `json:"Verwijderd"`
}

type chamberActor struct {
	Name     string `json:"ActorNaam"`
	Party    string `json:"ActorFractie"`
	Role     string `json:"Relatie"`
	Function string `json:"Functie"`
	Deleted  bool   `json:"Verwijderd"`
}

type chamberCase struct {
	Number     string        `json:"Nummer"`
	Kind       string        `json:"Soort"`
	Subject    string        `json:"Onderwerp"`
	Deleted    bool          `json:"Verwijderd"`
	ReplacedBy []chamberCase `json:"VervangenDoor"`
	Replaces   []chamberCase `json:"VervangenVanuit"`
}

// parsePapers reads a page of documents.
func parsePapers(data []byte) (paperPage, error) {
	var p paperPage
	if err := json.Unmarshal(data, &p); err != nil {
		var fault struct {
			Error struct{ Message string } `json:"error"`
		}
		if json.Unmarshal(data, &fault) == nil && fault.Error.Message != "" {
			return p, fmt.Errorf("the service says: %s", oneLine(fault.Error.Message))
		}
		return p, fmt.Errorf("no list of documents: %w", err)
	}
	if p.Value == nil {
		return p, errors.New("no list of documents: it has no value")
	}
	return p, nil
}

// official is the identifier of a paper among the official publications, by the
// rule they are made with: kst-36600-VII-12, ah-tk-20242025-1244. It is "" where
// the paper has no number of that kind.
func (p chamberPaper) official() string {
	if n := p.AttachmentNumber; len(n) == 9 && strings.Trim(n, "0123456789") == "" {
		number, _ := strconv.Atoi(n[4:])
		return fmt.Sprintf("ah-tk-20%s20%s-%d", n[:2], n[2:4], number)
	}
	number := max(p.SubNumber, p.SequenceNumber)
	ds := p.dossiers()
	if number <= 0 || len(ds) == 0 {
		return ""
	}
	return "kst-" + ds[0] + "-" + strconv.Itoa(number)
}

func (p chamberPaper) dossiers() []string {
	var out []string
	for _, d := range p.Dossiers {
		if d.Deleted || d.Number <= 0 {
			continue
		}
		s := strconv.Itoa(d.Number)
		if d.Addition != "" {
			s += "-" + d.Addition
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// describe puts what the service says of a paper into its document.
func (p chamberPaper) describe(doc *ingest.Document) {
	if doc.Meta == nil {
		doc.Meta = map[string]string{}
	}
	set := func(k, v string) {
		if v = oneLine(v); v != "" {
			doc.Meta[k] = v
		}
	}
	set("nummer", p.Number)
	set("identifier", p.official())
	set("dossier", strings.Join(p.dossiers(), "; "))
	set("soort", p.Kind)
	set("vergaderjaar", p.Session)
	set("kamer", map[int]string{1: "Eerste Kamer", 2: "Tweede Kamer"}[p.Chamber])
	if n := max(p.SubNumber, p.SequenceNumber); n > 0 {
		set("ondernummer", strconv.Itoa(n))
	}
	if len(p.Dossiers) > 0 {
		set("dossiertitel", p.Dossiers[0].Title)
	}
	var authors []string
	for _, a := range p.Actors {
		if !a.Deleted && a.Name != "" && authorRole[strings.ToLower(a.Role)] && !slices.Contains(authors, a.Name) {
			authors = append(authors, oneLine(a.Name))
		}
	}
	set("indiener", strings.Join(authors, "; "))
	for k, v := range p.relations() {
		set(k, strings.Join(v, "; "))
	}
	if title := oneLine(p.Subject); title != "" {
		doc.Title = title
	} else if title := oneLine(p.Title); title != "" {
		doc.Title = title
	}
	doc.URL = "https://www.tweedekamer.nl/kamerstukken/detail?id=" + p.Number + "&did=" + p.Number
	doc.Published = parseDay(p.Date)
	if t, err := time.Parse(time.RFC3339, p.Modified); err == nil {
		doc.Modified = t.UTC()
	}
}

// authorRole are the relations of an actor to a document that make it one who
// submitted it.
var authorRole = map[string]bool{"": true, "eerste ondertekenaar": true, "mede ondertekenaar": true, "indiener": true, "afzender": true, "eerste indiener": true, "medeindiener": true}

// insteadOf is how a title says what a paper replaces: "(t.v.v. 35727-3)".
var insteadOf = regexp.MustCompile(`(?i)\(\s*t\.?\s*v\.?\s*v\.?\s*([0-9]{2} ?[0-9]{3}(?:-[IVXLC]+|-[A-Z])?)[ ,]*(?:-|nr\.?\s*)\s*([0-9]+|[A-Z]{1,2})\s*\)`)

// relations say which papers this one answers, replaces or amends, and what
// replaces it. They come from the cases of the paper, from its title, and from
// what is usual: the bill of a dossier is its number 2.
func (p chamberPaper) relations() map[string][]string {
	out := map[string][]string{}
	add := func(kind, id string) {
		if id != "" && !slices.Contains(out[kind], id) {
			out[kind] = append(out[kind], id)
		}
	}
	kind := strings.ToLower(p.Kind)
	subjects := []string{p.Subject, p.Title}
	for _, c := range p.Cases {
		if c.Deleted {
			continue
		}
		if strings.HasPrefix(kind, "antwoord") && strings.Contains(strings.ToLower(c.Kind), "vragen") {
			add("relation_answers", c.Number)
		}
		for _, r := range c.ReplacedBy {
			add("relation_replaced_by", r.Number)
		}
		for _, r := range c.Replaces {
			add("relation_replaces", r.Number)
		}
		subjects = append(subjects, c.Subject)
	}
	for _, s := range subjects {
		for _, m := range insteadOf.FindAllStringSubmatch(s, -1) {
			add("relation_replaces", "kst-"+strings.ReplaceAll(m[1], " ", "")+"-"+m[2])
		}
	}
	amends := strings.Contains(kind, "amendement") || strings.Contains(kind, "nota van wijziging")
	if ds := p.dossiers(); amends && len(ds) > 0 {
		add("relation_amends", "kst-"+ds[0]+"-2")
	}
	return out
}
