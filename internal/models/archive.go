package models

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	// maxFile bounds what is written for one file whose size is not known.
	maxFile = 64 << 30
	// maxArchiveFile and maxArchive bound what is unpacked from a package whose
	// content is not known.
	maxArchiveFile = 512 << 20
	maxArchive     = 2 << 30
)

var errTooLarge = errors.New("larger than it may be")

// openMember opens one member of a zip file for reading. It must have exactly
// size bytes.
func openMember(archive, member string, size int64) (io.ReadCloser, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	for _, f := range z.File {
		if f.Name != member {
			continue
		}
		if f.UncompressedSize64 != uint64(size) {
			z.Close()
			return nil, fmt.Errorf("%s: %s has %d bytes, want %d", archive, member, f.UncompressedSize64, size)
		}
		r, err := f.Open()
		if err != nil {
			z.Close()
			return nil, fmt.Errorf("%s: %s: %w", archive, member, err)
		}
		return memberReader{r, z}, nil
	}
	z.Close()
	return nil, fmt.Errorf("%s: there is no %s in it", archive, member)
}

type memberReader struct {
	io.ReadCloser
	archive io.Closer
}

func (m memberReader) Close() error { return errors.Join(m.ReadCloser.Close(), m.archive.Close()) }

// untar reads a gzipped tar file and writes every regular file for which place
// returns a path, at most limit bytes of it; place decides by the whole name, so
// nothing is ever written under a name that the archive made up.
func untar(archive string, place func(name string) (path string, limit int64)) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	defer gz.Close()
	t := tar.NewReader(&io.LimitedReader{R: gz, N: maxArchive})
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		path, limit := place(h.Name)
		if path == "" {
			continue
		}
		if _, err := writeStream(path, t, limit); err != nil {
			return fmt.Errorf("%s: %s: %w", archive, h.Name, err)
		}
	}
}

// writeStream writes r to a new file, or over an old one; more than limit bytes
// is an error.
func writeStream(path string, r io.Reader, limit int64) (int64, error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, io.LimitReader(r, limit+1))
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil && n > limit {
		err = fmt.Errorf("%w: %d bytes", errTooLarge, limit)
	}
	return n, err
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&fs.ModeType != 0 {
		return 0
	}
	return info.Size()
}
