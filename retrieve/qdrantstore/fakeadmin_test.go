package qdrantstore_test

import (
	"context"
	"net"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Both services of Qdrant have a method Delete, so collections are served by a
// type of their own.
type fakeCollections struct {
	qdrant.UnimplementedCollectionsServer
	*fakeState
}

func (f fakeCollections) Delete(_ context.Context, r *qdrant.DeleteCollection) (*qdrant.CollectionOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.collections, r.CollectionName)
	return &qdrant.CollectionOperationResponse{Result: true}, nil
}

func (f fakeCollections) CollectionExists(_ context.Context, r *qdrant.CollectionExistsRequest) (*qdrant.CollectionExistsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.find(r.CollectionName)
	return &qdrant.CollectionExistsResponse{Result: &qdrant.CollectionExists{Exists: err == nil}}, nil
}

func (f fakeCollections) Create(_ context.Context, r *qdrant.CreateCollection) (*qdrant.CollectionOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.collections[r.CollectionName]; ok {
		return nil, status.Errorf(codes.AlreadyExists, "Collection `%s` already exists!", r.CollectionName)
	}
	f.collections[r.CollectionName] = &fakeCollection{config: r, points: map[string]*qdrant.PointStruct{}}
	return &qdrant.CollectionOperationResponse{Result: true}, nil
}

func (f fakeCollections) UpdateAliases(_ context.Context, r *qdrant.ChangeAliases) (*qdrant.CollectionOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range r.Actions {
		if c := a.GetCreateAlias(); c != nil {
			f.aliases[c.AliasName] = c.CollectionName
		}
		if d := a.GetDeleteAlias(); d != nil {
			delete(f.aliases, d.AliasName)
		}
	}
	return &qdrant.CollectionOperationResponse{Result: true}, nil
}

func (f fakeCollections) ListAliases(context.Context, *qdrant.ListAliasesRequest) (*qdrant.ListAliasesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &qdrant.ListAliasesResponse{}
	for a, c := range f.aliases {
		out.Aliases = append(out.Aliases, &qdrant.AliasDescription{AliasName: a, CollectionName: c})
	}
	return out, nil
}

func (f *fake) CreateFieldIndex(_ context.Context, r *qdrant.CreateFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.indexes[r.CollectionName] = append(f.indexes[r.CollectionName], r.FieldName)
	return done(), nil
}

// serve registers the services.
func (f *fake) serve(listener net.Listener) *grpc.Server {
	server := grpc.NewServer(grpc.MaxRecvMsgSize(64 << 20))
	qdrant.RegisterPointsServer(server, f)
	qdrant.RegisterCollectionsServer(server, fakeCollections{fakeState: &f.fakeState})
	qdrant.RegisterQdrantServer(server, f)
	go server.Serve(listener)
	return server
}
