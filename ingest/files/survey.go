package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Survey is what a run would read of a folder, found out without opening a
// file.
type Survey struct {
	Files int
	Bytes int64
	Kinds []Kind // most files first
	// TooLarge are the names of files above the limit, which fail.
	TooLarge []string
	// Links is how many symbolic links are not followed.
	Links int
	// Unreadable says for each folder that cannot be read why: while there is
	// one, a run removes nothing.
	Unreadable []string
}

// Kind counts the files with one extension.
type Kind struct {
	Ext   string // in lower case, without its dot; "" for none
	Files int
	Bytes int64
}

// Look surveys a folder. Only Path and MaxBytes of the options count. The
// error says why the folder as a whole cannot be read.
func Look(ctx context.Context, o Options) (Survey, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	var out Survey
	kinds := map[string]Kind{}
	root, err := os.OpenRoot(o.Path)
	if err != nil {
		return out, fmt.Errorf("folder %s: %w", o.Path, reason(err))
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return reason(err)
		case err != nil:
			out.Unreadable = append(out.Unreadable, fmt.Sprintf("%s: %v", name, reason(err)))
			return nil
		case name != "." && ignored(path.Base(name)):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			out.Links++
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil { // it went while we looked
			return nil
		}
		if info.Size() > o.MaxBytes {
			out.TooLarge = append(out.TooLarge, name)
		}
		ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
		k := kinds[ext]
		kinds[ext] = Kind{ext, k.Files + 1, k.Bytes + info.Size()}
		out.Files++
		out.Bytes += info.Size()
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("folder %s: %w", o.Path, err)
	}
	for _, k := range kinds {
		out.Kinds = append(out.Kinds, k)
	}
	slices.SortFunc(out.Kinds, func(a, b Kind) int {
		return cmp.Or(b.Files-a.Files, strings.Compare(a.Ext, b.Ext))
	})
	return out, nil
}

// ID is what the document of a file is called: its path below the folder. name
// may be that already, or lead to the file from anywhere. It is false for a path
// outside the folder.
func ID(o Options, name string) (string, bool) {
	if filepath.IsAbs(name) {
		rel, err := filepath.Rel(o.Path, name)
		if err != nil {
			return "", false
		}
		name = rel
	}
	id := path.Clean(filepath.ToSlash(name))
	if id == "." || !filepath.IsLocal(filepath.FromSlash(id)) {
		return "", false
	}
	return norm.NFC.String(id), true
}

// Why says why a run would not read a file, by its path below the folder; "" if
// it would. The file is not opened.
func Why(o Options, id string) string {
	for _, part := range strings.Split(id, "/") {
		if ignored(part) {
			return fmt.Sprintf("%q is passed over: hidden files, lock files and what systems leave in folders are no documents", part)
		}
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	root, err := os.OpenRoot(o.Path)
	if err != nil {
		return fmt.Sprintf("folder %s: %v", o.Path, reason(err))
	}
	defer root.Close()
	for at := range ancestors(id) { // a link on the way is not followed either
		info, err := root.Lstat(filepath.FromSlash(at))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "there is no such file in folder " + o.Path
		case err != nil:
			return fmt.Sprintf("%s: %v", at, reason(err))
		case info.Mode()&fs.ModeSymlink != 0:
			return fmt.Sprintf("%s is a symbolic link, which is not followed", at)
		case at != id && info.Mode().IsRegular() && archiveOf(id) == at:
			return "" // whether the archive has it shows when it is read
		case at == id && info.IsDir():
			return "it is a folder; name a file in it"
		case at == id && !info.Mode().IsRegular():
			return "it is not a regular file"
		case at == id && info.Size() > o.MaxBytes:
			return fmt.Sprintf("it has %d bytes, more than the limit of %d", info.Size(), o.MaxBytes)
		}
	}
	return ""
}

// ancestors yields the folders above a file, outermost first, and the file.
func ancestors(id string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(id) {
			if id[i] == '/' && !yield(id[:i]) {
				return
			}
		}
		yield(id)
	}
}
