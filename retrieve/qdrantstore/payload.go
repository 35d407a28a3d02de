package qdrantstore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

type payload = map[string]*qdrant.Value

// encode makes the payload of a passage. from and until are for AsOf; the other
// dates are kept as they were given.
func encode(p *retrieve.Passage, gen int64) payload {
	var headings []*qdrant.Value
	for _, h := range p.Heading {
		headings = append(headings, qdrant.NewValueString(h))
	}
	var tags []*qdrant.Value
	for _, t := range p.Tags() {
		tags = append(tags, qdrant.NewValueString(t))
	}
	meta := payload{}
	for k, v := range p.Meta {
		meta[k] = qdrant.NewValueString(v)
	}
	out := payload{
		"gen":     qdrant.NewValueInt(gen),
		"ordinal": qdrant.NewValueInt(int64(p.Ordinal)),
		"start":   qdrant.NewValueInt(int64(p.Start)),
		"end":     qdrant.NewValueInt(int64(p.End)),
		"page":    qdrant.NewValueInt(int64(p.Page)),
		"heading": qdrant.NewValueFromList(headings...),
		"meta":    qdrant.NewValueFromFields(meta),
		"tags":    qdrant.NewValueFromList(tags...), // what filters compare
	}
	for k, v := range map[string]string{
		"collection": p.Doc.Collection, "doc": p.Doc.ID, "id": p.ID, "text": p.Text, "context": p.Context,
		"anchor": p.Anchor, "url": p.URL, "title": p.Title, "language": p.Language,
	} {
		out[k] = qdrant.NewValueString(v)
	}
	from := p.Published
	if p.ValidFrom.After(from) {
		from = p.ValidFrom
	}
	for k, t := range map[string]time.Time{
		"published": p.Published, "modified": p.Modified, "valid_from": p.ValidFrom, "valid_until": p.ValidUntil,
		"from": from, "until": p.ValidUntil,
	} {
		if !t.IsZero() { // an absent date leaves nothing out
			out[k] = qdrant.NewValueString(t.UTC().Format(time.RFC3339Nano))
		}
	}
	return out
}

// decode is the reverse of encode.
func decode(m payload) (p retrieve.Passage, err error) {
	p.Doc.Collection, p.Doc.ID = m["collection"].GetStringValue(), m["doc"].GetStringValue()
	p.ID, p.Text, p.Context = m["id"].GetStringValue(), m["text"].GetStringValue(), m["context"].GetStringValue()
	p.Anchor, p.URL = m["anchor"].GetStringValue(), m["url"].GetStringValue()
	p.Title, p.Language = m["title"].GetStringValue(), m["language"].GetStringValue()
	p.Ordinal, p.Page = int(m["ordinal"].GetIntegerValue()), int(m["page"].GetIntegerValue())
	p.Start, p.End = int(m["start"].GetIntegerValue()), int(m["end"].GetIntegerValue())
	for _, h := range m["heading"].GetListValue().GetValues() {
		p.Heading = append(p.Heading, h.GetStringValue())
	}
	if fields := m["meta"].GetStructValue().GetFields(); len(fields) > 0 {
		p.Meta = make(map[string]string, len(fields))
		for k, v := range fields {
			p.Meta[k] = v.GetStringValue()
		}
	}
	for k, t := range map[string]*time.Time{
		"published": &p.Published, "modified": &p.Modified, "valid_from": &p.ValidFrom, "valid_until": &p.ValidUntil,
	} {
		if v := m[k].GetStringValue(); v != "" {
			if *t, err = time.Parse(time.RFC3339Nano, v); err != nil {
				return p, fmt.Errorf("passage %s: %s: %w", p.ID, k, err)
			}
		}
	}
	if p.ID == "" || p.Doc.ID == "" {
		return p, fmt.Errorf("a point without id or document: the collection was written by something else")
	}
	return p, nil
}

// index is the dimension of a token in the sparse vectors.
func index(token string) uint32 {
	h := sha256.Sum256([]byte(token))
	return binary.LittleEndian.Uint32(h[:])
}

// sparseVector sorts terms by index, and adds up those that coincide.
func sparseVector(ts retrieve.Terms) (indices []uint32, values []float32) {
	weights := make(map[uint32]float32, len(ts))
	for _, t := range ts {
		i := index(t.Token)
		if _, ok := weights[i]; !ok {
			indices = append(indices, i)
		}
		weights[i] += t.Weight
	}
	slices.Sort(indices)
	for _, i := range indices {
		values = append(values, weights[i])
	}
	return indices, values
}

// vectors of a point; a passage without terms has no sparse one.
func vectors(v []float32, ts retrieve.Terms) *qdrant.Vectors {
	m := map[string]*qdrant.Vector{dense: qdrant.NewVectorDense(v)}
	if len(ts) > 0 {
		m[sparse] = qdrant.NewVectorSparse(sparseVector(ts))
	}
	return qdrant.NewVectorsMap(m)
}
