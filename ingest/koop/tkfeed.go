package koop

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// feedPage is a page of SyncFeed 2.0: entities of one category in the order of
// their changes (Atom, RFC 4287).
type feedPage struct {
	Entries []feedEntry
	Next    string // more is there now
	Resume  string // where to go on later
}

// feedEntry is one change of an entity.
type feedEntry struct {
	ID      string // of the entity, lower case
	Deleted bool
}

// feedPage requests a page of the feed.
func (s *Chamber) feedPage(ctx context.Context, address string) (feedPage, error) {
	a, err := s.client.get(ctx, address, "application/atom+xml")
	if err != nil {
		return feedPage{}, err
	}
	if a.Status != http.StatusOK {
		return feedPage{}, statusError{address: address, status: a.Status}
	}
	page, err := parseFeed(a.Body)
	if err != nil {
		err = fmt.Errorf("%s: %w", address, err)
	}
	return page, err
}

// parseFeed reads a page of the feed. Names are matched without their prefix:
// those differ.
func parseFeed(data []byte) (feedPage, error) {
	var out feedPage
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	var root string
	var entry *feedEntry
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, fmt.Errorf("no feed: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := strings.ToLower(t.Name.Local)
			switch {
			case root == "":
				root = name
			case name == "entry":
				entry = &feedEntry{}
			case name == "link" && entry == nil:
				switch attribute(t, "rel") {
				case "next":
					out.Next = attribute(t, "href")
				case "resume":
					out.Resume = attribute(t, "href")
				}
			case entry != nil && attribute(t, "id") != "" && entry.ID == "":
				entry.ID = strings.ToLower(attribute(t, "id"))
				entry.Deleted = strings.EqualFold(attribute(t, "verwijderd"), "true")
			}
		case xml.EndElement:
			if entry != nil && strings.EqualFold(t.Name.Local, "entry") {
				if entry.ID != "" {
					out.Entries = append(out.Entries, *entry)
				}
				entry = nil
			}
		}
	}
	if root != "feed" {
		return out, fmt.Errorf("no feed: its root element is %q", root)
	}
	return out, nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return a.Value
		}
	}
	return ""
}
