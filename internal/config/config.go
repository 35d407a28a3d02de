// Package config reads and checks vraagbaak.yaml. It opens nothing but the
// file itself.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Config is the whole configuration. Relative paths start at the folder of the
// file; after Load they are absolute.
type Config struct {
	File string `yaml:"-"` // where it was read from

	// DataDir holds the index and everything else that is kept.
	DataDir      string       `yaml:"data_dir"`
	Sources      []Source     `yaml:"sources"`
	Network      Network      `yaml:"network"`
	Answer       Answer       `yaml:"answer"`
	Models       Models       `yaml:"models"`
	Store        Store        `yaml:"store"`
	Organisation Organisation `yaml:"organisation"`
	Server       Server       `yaml:"server"`
}

// Source is one thing to read from.
type Source struct {
	Name       string `yaml:"name"`
	Kind       string `yaml:"kind"` // folder, website, or a service: see Kinds
	Collection string `yaml:"collection"`
	Every      string `yaml:"every"` // how often "ingest --watch" reads it, such as 6h; see Interval

	Path string `yaml:"path"` // folder
	// OCR is auto (scans are read if Tesseract with Dutch is installed, the
	// default) or off.
	OCR string `yaml:"ocr"`

	Start             []string `yaml:"start"` // website: URLs to begin at
	Allow             []string `yaml:"allow"` // website: URL prefixes; nothing else is requested
	RequestsPerSecond float64  `yaml:"requests_per_second"`
	Contact           string   `yaml:"contact"`   // website: URL or e-mail address in the User-Agent
	MaxPages          int      `yaml:"max_pages"` // website: requests for pages in one run
	// Revisit says which pages of a website a run asks for: always (all of them,
	// the default) or adaptive (those that change often more often).
	Revisit   string   `yaml:"revisit"`
	Languages []string `yaml:"languages"` // website: of the pages that are indexed; none means all

	// Of the services of the government; docs/publications.md explains them.
	URL        string   `yaml:"url"`        // replaces the address of the service, for an imitation of it
	Connection string   `yaml:"connection"` // publicaties: bwb (laws) or cvdr (local regulations) instead of official publications
	Query      string   `yaml:"query"`      // publicaties: CQL, instead of the selection below
	Kinds      []string `yaml:"kinds"`      // publicaties: Kamerstuk, Gemeenteblad, …; rijksoverheid: faq, documents, news
	Dossiers   []string `yaml:"dossiers"`   // in any spelling, such as 36600-VII
	Creators   []string `yaml:"creators"`   // as the service names them
	From       string   `yaml:"from"`       // date, such as 2024-01-31; published then or later
	Until      string   `yaml:"until"`      // date; published then or earlier
	// Attachments takes attachments and other files of the records too.
	Attachments bool `yaml:"attachments"`
	// Recheck is how often documents that the service no longer mentions are
	// asked for again, such as 168h, which is the default.
	Recheck string `yaml:"recheck"`
}

// How often a source is read where it does not say so, and at most.
const (
	defaultEvery  = "24h"
	shortestEvery = time.Minute
)

// Interval is the time from one run of the source to the next.
func (s Source) Interval() (time.Duration, error) {
	d, err := time.ParseDuration(s.Every)
	if err != nil || d < shortestEvery {
		return 0, fmt.Errorf("every is %q; give hours or minutes, such as 6h or 30m, and at least 1m", s.Every)
	}
	return d, nil
}

// Network bounds what may be reached.
type Network struct {
	// AllowPrivate lists internal servers, as host:port, that may be crawled.
	// Everything internal is refused otherwise.
	AllowPrivate []string `yaml:"allow_private"`
}

// Answer says how questions are answered.
type Answer struct {
	// Enabled is false to refuse every question, with the way to a person; true
	// where it is not given.
	Enabled *bool `yaml:"enabled"`

	Mode string `yaml:"mode"` // generate or extract
	// Threshold is the estimated chance, between 0 and 1, that the sources hold
	// the answer, below which a question is refused. 0 is the default.
	Threshold float64 `yaml:"threshold"`
	MaxTokens int     `yaml:"max_tokens"` // that a model may write for one answer
	TimeoutS  int     `yaml:"timeout_seconds"`
	// KeepDays is how long answers are recorded; a year where it is not given.
	KeepDays int `yaml:"keep_days"`
}

// Models names the models.
type Models struct {
	Embedder  Model `yaml:"embedder"`
	Generator Model `yaml:"generator"`
	Threads   int   `yaml:"threads"` // for models in this machine; 0 chooses
}

// Model is a model on this machine or behind an endpoint.
type Model struct {
	Kind string `yaml:"kind"` // local, ollama or openai
	Name string `yaml:"name"` // as "models list" or the endpoint has it
	URL  string `yaml:"url"`  // of the endpoint
	// KeyEnv names the environment variable with the API key.
	KeyEnv string `yaml:"key_env"`
	// The prefixes some embedding models need.
	QueryPrefix   string `yaml:"query_prefix"`
	PassagePrefix string `yaml:"passage_prefix"`
}

// Store says where passages are kept.
type Store struct {
	Kind    string `yaml:"kind"`    // local or qdrant
	Address string `yaml:"address"` // host:port of Qdrant's gRPC
	Prefix  string `yaml:"prefix"`  // of the collections in Qdrant
	KeyEnv  string `yaml:"key_env"`
	TLS     bool   `yaml:"tls"`
}

// Organisation is whom the answers speak for.
type Organisation struct {
	Name  string `yaml:"name"`
	Phone string `yaml:"phone"`
	URL   string `yaml:"url"` // a page where a person can be reached
}

// Server configures serve.
type Server struct {
	Site string `yaml:"site"` // folder with a web site to serve beside the API, for demonstrations
	// MaxAnswers is how many questions are answered at the same time; more are
	// turned away with the time to come back. 0 is the default.
	MaxAnswers int `yaml:"max_answers"`
}

// Load reads and checks a configuration file. Errors name the file, and the
// line where there is one, and say what to do.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such configuration file; give one with --config", path)
	} else if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse reads and checks the content of a configuration file that is, or will
// be, at path; see Load.
func Parse(path string, data []byte) (*Config, error) {
	c := &Config{File: path}
	if err := c.parse(data); err != nil {
		return nil, fmt.Errorf("%s:%w", path, err) // err begins with a line number or a space
	}
	c.defaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// parse reads the YAML. The library panics on some malformed files; to whoever
// wrote one that is an error like any other.
func (c *Config) parse(data []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf(" this is not the YAML of a configuration (%v)", r)
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return fmt.Errorf(" %s", oneLine(err))
	}
	for _, doc := range file.Docs {
		if err := checkKeys(doc.Body, reflect.TypeOf(*c), ""); err != nil {
			return err
		}
	}
	if err := yaml.Unmarshal(data, c); err != nil {
		return fmt.Errorf(" %s", oneLine(err))
	}
	return nil
}

// oneLine keeps what the YAML library says and leaves out its drawing.
func oneLine(err error) string {
	first, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return first
}

func (c *Config) defaults() {
	dir := filepath.Dir(c.File)
	abs := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
		if a, err := filepath.Abs(*p); err == nil && *p != "" {
			*p = a
		}
	}
	set(&c.DataDir, "vraagbaak-data")
	abs(&c.DataDir)
	abs(&c.Server.Site)
	set(&c.Answer.Mode, "generate")
	if c.Answer.KeepDays == 0 {
		c.Answer.KeepDays = 365
	}
	set(&c.Models.Embedder.Kind, "local")
	set(&c.Models.Generator.Kind, "local")
	set(&c.Store.Kind, "local")
	set(&c.Store.Prefix, "vraagbaak")
	for i := range c.Sources {
		s := &c.Sources[i]
		abs(&s.Path)
		set(&s.Collection, s.Name)
		set(&s.Every, defaultEvery)
	}
}

func set(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

func (c *Config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	oneOf := func(key, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			bad("%s is %q; it must be one of: %s", key, value, strings.Join(allowed, ", "))
		}
	}
	oneOf("answer.mode", c.Answer.Mode, "generate", "extract")
	oneOf("models.embedder.kind", c.Models.Embedder.Kind, "local", "ollama", "openai")
	oneOf("models.generator.kind", c.Models.Generator.Kind, "local", "ollama", "openai")
	oneOf("store.kind", c.Store.Kind, "local", "qdrant")
	if c.Answer.Threshold < 0 || c.Answer.Threshold > 1 {
		bad("answer.threshold is %v; it must lie between 0 and 1", c.Answer.Threshold)
	}
	for key, n := range map[string]int{"answer.max_tokens": c.Answer.MaxTokens, "answer.timeout_seconds": c.Answer.TimeoutS,
		"answer.keep_days": c.Answer.KeepDays, "server.max_answers": c.Server.MaxAnswers, "models.threads": c.Models.Threads} {
		if n < 0 {
			bad("%s is negative", key)
		}
	}
	if c.Store.Kind == "qdrant" && c.Store.Address == "" {
		bad("store.address is missing: give Qdrant's host:port, such as localhost:6334")
	}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		key := fmt.Sprintf("sources[%d]", i)
		if s.Name == "" {
			bad("%s.name is missing", key)
		} else if key = fmt.Sprintf("source %q", s.Name); seen[s.Name] {
			bad("%s: there are two sources of that name", key)
		}
		seen[s.Name] = true
		oneOf(key+": kind", s.Kind, kinds...)
		switch {
		case s.Kind == "folder" && s.Path == "":
			bad("%s: path is missing", key)
		case s.Kind == "website" && len(s.Start) == 0:
			bad("%s: start is missing: give at least one URL", key)
		case s.Kind == "website" && len(s.Allow) == 0:
			bad("%s: allow is missing: give the URL prefixes that may be crawled", key)
		}
		oneOf(key+": ocr", s.OCR, "", "auto", "off")
		oneOf(key+": revisit", s.Revisit, "", "always", "adaptive")
		if _, err := s.Interval(); err != nil {
			bad("%s: %w", key, err)
		}
		if s.RequestsPerSecond < 0 {
			bad("%s: requests_per_second is negative", key)
		}
		if err := s.checkService(); err != nil {
			bad("%s: %w", key, err)
		}
	}
	return errors.Join(errs...)
}

// Collections lists the collections of all sources, sorted.
func (c *Config) Collections() []string {
	var out []string
	for _, s := range c.Sources {
		out = append(out, s.Collection)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkKeys reports the first key that t has no field for, with its line and
// the nearest key that exists.
func checkKeys(n ast.Node, t reflect.Type, path string) error {
	switch t.Kind() {
	case reflect.Slice:
		if seq, ok := n.(*ast.SequenceNode); ok {
			for _, v := range seq.Values {
				if err := checkKeys(v, t.Elem(), path); err != nil {
					return err
				}
			}
		}
	case reflect.Struct:
		for _, v := range mappings(n) {
			key := strings.Trim(v.Key.String(), `"'`)
			field, ok := fieldFor(t, key)
			if !ok {
				return fmt.Errorf("%d: unknown key %q; did you mean %q?", v.Key.GetToken().Position.Line, path+key, path+nearest(t, key))
			}
			if err := checkKeys(v.Value, field.Type, path+key+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

func mappings(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func fieldFor(t reflect.Type, key string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag == key && tag != "-" {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

func nearest(t reflect.Type, key string) string {
	best, distance := "", 1<<30
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("yaml")
		if tag == "-" {
			continue
		}
		if d := levenshtein.ComputeDistance(key, tag); d < distance {
			best, distance = tag, d
		}
	}
	return best
}
