package app

import (
	"context"
	"fmt"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/ingest/koop"
	"github.com/vraagbaak/vraagbaak/internal/config"
)

// service is a source that is a service of the government.
type service interface {
	ingest.Source
	// Survey says what a run would ask for, without requesting documents.
	Survey(ctx context.Context) (koop.Survey, error)
}

// newService opens the service of a source; one case for each kind.
func newService(s config.Source, e env) (service, error) {
	switch s.Kind {
	case "publicaties":
		return newPublications(s, e)
	case "rijksoverheid":
		return newOpenData(s, e)
	case "tweedekamer":
		return newChamber(s, e)
	}
	return nil, fmt.Errorf("there is no service of kind %q", s.Kind)
}

// serviceOptions are what all services are configured with.
func serviceOptions(s config.Source, e env) koop.Service {
	read := e.of(s)
	return koop.Service{
		Name: s.Name, Collection: s.Collection, Address: s.URL, Allow: s.Allow,
		RequestsPerSecond: s.RequestsPerSecond, AllowPrivate: e.network.AllowPrivate, Contact: s.Contact,
		Extract: func(ctx context.Context, in koop.Input) (*ingest.Document, error) {
			return read.extract(ctx, extract.Input{Name: in.Name, URL: in.URL, ContentType: in.ContentType, Data: in.Data})
		},
		ExtractVersion: extract.Version, Log: e.log,
	}
}

func newPublications(s config.Source, e env) (service, error) {
	from, until := s.Period()
	recheck, err := s.RecheckInterval()
	if err != nil {
		return nil, err
	}
	return koop.NewPublications(koop.PublicationsOptions{
		Service: serviceOptions(s, e), Connection: s.Connection, Recheck: recheck,
		Selection: koop.Selection{Query: s.Query, Kinds: s.Kinds, Dossiers: s.Dossiers, Creators: s.Creators,
			From: from, Until: until, Attachments: s.Attachments},
	})
}

func newOpenData(s config.Source, e env) (service, error) {
	from, _ := s.Period()
	recheck, err := s.RecheckInterval()
	if err != nil {
		return nil, err
	}
	return koop.NewOpenData(koop.OpenDataOptions{
		Service: serviceOptions(s, e), Kinds: s.Kinds, From: from, Files: s.Attachments, Recheck: recheck,
	})
}

func newChamber(s config.Source, e env) (service, error) {
	from, until := s.Period()
	recheck, err := s.RecheckInterval()
	if err != nil {
		return nil, err
	}
	return koop.NewChamber(koop.ChamberOptions{
		Service: serviceOptions(s, e), Dossiers: s.Dossiers, Kinds: s.Kinds, From: from, Until: until, Recheck: recheck,
	})
}
