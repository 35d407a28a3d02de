// Package llama runs models with llama.cpp in supervised child processes.
//
// An [Embedder] and a [Generator] each own one child: the program's own
// executable, started again with an environment variable that makes
// [RunChildIfAsked] take over before anything else runs. Only the child opens
// the shared libraries, so an abort in them never takes the server or an ingest
// down, their memory is seen apart, and no other command needs them. A child
// that dies or falls silent is replaced at the next request.
//
// The package owns the binding to llama.cpp (v0.5.0, through purego, without
// cgo), the protocol between parent and child, supervision, and the prefix
// cache. It never downloads anything, never chooses a model, and knows neither
// e5's prefixes nor what a prompt says: those stand in embed/local and answer/.
//
// Bottom up: abi.go and lib.go bind the library; encoder.go and writer.go run a
// model; child.go serves them on a pipe in the frames of wire.go; process.go is
// one child seen from the parent; supervisor.go replaces it when it dies;
// embedder.go and generator.go are what other packages use.
package llama
