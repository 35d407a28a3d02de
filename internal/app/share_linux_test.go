package app

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/config"
)

// BenchmarkIngestShare measures which share of the processor time of an ingest goes
// to anything but the embedding model: reading, parsing, splitting and writing.
// Folders of real documents, the real model, no vector known beforehand. Linux
// only. Run it with
//
//	go test -run '^$' -bench IngestShare -benchtime 1x ./internal/app
func BenchmarkIngestShare(b *testing.B) {
	data, err := filepath.Abs("../../../shared/data")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		b.Skip("the real documents are not there")
	}
	for _, kind := range []string{"web/gemeente", "koop/bwb", "koop/handelingen/repaired", "documents/kamervragen-pdf", "documents/policy-pdf"} {
		b.Run(strings.ReplaceAll(kind, "/", "-"), func(b *testing.B) {
			cfg := &config.Config{DataDir: b.TempDir(), Sources: []config.Source{{Name: "a", Kind: "folder", Collection: "a", Path: filepath.Join(data, kind), OCR: "off"}}}
			cfg.Models.Embedder.Kind, cfg.Store.Kind, cfg.Answer.Mode = "local", "local", "extract"
			log := slog.New(slog.DiscardHandler)
			a, err := Open(context.Background(), cfg, log)
			if err != nil {
				b.Skip("the embedding model is not pulled: ", err)
			}
			defer a.Close()
			a.Embedder = a.asker // without the vectors of earlier runs
			for b.Loop() {
				before := spent(b)
				r, err := a.Ingest(context.Background(), IngestOptions{})
				if err != nil {
					b.Fatal(err)
				}
				other, model := spent(b)-before, modelTime(b)
				b.ReportMetric(100*float64(other)/float64(other+model), "%other")
				b.ReportMetric(float64(r.Passages), "passages")
				b.ReportMetric(model.Seconds(), "s-model")
			}
		})
	}
}

// spent is the processor time of this process and of the children that have ended.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Skip("the system does not tell processor times: ", err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

// modelTime is the processor time of the child that runs the model (proc(5)).
func modelTime(b *testing.B) time.Duration {
	b.Helper()
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		env, err := os.ReadFile(d + "/environ")
		if err != nil || !bytes.Contains(env, []byte("VRAAGBAAK_LLAMA_CHILD=serve")) {
			continue
		}
		stat, err := os.ReadFile(d + "/stat")
		if err != nil {
			continue
		}
		f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if parent, _ := strconv.Atoi(f[1]); parent != os.Getpid() {
			continue
		}
		user, _ := strconv.Atoi(f[11])
		system, _ := strconv.Atoi(f[12])
		return time.Duration(user+system) * 10 * time.Millisecond
	}
	b.Skip("the process of the model was not found")
	return 0
}
