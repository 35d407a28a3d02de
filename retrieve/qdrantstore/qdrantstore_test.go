package qdrantstore_test

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/qdrant/go-client/qdrant"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/qdrantstore"
	"github.com/vraagbaak/vraagbaak/retrieve/storetest"
)

func open(t *testing.T, opt qdrantstore.Options) *qdrantstore.Store {
	t.Helper()
	s, err := qdrantstore.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func suite(t *testing.T, fresh func(t *testing.T) qdrantstore.Options) {
	storetest.Run(t, func(t *testing.T) storetest.Open {
		opt := fresh(t)
		return func(t *testing.T) (retrieve.Store, retrieve.Ledger) {
			s := open(t, opt)
			return s, s
		}
	})
}

// TestQdrant runs the suite on a real server, each test under a prefix of its
// own that it removes:
//
//	VRAAGBAAK_TEST_QDRANT=localhost:6334 go test ./retrieve/qdrantstore
func TestQdrant(t *testing.T) {
	address := os.Getenv("VRAAGBAAK_TEST_QDRANT")
	if address == "" {
		t.Skip("no Qdrant: set VRAAGBAAK_TEST_QDRANT=host:6334 to run the suite on a server")
	}
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatalf("VRAAGBAAK_TEST_QDRANT=%s: %v", address, err)
	}
	port, err := strconv.Atoi(p)
	if err != nil {
		t.Fatalf("VRAAGBAAK_TEST_QDRANT=%s: %v", address, err)
	}
	suite(t, func(t *testing.T) qdrantstore.Options {
		opt := qdrantstore.Options{Host: host, Port: port, Prefix: "test-" + strings.ToLower(rand.Text()), Exact: true}
		t.Cleanup(func() { removeAll(t, opt) })
		return opt
	})
}

// removeAll deletes the collections of a test; their aliases go with them.
func removeAll(t *testing.T, opt qdrantstore.Options) {
	client, err := qdrant.NewClient(&qdrant.Config{Host: opt.Host, Port: opt.Port, SkipCompatibilityCheck: true})
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	ctx := context.WithoutCancel(t.Context()) // which has ended when cleaning begins
	names, err := client.ListCollections(ctx)
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, opt.Prefix+"-") {
			if err := client.DeleteCollection(ctx, name); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestFake runs the suite on a server in memory: it shows that the store keeps
// the contract if Qdrant keeps its own, not that Qdrant does.
func TestFake(t *testing.T) {
	suite(t, func(t *testing.T) qdrantstore.Options {
		f, port := startFake(t)
		t.Cleanup(func() {
			if len(f.writes) > 0 {
				t.Errorf("writes that are not waited for: %v", f.writes)
			}
		})
		return qdrantstore.Options{Host: "127.0.0.1", Port: port}
	})
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	_, err = qdrantstore.Open(t.Context(), qdrantstore.Options{Host: "127.0.0.1", Port: port})
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("Open of a server that is not there: %v; want an error that names it", err)
	}
}

// TestSchema looks at what the store asks of the server.
func TestSchema(t *testing.T) {
	f, port := startFake(t)
	s := open(t, qdrantstore.Options{Host: "127.0.0.1", Port: port, Prefix: "p"})
	defer s.Close()
	doc := ingest.Ref{Collection: "Besluiten/2026", ID: "x"}
	err := s.Replace(t.Context(), doc, []retrieve.Record{{
		Passage: retrieve.Passage{Chunk: chunk.Chunk{ID: "1", Doc: doc, Text: "tekst"}}, Vector: embed.Vector{0, 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.aliases) != 1 {
		t.Fatalf("aliases %v, want one", f.aliases)
	}
	for alias, name := range f.aliases {
		if !strings.HasPrefix(alias, "p-passages-") || strings.ContainsAny(alias, "/ ") {
			t.Errorf("alias %q", alias)
		}
		c := f.collections[name].config
		if v := c.VectorsConfig.GetParamsMap().GetMap()["dense"]; v.GetSize() != 2 || v.GetDistance() != qdrant.Distance_Dot {
			t.Errorf("dense vector %v", v)
		}
		if m := c.SparseVectorsConfig.GetMap()["terms"].GetModifier(); m != qdrant.Modifier_Idf {
			t.Errorf("modifier of terms %v", m)
		}
		indexes := slices.Sorted(slices.Values(f.indexes[name]))
		if want := []string{"doc", "from", "gen", "published", "tags", "until"}; !slices.Equal(indexes, want) {
			t.Errorf("payload indexes %v, want %v", indexes, want)
		}
	}
}
