package importtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRulesOfTheDesign(t *testing.T) {
	packages, err := Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 12 {
		t.Errorf("only %d packages found", len(packages))
	}
	for _, broken := range Check(moduleName(t), packages) {
		t.Error(broken)
	}
}

func moduleName(t *testing.T) string {
	t.Helper()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	name, ok := strings.CutPrefix(first, "module ")
	if !ok {
		t.Fatalf("go.mod starts with %q", first)
	}
	return name
}

// whole is the smallest module that keeps the rules.
func whole() map[string]string {
	return map[string]string{
		"ingest/a.go":         `package ingest; import "time"`,
		"chunk/a.go":          `package chunk; import "m.org/m/ingest"`,
		"embed/a.go":          `package embed`,
		"retrieve/a.go":       `package retrieve; import ("m.org/m/chunk"; "m.org/m/embed"; "m.org/m/ingest")`,
		"answer/a.go":         `package answer; import "m.org/m/retrieve"`,
		"eval/a.go":           `package eval; import "m.org/m/answer"`,
		"cmd/m/main.go":       `package main; import "m.org/m/internal/app"`,
		"internal/app/a.go":   `package app; import ("m.org/m/internal/server"; "m.org/m/ingest/crawl"; "m.org/m/embed/local")`,
		"internal/llama/a.go": `package llama; import "github.com/ebitengine/purego"`,
	}
}

func check(t *testing.T, files map[string]string) []string {
	t.Helper()
	root := fstest.MapFS{}
	for name, src := range files {
		root[name] = &fstest.MapFile{Data: []byte(src)}
	}
	packages, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return Check("m.org/m", packages)
}

func TestWhatIsAllowed(t *testing.T) {
	files := whole()
	for name, src := range map[string]string{
		"ingest/a_test.go":             `package ingest_test; import ("m.org/m/eval"; "github.com/google/go-cmp/cmp")`,
		"ingest/crawl/a.go":            `package crawl; import ("m.org/m/ingest"; "m.org/m/internal/clock"; "golang.org/x/net/html")`,
		"ingest/extract/a.go":          `package extract; import "m.org/m/ingest/extract/pdf"`,
		"ingest/extract/pdf/a.go":      `package pdf; import "m.org/m/ingest/extract"`,
		"embed/local/a.go":             `package local; import ("m.org/m/embed"; "m.org/m/internal/llama")`,
		"answer/langchain/a.go":        `package langchain; import ("m.org/m/answer"; "m.org/m/retrieve"; "github.com/tmc/langchaingo/llms")`,
		"internal/clock/a.go":          `package clock; import ("time"; "github.com/x/y")`,
		"internal/index/a.go":          `package index; import ("m.org/m/ingest"; "m.org/m/retrieve"; "m.org/m/internal/clock")`,
		"internal/server/a.go":         `package server; import ("m.org/m/answer"; "m.org/m/internal/auth"; "m.org/m/internal/widget")`,
		"internal/app/testdata/bad.go": `package util; import "m.org/m/cmd/m"`,
		"_attic/a.go":                  `package util`,
	} {
		files[name] = src
	}
	if got := check(t, files); len(got) != 0 {
		t.Errorf("the rules forbid what the design allows:\n%s", strings.Join(got, "\n"))
	}
}

func TestWhatIsForbidden(t *testing.T) {
	for _, c := range []struct{ file, src, want string }{
		{"ingest/b.go", `package ingest; import "golang.org/x/net/html"`, "ingest/b.go:1: ingest imports golang.org/x/net/html: a core package imports no third-party code"},
		{"ingest/b_windows.go", `package ingest; import "golang.org/x/sys/windows"`, "no third-party code"},
		{"ingest/b.go", "//go:build never\npackage ingest\nimport \"golang.org/x/net/html\"", "ingest/b.go:3: "},
		{"ingest/b.go", `package ingest; import "C"`, "no third-party code"},
		{"ingest/b.go", `package ingest; import "m.org/m/chunk"`, "it does not stand to its left"},
		{"embed/b.go", `package embed; import "m.org/m/ingest"`, "it does not stand to its left"},
		{"retrieve/b.go", `package retrieve; import "m.org/m/answer"`, "it does not stand to its left"},
		{"retrieve/b.go", `package retrieve; import "m.org/m/retrieve/memstore"`, "it does not stand to its left"},
		{"answer/b.go", `package answer; import "m.org/m/internal/endpoint"`, "it does not stand to its left"},
		{"ingest/crawl/b.go", `package crawl; import "m.org/m/ingest/extract"`, "leaves never import each other"},
		{"answer/local/b.go", `package local; import "m.org/m/embed/local"`, "leaves never import each other"},
		{"ingest/crawl/b.go", `package crawl; import "m.org/m/retrieve"`, "it does not stand to its left"},
		{"ingest/crawl/b.go", `package crawl; import "m.org/m/internal/config"`, "it stands above the leaves"},
		{"ingest/crawl/b.go", `package crawl; import "m.org/m/internal/app"`, "only cmd may"},
		{"internal/server/b.go", `package server; import "m.org/m/internal/app"`, "only cmd may"},
		{"internal/server/b.go", `package server; import "m.org/m/retrieve/localstore"`, "does not place it to its left"},
		{"internal/server/b.go", `package server; import "m.org/m/internal/index"`, "does not place it to its left"},
		{"internal/index/b.go", `package index; import "m.org/m/answer"`, "does not place it to its left"},
		{"internal/clock/b.go", `package clock; import "m.org/m/ingest/crawl"`, "an internal tool imports only"},
		{"internal/clock/b.go", `package clock; import "m.org/m/internal/server"`, "an internal tool imports only"},
		{"internal/app/b.go", `package app; import "m.org/m/cmd/m"`, "nothing imports a command"},
		{"retrieve/qdrantstore/b.go", `package qdrantstore; import "m.org/m/internal/llama"`, "only answer/local, embed/local, internal/app, cmd may"},
		{"embed/local/b.go", `package local; import "github.com/ebitengine/purego"`, "only internal/llama may"},
		{"cmd/m/b.go", `package main; import "github.com/hybridgroup/yzma/pkg/llama"`, "only internal/llama may"},
		{"internal/app/b.go", `package app; import "github.com/tmc/langchaingo/llms/openai"`, "only answer/langchain, embed/remote may"},
		{"internal/util/b.go", `package util`, "its name does not say what it owns"},
		{"ingest/types/b.go", `package kinds`, "its name does not say what it owns"},
		{"ingest/kinds/b.go", `package types`, "its name does not say what it owns"},
		{"pkg/b.go", `package pkg`, "not a place in the design's layout"},
		{"b.go", `package m`, "not a place in the design's layout"},
	} {
		files := whole()
		files[c.file] = c.src
		got := check(t, files)
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: %s\ngot  %q\nwant %q", c.file, c.src, got, c.want)
		}
	}
}

func TestThatNothingIsFoundIsNoticed(t *testing.T) {
	if got := Check("m.org/m", nil); len(got) != len(required) {
		t.Errorf("without packages: %q", got)
	}
	for _, dir := range required {
		files := whole()
		for name := range files {
			if strings.HasPrefix(name, dir+"/") {
				delete(files, name)
			}
		}
		if got := check(t, files); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "no package found at or below "+dir+":") }) {
			t.Errorf("without %s: %q", dir, got)
		}
	}
	for target := range only {
		if !thirdParty(target) && placeOf(target) == "" {
			t.Errorf("the rule about %s is about no place in the layout", target)
		}
	}
}

func TestLoadReportsWhatItCannotRead(t *testing.T) {
	if _, err := Load(fstest.MapFS{"ingest/a.go": &fstest.MapFile{Data: []byte("no go")}}); err == nil || !strings.Contains(err.Error(), "ingest/a.go") {
		t.Error(err)
	}
}
