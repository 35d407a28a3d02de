package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Limits on one archive, against those that unpack to far more than they are.
const (
	maxMembers      = 10_000
	maxMemberBytes  = 100 << 20
	maxArchiveBytes = 1 << 30 // unpacked, of all members
)

// Member is one file of an archive.
type Member struct {
	Name string // path within the archive, without a way out of it
	Data []byte
	Err  error // why it cannot be read
}

// Archive reports whether a file is an archive of documents, and yields its
// members one by one, those of archives within it too. An error of the archive
// as a whole is a Member without a Name.
func Archive(ctx context.Context, in Input) (iter.Seq[Member], bool) {
	if !bytes.HasPrefix(in.Data, []byte("PK\x03\x04")) && !bytes.HasPrefix(in.Data, []byte("PK\x05\x06")) {
		return nil, false
	}
	if officeZip(in) {
		return nil, false
	}
	return func(yield func(Member) bool) {
		left := int64(maxArchiveBytes)
		count := 0
		u := unpacker{ctx: ctx, left: &left, count: &count, yield: yield, names: map[string]int{}}
		u.unpack(in, "", in.depth)
	}, true
}

// officeZip reports whether an archive is one document.
func officeZip(in Input) bool {
	p, err := detectNamedZip(in)
	return p != nil || err != nil
}

type unpacker struct {
	ctx   context.Context
	left  *int64
	count *int
	yield func(Member) bool
	names map[string]int
}

// unpack reports whether to go on.
func (u *unpacker) unpack(in Input, prefix string, depth int) bool {
	z, err := zip.NewReader(bytes.NewReader(in.Data), int64(len(in.Data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return u.yield(Member{Name: strings.TrimSuffix(prefix, "/"), Err: in.fail(ErrUnreadable, "a damaged archive (%v); make it again", err)})
	}
	for _, f := range z.File {
		if u.ctx.Err() != nil {
			return false
		}
		name := memberName(f)
		if f.FileInfo().IsDir() || name == "" {
			continue
		}
		if *u.count++; *u.count > maxMembers {
			u.yield(Member{Name: prefix + name, Err: in.fail(ErrUnreadable, "more than %d files in the archive; split it", maxMembers)})
			return false
		}
		full := u.unique(prefix + name)
		data, err := u.member(f)
		if err != nil {
			if !u.yield(Member{Name: full, Err: fmt.Errorf("%s: %w", full, err)}) {
				return false
			}
			continue
		}
		sub := Input{Name: full, Data: data}
		if _, nested := Archive(u.ctx, sub); nested {
			if depth >= depthLimit {
				if !u.yield(Member{Name: full, Err: sub.fail(ErrUnsupported, "an archive more than %d archives deep; unpack it first", depthLimit)}) {
					return false
				}
			} else if !u.unpack(sub, full+"/", depth+1) {
				return false
			}
			continue
		}
		if !u.yield(Member{Name: full, Data: data}) {
			return false
		}
	}
	return true
}

// unique tells two members of one name apart.
func (u *unpacker) unique(name string) string {
	u.names[name]++
	if n := u.names[name]; n > 1 {
		return name + "~" + strconv.Itoa(n)
	}
	return name
}

// member unpacks one file.
func (u *unpacker) member(f *zip.File) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, fmt.Errorf("%w: it is protected by a password; pack it without one", ErrUnreadable)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %v; make the archive again", ErrUnreadable, err)
	}
	defer r.Close()
	limit := min(int64(maxMemberBytes), *u.left)
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %v; make the archive again", ErrUnreadable, err)
	}
	*u.left -= int64(len(data))
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: it unpacks to more than %d MB, or the archive to more than %d MB", ErrUnreadable, maxMemberBytes>>20, maxArchiveBytes>>20)
	}
	return data, nil
}

// memberName is the path of a member without a way out of the archive; "" for
// what programs leave in archives. Names that are not UTF-8 are in the code page
// of DOS (APPNOTE.TXT, appendix D).
func memberName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 && !utf8.ValidString(name) {
		if s, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	name = path.Clean("/" + strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), `\`, "/"))[1:]
	for seg := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(seg, ".") || seg == "__MACOSX" || seg == "Thumbs.db" || strings.HasPrefix(seg, "~$") {
			return ""
		}
	}
	return strings.ReplaceAll(name, ":", "_")
}

// extractZIP reads an archive as one document: each member below a heading with
// its name. A folder of documents reads the members apart, see Archive.
func extractZIP(ctx context.Context, in Input) (*ingest.Document, error) {
	members, ok := Archive(ctx, in)
	if !ok {
		return nil, in.fail(ErrUnsupported, "an archive of an unknown kind; unpack it first")
	}
	b := newBuilder(ctx, in)
	var read, unread []string
	var first error
	for m := range members {
		if m.Name == "" {
			return nil, m.Err
		}
		doc, err := (*ingest.Document)(nil), m.Err
		if err == nil {
			doc, err = b.inside(m.Name, m.Data)
		}
		if err != nil {
			if first == nil {
				first = err
			}
			unread = append(unread, m.Name)
			continue
		}
		read = append(read, m.Name)
		b.append(m.Name, doc)
	}
	doc, err := b.document()
	switch {
	case err != nil:
		return nil, err
	case len(read) == 0 && len(unread) == 0:
		return nil, in.fail(ErrEmpty, "the archive is empty")
	case len(read) == 0:
		return nil, in.fail(ErrUnreadable, "none of its %d files can be read; the first: %v", len(unread), first)
	}
	doc.Meta["files"] = listed(read)
	if len(unread) > 0 {
		doc.Meta["unread_files"] = listed(unread)
	}
	return doc, nil
}
