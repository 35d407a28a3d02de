package koop

import (
	"strings"
	"testing"
	"time"
)

func TestSelectionQuery(t *testing.T) {
	date := func(s string) time.Time { return parseDay(s) }
	for name, tt := range map[string]struct {
		in        Selection
		want, err string
	}{
		"dossier":     {in: Selection{Dossiers: []string{"36 600 VII"}}, want: `c.product-area==officielepublicaties AND w.dossiernummer==36600-VII NOT dt.type==Bijlage`},
		"attachments": {in: Selection{Dossiers: []string{"36600-VII"}, Attachments: true}, want: `c.product-area==officielepublicaties AND w.dossiernummer==36600-VII`},
		"all of it": {in: Selection{Kinds: []string{"kamerstuk", "Aanhangsel"}, Dossiers: []string{"35842", "36600-VII"}, Creators: []string{`Goes "noord"`}, From: date("2024-01-01"), Until: date("2024-12-31")},
			want: `c.product-area==officielepublicaties AND (w.publicatienaam==Kamerstuk OR w.publicatienaam=="Kamervragen (Aanhangsel)") AND (w.dossiernummer==35842 OR w.dossiernummer==36600-VII) AND dt.creator=="Goes \"noord\"" AND dt.date>=2024-01-01 AND dt.date<=2024-12-31 NOT dt.type==Bijlage`},
		"a word of the language": {in: Selection{Creators: []string{"And"}}, want: `c.product-area==officielepublicaties AND dt.creator=="And" NOT dt.type==Bijlage`},
		"query":                  {in: Selection{Query: ` w.publicatienaam==Kamerstuk NOT dt.type==Bijlage `}, want: `(w.publicatienaam==Kamerstuk NOT dt.type==Bijlage)`},
		"query with a quoted )":  {in: Selection{Query: `dt.title=="a) sortby \" b"`}, want: `(dt.title=="a) sortby \" b")`},
		"everything":             {in: Selection{}, err: "everything there is"},
		"only until":             {in: Selection{Until: date("2024-01-01")}, err: "everything there is"},
		"both":                   {in: Selection{Query: "a==b", Kinds: []string{"Kamerstuk"}}, err: "goes without"},
		"sortBy":                 {in: Selection{Query: "a==b sortBy dt.date/sort.descending"}, err: "sortBy"},
		"parentheses":            {in: Selection{Query: "a==b) OR (c==d"}, err: "parentheses"},
		"quotation":              {in: Selection{Query: `a=="b`}, err: "not closed"},
		"unknown kind":           {in: Selection{Kinds: []string{"Kamerbrief"}}, err: `no publication "Kamerbrief"; there are: Kamerstuk, `},
		"no dossier":             {in: Selection{Dossiers: []string{"3660"}}, err: "write it as 36600"},
		"backwards":              {in: Selection{From: date("2024-01-02"), Until: date("2024-01-01")}, err: "before from"},
		"empty creator":          {in: Selection{Creators: []string{" "}}, err: "empty name"},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := tt.in.build(dialects[""])
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || q.String() != tt.want {
				t.Errorf("got  %s, %v\nwant %s", q, err, tt.want)
			}
		})
	}
}

func TestDossierNumber(t *testing.T) {
	for in, want := range map[string]string{
		"36600": "36600", "36 600": "36600", "36.600": "36600", " 36600-VII ": "36600-VII", "36600 VII": "36600-VII", "36 600 vii": "36600-VII",
		"36 600-VII": "36600-VII", "36 600 – VII": "36600-VII", "36600 hoofdstuk VII": "36600-VII", "36600 Hoofdstuk VII": "36600-VII", "21501-20": "21501-20",
		"21 501-20": "21501-20", "36600-A": "36600-A", "36600-IIB": "36600-IIB", "33990-(R2034)": "33990-(R2034)", "33990 R 2034": "33990-(R2034)",
		"": "", "kst-36600": "", "366000": "", "36600-VII nr. 1": "", "3660": "", "36600-": "36600", "36600 OR 1": "",
	} {
		got, err := DossierNumber(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, err, want)
		}
	}
}

// Whatever is in a value, it stays one term, and the query one that matches
// exactly that value.
func FuzzQueryValues(f *testing.F) {
	for _, s := range []string{"Goes", `a" OR dt.type==x OR dt.creator=="b`, `\`, `\"`, "NOT", "a b", "("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.TrimSpace(s) == "" {
			return
		}
		q, err := Selection{Creators: []string{s}}.build(dialects[""])
		if err != nil {
			t.Fatal(err)
		}
		match, err := compileCQL(q.String())
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		fields := map[string]string{"c.product-area": "officielepublicaties", "dt.creator": s}
		if !match(fields) {
			t.Errorf("%s does not match %q", q, s)
		}
		fields["dt.creator"] = s + "x"
		if match(fields) {
			t.Errorf("%s matches %q", q, s+"x")
		}
	})
}

func FuzzDossierNumber(f *testing.F) {
	for _, s := range []string{"36600-VII", "36 600 VII", "33990-(R2034)", "36600 hoofdstuk VII"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := DossierNumber(s)
		if err != nil {
			return
		}
		if twice, err := DossierNumber(once); err != nil || twice != once {
			t.Errorf("%q is %q, and that is %q, %v", s, once, twice, err)
		}
	})
}
