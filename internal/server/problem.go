package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// problem is an error as clients get it: RFC 9457, application/problem+json.
// Titles and details are in Dutch and never tell how the server works inside.
type problem struct {
	Type   string       `json:"type"`
	Status int          `json:"status"`
	Title  string       `json:"title"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"` // every invalid field together
}

// fieldError says what is wrong with one field of the body, named by a JSON
// pointer (RFC 6901).
type fieldError struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Title) }

func newProblem(status int, name, title, detail string) *problem {
	return &problem{Type: "/problemen/" + name, Status: status, Title: title, Detail: detail}
}

var (
	errUnauthorized = newProblem(401, "niet-aangemeld", "Niet aangemeld", "Voor dit verzoek is een geldige sleutel of aanmelding nodig.")
	errForbidden    = newProblem(403, "geen-toegang", "Geen toegang", "U hebt geen toegang tot deze gegevens.")
	errNotFound     = newProblem(404, "niet-gevonden", "Niet gevonden", "Dit adres bestaat niet.")
	errMethod       = newProblem(405, "methode-niet-toegestaan", "Methode niet toegestaan", "Deze methode kan hier niet. In de header Allow staat wat wel kan.")
	errAccept       = newProblem(406, "niet-leverbaar", "Niet leverbaar in deze vorm", "Een antwoord is er als application/json of als text/event-stream.")
	errTooLarge     = newProblem(413, "te-groot", "Verzoek te groot", fmt.Sprintf("Een verzoek is ten hoogste %d bytes groot.", maxBody))
	errMediaType    = newProblem(415, "verkeerd-type", "Verkeerd soort inhoud", "Stuur de vraag als application/json in UTF-8.")
	errHost         = newProblem(421, "verkeerde-host", "Verkeerd adres", "Zonder aanmelding is deze server alleen bereikbaar als localhost.")
	errInternal     = newProblem(500, "interne-fout", "Er ging iets mis", "De vraag kon niet worden beantwoord. Probeer het later nog eens.")
	errBusy         = newProblem(503, "te-druk", "Te druk", "Er worden nu te veel vragen tegelijk gesteld. Probeer het over een paar seconden nog eens.")
	errNotReady     = newProblem(503, "niet-gereed", "Nog niet gereed", "De server kan nu geen vragen beantwoorden.")
)

// invalid is the 400 that lists all invalid fields.
func invalid(fields ...fieldError) *problem {
	detail := "1 veld is niet goed ingevuld."
	if len(fields) != 1 {
		detail = fmt.Sprintf("%d velden zijn niet goed ingevuld.", len(fields))
	}
	p := newProblem(400, "ongeldige-invoer", "Ongeldige invoer", detail)
	p.Errors = fields
	return p
}

// asProblem maps every error to a problem; what is not known is a 500.
func asProblem(err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, ErrUnauthorized):
		return errUnauthorized
	case errors.Is(err, ErrForbidden):
		return errForbidden
	}
	return errInternal
}

// writeProblem is where every error becomes HTTP.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == context.Canceled {
		return // nobody reads it
	}
	p := asProblem(err)
	h := w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "5")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // quotations stay byte for byte readable; the type is JSON and nosniff is set
	enc.Encode(v)
}
