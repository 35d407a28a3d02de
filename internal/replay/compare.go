package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
)

// answers lists what a reader would see differ.
func answers(then, now *answer.Answer) []Change {
	var out []Change
	differ := func(kind Kind, a, b string) {
		if a != b {
			out = append(out, Change{kind, fmt.Sprintf("%s then, %s now", cmp.Or(a, "none"), cmp.Or(b, "none"))})
		}
	}
	differ(OtherStatus, string(then.Status), string(now.Status))
	differ(OtherReason, string(then.Reason), string(now.Reason))
	differ(OtherMode, string(then.Mode), string(now.Mode))
	if then.Message != now.Message && then.Status == now.Status && then.Reason == now.Reason { // it follows from those
		out = append(out, Change{OtherMessage, fmt.Sprintf("%q then, %q now", then.Message, now.Message)})
	}
	if gone, added := without(texts(then), texts(now)), without(texts(now), texts(then)); len(gone)+len(added) > 0 {
		out = append(out, Change{OtherStatements, strings.Join(slices.Concat(labelled("gone", gone), labelled("new", added)), "; ")})
	} else if !slices.Equal(texts(then), texts(now)) {
		out = append(out, Change{OtherStatements, "the same sentences, in another order or number"})
	} else if c := citations(then, now); c != "" {
		out = append(out, Change{OtherCitations, c})
	}
	if !slices.Equal(then.Choices, now.Choices) {
		out = append(out, Change{OtherChoices, fmt.Sprintf("%q then, %q now", then.Choices, now.Choices)})
	}
	return out
}

func texts(a *answer.Answer) []string {
	var out []string
	for _, s := range a.Statements {
		out = append(out, s.Text)
	}
	return out
}

// without are the elements of a that b has not.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func labelled(label string, texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, fmt.Sprintf("%s: %q", label, t))
	}
	return out
}

// citations says which of the same sentences are proved otherwise; "" if none
// is.
func citations(then, now *answer.Answer) string {
	var out []string
	for i, s := range then.Statements {
		if !slices.EqualFunc(s.Citations, now.Statements[i].Citations, sameCitation) {
			out = append(out, fmt.Sprintf("%q is quoted from elsewhere, or its place has moved", s.Text))
		}
	}
	return strings.Join(out, "; ")
}

// sameCitation compares what a record keeps: a list without elements may come
// back as none.
func sameCitation(a, b answer.Citation) bool {
	if !slices.Equal(a.Heading, b.Heading) {
		return false
	}
	a.Heading, b.Heading = nil, nil
	return reflect.DeepEqual(a, b)
}

// unrecorded is what the records of earlier versions lack.
const unrecorded = "an earlier version recorded it, without history, filters, collections, settings, documents, and the states of engine, models and index; " +
	"it was asked as if it had neither history nor filters"

// bases lists what is other about what two answers rest on.
func bases(then, now *answer.Basis) []Change {
	if then == nil || now == nil {
		return []Change{{Unrecorded, unrecorded}}
	}
	var out []Change
	add := func(kind Kind, format string, args ...any) {
		out = append(out, Change{kind, fmt.Sprintf(format, args...)})
	}
	if c, ok := indexes(then, now); ok {
		out = append(out, c)
	}
	for _, m := range []struct {
		role      string
		then, now answer.ModelState
	}{{"embedder", then.Embedder, now.Embedder}, {"generator", then.Generator, now.Generator}} {
		if m.then != m.now {
			add(OtherModel, "%s: %s then, %s now", m.role, modelName(m.then), modelName(m.now))
		}
	}
	if then.Engine != now.Engine || then.Prompt != now.Prompt {
		add(OtherEngine, "version %s with instructions %.8s then, %s with %.8s now", then.Engine, then.Prompt, now.Engine, now.Prompt)
	}
	if d := settings(then.Options, now.Options); len(d) > 0 {
		add(OtherSettings, "%s", strings.Join(d, "; "))
	}
	if gone := without(then.Collections, now.Collections); len(gone) > 0 {
		add(OtherCollections, "searched then, and no longer configured: %s", strings.Join(gone, ", "))
	}
	if a, b := day(then.Moment), day(now.Moment); a != b {
		add(OtherDay, "asked as of %s then, as of %s now", a, b)
	}
	return out
}

func indexes(then, now *answer.Basis) (Change, bool) {
	a, b := then.Index, now.Index
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(b.Signature)) {
		if a.Signature[k] != b.Signature[k] {
			parts = append(parts, fmt.Sprintf("%s: %q then, %q now", k, a.Signature[k], b.Signature[k]))
		}
	}
	switch {
	case len(parts) > 0:
		return Change{IndexRebuilt, "it is made in another way; " + strings.Join(parts, "; ")}, true
	case a.Made != "" && b.Made != "" && a.Made != b.Made:
		return Change{IndexRebuilt, fmt.Sprintf("in the same way; index %s then, %s now", a.Made, b.Made)}, true
	case a.Revision != b.Revision:
		return Change{IndexRevised, fmt.Sprintf("documents were written or removed; revision %s then, %s now", cmp.Or(a.Revision, "none"), cmp.Or(b.Revision, "none"))}, true
	case a.Lexicon != b.Lexicon:
		return Change{IndexRevised, "its words were weighed anew"}, true
	case then.State != now.State:
		return Change{IndexRevised, fmt.Sprintf("state %s then, %s now", then.State, now.State)}, true
	}
	return Change{}, false
}

func modelName(m answer.ModelState) string {
	switch {
	case m.Name == "":
		return "none"
	case m.SHA256 == "":
		return m.Name + " (no hash known)"
	}
	return fmt.Sprintf("%s (sha256 %.12s)", m.Name, m.SHA256)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// settings lists the options that differ, by their names. It goes through JSON,
// so that an option that is added later is compared too.
func settings(then, now answer.Options) []string {
	a, b := fields(then), fields(now)
	var out []string
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if !reflect.DeepEqual(a[k], b[k]) {
			out = append(out, fmt.Sprintf("%s: %s then, %s now", k, show(a[k]), show(b[k])))
		}
	}
	return out
}

// fields are the options by their names; those of structs below them too.
func fields(o any) map[string]any {
	b, err := json.Marshal(o)
	if err != nil { // numbers that are none
		return map[string]any{"options": err.Error()}
	}
	var top map[string]any
	if err := json.Unmarshal(b, &top); err != nil {
		return map[string]any{"options": err.Error()}
	}
	out := map[string]any{}
	for k, v := range top {
		sub, ok := v.(map[string]any)
		if !ok {
			out[k] = v
		}
		for name, value := range sub {
			out[k+"."+name] = value
		}
	}
	return out
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}
