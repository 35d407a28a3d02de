package dossier

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/replay"
)

// The words for the codes of an answer, in Dutch at level B1.
var (
	statuses = map[string]string{
		"answered": "De vraag is beantwoord.",
		"partial":  "De vraag is voor een deel beantwoord.",
		"clarify":  "Er is een vraag teruggesteld.",
		"refused":  "De vraag is niet beantwoord.",
	}
	reasons = map[string]string{
		"no_source":         "In de bronnen is niets gevonden over de vraag.",
		"below_threshold":   "Wat in de bronnen is gevonden, past niet goed genoeg bij de vraag.",
		"nothing_verified":  "Van wat het taalmodel schreef, was niets te bewijzen met een citaat.",
		"model_unavailable": "Het taalmodel was niet te gebruiken.",
		"timed_out":         "Het taalmodel deed er te lang over.",
		"personal_data":     "In de vraag staan persoonlijke gegevens.",
		"out_of_scope":      "De vraag gaat niet over informatie uit bronnen: een mening, een voorspelling, een eigen dossier of medisch advies.",
		"attack":            "De vraag is een opdracht aan een computerprogramma.",
		"abuse":             "De vraag is een scheldpartij of dreigement.",
		"switched_off":      "De organisatie had vragen stellen uitgezet.",
		"invalid_question":  "Dit is geen vraag die te begrijpen is.",
	}
	modes = map[string]string{
		"generated": "Een taalmodel heeft de zinnen geschreven. Elke zin is daarna gecontroleerd met het citaat dat eronder staat.",
		"extracted": "De zinnen staan letterlijk in de bronnen. Er heeft geen taalmodel aan geschreven.",
	}
	parties = map[string]string{
		"extractor": "lezer van documenten", "chunks": "lengte van de stukken", "embedder": "zoekmodel",
		"analysis": "ontleding van woorden", "store": "opslag",
	}
	months = []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
)

// word is that for a code; a code of a later version stands for itself.
func word(words map[string]string, code string) string {
	if w := words[code]; w != "" {
		return w
	}
	return code
}

func orNone(s string) string {
	if s == "" {
		return "niet bekend"
	}
	return s
}

// verdict says what became of a source.
func verdict(s replay.Source, cited bool) string {
	switch s.State {
	case replay.Unchanged:
		return "Ongewijzigd sinds dit antwoord."
	case replay.Withdrawn:
		return "Niet meer in de index."
	case replay.Changed:
		switch {
		case cited && s.Quoted:
			return "Sinds dit antwoord gewijzigd. Het citaat staat er nog wel letterlijk in."
		case cited:
			return "Sinds dit antwoord gewijzigd. Het citaat staat er niet meer in."
		}
		return "Sinds dit antwoord gewijzigd."
	}
	return "Niet na te gaan of dit is gewijzigd."
}

// alert counts the cited sources that are no longer what they were.
func alert(sources []source) string {
	cited, changed, gone, unknown := 0, 0, 0, 0
	for _, s := range sources {
		if !s.Cited {
			continue
		}
		cited++
		switch s.State {
		case replay.Changed:
			changed++
		case replay.Withdrawn:
			gone++
		case replay.Unknown:
			unknown++
		}
	}
	var out []string
	for _, c := range []struct {
		n         int
		one, more string
	}{{changed, "is sinds dit antwoord gewijzigd", "zijn sinds dit antwoord gewijzigd"},
		{gone, "staat niet meer in de index", "staan niet meer in de index"},
		{unknown, "is niet na te gaan", "zijn niet na te gaan"}} {
		switch {
		case c.n == 1:
			out = append(out, "1 "+c.one)
		case c.n > 1:
			out = append(out, fmt.Sprintf("%d %s", c.n, c.more))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("Van de bronnen die zijn geciteerd (%d): %s.", cited, strings.Join(out, ", "))
}

// parts are those of the signature of an index, with their words.
func parts(signature map[string]string) [][2]string {
	var out [][2]string
	for _, k := range slices.Sorted(maps.Keys(signature)) {
		out = append(out, [2]string{word(parties, k), signature[k]})
	}
	return out
}

// moment is a time for people and for machines.
type moment struct{ Text, Exact string }

// clock tells times in a zone.
func clock(zone *time.Location) func(time.Time) moment {
	if zone == nil {
		zone = time.UTC
	}
	return func(t time.Time) moment {
		t = t.In(zone)
		return moment{fmt.Sprintf("%s, %s uur (%s)", day(t), t.Format("15.04"), t.Format("MST")), t.Format(time.RFC3339)}
	}
}

func day(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
}

// date puts a date of the form 2026-01-31 into words; others stay.
func date(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return day(t)
}

// decimal is a number with three decimals and a comma, never rounded up: what
// does not reach a threshold should not look as if it did.
func decimal(f float64) string {
	return strings.Replace(strconv.FormatFloat(math.Floor(f*1000+1e-6)/1000, 'f', 3, 64), ".", ",", 1)
}
