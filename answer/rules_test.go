package answer

import (
	"os"
	"strings"
	"testing"
)

// What the index of needed words leaves out must not match: rules are tried one
// by one on all texts of the tests.
func TestRulesNeedTheirWords(t *testing.T) {
	var lines []string
	for _, name := range []string{"testdata/scope.txt", "testdata/attacks.jsonl", "testdata/passages.txt", "../testdata/questions.jsonl"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(data), "\n")...)
	}
	all := map[string]*rules{"orders": orders(), "person": knownPerson()}
	for _, r := range topicRules() {
		all[string(r.topic)] = r.form
	}
	for name, rs := range all {
		if 4*len(rs.always) > len(rs.forms) {
			t.Errorf("%s: %d of %d rules are tried on everything", name, len(rs.always), len(rs.forms))
		}
	}
	matched := 0
	for _, l := range lines {
		for _, p := range phrases(l) {
			for name, rs := range all {
				want := false
				for _, f := range rs.forms {
					want = want || f.MatchString(p.words)
				}
				if got := rs.match(p.words); got != want {
					t.Errorf("%s: %q matches %v, want %v", name, p.words, got, want)
				}
				if want {
					matched++
				}
			}
		}
	}
	if matched < 100 {
		t.Errorf("only %d phrases match anything", matched)
	}
}

func TestBadRulesPanic(t *testing.T) {
	lists := map[string]string{"a": "x|y"}
	for _, bad := range []string{"<b> c", "a|b", "(?:a)?~3 b", "(a"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was compiled", bad)
				}
			}()
			anyOf(lists, bad)
		}()
	}
	if rs := anyOf(lists, "<a> ~1 (?:zo|zus)$", "^hoe"); !rs.match(" nu x of zo ") || rs.match(" x of zo nu ") || !rs.match(" hoe dan ") || rs.match(" dan hoe ") {
		t.Error("the notation of rules does not hold")
	}
}
