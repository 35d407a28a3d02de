package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Signature names everything that decides what an index holds. Two indexes with
// the same signature and sources hold the same passages and vectors.
type Signature map[string]string

// ErrSignature is wrapped when an index was made in another way than the
// configuration asks for.
var ErrSignature = errors.New("the index was made in another way")

// NewSignature puts the parts together. analysis is the name of the lexical
// analysis without its lexicon, which belongs to the index itself.
func NewSignature(extractor string, o chunk.Options, embedder, analysis, store string) Signature {
	return Signature{
		"extractor": extractor,
		"chunks":    fmt.Sprintf("%d/%d", o.MaxTokens, o.ContextTokens),
		"embedder":  embedder,
		"analysis":  analysis,
		"store":     store,
	}
}

const signatureFact = "signature"

// CheckSignature compares the signature with that of the index. An index
// without one is empty.
func CheckSignature(ctx context.Context, l retrieve.Ledger, want Signature, rebuild string) error {
	s, err := l.Fact(ctx, signatureFact)
	if err != nil || s == "" {
		return err
	}
	var have Signature
	if err := json.Unmarshal([]byte(s), &have); err != nil {
		return fmt.Errorf("%w: its signature cannot be read (%v); rebuild it with: %s", ErrSignature, err, rebuild)
	}
	var diff []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if have[k] != want[k] {
			diff = append(diff, fmt.Sprintf("%s: the index has %q, the configuration asks for %q", k, have[k], want[k]))
		}
	}
	if len(diff) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s; rebuild it with: %s", ErrSignature, strings.Join(diff, "; "), rebuild)
}

// WriteSignature notes how the index is being made. The first time it also gives
// the index its name, see Made.
func WriteSignature(ctx context.Context, l retrieve.Ledger, s Signature) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if made, err := Made(ctx, l); err != nil {
		return err
	} else if made == "" {
		if err := l.SetFact(ctx, madeFact, newName()); err != nil {
			return err
		}
	}
	return l.SetFact(ctx, signatureFact, string(b))
}

const madeFact = "made"

// Made names the index itself, whatever it holds: a rebuilt index has another
// name. "" for one that nothing was ingested into since it gets one.
func Made(ctx context.Context, l retrieve.Ledger) (string, error) {
	return l.Fact(ctx, madeFact)
}
