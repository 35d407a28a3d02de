package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/ingest/files"
	"github.com/vraagbaak/vraagbaak/ingest/koop"
	"github.com/vraagbaak/vraagbaak/internal/config"
)

// SourceCheck says what a run of a source would read. The fields of websites
// are empty for folders, and the other way round.
type SourceCheck struct {
	SourceName
	// Error is why a run would read nothing of it.
	Error string `json:"error"`

	Start      []crawl.PlannedStart  `json:"start"`
	Hosts      []crawl.PlannedHost   `json:"hosts"`
	Sitemaps   []crawl.SitemapReport `json:"sitemaps"`
	Pages      int                   `json:"pages"`      // different allowed addresses in the sitemaps
	Disallowed int                   `json:"disallowed"` // of those, by robots.txt

	Path       string      `json:"path"`
	Files      int         `json:"files"`
	Bytes      int64       `json:"bytes"`
	Kinds      []KindCount `json:"kinds"` // most files first
	TooLarge   []string    `json:"too_large"`
	Links      int         `json:"links"` // symbolic links, which are not followed
	Unreadable []string    `json:"unreadable"`

	// Service is what a service of the government is asked, and what it counts.
	Service *koop.Survey `json:"service,omitempty"`
}

// SourceName is how a source is configured.
type SourceName struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Collection string `json:"collection"`
	Every      string `json:"every"`
}

// KindCount counts the files with one extension.
type KindCount struct {
	Kind  string `json:"kind"` // the extension, "" for none
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// ErrSources is wrapped when at least one source has a problem; the result names it.
var ErrSources = errors.New("not every source can be read")

func sourceName(s config.Source) SourceName {
	return SourceName{Name: s.Name, Kind: s.Kind, Collection: s.Collection, Every: s.Every}
}

// SurveySources says what runs of the named sources, or of all, would read. It
// requests robots.txt and sitemaps, no pages, and opens no files; services are
// asked for their counts. ErrSources if
// one of them cannot be read.
func SurveySources(ctx context.Context, cfg *config.Config, names []string, log *slog.Logger) ([]SourceCheck, error) {
	if err := CheckSources(cfg, names); err != nil {
		return nil, err
	}
	out := []SourceCheck{}
	for _, s := range selected(cfg, names) {
		c, err := checkSource(ctx, s, env{network: cfg.Network, log: log})
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err != nil {
			c.Error = err.Error()
		}
		out = append(out, c)
	}
	for _, c := range out {
		if c.Error != "" {
			return out, fmt.Errorf("%w: %s: %s", ErrSources, c.Name, c.Error)
		}
	}
	return out, nil
}

func checkSource(ctx context.Context, s config.Source, e env) (SourceCheck, error) {
	c := SourceCheck{SourceName: sourceName(s), Start: []crawl.PlannedStart{}, Hosts: []crawl.PlannedHost{}, Sitemaps: []crawl.SitemapReport{},
		Path: s.Path, Kinds: []KindCount{}, TooLarge: []string{}, Unreadable: []string{}}
	switch s.Kind {
	case "folder":
		survey, err := files.Look(ctx, files.Options{Name: s.Name, Path: s.Path})
		c.Files, c.Bytes, c.Links = survey.Files, survey.Bytes, survey.Links
		for _, k := range survey.Kinds {
			c.Kinds = append(c.Kinds, KindCount{k.Ext, k.Files, k.Bytes})
		}
		c.TooLarge = append(c.TooLarge, survey.TooLarge...)
		c.Unreadable = append(c.Unreadable, survey.Unreadable...)
		return c, err
	case "website":
		src, err := crawl.New(crawlOptions(s, e))
		if err != nil {
			return c, err
		}
		plan, err := src.Plan(ctx)
		if err != nil {
			return c, err
		}
		c.Start, c.Hosts, c.Sitemaps, c.Pages, c.Disallowed = plan.Start, plan.Hosts, plan.Sitemaps, plan.Pages, plan.Disallowed
		return c, noStart(plan)
	}
	if s.IsService() {
		src, err := newService(s, e)
		if err != nil {
			return c, err
		}
		survey, err := src.Survey(ctx)
		c.Service = &survey
		return c, err
	}
	return c, fmt.Errorf("a source of kind %s cannot be looked at without reading it", s.Kind)
}

// noStart is the error of a site where nothing can begin.
func noStart(p crawl.Plan) error {
	why := ""
	for _, s := range p.Start {
		if s.Verdict.Allowed {
			return nil
		}
		why = s.Verdict.Reason
	}
	if p.Pages > p.Disallowed {
		return nil
	}
	return fmt.Errorf("no start address may be requested: %s", why)
}
