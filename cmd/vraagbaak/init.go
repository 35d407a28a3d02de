package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/preset"
)

func newInitCommand() *cobra.Command {
	var a preset.Answers
	var output string
	var force bool
	long := `Write a commented vraagbaak.yaml to begin with. What is not given is asked for, in
Dutch, if standard input is a terminal. The presets:
`
	for _, p := range preset.All() {
		long += fmt.Sprintf("\n  %-36s %s", strings.TrimSpace(p.Name+" "+p.Argument), p.Summary)
	}
	cmd := &cobra.Command{
		Use:   "init [PRESET [ARGUMENT]]",
		Short: "Write a configuration to begin with",
		Long:  long,
		Example: `  vraagbaak init
  vraagbaak init gemeente https://www.waterrijk.example --name "gemeente Waterrijk" --contact web@waterrijk.example
  vraagbaak init kamerstukken 36600-VII,35842
  vraagbaak init archief documenten`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask := newAsker(cmd.InOrStdin(), cmd.OutOrStdout())
			p, err := choosePreset(ask, args)
			if err != nil {
				return usageError{err}
			}
			if len(args) > 1 {
				a.Argument = args[1]
			}
			if err := complete(ask, p, &a); err != nil {
				return usageError{err}
			}
			a.Command = commandLine(p, a)
			if p.Name == "archief" {
				if a.Argument, err = archive(a.Argument, output); err != nil {
					return usageError{err}
				}
			}
			if err := writeConfig(p, a, output, force); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), `wrote %s; look it over, and then:
  vraagbaak sources check --config %[1]s   # what would be read; requests no page
  vraagbaak models pull
  vraagbaak ingest --config %[1]s
  vraagbaak serve --config %[1]s
`, output)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.Name, "name", "", `of the organisation, such as "gemeente Waterrijk"`)
	f.StringVar(&a.Phone, "phone", "", "number where a person can be reached")
	f.StringVar(&a.ContactURL, "contact-url", "", "page that leads to a person")
	f.StringVar(&a.Contact, "contact", "", "e-mail address or URL for those who run the servers that are read")
	f.StringVar(&output, "output", "vraagbaak.yaml", "file to write")
	f.BoolVar(&force, "force", false, "replace the file if it is there")
	return cmd
}

func choosePreset(ask *asker, args []string) (preset.Preset, error) {
	if len(args) > 0 {
		return preset.Find(args[0])
	}
	all := preset.All()
	question := "Wat wilt u doorzoeken?\n"
	for i, p := range all {
		question += fmt.Sprintf("  %d  %s: %s\n", i+1, p.Name, p.Summary)
	}
	reply, err := ask.required(question+"Nummer of naam", "name a preset: vraagbaak init PRESET")
	if err != nil {
		return preset.Preset{}, err
	}
	if n, err := strconv.Atoi(reply); err == nil && n >= 1 && n <= len(all) {
		return all[n-1], nil
	}
	return preset.Find(reply)
}

// complete asks for what is missing. What can be left out is asked for only
// where a person answers.
func complete(ask *asker, p preset.Preset, a *preset.Answers) (err error) {
	switch {
	case p.Vraag == "" && a.Argument != "":
		return fmt.Errorf("the preset %s takes no argument, not %q", p.Name, a.Argument)
	case p.Vraag != "" && a.Argument == "":
		if a.Argument, err = ask.required(p.Vraag, fmt.Sprintf("usage: vraagbaak init %s %s", p.Name, p.Argument)); err != nil {
			return err
		}
	}
	for _, q := range []struct {
		answer   *string
		question string
		skip     bool
	}{
		{&a.Name, "Hoe heet de organisatie? (mag leeg blijven)", false},
		{&a.Phone, "Op welk nummer is een medewerker te bereiken? (mag leeg blijven)", false},
		{&a.ContactURL, "Op welke pagina staat hoe men u bereikt? (mag leeg blijven)", false},
		{&a.Contact, "Welk e-mailadres mogen beheerders van de bronnen zien? (mag leeg blijven)", !p.Remote},
	} {
		if *q.answer == "" && !q.skip {
			if *q.answer, err = ask.optional(q.question); err != nil {
				return err
			}
		}
	}
	return nil
}

// commandLine is how the same file is made again.
func commandLine(p preset.Preset, a preset.Answers) string {
	line := strings.TrimSpace("vraagbaak init " + p.Name + " " + shellWord(a.Argument))
	for _, f := range [][2]string{{"name", a.Name}, {"phone", a.Phone}, {"contact-url", a.ContactURL}, {"contact", a.Contact}} {
		if f[1] != "" {
			line += " --" + f[0] + " " + shellWord(f[1])
		}
	}
	return line
}

func shellWord(s string) string {
	if s != "" && strings.ContainsAny(s, " \t\"'$`\\&|;<>()*?#") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// archive is the folder as it stands in the configuration: paths there start at
// its own folder.
func archive(dir, output string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("folder %s: %w; make it or name another one", dir, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%s is a file; name the folder it is in", dir)
	}
	if filepath.IsAbs(dir) {
		return dir, nil
	}
	rel, err := filepath.Rel(filepath.Dir(output), dir)
	if err != nil {
		return filepath.Abs(dir)
	}
	return rel, nil
}

// writeConfig never replaces a file unasked, and never leaves one that cannot be
// loaded.
func writeConfig(p preset.Preset, a preset.Answers, output string, force bool) error {
	data, err := p.Render(a)
	if err != nil {
		return usageError{err}
	}
	if _, err := config.Parse(output, data); err != nil {
		return usageError{err}
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(output, mode, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s is there already; --force replaces it, --output names another file", output)}
	} else if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// asker asks on a terminal; elsewhere nobody answers.
type asker struct {
	in  *bufio.Reader // nil if nobody answers
	out io.Writer
}

func newAsker(in io.Reader, out io.Writer) *asker {
	if f, ok := in.(*os.File); ok && !isatty.IsTerminal(f.Fd()) {
		return &asker{}
	}
	return &asker{in: bufio.NewReader(in), out: out}
}

// required asks until there is an answer; without a person it is an error that
// says how to give it.
func (a *asker) required(question, otherwise string) (string, error) {
	for a.in != nil {
		reply, err := a.optional(question)
		if err != nil || reply != "" {
			return reply, err
		}
	}
	return "", errors.New(otherwise)
}

func (a *asker) optional(question string) (string, error) {
	if a.in == nil {
		return "", nil
	}
	fmt.Fprintf(a.out, "%s: ", question)
	line, err := a.in.ReadString('\n')
	if errors.Is(err, io.EOF) {
		if a.in = nil; strings.TrimSpace(line) == "" {
			return "", errors.New("the answers ended before the last question; nothing was written")
		}
		err = nil
	}
	return strings.TrimSpace(line), err
}
