package qdrantstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/qdrant/go-client/qdrant"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// batch is how many points one request carries.
const batch = 256

// head is what counts of a document.
type head struct {
	ref      ingest.Ref
	gen      int64
	passages int
}

func headID(doc ingest.Ref) *qdrant.PointId { return pointID("head", doc.Collection, doc.ID) }

// Replace is as in retrieve.Store. If it is cut short, what it wrote is not
// seen, and the next Replace of the document deletes it.
func (s *Store) Replace(ctx context.Context, doc ingest.Ref, recs []retrieve.Record) error {
	dims, err := retrieve.CheckRecords(doc, recs)
	if err != nil {
		return err
	}
	if err := s.settleDimensions(ctx, dims); err != nil {
		return s.fail("write "+doc.String(), err)
	}
	return s.fail("write "+doc.String(), s.replace(ctx, doc, recs, dims))
}

func (s *Store) replace(ctx context.Context, doc ingest.Ref, recs []retrieve.Record, dims int) error {
	if err := s.ensure(ctx, doc.Collection, dims); err != nil {
		return err
	}
	old, err := s.headsOf(ctx, []ingest.Ref{doc})
	if err != nil {
		return err
	}
	gen := rand.Int64N(1<<53-1) + 1 // exact as a float64 too
	var points []*qdrant.PointStruct
	for i := range recs {
		points = append(points, &qdrant.PointStruct{
			Id:      pointID("passage", doc.Collection, doc.ID, recs[i].ID, fmt.Sprint(gen)),
			Payload: encode(&recs[i].Passage, gen),
			Vectors: vectors(recs[i].Vector, recs[i].Terms),
		})
	}
	alias := s.alias(doc.Collection)
	for part := range slices.Chunk(points, batch) {
		if err := s.upsert(ctx, alias, part); err != nil {
			return err
		}
	}
	if err := s.switchHead(ctx, head{doc, gen, len(recs)}, old[doc]); err != nil {
		return err
	}
	return s.deletePoints(ctx, alias, &qdrant.Filter{
		Must:    []*qdrant.Condition{qdrant.NewMatchKeyword("doc", doc.ID)},
		MustNot: []*qdrant.Condition{qdrant.NewMatchInt("gen", gen)},
	})
}

var errRace = errors.New("another process writes the same document; let one process at a time ingest a source")

// switchHead writes the head of a document, unless somebody else did since old
// was read.
func (s *Store) switchHead(ctx context.Context, h, old head) error {
	req := &qdrant.UpsertPoints{
		CollectionName: s.heads(), Wait: new(true),
		Points: []*qdrant.PointStruct{{
			Id: headID(h.ref),
			Payload: payload{
				"collection": qdrant.NewValueString(h.ref.Collection), "doc": qdrant.NewValueString(h.ref.ID),
				"gen": qdrant.NewValueInt(h.gen), "passages": qdrant.NewValueInt(int64(h.passages)),
			},
			Vectors: noVectors(),
		}},
	}
	if old.gen == 0 {
		req.UpdateMode = qdrant.UpdateMode_InsertOnly.Enum()
	} else {
		req.UpdateFilter = &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt("gen", old.gen)}}
	}
	if _, err := s.client.Upsert(ctx, req); err != nil {
		return err
	}
	now, err := s.headsOf(ctx, []ingest.Ref{h.ref})
	if err != nil {
		return err
	}
	if now[h.ref].gen != h.gen {
		return errRace
	}
	return nil
}

// noVectors is what a point of a collection without vectors has.
func noVectors() *qdrant.Vectors { return qdrant.NewVectorsMap(map[string]*qdrant.Vector{}) }

// headsOf looks up heads; documents without one are left out.
func (s *Store) headsOf(ctx context.Context, docs []ingest.Ref) (map[ingest.Ref]head, error) {
	out := make(map[ingest.Ref]head, len(docs))
	if len(docs) == 0 {
		return out, nil
	}
	var ids []*qdrant.PointId
	for _, d := range docs {
		ids = append(ids, headID(d))
	}
	points, err := s.client.Get(ctx, &qdrant.GetPoints{CollectionName: s.heads(), Ids: ids, WithPayload: qdrant.NewWithPayload(true)})
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		h := decodeHead(p.Payload)
		out[h.ref] = h
	}
	return out, nil
}

func decodeHead(m payload) head {
	return head{
		ref: ingest.Ref{Collection: m["collection"].GetStringValue(), ID: m["doc"].GetStringValue()},
		gen: m["gen"].GetIntegerValue(), passages: int(m["passages"].GetIntegerValue()),
	}
}

func (s *Store) upsert(ctx context.Context, collection string, points []*qdrant.PointStruct) error {
	_, err := s.client.Upsert(ctx, &qdrant.UpsertPoints{CollectionName: collection, Wait: new(true), Points: points})
	return err
}

func (s *Store) deletePoints(ctx context.Context, collection string, f *qdrant.Filter) error {
	_, err := s.client.Delete(ctx, &qdrant.DeletePoints{
		CollectionName: collection, Wait: new(true), Points: qdrant.NewPointsSelectorFilter(f),
	})
	return err
}

// Delete is as in retrieve.Store: the heads first, after which nothing of the
// documents is seen.
func (s *Store) Delete(ctx context.Context, docs ...ingest.Ref) error {
	if len(docs) == 0 {
		return nil
	}
	return s.fail("delete", s.delete(ctx, docs))
}

func (s *Store) delete(ctx context.Context, docs []ingest.Ref) error {
	var ids []*qdrant.PointId
	byCollection := map[string][]string{}
	for _, d := range docs {
		ids = append(ids, headID(d))
		byCollection[d.Collection] = append(byCollection[d.Collection], d.ID)
	}
	_, err := s.client.Delete(ctx, &qdrant.DeletePoints{
		CollectionName: s.heads(), Wait: new(true), Points: qdrant.NewPointsSelectorIDs(ids),
	})
	if err != nil {
		return err
	}
	for c, names := range byCollection {
		f := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeywords("doc", names...)}}
		if err := s.deletePoints(ctx, s.alias(c), f); err != nil && !absent(err) {
			return err
		}
	}
	return nil
}

// settleDimensions holds vectors against those in the store; the first decide.
func (s *Store) settleDimensions(ctx context.Context, dims int) error {
	have, err := s.dimensions(ctx)
	if err != nil {
		return err
	}
	if have == 0 {
		if err := s.insertNote(ctx, "dimensions", "", "", payload{"value": qdrant.NewValueInt(int64(dims))}); err != nil {
			return err
		}
		if have, err = s.dimensions(ctx); err != nil {
			return err
		}
	}
	if have != dims {
		return fmt.Errorf("%d, the index has %d: %w", dims, have, retrieve.ErrDimensions)
	}
	return nil
}

// dimensions of the vectors in the store; 0 if nothing was ever written.
func (s *Store) dimensions(ctx context.Context) (int, error) {
	if d := s.dims.Load(); d != 0 {
		return int(d), nil
	}
	m, err := s.note(ctx, "dimensions", "", "")
	if err != nil {
		return 0, err
	}
	s.dims.Store(m["value"].GetIntegerValue())
	return int(m["value"].GetIntegerValue()), nil
}
