package localstore_test

import (
	"path/filepath"
	"testing"

	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
	"github.com/vraagbaak/vraagbaak/retrieve/storetest"
)

func TestLocal(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Open {
		path := filepath.Join(t.TempDir(), "index with space#?%41.db")
		return func(t *testing.T) (retrieve.Store, retrieve.Ledger) {
			s, err := localstore.Open(t.Context(), path, localstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s, s
		}
	})
}
