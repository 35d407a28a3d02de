package answer

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// part is one question of those that were asked at once; most questions have one.
type part struct {
	text    string // as it was asked
	query   string // as it can be searched for without the others
	found   retrieve.Result
	sources []Source // of this part, as they stand in the answer
	Part
	evidence Evidence
	about    topic  // out of scope; "" for a question that is searched for
	foreign  bool   // it was translated: the sources are in another language
	why      Reason // why no model worded it, or why it is not complete
}

// find searches for each part and gathers their sources, each once. One that is
// out of scope is not searched for.
func (r *run) find(questions []Question) error {
	numbers := map[string]int{} // of sources, by passage
	for _, q := range questions {
		p := &part{text: q.Text, query: standalone(q)}
		if dutch := r.dutch(p.query); dutch != p.query {
			p.query, p.foreign = dutch, true
		}
		p.Part = Part{Question: q.Text, Statements: []int{}}
		r.parts = append(r.parts, p)
		if p.about = topicOf(q.Text); p.about != "" && len(questions) > 1 {
			continue
		}
		var err error
		p.found, err = r.search.Search(r.ctx, p.query, retrieve.Hybrid,
			retrieve.Selection{Scope: r.q.Scope, Limit: 20, AsOf: r.asOf(), Filter: r.q.Filter})
		if err != nil {
			return err
		}
		r.out.Timings.Embed += ms(p.found.Embed)
		r.out.Timings.Retrieve += ms(p.found.Retrieve)
		p.evidence = gather(cmp.Or(p.found.Text, p.query), p.found)
		p.Confidence = r.opts.Weights.Confidence(p.evidence)
		for _, c := range newestFirst(p.query, choose(p.found.Candidates, max(r.opts.Sources/len(questions), 3))) {
			n, ok := numbers[c.ID]
			if !ok {
				n = len(r.out.Sources) + 1
				numbers[c.ID] = n
				r.out.Sources = append(r.out.Sources, source(n, c.Candidate))
			}
			s := source(n, c.Candidate)
			s.Older = c.older
			r.out.Sources[n-1].Older = s.Older
			p.sources = append(p.sources, s)
		}
	}
	// What is told of the answer as a whole is that of its surest part.
	best := slices.MaxFunc(r.parts, func(a, b *part) int { return cmp.Compare(a.Confidence, b.Confidence) })
	r.out.Evidence, r.out.Confidence = best.evidence, best.Confidence
	return nil
}

// answer answers or refuses one part.
func (r *run) answer(p *part) error {
	switch {
	case p.about != "":
		p.Status, p.Reason = Refused, p.about.reason()
	case len(p.sources) == 0:
		p.Status, p.Reason = Refused, NoSource
	case p.Confidence < r.opts.Threshold:
		p.Status, p.Reason = Refused, BelowThreshold
	case r.generator == nil || p.foreign: // a sentence in another language than its source cannot be checked
		return r.quote(p, "")
	default:
		return r.generate(p)
	}
	return nil
}

// conclude makes one outcome of those of the parts.
func (r *run) conclude() error {
	if len(r.parts) == 1 {
		p := r.parts[0]
		if p.Status == Refused {
			return r.refuse(p.Reason, "")
		}
		r.out.Message = r.note(p)
		return r.done(p.Status, p.Reason)
	}
	var missing []*part
	for _, p := range r.parts {
		r.out.Parts = append(r.out.Parts, p.Part)
		if p.Status == Refused {
			missing = append(missing, p)
		}
	}
	first := r.parts[0]
	switch {
	case len(missing) == len(r.parts):
		return r.refuse(first.Reason, first.about)
	case len(missing) > 0:
		r.out.Message = r.unanswered(missing)
		return r.done(Partial, missing[0].Reason)
	}
	for _, p := range r.parts {
		if p.Status == Partial {
			r.out.Message = r.note(p)
			return r.done(Partial, p.Reason)
		}
	}
	r.out.Message = r.note(first)
	return r.done(Answered, first.Reason)
}

// note is what a reader is told above the statements of a part; "" for one that a
// model worded to its end.
func (r *run) note(p *part) string {
	if p.Status == Partial {
		return message(p.why, "", r.english())
	}
	if p.foreign {
		return "These are passages from the sources, word for word and in Dutch."
	}
	return verbatim(p.why, r.english())
}

// tell adds a statement to a part, in plain words where those are asked for.
func (r *run) tell(p *part, s Statement) error {
	if r.q.Level != B1 {
		return r.once(p, s)
	}
	for _, s := range r.plainly(p.found.Analyzer, s) {
		if err := r.once(p, s); err != nil {
			return err
		}
	}
	return nil
}

// once adds a statement; one that is there already is not said again.
func (r *run) once(p *part, s Statement) error {
	i := slices.IndexFunc(r.out.Statements, func(o Statement) bool { return o.Text == s.Text })
	if i < 0 {
		i = len(r.out.Statements)
		if err := r.say(s); err != nil {
			return err
		}
	}
	p.Statements = append(p.Statements, i)
	return nil
}

// quote answers with verbatim passages. why says why no model worded it.
func (r *run) quote(p *part, why Reason) error {
	for _, q := range extract(p.query, p.found, p.sources) {
		c := cite(p.sources, q)
		if err := r.tell(p, Statement{Text: oneLine(c.Quote), Citations: []Citation{c}}); err != nil {
			return err
		}
	}
	p.Status, p.Reason, p.why = Answered, why, why
	if len(p.Statements) == 0 { // nothing near the question is a sentence
		p.Status, p.Reason = Refused, cmp.Or(why, BelowThreshold)
	}
	return nil
}

// generate lets the model word the answer, and shows what can be proved of it.
func (r *run) generate(p *part) error {
	r.out.Models.Generator = r.generator.Model()
	sources := r.prompted(p)
	prompt, err := r.prompt.render(p.query, sources, r.opts.MaxTokens)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	check := newVerifier(p.found.Analyzer, sources)
	var in lines
	dropped, gap := 0, false // gap: the sentence before was dropped
	seen := map[string]bool{}
	show := func(ls []line) error {
		for _, l := range ls {
			if seen[l.text] || !states(l.text) || instructs(l.text) {
				continue
			}
			seen[l.text] = true
			q, err := check.check(l.text, l.cited)
			if err == nil && gap && leansBack(l.text) {
				err = errors.New("it leans on a sentence that was dropped")
			}
			if gap = err != nil; gap {
				dropped++
				r.log.Debug("sentence dropped", "answer", r.out.ID, "why", err)
				continue
			}
			r.out.Mode = Generated
			if err := r.tell(p, Statement{Text: l.text, Citations: []Citation{cite(sources, q)}}); err != nil {
				return err
			}
		}
		return nil
	}
	var failure error
	for piece, err := range r.generator.Generate(ctx, prompt) {
		if err != nil {
			failure = err
			break
		}
		if err := show(in.add(piece)); err != nil {
			return err
		}
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if failure == nil { // what a broken model leaves behind is half a sentence
		if err := show(in.end()); err != nil {
			return err
		}
	}
	why := NothingVerified
	switch {
	case failure != nil && ctx.Err() != nil:
		why, r.passing = TimedOut, true
	case failure != nil:
		why, r.passing = ModelUnavailable, true
		r.log.Warn("the language model failed; passages are shown", "answer", r.out.ID, "error", failure)
	}
	switch n := len(p.Statements); {
	case n == 0:
		return r.quote(p, why)
	case failure != nil:
		p.Status, p.Reason, p.why = Partial, why, why
	default:
		p.Status = Answered
		if err := r.complete(p); err != nil {
			return err
		}
		r.log.Debug("answered", "answer", r.out.ID, "statements", n, "dropped", dropped)
	}
	return nil
}

// complete adds, verbatim, what the sentences of the model leave out: the kind of
// fact that is asked for, such as the amount to "Wat kost …", and the best sentences
// of further documents that say as much of the question as the cited ones do. The
// model reads several and mostly writes from one.
func (r *run) complete(p *part) error {
	kind := kindOf(p.query)
	lacking := kind.form != nil && !slices.ContainsFunc(p.Statements, func(i int) bool { return kind.answered(r.out.Statements[i].Text) })
	docs := map[string]bool{} // that are cited
	for _, i := range p.Statements {
		for _, c := range r.out.Statements[i].Citations {
			docs[r.out.Sources[c.Source-1].doc] = true
		}
	}
	quotes := extract(p.query, p.found, p.sources)
	best := 0.0
	for _, q := range quotes {
		if docs[p.sources[q.source].doc] {
			best = max(best, q.score)
		}
	}
	added := map[string]bool{}
	for _, q := range quotes {
		c, doc := cite(p.sources, q), p.sources[q.source].doc
		switch {
		case lacking && len(added) == 0 && kind.answered(c.Quote), lacking && added[doc] && kind.answered(c.Quote):
		case !docs[doc] && !added[doc] && q.score >= secondWorth*best:
		default:
			continue
		}
		added[doc] = true
		if err := r.tell(p, Statement{Text: oneLine(c.Quote), Citations: []Citation{c}}); err != nil {
			return err
		}
	}
	return nil
}

// prompted are the sources a model reads: those an answer may cite, in the order
// in which they are shown.
func (r *run) prompted(p *part) []Source {
	var at []int
	for _, doc := range citable(p.sources, func(int) bool { return true }) {
		at = append(at, doc...)
	}
	slices.Sort(at)
	var out []Source
	for _, i := range at[:min(r.opts.Prompted, len(at))] {
		out = append(out, p.sources[i])
	}
	return out
}
