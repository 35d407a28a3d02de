package app

import (
	"context"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/audit"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// recorder keeps answers with what the engine cannot know of their basis: the
// index, the weights of the models, and the content of the documents.
type recorder struct {
	*audit.Store
	app *App
}

// Record is as in answer.Recorder.
func (r recorder) Record(ctx context.Context, rec answer.Record) error {
	if err := r.app.complete(ctx, rec.Basis); err != nil {
		return err
	}
	return r.Store.Record(ctx, rec)
}

// complete adds to a basis what only the index and the models know.
func (a *App) complete(ctx context.Context, b *answer.Basis) (err error) {
	b.Embedder.SHA256 = a.models.embedderSHA
	if b.Generator.Name != "" {
		b.Generator.SHA256 = a.models.generatorSHA
	}
	if b.Index, err = indexState(ctx, a.Store); err != nil {
		return err
	}
	b.Index.Signature = a.signature()
	for i, d := range b.Documents {
		if b.Documents[i].Digest, err = digest(ctx, a.Config, a.Store, d.Ref()); err != nil {
			return err
		}
	}
	return nil
}

// indexState is the index as it is now, without its signature.
func indexState(ctx context.Context, l retrieve.Ledger) (s answer.IndexState, err error) {
	if s.Made, err = index.Made(ctx, l); err != nil {
		return s, err
	}
	if s.Revision, err = index.Revision(ctx, l); err != nil {
		return s, err
	}
	s.Lexicon, err = index.LexiconVersion(ctx, l)
	return s, err
}

// digest is that of the content which the index has of a document; "" if no
// source that is configured has it, or while it is being written.
func digest(ctx context.Context, cfg *config.Config, l retrieve.Ledger, ref ingest.Ref) (string, error) {
	for _, s := range cfg.Sources {
		if s.Collection != ref.Collection {
			continue
		}
		e, ok, err := l.Entry(ctx, s.Name, ref.ID)
		if err != nil {
			return "", err
		}
		if ok && e.Ref == ref && e.Passages > 0 && e.Digest != "" {
			return e.Digest, nil
		}
	}
	return "", nil
}
