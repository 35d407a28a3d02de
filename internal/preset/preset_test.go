package preset

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestWebsite(t *testing.T) {
	for _, tt := range []struct{ in, start, allow string }{
		{"https://www.waterrijk.example", "https://www.waterrijk.example/", "https://www.waterrijk.example/"},
		{"waterrijk.example", "https://waterrijk.example/", "https://waterrijk.example/"},
		{"HTTPS://WWW.Waterrijk.example/?utm_source=x#top", "https://www.waterrijk.example/", "https://www.waterrijk.example/"},
		{"https://loket.waterrijk.example/wonen", "https://loket.waterrijk.example/wonen", "https://loket.waterrijk.example/"},
		{"https://loket.waterrijk.example/wonen/", "https://loket.waterrijk.example/wonen/", "https://loket.waterrijk.example/wonen/"},
		{"http://127.0.0.1:8080/site/index.html", "http://127.0.0.1:8080/site/index.html", "http://127.0.0.1:8080/site/"},
	} {
		got, err := website(&Answers{Argument: tt.in})
		want := site{[]string{tt.start}, strings.Fields(tt.allow)}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v %v, want %v", tt.in, got, err, want)
		}
	}
	for _, bad := range []string{"", "goes", "ftp://goes.nl", "https://", "https://u:p@goes.nl/", "https://goes.nl:x/"} {
		if got, err := website(&Answers{Argument: bad}); !errors.Is(err, ErrAnswer) {
			t.Errorf("%q gave %v, %v", bad, got, err)
		}
	}
}

func TestDossiers(t *testing.T) {
	got, err := dossiers(&Answers{Argument: "36600-VII, 35842,,"})
	if want := []string{"36600-VII", "35842"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"", ",", "Woo"} {
		if _, err := dossiers(&Answers{Argument: bad}); !errors.Is(err, ErrAnswer) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Whatever is answered stays one value of one key.
func TestAnswersCannotAddLines(t *testing.T) {
	evil := "x\"\nserver: {site: /}\n# "
	for _, p := range All() {
		a := Answers{Command: "init\nserver: {site: /}", Argument: "36600", Name: evil, Phone: evil, ContactURL: evil, Contact: evil}
		if p.Name == "gemeente" {
			a.Argument = "https://waterrijk.example"
		}
		out, err := p.Render(a)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "server:") {
				t.Errorf("%s: an answer became a line:\n%s", p.Name, out)
			}
		}
	}
}
