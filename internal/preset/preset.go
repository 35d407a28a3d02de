// Package preset writes the configuration that an organisation begins with: a
// commented vraagbaak.yaml for a kind of source. It asks nobody anything and
// requests nothing; the init command does the asking.
package preset

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

// Answers are what a preset needs to know. Which of them are required depends
// on the preset, see Preset.Argument.
type Answers struct {
	Command string // that makes the same file again, for its first line

	// Argument is what the preset is about: the URL of a website, the folder of
	// an archive as it will stand in the file, dossiers separated by commas.
	Argument string

	Name       string // of the organisation, such as "gemeente Waterrijk"
	Phone      string // where a person can be reached
	ContactURL string // page that leads to a person
	Contact    string // e-mail address or URL for the User-Agent
}

// Preset is one kind of beginning.
type Preset struct {
	Name     string
	Summary  string // one line, in English
	Vraag    string // how the argument is asked for, in Dutch; "" if there is none
	Argument string // what the argument is called in usage lines
	Remote   bool   // servers are asked, so whoever runs them must be able to reach us

	prepare func(*Answers) (any, error)
}

// All presets, in the order in which they are offered.
func All() []Preset {
	return []Preset{
		{"gemeente", "the website of a municipality, or any website", "Wat is het adres van de website? Kopieer het uit de adresbalk", "URL", true, website},
		{"kamerstukken", "parliamentary papers of one or more dossiers, with their letters and answers",
			"Welke dossiers? Geef nummers met komma's ertussen, zoals 36600-VII, 35842", "DOSSIER[,DOSSIER...]", true, dossiers},
		{"rijksoverheid", "questions and answers of rijksoverheid.nl", "", "", true, nothing},
		{"archief", "a folder with documents", "In welke map staan de documenten?", "DIR", false, folder},
	}
}

// ErrAnswer marks an answer that a preset cannot use. The message says which,
// and what to give.
var ErrAnswer = errors.New("cannot be used")

// Find returns the preset of that name.
func Find(name string) (Preset, error) {
	var names []string
	for _, p := range All() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("preset %q %w: choose one of %s", name, ErrAnswer, strings.Join(names, ", "))
}

// Render gives the configuration file.
func (p Preset) Render(a Answers) ([]byte, error) {
	source, err := p.prepare(&a)
	if err != nil {
		return nil, err
	}
	// A line break in an answer would end the comment it stands in.
	a.Command = strings.Join(strings.Fields(a.Command), " ")
	t, err := template.New("").Funcs(template.FuncMap{"quote": quote, "list": list}).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, p.Name+".yaml.tmpl", map[string]any{"A": a, "S": source}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// quote writes a string as YAML reads it in double quotes, of which JSON is a
// part.
func quote(s string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func list(ss []string) (string, error) {
	out := make([]string, len(ss))
	for i, s := range ss {
		q, err := quote(s)
		if err != nil {
			return "", err
		}
		out[i] = q
	}
	return "[" + strings.Join(out, ", ") + "]", nil
}

// site is what the template of a website needs.
type site struct{ Start, Allow []string }

func website(a *Answers) (any, error) {
	raw := strings.TrimSpace(a.Argument)
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil {
		return nil, fmt.Errorf("URL %q %w: give the address of a website, such as https://www.waterrijk.example", a.Argument, ErrAnswer)
	}
	u.RawQuery, u.Fragment, u.Host = "", "", strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	dir := *u
	if dir.Path = path.Dir(u.Path + "x"); dir.Path != "/" {
		dir.Path += "/"
	}
	return site{Start: []string{u.String()}, Allow: []string{dir.String()}}, nil
}

func dossiers(a *Answers) (any, error) {
	var out []string
	for d := range strings.SplitSeq(a.Argument, ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		if strings.Trim(d, "0123456789") == d {
			return nil, fmt.Errorf("dossier %q %w: give its number, such as 36600-VII", d, ErrAnswer)
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("dossier \"\" %w: give at least one number, such as 36600-VII", ErrAnswer)
	}
	return slices.Compact(out), nil
}

func folder(a *Answers) (any, error) {
	if strings.TrimSpace(a.Argument) == "" {
		return nil, fmt.Errorf("folder \"\" %w: name the folder with the documents", ErrAnswer)
	}
	return a.Argument, nil
}

func nothing(*Answers) (any, error) { return nil, nil }
