package retrieve

// Analyzer turns passages and questions into weighted terms. The same Analyzer,
// by its Signature, must serve an index and the questions put to it.
type Analyzer interface {
	// Signature names the analysis and its frozen vocabulary; it is part of the
	// index signature.
	Signature() string
	Passage(p *Passage) Terms
	Query(text string) Terms
}
