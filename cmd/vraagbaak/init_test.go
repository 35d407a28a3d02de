package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/config"
)

// A person who answers the questions gets what the flags would have given.
func TestInitAsks(t *testing.T) {
	dir := t.TempDir()
	asked, given := filepath.Join(dir, "asked.yaml"), filepath.Join(dir, "given.yaml")
	var out, errOut bytes.Buffer
	replies := "\n1\nhttps://www.waterrijk.example\ngemeente Waterrijk\n14 0123\n\nweb@waterrijk.example\n"
	if code := run([]string{"init", "--output", asked}, strings.NewReader(replies), &out, &errOut); code != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	for _, question := range []string{"Wat wilt u doorzoeken?", "Wat is het adres van de website?", "Hoe heet de organisatie?"} {
		if !strings.Contains(out.String(), question) {
			t.Errorf("not asked: %s\n%s", question, out.String())
		}
	}
	args := []string{"init", "gemeente", "https://www.waterrijk.example", "--name", "gemeente Waterrijk", "--phone", "14 0123",
		"--contact", "web@waterrijk.example", "--output", given}
	if code := run(args, strings.NewReader("\n"), &out, &errOut); code != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	if a, b := content(t, asked), content(t, given); a != b {
		t.Errorf("asked:\n%s\ngiven:\n%s", a, b)
	}
	if cfg, err := config.Load(asked); err != nil || cfg.Sources[0].Contact != "web@waterrijk.example" || cfg.Organisation.Phone != "14 0123" {
		t.Errorf("%+v %v", cfg, err)
	}
	// Somebody who walks away halfway gets nothing.
	half := filepath.Join(dir, "half.yaml")
	if code := run([]string{"init", "--output", half}, strings.NewReader("1\n"), &out, &errOut); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("half a configuration was written")
	}
}

func content(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
