package index

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

func TestSignature(t *testing.T) {
	const rebuild = "vraagbaak ingest --rebuild --config x.yaml"
	ctx := t.Context()
	sig := NewSignature("x1", chunk.Defaults(), "e5@1/384", "nl1", "1")
	s := memstore.New()
	if err := CheckSignature(ctx, s, sig, rebuild); err != nil {
		t.Errorf("an empty index: %v", err)
	}
	if err := WriteSignature(ctx, s, sig); err != nil {
		t.Fatal(err)
	}
	if err := CheckSignature(ctx, s, sig, rebuild); err != nil {
		t.Errorf("the same signature: %v", err)
	}
	for part := range sig {
		other := maps.Clone(sig)
		other[part] = "other"
		err := CheckSignature(ctx, s, other, rebuild)
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s differs: %v", part, err)
			continue
		}
		if msg := err.Error(); !strings.Contains(msg, part+`: the index has "`+sig[part]+`", the configuration asks for "other"`) ||
			!strings.HasSuffix(msg, "rebuild it with: "+rebuild) || strings.Contains(msg, ";  ") {
			t.Errorf("%s differs: %v", part, err)
		}
	}
	o := chunk.Defaults()
	o.MaxTokens++
	if err := CheckSignature(ctx, s, NewSignature("x1", o, "e5@1/384", "nl1", "1"), rebuild); !errors.Is(err, ErrSignature) {
		t.Errorf("other chunk options: %v", err)
	}
	if err := s.SetFact(ctx, signatureFact, "{"); err != nil {
		t.Fatal(err)
	}
	if err := CheckSignature(ctx, s, sig, rebuild); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), rebuild) {
		t.Errorf("a damaged signature: %v", err)
	}
}

func TestMadeNamesTheIndexWhateverItHolds(t *testing.T) {
	ctx, s := t.Context(), memstore.New()
	if made, err := Made(ctx, s); made != "" || err != nil {
		t.Errorf("an index that was never written: %q, %v", made, err)
	}
	sig := NewSignature("x1", chunk.Defaults(), "e5@1/384", "nl1", "1")
	var names []string
	for range 2 {
		if err := WriteSignature(ctx, s, sig); err != nil {
			t.Fatal(err)
		}
		if err := newRevision(ctx, s); err != nil {
			t.Fatal(err)
		}
		made, err := Made(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, made)
	}
	if names[0] == "" || names[0] != names[1] {
		t.Errorf("names %q", names)
	}
}
