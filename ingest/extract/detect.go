package extract

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// detect chooses the parser: magic bytes and root element first, then content
// type and extension.
func detect(in Input) (parser, error) {
	if p, err := detectBinary(in); p != nil || err != nil {
		return p, err
	}
	return detectText(in)
}

// detectBinary recognises formats by their first bytes; nil, nil when the
// content is text.
func detectBinary(in Input) (parser, error) {
	data, ext, mt := in.Data, in.ext(), in.mediaType()
	for _, m := range magics {
		if bytes.HasPrefix(data, []byte(m.prefix)) {
			return nil, in.fail(ErrUnsupported, "%s", m.advice)
		}
	}
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return extractPDF, nil
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return detectZip(in)
	case isRTF(data):
		return extractRTF, nil
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		if officeExtensions[ext] {
			return nil, in.fail(ErrUnreadable, "it is protected by a password; save it without one")
		}
		if ext == ".msg" {
			return nil, in.fail(ErrUnsupported, "a message of Outlook; save it as .eml")
		}
		return nil, in.fail(ErrUnsupported, "an old Office file; save it as .docx, .xlsx, .pptx, OpenDocument or PDF")
	case !binary(data):
		if ext == ".pdf" && bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) {
			return extractPDF, nil
		}
		return nil, nil
	case ext == ".pdf" || mt == "application/pdf" || bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return extractPDF, nil
	case officeExtensions[ext]:
		return nil, in.fail(ErrUnreadable, "not a %s file inside; save it again from its program", ext)
	case ext == ".html" || ext == ".htm" || ext == ".xhtml" || strings.HasSuffix(mt, "html"):
		return extractHTML, nil // pages with stray control bytes are common
	}
	return nil, in.fail(ErrUnsupported, "its content is binary, not text; convert it to PDF, ODT, DOCX or text")
}

// officeExtensions are those of archives with one document.
var officeExtensions = map[string]bool{".docx": true, ".odt": true, ".xlsx": true, ".ods": true, ".pptx": true, ".odp": true}

// magics are formats that are recognised only to say so.
var magics = []struct{ prefix, advice string }{
	{"\xff\xd8\xff", "a JPEG image; give its text as a document, or a PDF with a text layer"},
	{"\x89PNG\r\n", "a PNG image; give its text as a document, or a PDF with a text layer"},
	{"GIF8", "a GIF image; give its text as a document, or a PDF with a text layer"},
	{"II*\x00", "a TIFF image; give its text as a document, or a PDF with a text layer"},
	{"MM\x00*", "a TIFF image; give its text as a document, or a PDF with a text layer"},
	{"\x1f\x8b", "a gzip archive; unpack it first"},
	{"7z\xbc\xaf'\x1c", "a 7-Zip archive; unpack it first"},
	{"Rar!", "a RAR archive; unpack it first"},
	{"\x7fELF", "a program, not a document"},
	{"SQLite format 3\x00", "a database, not a document"},
}

// detectZip decides among the formats that are archives.
func detectZip(in Input) (parser, error) {
	if p, err := detectNamedZip(in); p != nil || err != nil {
		return p, err
	}
	return extractZIP, nil
}

// detectNamedZip looks for the parts that name the format of one document; nil,
// nil for an archive of files. The directory of the archive stands at its end, and
// a part's name in front of each part.
func detectNamedZip(in Input) (parser, error) {
	has := func(s string) bool { return bytes.Contains(in.Data, []byte(s)) }
	ext := in.ext()
	head := in.Data[:min(len(in.Data), 256)]
	switch {
	case bytes.Contains(head, []byte("mimetypeapplication/vnd.oasis.opendocument.")), ext == ".odt", ext == ".ods", ext == ".odp":
		return extractODT, nil
	case ext == ".zip":
		return nil, nil
	case has("word/document.xml"), ext == ".docx":
		return extractDOCX, nil
	case has("ppt/presentation.xml"), ext == ".pptx":
		return extractPPTX, nil
	case has("xl/workbook.xml"), ext == ".xlsx":
		return extractXLSX, nil
	case has("xl/workbook.bin"):
		return nil, in.fail(ErrUnsupported, "a binary workbook (.xlsb); save it as .xlsx")
	}
	return nil, nil
}

// detectText decides among the formats that are text.
func detectText(in Input) (parser, error) {
	ext, mt := in.ext(), in.mediaType()
	text := sniffable(in.Data)
	root, xmlDecl := rootElement(text)
	isMarkdown := ext == ".md" || ext == ".markdown" || mt == "text/markdown"
	switch {
	case root == "html" || strings.HasPrefix(strings.ToLower(text[:min(len(text), 14)]), "<!doctype html"):
		return extractHTML, nil
	case root == "svg":
		return nil, in.fail(ErrUnsupported, "an SVG image; give its text as a document")
	case xmlDecl && root != "":
		return extractKOOP, nil
	case isMarkdown:
		return extractMarkdown, nil
	case ext == ".html" || ext == ".htm" || ext == ".xhtml" || mt == "text/html" || mt == "application/xhtml+xml":
		return extractHTML, nil
	case ext == ".xml" || strings.HasSuffix(mt, "/xml") || strings.HasSuffix(mt, "+xml"):
		return extractKOOP, nil
	case ext == ".eml" || mt == "message/rfc822" || ext != ".txt" && isMail(text):
		return extractMail, nil
	case ext == ".csv" || ext == ".tsv" || mt == "text/csv" || mt == "text/tab-separated-values":
		return extractCSV, nil
	case ext == ".json" || strings.HasSuffix(mt, "json"):
		return extractJSON, nil
	case htmlElements[root]:
		return extractHTML, nil
	}
	if unsupportedText[ext] {
		return nil, in.fail(ErrUnsupported, "files of kind %s are not read; convert it to text, HTML or PDF", ext)
	}
	return extractText, nil
}

// unsupportedText are text formats whose text is not for readers.
var unsupportedText = map[string]bool{
	".css": true, ".js": true, ".mjs": true, ".eps": true, ".ps": true, ".ics": true, ".vcf": true,
}

// htmlElements start a fragment of HTML.
var htmlElements = map[string]bool{
	"head": true, "body": true, "main": true, "article": true, "section": true, "div": true, "p": true,
	"h1": true, "h2": true, "h3": true, "ul": true, "ol": true, "table": true, "span": true, "meta": true, "title": true,
}

// sniffable is the beginning of the data as text, without byte order mark and
// leading space; UTF-16 is decoded.
func sniffable(data []byte) string {
	s := decodeText(data[:min(len(data), 8192)])
	return strings.TrimSpace(s)
}

// rootElement is the local name of the first element in lower case, and
// whether an XML declaration stands before it; "" if the text does not begin
// as markup.
func rootElement(text string) (name string, declared bool) {
	if !strings.HasPrefix(text, "<") {
		return "", false
	}
	declared = strings.HasPrefix(text, "<?xml")
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for range 50 {
		t, err := d.RawToken()
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) && declared {
				return "unknown", true
			}
			return "", declared
		}
		if e, ok := t.(xml.StartElement); ok {
			return strings.ToLower(e.Name.Local), declared
		}
	}
	return "", declared
}
