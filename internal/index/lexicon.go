package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

// The facts of the lexicon. The version is written last: searches that see a
// new version find every passage weighed with it.
const (
	lexiconFact  = "lexicon"
	versionFact  = "lexicon_version"
	weighingFact = "lexicon_weighing" // the version that passages are being weighed with; "" when done
)

// growth is how much larger than the corpus of its lexicon an index may become
// before it learns a new one.
const growth = 2

// LexiconVersion names the lexicon of the index; "" before there is one.
func LexiconVersion(ctx context.Context, l retrieve.Ledger) (string, error) {
	return l.Fact(ctx, versionFact)
}

// Analyzer returns the analysis that belongs to the index now.
func Analyzer(ctx context.Context, l retrieve.Ledger) (*dutch.Analyzer, error) {
	s, err := l.Fact(ctx, lexiconFact)
	if err != nil {
		return nil, err
	}
	if s == "" {
		return dutch.New(dutch.Lexicon{}), nil
	}
	lex, err := dutch.Parse(s)
	if err != nil {
		return nil, err
	}
	return dutch.New(lex), nil
}

// Freeze learns the lexicon of an index that has none, or has outgrown it, and
// weighs all passages with it. It also completes a weighing that was cut short.
// scope must hold all collections of the index. It reports whether it did
// anything; vectors stay as they are.
func Freeze(ctx context.Context, s retrieve.Store, l retrieve.Ledger, scope retrieve.Scope) (bool, error) {
	stats, err := s.Stats(ctx, scope)
	if err != nil || stats.Passages == 0 {
		return false, err
	}
	old, err := l.Fact(ctx, lexiconFact)
	if err != nil {
		return false, err
	}
	weighing, err := l.Fact(ctx, weighingFact)
	if err != nil {
		return false, err
	}
	var lex dutch.Lexicon
	if old != "" {
		if lex, err = dutch.Parse(old); err != nil {
			return false, err
		}
	}
	if stats.Passages < growth*lex.Passages && weighing == "" {
		return false, nil
	}
	if weighing == "" || weighing != dutch.New(lex).Signature() { // the second: it was cut short before the lexicon was written
		if lex, err = learn(s.All(ctx, scope)); err != nil {
			return false, fmt.Errorf("learn the words of the index: %w", err)
		}
	}
	a := dutch.New(lex)
	if err := l.SetFact(ctx, weighingFact, a.Signature()); err != nil {
		return false, err
	}
	if err := l.SetFact(ctx, lexiconFact, lex.Encode()); err != nil {
		return false, err
	}
	if err := s.Reweigh(ctx, a.Passage); err != nil {
		return false, fmt.Errorf("weigh the words of the index: %w", err)
	}
	if err := l.SetFact(ctx, versionFact, a.Signature()); err != nil {
		return false, err
	}
	return true, l.SetFact(ctx, weighingFact, "")
}

func learn(passages iter.Seq2[retrieve.Passage, error]) (dutch.Lexicon, error) {
	var failed error
	lex := dutch.Learn(func(yield func(*retrieve.Passage) bool) {
		for p, err := range passages {
			if err != nil {
				failed = err
				return
			}
			if !yield(&p) {
				return
			}
		}
	})
	return lex, failed
}

// lexiconLease keeps two processes from weighing at the same time.
const lexiconLease = "lexicon"

// Freeze is the function of that name for the passages this Indexer wrote. It
// waits for another process that is at it. If that one has given the index
// another lexicon since x began, the passages are weighed again: x has weighed
// its own with the old one.
func (x *Indexer) Freeze(ctx context.Context, scope retrieve.Scope) error {
	for {
		err := x.Ledger.Lease(ctx, lexiconLease, x.Owner, leaseTime)
		if err == nil {
			break
		}
		if !errors.Is(err, retrieve.ErrLeased) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	defer x.Ledger.Release(context.WithoutCancel(ctx), lexiconLease, x.Owner)
	version, err := LexiconVersion(ctx, x.Ledger)
	if err != nil {
		return err
	}
	if version != "" && version != x.Analyzer.Signature() {
		if err := x.Ledger.SetFact(ctx, weighingFact, version); err != nil {
			return err
		}
	}
	_, err = Freeze(ctx, x.Store, x.Ledger, scope)
	return err
}
