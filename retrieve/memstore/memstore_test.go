package memstore_test

import (
	"testing"

	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
	"github.com/vraagbaak/vraagbaak/retrieve/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Open {
		s := memstore.New() // "the same data" is the same memory
		return func(*testing.T) (retrieve.Store, retrieve.Ledger) { return s, s }
	})
}
