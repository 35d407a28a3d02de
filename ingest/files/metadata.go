package files

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// metadataNames are what the publication services call the file that describes
// the publication beside it, the fuller one first.
var metadataNames = []string{"metadata.xml", "metadata_owms.xml"}

// Description is what a metadata file says of the publication beside it.
type Description struct {
	// Identifier of the publication; files of that name are described.
	Identifier string
	Apply      func(*ingest.Document)
}

// described is the metadata of a folder.
type described struct {
	Description
	file string // its path
	sum  string // of its content: a document is read again when it changes
}

// metadata is what describes the files in the folder of name; nil if nothing
// does.
func (w *walk) metadata(name string) *described {
	dir := path.Dir(name)
	if d, ok := w.folders[dir]; ok {
		return d
	}
	var found *described
	for _, base := range metadataNames {
		at := path.Join(dir, base)
		if info, err := w.root.Lstat(filepath.FromSlash(at)); err != nil || !info.Mode().IsRegular() || info.Size() > w.o.MaxBytes {
			continue
		}
		data, err := w.read(at)
		if err != nil {
			continue
		}
		if d, ok := w.o.Describe(at, data); ok {
			sum := sha256.Sum256(data)
			found = &described{d, at, hex.EncodeToString(sum[:4])}
			break
		}
	}
	if w.folders == nil {
		w.folders = map[string]*described{}
	}
	w.folders[dir] = found
	return found
}

// describes is the metadata that belongs to a file: that of its folder, if it is
// about a publication of the file's name.
func (w *walk) describes(name string) *described {
	if w.o.Describe == nil {
		return nil
	}
	d := w.metadata(name)
	base := path.Base(name)
	if d == nil || base[:len(base)-len(path.Ext(base))] != d.Identifier {
		return nil
	}
	return d
}

// isMetadata reports whether a file only describes the others in its folder.
func (w *walk) isMetadata(name string) bool {
	if w.o.Describe == nil {
		return false
	}
	for _, base := range metadataNames {
		if path.Base(name) == base {
			return w.metadata(name) != nil
		}
	}
	return false
}
