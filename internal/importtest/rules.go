package importtest

import (
	"fmt"
	"slices"
	"strings"
)

// left says, for each core package, which ones stand to its left in the design:
// the packages of this module that it may import.
var left = map[string][]string{
	"ingest":   {},
	"chunk":    {"ingest"},
	"embed":    {},
	"retrieve": {"ingest", "chunk", "embed"},
	"answer":   {"ingest", "chunk", "embed", "retrieve"},
	"eval":     {"ingest", "chunk", "embed", "retrieve", "answer"},
}

// parts are the internal packages that the design places between the core and
// internal/app, with what they may import of this module. Other packages below
// internal are tools: they may import core packages and other tools.
var parts = map[string][]string{
	// retrieve/dutch is the lexical analysis that the design counts with retrieve;
	// it has a folder of its own because its stemmer is third-party code.
	"internal/index":  {"ingest", "chunk", "embed", "retrieve", "retrieve/dutch"},
	"internal/auth":   {"ingest", "chunk", "embed", "retrieve"},
	"internal/server": {"ingest", "chunk", "embed", "retrieve", "answer", "internal/auth", "internal/audit", "internal/metrics", "internal/widget"},
}

// above are the internal packages that leaves and tools never import.
var above = []string{"internal/app", "internal/audit", "internal/auth", "internal/config", "internal/index", "internal/server", "internal/widget"}

// only says who may import a package: packages at or below these folders.
var only = map[string][]string{
	"internal/app":   {"cmd"},
	"internal/llama": {"answer/local", "embed/local", "internal/app", "cmd"},
	// The runtime of the models: an abort in it stays in the child process.
	"github.com/ebitengine/purego": {"internal/llama"},
	"github.com/hybridgroup/yzma":  {"internal/llama"},
	"github.com/jupiterrider/ffi":  {"internal/llama"},
	// langchaingo is a way to reach servers, never the architecture.
	"github.com/tmc/langchaingo": {"answer/langchain", "embed/remote"},
}

// banned are names that say nothing about what a package owns.
var banned = []string{"base", "common", "helper", "helpers", "model", "type", "types", "util", "utils"}

// required has to be there: a rule about a folder that was renamed holds nothing.
var required = []string{"ingest", "chunk", "embed", "retrieve", "answer", "eval", "cmd", "internal"}

// Check returns what breaks the rules of the design among the packages of
// module, one line each, in order. That no package is found where rules expect
// some breaks them too.
func Check(module string, packages []Package) []string {
	var out []string
	for _, dir := range required {
		if !slices.ContainsFunc(packages, func(p Package) bool { return within(p.Dir, dir) }) {
			out = append(out, fmt.Sprintf("no package found at or below %s: was it renamed? then rename it in the rules", dir))
		}
	}
	for _, p := range packages {
		if slices.Contains(banned, p.Name) || slices.Contains(banned, last(p.Dir)) {
			out = append(out, fmt.Sprintf("%s: package %s: its name does not say what it owns", p.Dir, p.Name))
		}
		place := placeOf(p.Dir)
		if place == "" {
			out = append(out, fmt.Sprintf("%s: not a place in the design's layout", p.Dir))
			continue
		}
		for _, i := range p.Imports {
			if why := forbidden(module, p.Dir, place, i.Path); why != "" {
				out = append(out, fmt.Sprintf("%s: %s imports %s: %s", i.At, p.Dir, i.Path, why))
			}
		}
	}
	return out
}

// placeOf is what kind of place a folder is in the layout, or "" for none.
func placeOf(dir string) string {
	first, rest, _ := strings.Cut(dir, "/")
	_, core := left[first]
	switch {
	case core && rest == "":
		return "core"
	case core:
		return "leaf"
	case first == "cmd":
		return "cmd"
	case first == "internal" && unitOf(dir) == "internal/app":
		return "app"
	case first == "internal" && parts[unitOf(dir)] != nil:
		return "part"
	case first == "internal" && rest != "":
		return "tool"
	}
	return ""
}

// unitOf is the leaf or internal package that a folder belongs to: packages
// below it are its own affair.
func unitOf(dir string) string {
	f := strings.SplitN(dir, "/", 3)
	return strings.Join(f[:min(2, len(f))], "/")
}

// forbidden is why a package may not import another, or "".
func forbidden(module, dir, place, imported string) string {
	for _, target := range sortedKeys(only) {
		if !within(imported, target) && !within(imported, module+"/"+target) || within(dir, target) {
			continue
		}
		if !slices.ContainsFunc(only[target], func(ok string) bool { return within(dir, ok) }) {
			return "only " + strings.Join(only[target], ", ") + " may"
		}
	}
	to, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		if place == "core" && thirdParty(imported) {
			return "a core package imports no third-party code"
		}
		return ""
	}
	if unitOf(to) == unitOf(dir) && place != "core" {
		return ""
	}
	if within(to, "cmd") {
		return "nothing imports a command"
	}
	switch place {
	case "core":
		return outside(to, left[dir], "it does not stand to its left")
	case "leaf":
		return leafMay(dir, to)
	case "part":
		if isTool(to) && !slices.Contains(parts[unitOf(dir)], to) {
			return ""
		}
		return outside(to, parts[unitOf(dir)], "the design does not place it to its left")
	case "tool":
		if placeOf(to) == "core" || isTool(to) && !slices.Contains(above, unitOf(to)) {
			return ""
		}
		return "an internal tool imports only core packages and other tools"
	}
	return ""
}

func leafMay(dir, to string) string {
	core, _, _ := strings.Cut(dir, "/")
	switch {
	case placeOf(to) == "leaf":
		return "leaves never import each other"
	case placeOf(to) == "core":
		return outside(to, append(slices.Clone(left[core]), core), "it does not stand to its left")
	case slices.Contains(above, unitOf(to)):
		return "it stands above the leaves"
	}
	return ""
}

func outside(to string, allowed []string, why string) string {
	if slices.Contains(allowed, to) {
		return ""
	}
	return why
}

func isTool(dir string) bool { return placeOf(dir) == "tool" && !slices.Contains(above, unitOf(dir)) }

// within reports whether p is dir or below it.
func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// thirdParty reports whether an import path is outside the standard library,
// whose paths have no dot in their first part.
func thirdParty(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".") || first == "C"
}

func last(dir string) string { return dir[strings.LastIndexByte(dir, '/')+1:] }

func sortedKeys(m map[string][]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
