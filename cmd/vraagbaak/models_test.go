package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/models"
)

// runModels runs "vraagbaak models args..." with an empty cache.
func runModels(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	t.Setenv("VRAAGBAAK_HOME", t.TempDir())
	var out, progress bytes.Buffer
	cmd := newModelsCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&progress)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.ExecuteContext(context.Background())
	return out.String(), err
}

func TestModelsList(t *testing.T) {
	out, err := runModels(t, "list", "--json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, "null") {
		t.Error("a list is null")
	}
	var rows []modelRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		t.Fatal(err)
	}
	table, err := runModels(t, "list")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, r := range rows {
		found[r.Name] = true
		if r.Origin == "" || r.License == "" || r.Pulled || len(r.Sources) == 0 {
			t.Errorf("row %+v", r)
		}
		for _, want := range []string{r.Name, r.Origin, r.License, strings.Join(r.Languages, ",")} {
			if !strings.Contains(table, want) {
				t.Errorf("the table does not show %q", want)
			}
		}
	}
	for _, name := range []string{models.DefaultEmbedder, models.DefaultGenerator} {
		if !found[name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

func TestModelsErrors(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"pull", "multilingual-e5-smal"}, `did you mean "multilingual-e5-small"?`},
		{[]string{"pull", "--to", "a", "--from", "b"}, "none of the others can be"},
		{[]string{"pull", "--from", t.TempDir(), models.DefaultEmbedder}, "1 source(s) tried"},
		{[]string{"verify"}, "there is nothing to verify"},
		{[]string{"verify", models.DefaultEmbedder}, "not pulled"},
		{[]string{"list", "extra"}, "extra"},
	}
	for _, tt := range tests {
		out, err := runModels(t, tt.args...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want %q in it", tt.args, err, tt.want)
		}
		if out != "" {
			t.Errorf("%v: printed %q", tt.args, out)
		}
	}
	if _, err := runModels(t, "pull", "x"); !errors.Is(err, models.ErrUnknown) {
		t.Errorf("an unknown name: %v, want ErrUnknown", err)
	}
}
