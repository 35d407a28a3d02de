package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// lockWait is how long a source may be locked before it is said to be at work
// elsewhere.
const lockWait = 2 * time.Second

// hold makes this process the only one of this machine that ingests a source of
// this data_dir, and returns its name for leases. The lock is the system's, and
// ends with the process however that ends; the name stays in the locked file.
// So the lease of a process that was killed is ours at once, and the lease is
// waited for only where another machine holds it.
func (a *App) hold(ctx context.Context, source string) (owner string, release func(), err error) {
	sum := sha256.Sum256([]byte(a.file + "\x00" + source))
	path := filepath.Join(a.Config.DataDir, "ingest-"+hex.EncodeToString(sum[:6])+".lock")
	type locked struct {
		f   *lockedfile.File
		err error
	}
	got := make(chan locked, 1)
	go func() {
		f, err := lockedfile.Edit(path)
		got <- locked{f, err}
	}()
	abandon := func() { // the lock is given back as soon as it is got
		go func() {
			if l := <-got; l.err == nil {
				l.f.Close()
			}
		}()
	}
	select {
	case l := <-got:
		if l.err != nil { // a file system without locks: the lease alone has to do
			a.log.Debug("the source cannot be locked", "source", source, "error", l.err)
			return newOwner(), func() {}, nil
		}
		owner, err := ownerIn(l.f)
		if err != nil {
			l.f.Close()
			return "", nil, fmt.Errorf("%s: %w", path, err)
		}
		return owner, func() { l.f.Close() }, nil
	case <-time.After(lockWait):
		abandon()
		return "", nil, fmt.Errorf("source %q is being ingested by another process; wait for it to end, or stop it: %w", source, retrieve.ErrLeased)
	case <-ctx.Done():
		abandon()
		return "", nil, ctx.Err()
	}
}

// ownerIn reads the name that is kept in a lock file, or writes one.
func ownerIn(f io.ReadWriter) (string, error) {
	b, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil || len(b) > 0 {
		return string(b), err
	}
	owner := newOwner()
	_, err = io.WriteString(f, owner)
	return owner, err
}

// newOwner is a name that no other process has.
func newOwner() string {
	host, _ := os.Hostname()
	b := make([]byte, 8)
	rand.Read(b)
	return host + "/" + hex.EncodeToString(b)
}
