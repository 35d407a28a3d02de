package retrieve

// Analyzer turns passages and questions into weighted terms. The same Analyzer,
// by its Signature, must serve an index and the questions put to it.
type Analyzer interface {
	// Signature names the analysis and its frozen vocabulary; it is part of the
	// index signature.
	Signature() string
	Passage(p *Passage) Terms
	Query(text string) Terms
	// Repair mends the words of a question that lost the space between them or
	// were broken by the end of a line.
	Repair(text string) string
	// Rarity is how much a term of this analysis says: its inverse document
	// frequency in the corpus the vocabulary was learned from, between 0 (in every
	// passage) and 1 (in none that is known).
	Rarity(token string) float64
}
