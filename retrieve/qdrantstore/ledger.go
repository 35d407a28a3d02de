package qdrantstore

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// The ledger is a collection of points without vectors. A note is known by its
// kind (cursor, entry, fact, lease, dimensions), source and key.

func noteID(kind, source, key string) *qdrant.PointId { return pointID("note", kind, source, key) }

// note reads a note; nil if there is none.
func (s *Store) note(ctx context.Context, kind, source, key string) (payload, error) {
	points, err := s.client.Get(ctx, &qdrant.GetPoints{
		CollectionName: s.ledger(), Ids: []*qdrant.PointId{noteID(kind, source, key)}, WithPayload: qdrant.NewWithPayload(true),
	})
	if err != nil || len(points) == 0 {
		return nil, err
	}
	return points[0].Payload, nil
}

func (s *Store) noteRequest(kind, source, key string, m payload) *qdrant.UpsertPoints {
	m["kind"], m["source"], m["key"] = qdrant.NewValueString(kind), qdrant.NewValueString(source), qdrant.NewValueString(key)
	return &qdrant.UpsertPoints{
		CollectionName: s.ledger(), Wait: new(true),
		Points: []*qdrant.PointStruct{{Id: noteID(kind, source, key), Payload: m, Vectors: noVectors()}},
	}
}

func (s *Store) setNote(ctx context.Context, kind, source, key string, m payload) error {
	_, err := s.client.Upsert(ctx, s.noteRequest(kind, source, key, m))
	return err
}

// insertNote writes a note unless there is one.
func (s *Store) insertNote(ctx context.Context, kind, source, key string, m payload) error {
	req := s.noteRequest(kind, source, key, m)
	req.UpdateMode = qdrant.UpdateMode_InsertOnly.Enum()
	_, err := s.client.Upsert(ctx, req)
	return err
}

// Cursor is as in retrieve.Ledger.
func (s *Store) Cursor(ctx context.Context, source string) (ingest.Cursor, error) {
	m, err := s.note(ctx, "cursor", source, "")
	if err != nil || m == nil {
		return nil, s.fail("read the cursor of "+source, err)
	}
	c, err := base64.StdEncoding.DecodeString(m["value"].GetStringValue())
	return c, s.fail("read the cursor of "+source, err)
}

// SetCursor is as in retrieve.Ledger.
func (s *Store) SetCursor(ctx context.Context, source string, c ingest.Cursor) error {
	v := qdrant.NewValueString(base64.StdEncoding.EncodeToString(c)) // a payload holds text only
	return s.fail("write the cursor of "+source, s.setNote(ctx, "cursor", source, "", payload{"value": v}))
}

// Entry is as in retrieve.Ledger.
func (s *Store) Entry(ctx context.Context, source, id string) (ingest.Entry, bool, error) {
	m, err := s.note(ctx, "entry", source, id)
	if err != nil || m == nil {
		return ingest.Entry{}, false, s.fail("read the entry of "+id, err)
	}
	e, err := decodeEntry(m)
	return e, err == nil, s.fail("read the entry of "+id, err)
}

func decodeEntry(m payload) (e ingest.Entry, err error) {
	err = json.Unmarshal([]byte(m["value"].GetStringValue()), &e)
	return e, err
}

// Entries is as in retrieve.Ledger. It reads them all before it yields the
// first, for Qdrant orders by point, not by ID.
func (s *Store) Entries(ctx context.Context, source string) iter.Seq2[ingest.Entry, error] {
	return func(yield func(ingest.Entry, error) bool) {
		f := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeyword("kind", "entry"), qdrant.NewMatchKeyword("source", source)}}
		var all []ingest.Entry
		for p, err := range s.scroll(ctx, s.ledger(), f, false) {
			var e ingest.Entry
			if err == nil {
				e, err = decodeEntry(p.Payload)
			}
			if err != nil {
				yield(ingest.Entry{}, s.fail("read the entries of "+source, err))
				return
			}
			all = append(all, e)
		}
		slices.SortFunc(all, func(a, b ingest.Entry) int { return strings.Compare(a.Ref.ID, b.Ref.ID) })
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// PutEntry is as in retrieve.Ledger.
func (s *Store) PutEntry(ctx context.Context, source string, e ingest.Entry) error {
	b, err := json.Marshal(e)
	if err == nil {
		err = s.setNote(ctx, "entry", source, e.Ref.ID, payload{"value": qdrant.NewValueString(string(b))})
	}
	return s.fail("write the entry of "+e.Ref.ID, err)
}

// DropEntry is as in retrieve.Ledger.
func (s *Store) DropEntry(ctx context.Context, source, id string) error {
	_, err := s.client.Delete(ctx, &qdrant.DeletePoints{
		CollectionName: s.ledger(), Wait: new(true), Points: qdrant.NewPointsSelector(noteID("entry", source, id)),
	})
	return s.fail("drop the entry of "+id, err)
}

// Fact is as in retrieve.Ledger.
func (s *Store) Fact(ctx context.Context, key string) (string, error) {
	m, err := s.note(ctx, "fact", "", key)
	return m["value"].GetStringValue(), s.fail("read the fact "+key, err)
}

// SetFact is as in retrieve.Ledger.
func (s *Store) SetFact(ctx context.Context, key, value string) error {
	return s.fail("write the fact "+key, s.setNote(ctx, "fact", "", key, payload{"value": qdrant.NewValueString(value)}))
}

// Lease is as in retrieve.Ledger. Each of the two writes is one that Qdrant
// carries out only if the lease is still what it was; reading it back tells
// whether it was. Expiry is by the clocks of the processes, which must agree to
// well within a ttl.
func (s *Store) Lease(ctx context.Context, name, owner string, ttl time.Duration) error {
	return s.fail("lease "+name, s.lease(ctx, name, owner, ttl))
}

func (s *Store) lease(ctx context.Context, name, owner string, ttl time.Duration) error {
	now := time.Now()
	m := payload{
		"owner":   qdrant.NewValueString(owner),
		"expires": qdrant.NewValueInt(now.Add(ttl).UnixNano()),
	}
	held, err := s.note(ctx, "lease", "", name)
	if err != nil {
		return err
	}
	if held == nil {
		err = s.insertNote(ctx, "lease", "", name, m)
	} else {
		expires := held["expires"].GetIntegerValue()
		if holder := held["owner"].GetStringValue(); holder != owner && now.UnixNano() < expires {
			return leased(holder, expires)
		}
		req := s.noteRequest("lease", "", name, m)
		req.UpdateFilter = &qdrant.Filter{Must: []*qdrant.Condition{
			qdrant.NewMatchKeyword("owner", held["owner"].GetStringValue()), qdrant.NewMatchInt("expires", expires),
		}}
		_, err = s.client.Upsert(ctx, req)
	}
	if err != nil {
		return err
	}
	held, err = s.note(ctx, "lease", "", name)
	if err != nil {
		return err
	}
	if holder := held["owner"].GetStringValue(); holder != owner {
		return leased(holder, held["expires"].GetIntegerValue())
	}
	return nil
}

func leased(holder string, expires int64) error {
	if holder == "" {
		return errors.New("released and taken at the same moment; try again")
	}
	return fmt.Errorf("%w: %s, until %s", retrieve.ErrLeased, holder, time.Unix(0, expires).Format(time.RFC3339))
}

// Release is as in retrieve.Ledger.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	return s.fail("release "+name, s.deletePoints(ctx, s.ledger(), &qdrant.Filter{Must: []*qdrant.Condition{
		qdrant.NewHasID(noteID("lease", "", name)), qdrant.NewMatchKeyword("owner", owner),
	}}))
}
