// Package qdrantstore is a retrieve.Store and retrieve.Ledger on a Qdrant
// server, for what outgrows one machine. It keeps no state of its own: any
// number of processes may use the same server and prefix.
//
// Each collection of vraagbaak is a collection of Qdrant, behind an alias, with
// a dense vector, a sparse vector of terms with Qdrant's IDF modifier, and the
// whole passage as payload. So idf is that of the collection, and a scope never
// touches what it may not read. For a scope of several collections idf is
// evened out; see match.go.
//
// Qdrant has no transactions. What makes Replace atomic is a second collection
// with one point per document, its head, that names the generation of passages
// that counts. Passages of a new generation are written beside the old ones;
// writing the head switches from one to the other; then the old ones are
// deleted. Readers look up the heads of what they found and search again without
// the generations that do not count. See search.go.
//
// Limits, as against localstore:
//   - Nearest uses Qdrant's index above its full-scan threshold: scores are
//     exact, but a passage can be missed. Options.Exact scans.
//   - Between writing and deleting, both generations of a document count in
//     N and n of Match, and in Stats.
//   - Ties at the very end of a list longer than tieRoom equal scores are cut in
//     Qdrant's order, not by ID.
//   - Terms are known by a 32-bit hash: two terms of one question or passage can
//     coincide, once in some thousands of millions of pairs.
//   - Reweigh fills new collections and switches all aliases in one step; a
//     Replace that runs meanwhile would be lost, so nothing may ingest then.
//   - A search over several collections is one request per collection.
package qdrantstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Options say where the server is and how to use it.
type Options struct {
	Host   string // without port
	Port   int    // of gRPC; 0 is 6334
	APIKey string
	TLS    bool
	Prefix string // of the names of all collections; "" is "vraagbaak"
	Exact  bool   // scan instead of using the vector index
}

// Store is a connection to a server. It is safe for concurrent use.
type Store struct {
	opt    Options
	client *qdrant.Client
	dims   atomic.Int64 // of the vectors; 0 while unknown
	mu     sync.Mutex
	known  map[string]bool // collections that are there
}

var (
	_ retrieve.Store  = (*Store)(nil)
	_ retrieve.Ledger = (*Store)(nil)
)

// messageSize bounds one answer: a thousand passages with their text.
const messageSize = 64 << 20

// Open connects, checks that the server answers, and makes the collections of
// heads and ledger.
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.Prefix == "" {
		opt.Prefix = "vraagbaak"
	}
	if opt.Port == 0 {
		opt.Port = 6334
	}
	client, err := qdrant.NewClient(&qdrant.Config{
		Host: opt.Host, Port: opt.Port, APIKey: opt.APIKey, UseTLS: opt.TLS,
		SkipCompatibilityCheck: true, // it would ask before the context can end it
		GrpcOptions:            []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageSize))},
	})
	if err != nil {
		return nil, fmt.Errorf("qdrant %s:%d: %w", opt.Host, opt.Port, err)
	}
	s := &Store{opt: opt, client: client, known: map[string]bool{}}
	if _, err := client.HealthCheck(ctx); err != nil {
		client.Close()
		return nil, s.fail("connect (is the server running, and is this its gRPC port?)", err)
	}
	for name, indexes := range map[string]map[string]qdrant.FieldType{
		s.heads():  {"collection": qdrant.FieldType_FieldTypeKeyword, "gen": qdrant.FieldType_FieldTypeInteger},
		s.ledger(): {"kind": qdrant.FieldType_FieldTypeKeyword, "source": qdrant.FieldType_FieldTypeKeyword},
	} {
		if err := s.create(ctx, &qdrant.CreateCollection{CollectionName: name}, indexes); err != nil {
			client.Close()
			return nil, s.fail("make "+name, err)
		}
	}
	return s, nil
}

// Close closes the connection.
func (s *Store) Close() error { return s.client.Close() }

func (s *Store) heads() string  { return s.opt.Prefix + "-heads" }
func (s *Store) ledger() string { return s.opt.Prefix + "-ledger" }

// alias is the name under which a collection is read and written. Names of
// collections may hold characters that Qdrant does not allow.
func (s *Store) alias(collection string) string {
	h := hash("collection", collection)
	return fmt.Sprintf("%s-passages-%x", s.opt.Prefix, h[:10])
}

// create makes a collection unless it is there.
func (s *Store) create(ctx context.Context, c *qdrant.CreateCollection, indexes map[string]qdrant.FieldType) error {
	ok, err := s.client.CollectionExists(ctx, c.CollectionName)
	if err != nil || ok {
		return err
	}
	// Another process may be faster: then it is there, which is what was wanted.
	if err := s.client.CreateCollection(ctx, c); err != nil && status.Code(root(err)) != codes.AlreadyExists {
		return err
	}
	for field, kind := range indexes {
		_, err := s.client.CreateFieldIndex(ctx, &qdrant.CreateFieldIndexCollection{
			CollectionName: c.CollectionName, Wait: new(true), FieldName: field, FieldType: kind.Enum(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Names of the vectors.
const (
	dense  = "dense"
	sparse = "terms"
)

// createPassages makes a collection of passages under its own name.
func (s *Store) createPassages(ctx context.Context, name string, dims int) error {
	return s.create(ctx, &qdrant.CreateCollection{
		CollectionName: name,
		VectorsConfig: qdrant.NewVectorsConfigMap(map[string]*qdrant.VectorParams{
			// Vectors have unit length. Dot leaves them as they are; Cosine would
			// normalise questions as well, and change their scores.
			dense: {Size: uint64(dims), Distance: qdrant.Distance_Dot},
		}),
		SparseVectorsConfig: qdrant.NewSparseVectorsConfig(map[string]*qdrant.SparseVectorParams{
			sparse: {Modifier: qdrant.Modifier_Idf.Enum()},
		}),
	}, map[string]qdrant.FieldType{
		"doc":  qdrant.FieldType_FieldTypeKeyword,
		"gen":  qdrant.FieldType_FieldTypeInteger,
		"from": qdrant.FieldType_FieldTypeDatetime,
		"tags": qdrant.FieldType_FieldTypeKeyword, "published": qdrant.FieldType_FieldTypeDatetime,
		"until": qdrant.FieldType_FieldTypeDatetime,
	})
}

// ensure makes the collection behind the alias of a collection of vraagbaak.
func (s *Store) ensure(ctx context.Context, collection string, dims int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	alias := s.alias(collection)
	if s.known[alias] {
		return nil
	}
	target, err := s.targets(ctx)
	if err != nil {
		return err
	}
	if target[alias] == "" {
		if err := s.createPassages(ctx, alias+"-1", dims); err != nil {
			return err
		}
		if err := s.client.CreateAlias(ctx, alias, alias+"-1"); err != nil {
			return err
		}
	}
	s.known[alias] = true
	return nil
}

// targets lists our aliases of passages with the collections behind them.
func (s *Store) targets(ctx context.Context) (map[string]string, error) {
	all, err := s.client.ListAliases(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, a := range all {
		if strings.HasPrefix(a.AliasName, s.opt.Prefix+"-passages-") {
			out[a.AliasName] = a.CollectionName
		}
	}
	return out, nil
}

// hash is the SHA-256 of strings with their lengths.
func hash(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s", len(p), p)
	}
	return [32]byte(h.Sum(nil))
}

// pointID is the UUID (version 8: of our own making) of a hash.
func pointID(parts ...string) *qdrant.PointId {
	b := hash(parts...)
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return qdrant.NewIDUUID(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16]))
}

// root is the error of gRPC inside one of the client.
func root(err error) error {
	var e *qdrant.QdrantError
	if errors.As(err, &e) {
		return e.Unwrap()
	}
	return err
}

// absent reports that a collection is not there: nothing was ever written to it.
func absent(err error) bool { return status.Code(root(err)) == codes.NotFound }

// fail wraps an error with the server and what was asked of it.
func (s *Store) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("qdrant %s:%d: %s: %w", s.opt.Host, s.opt.Port, what, err)
}
