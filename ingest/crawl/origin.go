package crawl

import (
	"fmt"
	"time"
)

// Address is the one form of a web address: that of the documents' IDs and of
// Visit.URL.
func Address(raw string) (string, error) {
	u, err := normalize(nil, raw)
	if err != nil {
		return "", fmt.Errorf("%s: %w", raw, err)
	}
	return u.String(), nil
}

// Origin says how a run came to a document, as the state of its ledger entry
// has it; all is empty where it was never read.
type Origin struct {
	Requested string   // address it was read at; the document may call another canonical, which then is its ID
	From      string   // see Visit.From
	Via       []string // addresses that redirected to it
	// Alternates are its other languages, each "en https://…".
	Alternates []string
	Due        time.Time // when it is to be visited next; zero where it is visited in every run
}

// OriginOf reads the state of a ledger entry.
func OriginOf(s string) Origin {
	st := parseState(s)
	return Origin{Requested: st.URL, From: st.From, Via: st.Via, Alternates: st.Alternates, Due: st.due()}
}

// Allows reports whether an address is within the prefixes of allow; robots.txt
// may refuse it still, see Verdict.
func (s *Source) Allows(raw string) bool {
	u, err := normalize(nil, raw)
	return err == nil && s.white.allows(u)
}
