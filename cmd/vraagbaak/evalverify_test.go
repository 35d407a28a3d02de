package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/eval"
)

func evalVerify(t *testing.T, lines string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pairs.jsonl")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := newEvalVerifyCommand()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs([]string{"--pairs", file, "--json"})
	err := cmd.Execute()
	return out.String(), err
}

func TestEvalVerify(t *testing.T) {
	out, err := evalVerify(t, `{"id":"a","sentence":"Een paspoort is 10 jaar geldig.","contexts":["Het paspoort is tien jaar geldig."],"label":"supported"}
{"id":"b","sentence":"Een paspoort is 5 jaar geldig.","contexts":["Afval.","Het paspoort is tien jaar geldig."],"label":"unsupported"}
`)
	if err != nil {
		t.Fatal(err)
	}
	var got eval.Support
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Pairs) != 2 || !got.Pairs[0].Supported || got.Pairs[1].Supported || got.F1 != 1 || got.AUC == nil || *got.AUC != 1 {
		t.Errorf("got %s", out)
	}
	if !strings.Contains(got.Pairs[1].Reason, "5 year") || got.Pairs[0].Reason != "" {
		t.Errorf("the reasons are %q and %q", got.Pairs[0].Reason, got.Pairs[1].Reason)
	}
}

func TestEvalVerifyNamesTheBadLine(t *testing.T) {
	_, err := evalVerify(t, `{"id":"a","sentence":"x","contexts":[],"label":"yes"}`)
	if err == nil || !strings.Contains(err.Error(), "pairs.jsonl:1:label:") {
		t.Errorf("got %v", err)
	}
}
