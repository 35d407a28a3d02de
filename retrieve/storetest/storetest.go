// Package storetest is the suite that every retrieve.Store and retrieve.Ledger
// passes. It computes what it expects itself, from the contracts in
// retrieve/store.go, and shares no code with any store.
package storetest

import (
	"testing"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Open opens a store with its ledger. Called again, it opens the same data
// once more, beside the handles that are open already: as another process
// would. Nothing that was written through a handle may depend on that handle.
type Open func(t *testing.T) (retrieve.Store, retrieve.Ledger)

// Run runs the suite. Each call of fresh yields the Open of new, empty data;
// what it needs cleaned up it registers with t.Cleanup.
func Run(t *testing.T, fresh func(t *testing.T) Open) {
	t.Run("Store", func(t *testing.T) {
		for _, c := range []struct {
			name string
			test func(*testing.T, *fixture)
		}{
			{"Empty", testEmpty},
			{"ReplaceIsWhole", testReplaceIsWhole},
			{"ReplaceRefuses", testReplaceRefuses},
			{"Dimensions", testDimensions},
			{"Delete", testDelete},
			{"EverythingIsKept", testEverythingIsKept},
			{"Nearest", testNearest},
			{"NearestTies", testNearestTies},
			{"Match", testMatch},
			{"MatchTies", testMatchTies},
			{"MatchRefuses", testMatchRefuses},
			{"Limits", testLimits},
			{"ScopeIsolation", testScopeIsolation},
			{"AsOf", testAsOf},
			{"AsOfBeforeLimit", testAsOfBeforeLimit},
			{"Filter", testFilter},
			{"FilterBeforeLimit", testFilterBeforeLimit},
			{"PassagesInOrder", testPassagesInOrder},
			{"All", testAll},
			{"Reweigh", testReweigh},
			{"ReweighFails", testReweighFails},
			{"Stats", testStats},
			{"Reopen", testReopen},
			{"SecondHandle", testSecondHandle},
			{"ReadersSeeNoMixture", testReadersSeeNoMixture},
			{"ReweighIsSeenWhole", testReweighIsSeenWhole},
			{"Random", testRandom},
			{"Cancelled", testCancelled},
		} {
			t.Run(c.name, func(t *testing.T) { c.test(t, newFixture(t, fresh(t))) })
		}
	})
	t.Run("Ledger", func(t *testing.T) {
		for _, c := range []struct {
			name string
			test func(*testing.T, *fixture)
		}{
			{"Cursor", testCursor},
			{"Entry", testEntry},
			{"Entries", testEntries},
			{"Fact", testFact},
			{"Lease", testLease},
			{"LeaseExpires", testLeaseExpires},
			{"LeaseRace", testLeaseRace},
			{"Reopen", testLedgerReopen},
		} {
			t.Run(c.name, func(t *testing.T) { c.test(t, newFixture(t, fresh(t))) })
		}
	})
}
