package answer

import "testing"

// A question in English is searched for in Dutch where a model can translate it;
// what is shown are the words of the source.
func TestEnglishQuestion(t *testing.T) {
	f := waterrijk()
	gen := &writer{text: "Wat kost een paspoort?\n"}
	a := ask(t, engine(t, Parts{Searcher: f, Generator: gen}, Options{}), Question{Text: "How much does a passport cost?"})
	if f.asked[0] != "Wat kost een paspoort?" || a.Status != Answered || a.Mode != Extracted || a.Message != "These are passages from the sources, word for word and in Dutch." || gen.calls != 1 {
		t.Errorf("searched for %q: %s %s %q after %d calls", f.asked, a.Status, a.Mode, a.Message, gen.calls)
	}
	for _, useless := range []string{"", "I cannot do that", "How much does it cost?\n"} {
		f := waterrijk()
		ask(t, engine(t, Parts{Searcher: f, Generator: &writer{text: useless}}, Options{}), Question{Text: "How much does a passport cost?"})
		if f.asked[0] != "How much does a passport cost?" {
			t.Errorf("%q: searched for %q", useless, f.asked)
		}
	}
	f = waterrijk()
	ask(t, engine(t, Parts{Searcher: f}, Options{}), Question{Text: "How much does a passport cost?"})
	if f.asked[0] != "How much does a passport cost?" {
		t.Errorf("without a model: %q", f.asked)
	}
}
