package extract

import (
	"bytes"
	"context"
	"net/mail"
	"path"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// maxAttachments is how many files of one message are read.
const maxAttachments = 200

// extractMail reads a message (RFC 5322, MIME): who wrote what to whom, and the
// files that came with it, each below a heading with its name. What is quoted of
// an earlier message keeps its marks.
func extractMail(ctx context.Context, in Input) (*ingest.Document, error) {
	parser := enmime.NewParser(enmime.MaxStoredPartErrors(1), enmime.DisableCharacterDetection(false))
	env, err := parser.ReadEnvelope(&contextReader{ctx, bytes.NewReader(in.Data)})
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, in.fail(ErrUnreadable, "no message: %s; export it again as .eml", oneLine(err.Error()))
	}
	b := newBuilder(ctx, in)
	subject := oneLine(normalise(env.GetHeader("Subject")))
	b.heading(1, part{Text: subject})
	for _, h := range []struct{ key, label string }{{"From", "Van"}, {"To", "Aan"}, {"Cc", "Cc"}, {"Date", "Datum"}} {
		if v := oneLine(normalise(env.GetHeader(h.key))); v != "" {
			b.add(part{Kind: ingest.Row, Text: h.label + ": " + v})
		}
	}
	if text := strings.TrimSpace(env.Text); text != "" {
		for para := range blankLines(lineEnds.Replace(text) + "\n") {
			b.add(part{Text: para})
		}
	} else if env.HTML != "" {
		if doc, err := b.inside("bericht.html", []byte(env.HTML)); err == nil {
			for _, x := range doc.Blocks {
				b.add(part{Kind: x.Kind, Text: doc.Text[x.Start:x.End], Context: x.Context, Own: true})
			}
		}
	}
	read, unread := attachments(b, env)
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	doc.Title = subject
	for key, value := range map[string]string{"from": env.GetHeader("From"), "to": env.GetHeader("To"), "message_id": strings.Trim(env.GetHeader("Message-Id"), "<> "),
		"attachments": listed(read), "unread_attachments": listed(unread)} {
		if value = oneLine(normalise(value)); value != "" {
			doc.Meta[key] = value
		}
	}
	if at, err := mail.ParseDate(env.GetHeader("Date")); err == nil {
		doc.Published = at.UTC()
	}
	return doc, nil
}

// attachments reads the files of a message; pictures within its text are none.
func attachments(b *builder, env *enmime.Envelope) (read, unread []string) {
	parts := append(append([]*enmime.Part{}, env.Attachments...), env.OtherParts...)
	for i, p := range parts {
		name := path.Base(strings.ReplaceAll(oneLine(normalise(p.FileName)), `\`, "/"))
		if name == "." || name == "/" || name == "" {
			if name = "bijlage"; p.ContentType == "message/rfc822" {
				name = "bericht.eml"
			}
		}
		if strings.HasPrefix(p.ContentType, "image/") && p.ContentID != "" {
			continue
		}
		if i >= maxAttachments || !b.ok() {
			unread = append(unread, name)
			continue
		}
		doc, err := b.inside(name, p.Content)
		if err != nil {
			unread = append(unread, name)
			continue
		}
		read = append(read, name)
		b.append(name, doc)
	}
	return read, unread
}

// isMail recognises a message by its first lines: fields, the usual ones among
// them.
func isMail(text string) bool {
	known := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " \t") {
			return false
		}
		switch strings.ToLower(name) {
		case "from", "to", "date", "subject", "message-id", "received", "mime-version", "return-path", "content-type":
			known++
		}
	}
	return known >= 3
}
