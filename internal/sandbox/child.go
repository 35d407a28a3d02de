package sandbox

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"
)

// maxStack bounds recursion in a child, in bytes: Go allows a gigabyte.
const maxStack = 256 << 20

// exitMemory is the exit code of a child that found itself too large.
const exitMemory = 77

// serve is the child: it works until in ends.
func serve(in io.Reader, out io.Writer, work Work) error {
	// The parent ends its children; a signal to the whole group must not come
	// before that.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	r := bufio.NewReaderSize(in, 64<<10)
	memory, total, err := readLimits(r)
	if err != nil {
		return err
	}
	limitSelf(memory)
	debug.SetMaxStack(int(min(memory/4, maxStack)))
	go watchSelf(memory)
	var mu sync.Mutex
	send := func(k kind, payload []byte) error {
		mu.Lock()
		defer mu.Unlock()
		return writeFrame(out, k, payload)
	}
	for {
		k, header, err := readFrame(r)
		if err == io.EOF {
			return nil
		}
		if err != nil || k != kindHeader {
			return fmt.Errorf("read what to do: kind %d, %w", k, err)
		}
		k, data, err := readFrame(r)
		if err != nil || k != kindData {
			return fmt.Errorf("read what to do it with: kind %d, %w", k, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), total)
		result := work(ctx, header, data, func() { _ = send(kindAlive, nil) })
		cancel()
		answer := kindResult
		if len(data) > 4<<20 {
			data = nil
			debug.FreeOSMemory()
		}
		if inUse() > memory/3 {
			answer = kindGrown
		}
		if err := send(answer, result); err != nil {
			return err
		}
	}
}

func readLimits(r io.Reader) (memory int64, total time.Duration, err error) {
	k, b, err := readFrame(r)
	if err != nil {
		return 0, 0, fmt.Errorf("read the limits: %w", err)
	}
	if k != kindLimits || len(b) != 16 {
		return 0, 0, errors.New("the first message is not the limits")
	}
	return int64(binary.LittleEndian.Uint64(b)), time.Duration(binary.LittleEndian.Uint64(b[8:])), nil
}

// watchSelf ends a child that has grown beyond its memory. The collector is
// told to work hard before it comes to that.
func watchSelf(memory int64) {
	debug.SetMemoryLimit(memory * 8 / 10)
	for range time.Tick(25 * time.Millisecond) {
		if n := inUse(); n > memory {
			fmt.Fprintf(os.Stderr, "out of memory: %d MB\n", n>>20)
			os.Exit(exitMemory)
		}
	}
}

// inUse is the memory of this process that it has not given back, in bytes.
func inUse() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
}
