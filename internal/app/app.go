// Package app puts the program together from its parts: it is the only place
// that knows them all. It decides nothing that a part could decide.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/internal/audit"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
	"github.com/vraagbaak/vraagbaak/retrieve/qdrantstore"
)

// storeFormat is part of the index signature.
func storeFormat(kind string) string {
	if kind == "qdrant" {
		return "2" // passages have tags
	}
	return "1"
}

// storage is what both stores are.
type storage interface {
	retrieve.Store
	retrieve.Ledger
}

// App is an open configuration. Models start when they are first used.
type App struct {
	Config   *config.Config
	Store    storage
	Embedder embed.Embedder // of passages, with their cache
	Searcher *retrieve.Searcher
	Engine   *answer.Engine

	asker   embed.Embedder // of questions, without a cache
	log     *slog.Logger
	file    string // the index, in data_dir
	models  *modelSet
	records *audit.Store
	lexicon lexicon
	parts   answer.Parts // of the Engine
}

// Open opens the index of a configuration and wires what works on it. Close it.
func Open(ctx context.Context, cfg *config.Config, log *slog.Logger) (*App, error) {
	return open(ctx, cfg, log, indexFile)
}

// The files in the data folder.
const (
	indexFile   = "index.db"
	rebuildFile = "index.rebuild.db"
	answersFile = "answers.db"
)

func open(ctx context.Context, cfg *config.Config, log *slog.Logger, file string) (_ *App, err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o750); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	a := &App{Config: cfg, log: log, file: file, models: &modelSet{log: log, threads: cfg.Models.Threads}}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.Store, err = openStore(ctx, cfg, log, file); err != nil {
		return nil, err
	}
	if a.asker, err = a.models.embedder(ctx, cfg.Models.Embedder); err != nil {
		return nil, err
	}
	if a.Embedder, err = a.models.cached(ctx, a.asker); err != nil {
		return nil, err
	}
	if err := index.CheckSignature(ctx, a.Store, a.signature(), "vraagbaak ingest --rebuild --config "+cfg.File); err != nil {
		return nil, err
	}
	a.lexicon.ledger = a.Store
	a.Searcher = &retrieve.Searcher{Store: a.Store, Embedder: a.asker, Analyzer: a.lexicon.analyzer, Fusion: retrieve.DefaultFusion()}
	return a, a.openEngine(ctx)
}

func openStore(ctx context.Context, cfg *config.Config, log *slog.Logger, file string) (storage, error) {
	if cfg.Store.Kind == "qdrant" {
		return openQdrant(ctx, cfg.Store)
	}
	s, err := localstore.Open(ctx, filepath.Join(cfg.DataDir, file), localstore.Options{Log: log})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openQdrant(ctx context.Context, c config.Store) (storage, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: store.address: %w", ErrUsage, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("%w: store.address: port %q is not a number", ErrUsage, port)
	}
	o := qdrantstore.Options{Host: host, Port: n, TLS: c.TLS, Prefix: c.Prefix}
	if c.KeyEnv != "" {
		o.APIKey = os.Getenv(c.KeyEnv)
	}
	s, err := qdrantstore.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (a *App) openEngine(ctx context.Context) error {
	cfg := a.Config
	parts := answer.Parts{Searcher: a.Searcher, Embedder: a.Embedder.Model().Name, State: a.state, Log: a.log}
	if cfg.Answer.Mode == "generate" {
		g, err := a.models.generator(cfg.Models.Generator)
		if err != nil {
			return err
		}
		parts.Generator = g
	}
	var err error
	if a.records, err = openRecords(ctx, cfg); err != nil {
		a.log.Warn("answers are not recorded", "error", err)
	} else {
		parts.Recorder = recorder{a.records, a}
	}
	a.parts = parts
	a.Engine, err = answer.NewEngine(parts, answerOptions(cfg))
	return err
}

func openRecords(ctx context.Context, cfg *config.Config) (*audit.Store, error) {
	return audit.Open(ctx, filepath.Join(cfg.DataDir, answersFile), time.Duration(cfg.Answer.KeepDays)*24*time.Hour)
}

func answerOptions(cfg *config.Config) answer.Options {
	return answer.Options{Threshold: cfg.Answer.Threshold, MaxTokens: cfg.Answer.MaxTokens,
		Timeout: time.Duration(cfg.Answer.TimeoutS) * time.Second, Off: cfg.Answer.Enabled != nil && !*cfg.Answer.Enabled,
		Contact: contact(cfg.Organisation), ContactEnglish: contactEnglish(cfg.Organisation)}
}

// contact is the sentence that leads to a person.
func contact(o config.Organisation) string {
	switch {
	case o.Phone != "" && o.URL != "":
		return fmt.Sprintf("Bel %s of kijk op %s.", o.Phone, o.URL)
	case o.Phone != "":
		return fmt.Sprintf("Bel %s.", o.Phone)
	case o.URL != "":
		return fmt.Sprintf("Kijk op %s voor contact met een medewerker.", o.URL)
	}
	return ""
}

// contactEnglish is the same for a question in English.
func contactEnglish(o config.Organisation) string {
	switch {
	case o.Phone != "" && o.URL != "":
		return fmt.Sprintf("Call %s or see %s.", o.Phone, o.URL)
	case o.Phone != "":
		return fmt.Sprintf("Call %s.", o.Phone)
	case o.URL != "":
		return fmt.Sprintf("See %s for contact with a member of staff.", o.URL)
	}
	return ""
}

func (a *App) signature() index.Signature {
	return index.NewSignature(extract.Version, chunk.Defaults(), a.Embedder.Model().String(), dutch.Version, storeFormat(a.Config.Store.Kind))
}

// Scope is everything the configuration has.
func (a *App) Scope() retrieve.Scope { return retrieve.NewScope(a.Config.Collections()...) }

// state names the index as it is now: answers recorded in another state are not
// given again.
func (a *App) state(ctx context.Context) (string, error) {
	revision, err := index.Revision(ctx, a.Store)
	if err != nil {
		return "", err
	}
	version, err := index.LexiconVersion(ctx, a.Store)
	return revision + " " + version, err
}

// AnswerTime bounds one answer: the time of the model, and what comes before and
// after it. The engine ends in time by itself; this is for what hangs.
func (a *App) AnswerTime() time.Duration {
	t := time.Duration(a.Config.Answer.TimeoutS) * time.Second
	if t <= 0 {
		t = answer.Defaults().Timeout
	}
	return t + 30*time.Second
}

// Ready reports why questions cannot be answered now; nil if they can.
func (a *App) Ready(ctx context.Context) error {
	stats, err := a.Store.Stats(ctx, a.Scope())
	if err != nil {
		return err
	}
	if stats.Passages == 0 {
		return errors.New("the index is empty: run vraagbaak ingest")
	}
	_, err = a.asker.Embed(ctx, embed.Query, []string{"gereed"})
	return err
}

// Warm loads the models ahead of the first question.
func (a *App) Warm(ctx context.Context) {
	if _, err := a.asker.Embed(ctx, embed.Query, []string{"warm"}); err != nil {
		a.log.Warn("the embedding model cannot be used", "error", err)
		return
	}
	if _, err := a.Searcher.Search(ctx, "warm", retrieve.Hybrid, retrieve.Selection{Scope: a.Scope(), Limit: 1}); err != nil {
		a.log.Warn("the index cannot be searched", "error", err)
	}
	if err := a.models.warm(ctx); err != nil {
		a.log.Warn("the language model cannot be used", "error", err)
	}
}

// Close ends the models and closes the files.
func (a *App) Close() error {
	var errs []error
	if a.models != nil {
		errs = append(errs, a.models.Close())
	}
	if a.records != nil {
		errs = append(errs, a.records.Close())
	}
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}
	return errors.Join(errs...)
}

// lexicon keeps the analysis of the index, and notices when another process
// has written a new one.
type lexicon struct {
	ledger  retrieve.Ledger
	mu      sync.Mutex
	version string
	current retrieve.Analyzer
}

func (l *lexicon) analyzer(ctx context.Context) (retrieve.Analyzer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	version, err := index.LexiconVersion(ctx, l.ledger)
	if err != nil || l.current != nil && version == l.version {
		return l.current, err
	}
	a, err := index.Analyzer(ctx, l.ledger)
	if err != nil {
		return nil, err
	}
	l.version, l.current = version, a
	return a, nil
}
