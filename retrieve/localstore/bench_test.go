//go:build unix

package localstore_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
)

// The benchmarks run on made-up passages: vectors in clusters, terms by Zipf's
// law, ten passages a document. 200,000 of them:
//
//	go test ./retrieve/localstore -run '^$' -bench . -passages 200000
var (
	passages  = flag.Int("passages", 21_819, "passages in the benchmarks' index")
	benchFile = flag.String("bench-index", "", "keep the benchmarks' index in this file, and use it again")
)

const dims = 384

// maker makes passages and questions; the same seed makes the same ones.
type maker struct {
	rng     *rand.Rand
	zipf    *rand.Zipf
	centres []embed.Vector
}

func newMaker(seed uint64) *maker {
	shared := rand.New(rand.NewPCG(7, 7)) // questions ask about the passages' clusters
	m := &maker{rng: rand.New(rand.NewPCG(seed, 1))}
	m.zipf = rand.NewZipf(m.rng, 1.1, 20, 300_000)
	for range 200 {
		m.centres = append(m.centres, noise(shared, nil, 1))
	}
	return m
}

// noise is a random direction, added to v, of the given length beside it.
func noise(rng *rand.Rand, v embed.Vector, length float64) embed.Vector {
	out := make(embed.Vector, dims)
	for i := range out {
		out[i] = float32(rng.NormFloat64() * length / math.Sqrt(dims))
		if v != nil {
			out[i] += v[i]
		}
	}
	return out.Unit()
}

func (m *maker) vector() embed.Vector {
	return noise(m.rng, m.centres[m.rng.IntN(len(m.centres))], 0.7)
}

func (m *maker) terms(n int) retrieve.Terms {
	weights := map[string]float32{}
	for range n {
		weights["t"+strconv.FormatUint(m.zipf.Uint64(), 36)] += 0.5
	}
	var ts retrieve.Terms
	for t, w := range weights {
		ts = append(ts, retrieve.Term{Token: t, Weight: w})
	}
	slices.SortFunc(ts, func(a, b retrieve.Term) int { return strings.Compare(a.Token, b.Token) })
	return ts
}

func (m *maker) document(n, passages int) (ingest.Ref, []retrieve.Record) {
	doc := ingest.Ref{Collection: "bench", ID: fmt.Sprint("https://waterrijk.example/", n)}
	text := strings.Repeat("De gemeente Waterrijk geeft hier uitleg over. ", 20)
	var recs []retrieve.Record
	for o := range passages {
		recs = append(recs, retrieve.Record{
			Passage: retrieve.Passage{
				Chunk: chunk.Chunk{ID: fmt.Sprintf("%032x", n*1000+o), Doc: doc, Ordinal: o, Text: text, Heading: []string{"Een kop", "Nog een"}},
				Info:  retrieve.Info{URL: doc.ID, Title: "Een titel", Published: time.Unix(int64(n)*86400, 0)},
			},
			Vector: m.vector(), Terms: m.terms(100),
		})
	}
	return doc, recs
}

// made is the folder that fill made, to be removed at the end.
var made string

// fill writes the index of the benchmarks, once; it returns its path.
var fill = sync.OnceValues(func() (string, error) {
	path := *benchFile
	if path == "" {
		dir, err := os.MkdirTemp("", "localstore")
		if err != nil {
			return "", err
		}
		made, path = dir, filepath.Join(dir, "index.db")
	} else if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	ctx := context.Background()
	s, err := localstore.Open(ctx, path, localstore.Options{})
	if err != nil {
		return "", err
	}
	defer s.Close()
	m := newMaker(1)
	var spent time.Duration
	for left, n := *passages, 0; left > 0; n++ {
		doc, recs := m.document(n, min(left, 10))
		left -= len(recs)
		began := time.Now()
		if err := s.Replace(ctx, doc, recs); err != nil {
			return "", err
		}
		spent += time.Since(began)
	}
	size, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	fmt.Printf("# filled: %d passages in %.1f s, %.0f passages/s, %d MB\n",
		*passages, spent.Seconds(), float64(*passages)/spent.Seconds(), size.Size()>>20)
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	for name, child := range map[string]func(string) error{
		"VRAAGBAAK_BENCH_MEMORY": memoryChild,
		"VRAAGBAAK_TEST_WRITER":  writeForever,
	} {
		if path := os.Getenv(name); path != "" {
			if err := child(path); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	code := m.Run()
	if made != "" {
		os.RemoveAll(made)
	}
	os.Exit(code)
}

func openBench(b *testing.B) *localstore.Store {
	b.Helper()
	path, err := fill()
	if err != nil {
		b.Fatal(err)
	}
	s, err := localstore.Open(b.Context(), path, localstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

var everything = retrieve.Selection{Scope: retrieve.NewScope("bench"), Limit: 100}

// report gives the percentiles of what each call took.
func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, p := range []int{50, 95, 99} {
		b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}

// timed calls f once per iteration with the questions of a fixed seed.
func timed(b *testing.B, s *localstore.Store, f func(embed.Vector, retrieve.Terms) error) {
	m := newMaker(2)
	var took []time.Duration
	if err := f(m.vector(), m.terms(10)); err != nil { // loads the index
		b.Fatal(err)
	}
	b.ResetTimer()
	var cpu time.Duration
	for range b.N {
		v, q := m.vector(), m.terms(10)
		began, spent := time.Now(), processTime(b)
		if err := f(v, q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		cpu += processTime(b) - spent
	}
	report(b, took)
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// processTime is what all cores together have spent on this process: unlike the
// percentiles it says something on a machine that is busy with other things.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkNearest(b *testing.B) {
	s := openBench(b)
	timed(b, s, func(v embed.Vector, _ retrieve.Terms) error {
		_, err := s.Nearest(b.Context(), v, everything)
		return err
	})
}

func BenchmarkMatch(b *testing.B) {
	s := openBench(b)
	timed(b, s, func(_ embed.Vector, q retrieve.Terms) error {
		_, err := s.Match(b.Context(), q, everything)
		return err
	})
}

// BenchmarkHybrid does what a hybrid search asks of a store: both lists, one
// after the other.
func BenchmarkHybrid(b *testing.B) {
	s := openBench(b)
	timed(b, s, func(v embed.Vector, q retrieve.Terms) error {
		if _, err := s.Nearest(b.Context(), v, everything); err != nil {
			return err
		}
		_, err := s.Match(b.Context(), q, everything)
		return err
	})
}

// BenchmarkHybridWhileWriting replaces a document before each search, so that
// every search catches up.
func BenchmarkHybridWhileWriting(b *testing.B) {
	s := openBench(b)
	other := openBench(b)
	m, n := newMaker(3), 0
	var took []time.Duration
	if _, err := s.Nearest(b.Context(), m.vector(), everything); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		n++
		doc, recs := m.document(n%(*passages/10), 10)
		if err := other.Replace(b.Context(), doc, recs); err != nil {
			b.Fatal(err)
		}
		v, q := m.vector(), m.terms(10)
		began := time.Now()
		if _, err := s.Nearest(b.Context(), v, everything); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Match(b.Context(), q, everything); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	report(b, took)
}

// BenchmarkFirstSearch opens the index and searches it: what a restart costs.
func BenchmarkFirstSearch(b *testing.B) {
	openBench(b)
	path, _ := fill()
	m := newMaker(4)
	for b.Loop() {
		s, err := localstore.Open(b.Context(), path, localstore.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Nearest(b.Context(), m.vector(), everything); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory measures a process of its own that opens the index and
// searches it.
func BenchmarkMemory(b *testing.B) {
	path, err := fill()
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		cmd := exec.CommandContext(b.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "VRAAGBAAK_BENCH_MEMORY="+path)
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		for s := bufio.NewScanner(strings.NewReader(string(out))); s.Scan(); {
			name, value, _ := strings.Cut(s.Text(), " ")
			x, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatalf("%q: %v", s.Text(), err)
			}
			b.ReportMetric(x, name)
		}
	}
}

// memoryChild prints its own memory in MB after two hundred searches.
func memoryChild(path string) error {
	ctx := context.Background()
	s, err := localstore.Open(ctx, path, localstore.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	m := newMaker(5)
	for range 200 {
		if _, err := s.Nearest(ctx, m.vector(), everything); err != nil {
			return err
		}
		if _, err := s.Match(ctx, m.terms(10), everything); err != nil {
			return err
		}
	}
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	fmt.Println("heap-MB", ms.HeapAlloc>>20)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		switch f[0] {
		case "VmRSS:", "VmHWM:":
			kb, err := strconv.Atoi(f[1])
			if err != nil {
				return err
			}
			fmt.Println(map[string]string{"VmRSS:": "rss-MB", "VmHWM:": "peak-rss-MB"}[f[0]], kb>>10)
		}
	}
	return nil
}
