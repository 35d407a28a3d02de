package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// serveGovernment imitates the services of the government: the search of the
// official publications with two papers, and one question with its answer.
func serveGovernment(out http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch path := r.URL.Path; {
	case path == "/sru":
		search(out, r.Host, q.Get("query"), atoi(q.Get("startRecord")), atoi(q.Get("maximumRecords")))
	case strings.HasPrefix(path, "/frbr/") && strings.HasSuffix(path, ".xml"):
		fmt.Fprintf(out, `<?xml version="1.0" encoding="UTF-8"?><officiele-publicatie><metadata/><kamerstuk>
			<dossier><dossiernummer><dossiernr>99 001</dossiernr></dossiernummer><titel>De haven van Waterrijk</titel></dossier>
			<stuk><stuknr>Nr. <ondernummer kamer="2">1</ondernummer></stuknr><titel>BRIEF VAN DE MINISTER VAN WATER</titel>
			<algemeen><vrije-tekst><tekst status="goed"><al>De havenmeester van Waterrijk houdt toezicht op de steigers en de sluis.</al></tekst></vrije-tekst></algemeen></stuk></kamerstuk></officiele-publicatie>`)
	case strings.HasPrefix(path, "/frbr/") && strings.HasSuffix(path, ".html"):
		out.Header().Set("Content-Type", "text/html")
		io.WriteString(out, `<!doctype html><html lang="nl"><body><main><h1>Motie</h1><p>De Kamer verzoekt de regering de sluis bij Waterrijk te vernieuwen.</p></main></body></html>`)
	case path == "/v1/infotypes/faq" && q.Get("offset") == "0":
		fmt.Fprintf(out, `[%s}]`, faqPage(r.Host))
	case path == "/v1/infotypes/faq":
		io.WriteString(out, `[]`)
	case path == "/v1/infotypes/faq/11":
		fmt.Fprintf(out, `%s, "content": [{"paragraphtitle": "Vergunning", "paragraph": "<p>Aanleggen mag met een vergunning van de havenmeester.</p>"}]}`, faqPage(r.Host))
	default:
		http.NotFound(out, r)
	}
}

func faqPage(host string) string {
	return fmt.Sprintf(`{"id": "11", "type": "vraag en antwoord", "canonical": "https://www.rijksoverheid.nl/vraag/aanleggen", "dataurl": "http://%s/v1/infotypes/faq/11",
		"question": "Mag ik aanleggen in de haven?", "lastmodified": "2026-05-01T10:00:00.000Z", "introduction": "<p>Dat hangt af van uw boot.</p>"`, host)
}

func search(out http.ResponseWriter, host, query string, start, rows int) {
	if strings.Contains(query, "==99999") {
		io.WriteString(out, `<diagnostics><diagnostic><uri>info:srw/diagnostic/1/10</uri><message>Query syntax error</message></diagnostic></diagnostics>`)
		return
	}
	papers := []struct{ id, number, manifestation string }{{"kst-99001-1", "1", "xml"}, {"kst-99001-2", "2", "html"}}
	fmt.Fprintf(out, `<s:searchRetrieveResponse xmlns:s="http://docs.oasis-open.org/ns/search-ws/sruResponse" xmlns:g="http://standaarden.overheid.nl/sru" xmlns:d="http://purl.org/dc/terms/" xmlns:w="http://standaarden.overheid.nl/wetgeving/"><s:numberOfRecords>%d</s:numberOfRecords><s:records>`, len(papers))
	for _, p := range papers[start-1 : min(start-1+rows, len(papers))] {
		fmt.Fprintf(out, `<s:record><s:recordData><g:gzd><g:originalData><w:meta><w:owmskern><d:identifier>%[1]s</d:identifier><d:title>Haven van Waterrijk</d:title><d:modified>2026-05-01</d:modified></w:owmskern>
			<w:tpmeta><w:publicatienaam>Kamerstuk</w:publicatienaam><w:dossiernummer>99001</w:dossiernummer><w:ondernummer>%[2]s</w:ondernummer></w:tpmeta></w:meta></g:originalData>
			<g:enrichedData><g:preferredUrl>https://zoek.officielebekendmakingen.nl/%[1]s.html</g:preferredUrl><g:itemUrl manifestation="%[3]s">http://%[4]s/frbr/%[1]s.%[3]s</g:itemUrl><g:timestamp>2026-05-01T10:00:00Z</g:timestamp></g:enrichedData></g:gzd></s:recordData></s:record>`,
			p.id, p.number, p.manifestation, host)
	}
	io.WriteString(out, `</s:records></s:searchRetrieveResponse>`)
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }
