package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"path/filepath"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/answer/langchain"
	answerlocal "github.com/vraagbaak/vraagbaak/answer/local"
	"github.com/vraagbaak/vraagbaak/embed"
	embedlocal "github.com/vraagbaak/vraagbaak/embed/local"
	"github.com/vraagbaak/vraagbaak/embed/remote"
	"github.com/vraagbaak/vraagbaak/embed/sqlitecache"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/endpoint"
	"github.com/vraagbaak/vraagbaak/internal/models"
)

// modelSet opens models and closes them again.
type modelSet struct {
	log     *slog.Logger
	threads int
	closers []io.Closer
	starts  func(context.Context) error // loads the language model; nil if there is none here

	// Of the weights of the models that were opened, hex; "" where a server has
	// them.
	embedderSHA, generatorSHA string
}

// warm loads the language model, if it runs on this machine.
func (m *modelSet) warm(ctx context.Context) error {
	if m.starts == nil {
		return nil
	}
	return m.starts(ctx)
}

func (m *modelSet) Close() error {
	var errs []error
	for _, c := range m.closers {
		errs = append(errs, c.Close())
	}
	m.closers = nil
	return errors.Join(errs...)
}

// vectorsFile is the vector cache in the home of the models: every index on
// this machine shares it.
const vectorsFile = "vectors.db"

// cached puts the vector cache before an embedder, for passages: of what people
// ask nothing is kept.
func (m *modelSet) cached(ctx context.Context, e embed.Embedder) (embed.Embedder, error) {
	home, err := models.Home()
	if err != nil {
		return nil, err
	}
	cache, err := sqlitecache.Open(ctx, filepath.Join(home, vectorsFile), m.log)
	if err != nil {
		m.log.Warn("vectors are not kept between runs", "error", err)
		return e, nil
	}
	m.closers = append(m.closers, cache)
	return embed.Cached(e, cache), nil
}

// embedder opens an embedding model. One that was not pulled is an error:
// without it nothing can be found or indexed.
func (m *modelSet) embedder(ctx context.Context, c config.Model) (embed.Embedder, error) {
	if c.Kind != "local" {
		// A server tells no revision; the prefixes make other vectors at least.
		prefixes := sha256.Sum256([]byte(c.QueryPrefix + "\x00" + c.PassagePrefix))
		e, err := remote.New(remote.Config{Kind: kind(c.Kind), Model: c.Name, Endpoint: endpoint.Config{URL: c.URL, KeyEnv: c.KeyEnv},
			Revision: hex.EncodeToString(prefixes[:]), QueryPrefix: c.QueryPrefix, PassagePrefix: c.PassagePrefix})
		if err != nil {
			return nil, fmt.Errorf("%w: models.embedder: %w", ErrUsage, err)
		}
		// The dimensions belong to the signature of the index.
		_, err = e.Probe(ctx)
		return e, err
	}
	name := c.Name
	if name == "" {
		name = models.DefaultEmbedder
	}
	if name != models.DefaultEmbedder {
		return nil, fmt.Errorf("%w: models.embedder.name is %q; this version runs only %s itself, others behind an endpoint (kind: ollama or openai)", ErrUsage, name, models.DefaultEmbedder)
	}
	file, libs, revision, err := local(name)
	if err != nil {
		return nil, err
	}
	m.embedderSHA = revision
	e := embedlocal.New(embedlocal.Config{LibraryDir: libs, ModelFile: file, Revision: revision, Threads: m.threads, Log: m.log})
	m.closers = append(m.closers, e)
	return e, nil
}

// generator opens a language model. One that was not pulled is no error: the
// engine then shows passages, and says why.
func (m *modelSet) generator(c config.Model) (answer.Generator, error) {
	if c.Kind != "local" {
		g, err := langchain.New(langchain.Config{Kind: kind(c.Kind), Model: c.Name, Endpoint: endpoint.Config{URL: c.URL, KeyEnv: c.KeyEnv}})
		if err != nil {
			return nil, fmt.Errorf("%w: models.generator: %w", ErrUsage, err)
		}
		return g, nil
	}
	name := c.Name
	if name == "" {
		name = models.DefaultGenerator
	}
	file, libs, revision, err := local(name)
	if errors.Is(err, models.ErrUnknown) {
		return nil, fmt.Errorf("models.generator.name: %w", err)
	} else if err != nil {
		m.log.Warn("no language model; answers are verbatim passages", "error", err)
		return missing{name, err}, nil
	}
	m.generatorSHA = revision
	g := answerlocal.New(answerlocal.Config{LibraryDir: libs, ModelFile: file, Name: name, Threads: m.threads, Log: m.log})
	m.closers = append(m.closers, g)
	m.starts = g.Start
	return g, nil
}

func kind(s string) endpoint.Kind {
	if s == "ollama" {
		return endpoint.Ollama
	}
	return endpoint.OpenAI
}

// local finds a pulled model and the runtime.
func local(name string) (file, libs, revision string, err error) {
	cache, err := models.Open()
	if err != nil {
		return "", "", "", err
	}
	e, err := cache.Entry(name)
	if err != nil {
		return "", "", "", err
	}
	if file, err = cache.Path(name); err == nil {
		libs, err = cache.RuntimeDir()
	}
	if errors.Is(err, models.ErrNotPulled) && e.Default { // the others that are needed are probably not there either
		err = fmt.Errorf("model %s, or the runtime for it, is %w to %s; run \"vraagbaak models pull\"", name, models.ErrNotPulled, cache.Root())
	}
	if err != nil {
		return "", "", "", err
	}
	if len(e.Files) > 0 {
		revision = e.Files[0].SHA256
	}
	return file, libs, revision, nil
}

// missing stands for a model that could not be opened.
type missing struct {
	name string
	err  error
}

func (m missing) Model() string { return m.name }

func (m missing) Generate(context.Context, answer.Prompt) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		yield("", fmt.Errorf("%w: %w", answer.ErrModelUnavailable, m.err))
	}
}
