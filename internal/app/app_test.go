package app

import (
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/config"
)

// What the configuration says of answers reaches the engine, in both languages.
func TestAnswerOptions(t *testing.T) {
	for text, want := range map[string]struct {
		off            bool
		dutch, english string
	}{
		"organisation: {phone: 14 0999}":                           {false, "Bel 14 0999.", "Call 14 0999."},
		"organisation: {url: /contact}":                            {false, "Kijk op /contact voor contact met een medewerker.", "See /contact for contact with a member of staff."},
		"organisation: {phone: 14 0999, url: /contact}":            {false, "Bel 14 0999 of kijk op /contact.", "Call 14 0999 or see /contact."},
		"answer: {enabled: false}\norganisation: {phone: 14 0999}": {true, "Bel 14 0999.", "Call 14 0999."},
		"answer: {enabled: true}":                                  {false, "", ""},
	} {
		cfg, err := config.Parse("vraagbaak.yaml", []byte(text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if o := answerOptions(cfg); o.Off != want.off || o.Contact != want.dutch || o.ContactEnglish != want.english {
			t.Errorf("%q: %+v", text, o)
		}
	}
}
