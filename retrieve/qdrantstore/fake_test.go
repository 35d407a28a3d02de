package qdrantstore_test

import (
	"cmp"
	"context"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// fake is a Qdrant server in memory, as its documentation describes the calls
// the store uses. It is less orderly than the real one on purpose: between any
// two points of a write others may read.
type fake struct {
	qdrant.UnimplementedPointsServer
	qdrant.UnimplementedQdrantServer
	fakeState
}

type fakeState struct {
	mu          sync.Mutex
	collections map[string]*fakeCollection
	aliases     map[string]string
	indexes     map[string][]string // of payload fields, per collection
	writes      []string            // calls that did not wait until they were applied
}

type fakeCollection struct {
	config *qdrant.CreateCollection
	points map[string]*qdrant.PointStruct
}

// startFake serves a fake on a port of its own.
func startFake(t *testing.T) (*fake, int) {
	t.Helper()
	f := &fake{fakeState: fakeState{collections: map[string]*fakeCollection{}, aliases: map[string]string{}, indexes: map[string][]string{}}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.serve(listener).Stop)
	return f, listener.Addr().(*net.TCPAddr).Port
}

func (f *fake) HealthCheck(context.Context, *qdrant.HealthCheckRequest) (*qdrant.HealthCheckReply, error) {
	return &qdrant.HealthCheckReply{Title: "fake", Version: "1.17.1"}, nil
}

// find resolves a name or alias. The caller holds the lock.
func (f *fakeState) find(name string) (*fakeCollection, error) {
	if to, ok := f.aliases[name]; ok {
		name = to
	}
	if c, ok := f.collections[name]; ok {
		return c, nil
	}
	return nil, status.Errorf(codes.NotFound, "Collection `%s` doesn't exist!", name)
}

func (f *fake) Delete(_ context.Context, r *qdrant.DeletePoints) (*qdrant.PointsOperationResponse, error) {
	f.wrote("Delete", r.CollectionName, r.GetWait())
	f.mu.Lock()
	c, err := f.find(r.CollectionName)
	if err != nil {
		f.mu.Unlock()
		return nil, err
	}
	var gone []string
	for _, id := range r.Points.GetPoints().GetIds() {
		gone = append(gone, id.GetUuid())
	}
	if filter := r.Points.GetFilter(); filter != nil {
		for id, p := range c.points {
			if selects(filter, p) {
				gone = append(gone, id)
			}
		}
	}
	f.mu.Unlock()
	for _, id := range gone {
		f.mu.Lock()
		delete(c.points, id)
		f.mu.Unlock()
	}
	return done(), nil
}

func done() *qdrant.PointsOperationResponse {
	return &qdrant.PointsOperationResponse{Result: &qdrant.UpdateResult{Status: qdrant.UpdateStatus_Completed}}
}

func (f *fake) wrote(call, collection string, waited bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !waited {
		f.writes = append(f.writes, call+" "+collection)
	}
}

func (f *fake) Upsert(_ context.Context, r *qdrant.UpsertPoints) (*qdrant.PointsOperationResponse, error) {
	f.wrote("Upsert", r.CollectionName, r.GetWait())
	for _, p := range r.Points {
		if err := f.upsert(r, p); err != nil {
			return nil, err
		}
	}
	return done(), nil
}

func (f *fake) upsert(r *qdrant.UpsertPoints, p *qdrant.PointStruct) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(r.CollectionName)
	if err != nil {
		return err
	}
	id := p.Id.GetUuid()
	if len(id) != 36 {
		return status.Errorf(codes.InvalidArgument, "Unable to parse UUID: %s", id)
	}
	want := c.config.VectorsConfig.GetParamsMap().GetMap()
	for name, v := range p.Vectors.GetVectors().GetVectors() {
		if d := v.GetDense(); d != nil && uint64(len(d.Data)) != want[name].GetSize() {
			return status.Errorf(codes.InvalidArgument, "Vector dimension error: expected dim: %d, got %d", want[name].GetSize(), len(d.Data))
		}
	}
	old, exists := c.points[id]
	switch {
	case exists && r.GetUpdateMode() == qdrant.UpdateMode_InsertOnly,
		exists && r.UpdateFilter != nil && !selects(r.UpdateFilter, old),
		!exists && r.GetUpdateMode() == qdrant.UpdateMode_UpdateOnly:
		return nil
	}
	c.points[id] = p
	return nil
}

// selects evaluates a filter of the kinds of conditions that the store uses.
func selects(f *qdrant.Filter, p *qdrant.PointStruct) bool {
	if len(f.GetShould()) > 0 || f.GetMinShould() != nil {
		panic("should: not in the fake")
	}
	for _, c := range f.GetMust() {
		if !matches(c, p) {
			return false
		}
	}
	for _, c := range f.GetMustNot() {
		if matches(c, p) {
			return false
		}
	}
	return true
}

func matches(c *qdrant.Condition, p *qdrant.PointStruct) bool {
	if ids := c.GetHasId(); ids != nil {
		return slices.ContainsFunc(ids.HasId, func(id *qdrant.PointId) bool { return id.GetUuid() == p.Id.GetUuid() })
	}
	field := c.GetField()
	v, ok := p.Payload[field.GetKey()]
	if !ok {
		return false
	}
	if r := field.GetDatetimeRange(); r != nil {
		t, err := time.Parse(time.RFC3339Nano, v.GetStringValue())
		if err != nil {
			return false
		}
		t = t.Truncate(time.Microsecond)
		return (r.Gt == nil || t.After(r.Gt.AsTime())) && (r.Gte == nil || !t.Before(r.Gte.AsTime())) && (r.Lt == nil || t.Before(r.Lt.AsTime()))
	}
	switch m := field.GetMatch().GetMatchValue().(type) {
	case *qdrant.Match_Keyword:
		return v.GetStringValue() == m.Keyword
	case *qdrant.Match_Keywords:
		if list := v.GetListValue(); list != nil { // one of a list is enough
			return slices.ContainsFunc(list.Values, func(e *qdrant.Value) bool { return slices.Contains(m.Keywords.Strings, e.GetStringValue()) })
		}
		return slices.Contains(m.Keywords.Strings, v.GetStringValue())
	case *qdrant.Match_Integer:
		return v.GetIntegerValue() == m.Integer
	case *qdrant.Match_Integers:
		return slices.Contains(m.Integers.Integers, v.GetIntegerValue())
	}
	panic("condition is not in the fake")
}

// snapshot lists the points that a filter selects, ordered by ID.
func (f *fake) snapshot(name string, filter *qdrant.Filter) (*fakeCollection, []*qdrant.PointStruct, error) {
	c, err := f.find(name)
	if err != nil {
		return nil, nil, err
	}
	var out []*qdrant.PointStruct
	for _, p := range c.points {
		if selects(filter, p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *qdrant.PointStruct) int { return strings.Compare(a.Id.GetUuid(), b.Id.GetUuid()) })
	return c, out, nil
}

func (f *fake) Count(_ context.Context, r *qdrant.CountPoints) (*qdrant.CountResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ps, err := f.snapshot(r.CollectionName, r.Filter)
	return &qdrant.CountResponse{Result: &qdrant.CountResult{Count: uint64(len(ps))}}, err
}

func (f *fake) Get(_ context.Context, r *qdrant.GetPoints) (*qdrant.GetResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	out := &qdrant.GetResponse{}
	for _, id := range r.Ids {
		if p, ok := c.points[id.GetUuid()]; ok {
			out.Result = append(out.Result, &qdrant.RetrievedPoint{Id: p.Id, Payload: p.Payload})
		}
	}
	return out, nil
}

func (f *fake) Scroll(_ context.Context, r *qdrant.ScrollPoints) (*qdrant.ScrollResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ps, err := f.snapshot(r.CollectionName, r.Filter)
	if err != nil {
		return nil, err
	}
	out := &qdrant.ScrollResponse{}
	for _, p := range ps {
		if p.Id.GetUuid() < r.Offset.GetUuid() {
			continue
		}
		if len(out.Result) == int(r.GetLimit()) {
			out.NextPageOffset = p.Id
			break
		}
		out.Result = append(out.Result, &qdrant.RetrievedPoint{Id: p.Id, Payload: p.Payload, Vectors: output(p)})
	}
	return out, nil
}

func output(p *qdrant.PointStruct) *qdrant.VectorsOutput {
	named := map[string]*qdrant.VectorOutput{}
	for name, v := range p.Vectors.GetVectors().GetVectors() {
		o := &qdrant.VectorOutput{}
		if d := v.GetDense(); d != nil {
			o.Vector = &qdrant.VectorOutput_Dense{Dense: d}
		} else {
			o.Vector = &qdrant.VectorOutput_Sparse{Sparse: v.GetSparse()}
		}
		named[name] = o
	}
	return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vectors{Vectors: &qdrant.NamedVectorsOutput{Vectors: named}}}
}

func (f *fake) Query(_ context.Context, r *qdrant.QueryPoints) (*qdrant.QueryResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ps, err := f.query(r)
	return &qdrant.QueryResponse{Result: ps}, err
}

func (f *fake) QueryBatch(_ context.Context, r *qdrant.QueryBatchPoints) (*qdrant.QueryBatchResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &qdrant.QueryBatchResponse{}
	for _, q := range r.QueryPoints {
		ps, err := f.query(q)
		if err != nil {
			return nil, err
		}
		out.Result = append(out.Result, &qdrant.BatchResult{Result: ps})
	}
	return out, nil
}

func (f *fake) query(r *qdrant.QueryPoints) ([]*qdrant.ScoredPoint, error) {
	c, ps, err := f.snapshot(r.CollectionName, r.Filter)
	if err != nil {
		return nil, err
	}
	nearest := r.GetQuery().GetNearest()
	idf := map[uint32]float64{}
	if s := nearest.GetSparse(); s != nil && c.config.SparseVectorsConfig.GetMap()[r.GetUsing()].GetModifier() == qdrant.Modifier_Idf {
		idf = c.idf(r.GetUsing(), s.Indices)
	}
	var out []*qdrant.ScoredPoint
	for _, p := range ps {
		v := p.Vectors.GetVectors().GetVectors()[r.GetUsing()]
		score, ok := 0.0, false
		if d := nearest.GetDense(); d != nil && v.GetDense() != nil {
			ok = true
			for i, x := range d.Data {
				score += float64(x) * float64(v.GetDense().Data[i])
			}
		} else if s := nearest.GetSparse(); s != nil && v.GetSparse() != nil {
			for i, index := range s.Indices {
				if at, hit := slices.BinarySearch(v.GetSparse().Indices, index); hit {
					ok = true
					score += float64(s.Values[i]) * float64(v.GetSparse().Values[at]) * idf[index]
				}
			}
		}
		if ok {
			out = append(out, &qdrant.ScoredPoint{Id: p.Id, Payload: p.Payload, Score: float32(score), Vectors: output(p)})
		}
	}
	slices.SortStableFunc(out, func(a, b *qdrant.ScoredPoint) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(len(out), int(r.GetLimit()))], nil
}

// idf is Qdrant's modifier: over the whole collection, whatever the filter.
// Points count whether or not they have terms; the real server may differ in
// that, which TestQdrant would show.
func (c *fakeCollection) idf(name string, indices []uint32) map[uint32]float64 {
	out := map[uint32]float64{}
	for _, index := range indices {
		n := 0.0
		for _, p := range c.points {
			if _, ok := slices.BinarySearch(p.Vectors.GetVectors().GetVectors()[name].GetSparse().GetIndices(), index); ok {
				n++
			}
		}
		out[index] = math.Log(1 + (float64(len(c.points))-n+0.5)/(n+0.5))
	}
	return out
}
