package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/answer"
)

const waterrijk = "../../testdata/"

var tag = regexp.MustCompile(`<[^>]*>`)

// plainText is what a page says, in one line. A PDF is read from the page it
// was printed from.
func plainText(t *testing.T, name string) string {
	t.Helper()
	if base, ok := strings.CutSuffix(name, ".pdf"); ok {
		name = strings.Replace(base, "documents/", "pdf/", 1) + ".html"
	}
	b, err := os.ReadFile(waterrijk + name)
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	if filepath.Ext(name) != ".md" {
		s = html.UnescapeString(tag.ReplaceAllString(s, " "))
	}
	return strings.Join(strings.Fields(s), " ")
}

// Questions and pages stay consistent: what a question is answered with stands
// in its sources, and what must be refused for personal data is recognised.
func TestWaterrijkQuestions(t *testing.T) {
	b, err := os.ReadFile(waterrijk + "questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	groups, seen := map[string]int{}, map[string]bool{}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		var q struct {
			ID, Group, Question, Answer, Reason string
			Sources, Nuggets                    []string
			Answerable                          bool
			History                             []answer.Turn
		}
		if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
			t.Fatalf("%s: %v", sc.Bytes(), err)
		}
		groups[q.Group]++
		if seen[q.ID] || q.Question == "" || q.Answerable != (len(q.Sources) > 0) || q.Answerable != (len(q.Nuggets) > 0) || q.Answerable == (q.Reason != "") {
			t.Errorf("%s is incomplete or double", q.ID)
		}
		seen[q.ID] = true
		if got := len(answer.FindPersonalData(q.Question)) > 0; got != (q.Reason == string(answer.PersonalData)) {
			t.Errorf("%s %q: personal data found: %v", q.ID, q.Question, got)
		}
		if (q.Group == "follow-up") != (len(q.History) > 0) {
			t.Errorf("%s: a follow-up has a history, and nothing else has", q.ID)
		}
		all := ""
		for _, s := range q.Sources {
			all += plainText(t, s) + " "
		}
		for _, n := range q.Nuggets {
			if !strings.Contains(all, n) {
				t.Errorf("%s: %q is not in %v", q.ID, n, q.Sources)
			}
		}
		if q.Answerable && q.Group != "parts" && !strings.Contains(all, q.Answer) {
			t.Errorf("%s: the answer %q is not in %v", q.ID, q.Answer, q.Sources)
		}
	}
	for _, g := range []string{"fact", "table", "document", "pdf", "parts", "follow-up", "unanswerable", "out-of-scope", "personal-data"} {
		if groups[g] < 2 {
			t.Errorf("group %s has %d questions", g, groups[g])
		}
	}
}

// Every link between the pages leads somewhere, and every page is in the
// sitemap unless robots.txt forbids it.
func TestWaterrijkSite(t *testing.T) {
	sitemap, err := os.ReadFile(siteDir + "/sitemap.xml")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	err = filepath.WalkDir(siteDir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" {
			return err
		}
		pages++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="/([^"#]*)(#[^"]*)?"`).FindAllStringSubmatch(string(b), -1) {
			target := m[1]
			if target == "" {
				target = "index.html"
			}
			if _, err := os.Stat(filepath.Join(siteDir, target)); err != nil && "/"+target != "/widget/v1/vraagbaak.js" {
				t.Errorf("%s links to /%s, which is not there", path, target)
			}
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(path), siteDir+"/"), "index.html")
		forbidden := rel == "delen.html" || strings.HasPrefix(rel, "intern/")
		if strings.Contains(string(sitemap), "<loc>"+SiteOrigin+"/"+rel+"</loc>") == forbidden {
			t.Errorf("%s: in the sitemap when robots.txt forbids it, or not when it does not", path)
		}
		return nil
	})
	if err != nil || pages < 30 {
		t.Errorf("%d pages, %v", pages, err)
	}
}
