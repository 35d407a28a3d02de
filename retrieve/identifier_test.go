package retrieve

import (
	"slices"
	"strings"
	"testing"
)

func TestMentions(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{"Wat staat er in kst-32545-143?", "id:kst-32545-143"},
		{"Kamerstuk 35842 nr. 4", "id:kst-35842-4"},
		{"Kamerstukken II 2024/25, 36 600 VII, nr. 12", "id:kst-36600-vii-12"},
		{"Wat zegt de minister in 36600-VII, nr 1 over gemeenten?", "id:kst-36600-vii-1"},
		{"kamerstuk 36836, nr. D", "id:kst-36836-d"},
		{"Waar gaat 2021D12345 over?", "id:2021d12345"},
		{"ah-tk-20202021-3235", "id:ah-tk-20202021-3235"},
		{"Stb. 2021, 499", "id:stb-2021-499"},
		{"Staatscourant 2015, nr. 47076", "id:stcrt-2015-47076"},
		{"BWBR0045754 en CVDR112779_1", "id:bwbr0045754 id:cvdr112779_1"},
		{"ECLI:NL:RVS:2023:1234", "id:ecli:nl:rvs:2023:1234"},
		{"Wat is de stand van dossier 36 600 VII?", "dossier:36600-vii"},
		{"35842", "dossier:35842"},
		{"Wat staat er in dossier 36600-A?", "id:kst-36600-a dossier:36600-a"},
		{"36 600 A, nr. 5", "id:kst-36600-a-5"},
		{"Wat zegt kamerstuk 35842, D over de begroting?", "id:kst-35842-d"},
		{"dossier 36600 nummer van de motie", "dossier:36600"},
		{"Kamerstuk 36600-VII-12", "id:kst-36600-vii-12"},
		{"Kamerstuk 35842-4", "id:kst-35842-4 dossier:35842-4"},
		{"motie 21501-20, nr. 1234", "id:kst-21501-20-1234"},
		{"dossier 21501-20", "id:kst-21501-20 dossier:21501-20"},
		{"kamerstuk 34000 (R2034), nr. 6", "id:kst-34000- r2034 -6 id:kst-34000-r2034-6"},
		{"dossier 34000 (R2034)", "dossier:34000-r2034"},
		{"dossier 36600-Overig", ""},
		{"Wetsvoorstel 35842 over jeugd", "dossier:35842"},
		{"Wat kost 35842 euro?", ""},
		{"Hoeveel inwoners heeft de gemeente, 36 600 of meer?", ""},
		{"Bel 14 0123 nr 4", ""},
		{"Wat staat er in artikel 5.1 Woo?", "5.1 wet:woo"},
		{"art. 2.1 lid 3 Wmo 2015", "2.1 wet:wmo 2015"},
		{"artikel 5.1, tweede lid, van de Wet open overheid", "5.1 wet:wet open overheid"},
		{"Mag dat volgens de Wet open overheid artikel 5.1?", "5.1 wet:wet open overheid"},
		{"Staat dat in artikel 3:4 Awb of elders?", "3.4 wet:awb"},
		{"Wat kost een paspoort?", ""},
	} {
		var got []string
		for _, m := range Mentions(tt.question) {
			if m.Article != "" {
				got = append(got, m.Article)
			}
			for _, g := range m.Filter.Groups() {
				if strings.HasPrefix(g[0], "wet:") { // several may be one: which, the index knows
					want := tt.want[strings.Index(tt.want, "wet:"):]
					if slices.Contains(g, want) {
						g = []string{want}
					}
				}
				got = append(got, g...)
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q, want %q", tt.question, s, tt.want)
		}
	}
}

func TestDossierSpellings(t *testing.T) {
	for official, others := range map[string][]string{
		"36600-VII": {"36 600 VII", "36600 hoofdstuk VII", "36600-vii"}, "21501-20": {"21501 20", "21 501-20"}, "34000-(R2034)": {"34000 (R2034)", "34 000-R2034"},
		"36600-A": {"36600 A"}, "36600-IXB": {"36 600 IXB"},
	} {
		tags := (&Info{Meta: map[string]string{"dossier": official}}).Tags()
		for _, o := range append(others, official) {
			if !Pass(Filter{Dossiers: []string{o}}.Groups(), tags) {
				t.Errorf("%q does not find %q: %v", o, official, tags)
			}
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("Kamerstukken II 2024/25, 36 600 VII, nr. 12, artikel 5.1, tweede lid, Woo; ECLI:NL:RVS:2023:1234")
	f.Fuzz(func(t *testing.T, s string) {
		if ms := Mentions(s); len(ms) > maxMentions {
			t.Errorf("%d mentions", len(ms))
		}
		info := Info{Title: s, Meta: map[string]string{"identifier": "BWBR" + s, "indiener": s, "dossier": s, "vergaderjaar": s}}
		if tags := info.Tags(); !slices.IsSorted(tags) {
			t.Errorf("tags %v", tags)
		}
	})
}

func TestNearDuplicates(t *testing.T) {
	const notice = "Het gemeentehuis van Waterrijk is op vrijdag 24 december gesloten. Voor dringende zaken belt u 14 0123. " +
		"De milieustraat is die dag wel open van 9 tot 12 uur. Aangifte van overlijden kan op afspraak, ook in het weekend."
	texts := []string{
		notice,
		strings.Replace(notice, "Voor dringende zaken", "Voor dringende  ZAKEN,", 1),
		strings.Replace(notice, "ook in het weekend", "ook op zaterdag", 1), // another fact
		strings.Replace(notice, "24 december", "31 december", 1),
		strings.Replace(notice, "is die dag wel open", "is die dag niet open", 1),
		strings.Replace(notice, "vrijdag 24", "donderdag 24", 1),
		strings.Replace(notice, "wel open", "verboden", 1),
		"Kort.", "Kort.", "Ook kort.",
	}
	var cs []Candidate
	for i, text := range texts {
		c := Candidate{Hit: Hit{Score: float64(len(texts) - i)}}
		c.Text, c.ID = text, string(rune('a'+i))
		cs = append(cs, c)
	}
	var got []string
	for _, c := range collapse(cs) {
		s := c.ID
		for _, a := range c.Also {
			s += a.ID
		}
		got = append(got, s+strings.Repeat("+", len(c.Also)))
	}
	if s := strings.Join(got, " "); s != "ab+ c d e f g hi+ j" {
		t.Errorf("collapsed to %q", s)
	}
}
