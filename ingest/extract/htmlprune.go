package extract

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prune takes out of the tree what is not content: first what is hidden or
// says what it is by element or role, then what its names say is boilerplate,
// then what stands under a heading such as "Zie ook".
func prune(root *html.Node) {
	opened := openedByClick(root)
	asking := map[*html.Node]bool{} // forms with fields; the fields go first
	for n := range root.Descendants() {
		if n.DataAtom == atom.Form && asksInput(n) {
			asking[n] = true
		}
	}
	remove(root, func(n *html.Node) bool { return skipped[n.DataAtom] || !opened[n] && hidden(n) })
	labelPanels(root)
	sizes := measure(root)
	p := pruner{sizes: sizes, total: sizes[root], core: cores(root), asking: asking}
	remove(root, p.boilerplate)
	removeRelated(root, p.core)
}

// remove takes out the elements for which drop is true, with all below them.
func remove(n *html.Node, drop func(*html.Node) bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode, c.Type == html.ElementNode && drop(c):
			n.RemoveChild(c)
		default:
			remove(c, drop)
		}
		c = next
	}
}

// hidden reports what a reader never sees. Panels of tabs and accordions are
// hidden until opened, and are read.
func hidden(n *html.Node) bool {
	if n.DataAtom == atom.Html || n.DataAtom == atom.Body || n.DataAtom == atom.Main {
		return false
	}
	names := names(n)
	if names.any(invisibleNames) && !heading(n) {
		return true
	}
	off := hasAttr(n, "hidden") || attr(n, "aria-hidden") == "true"
	if style := attr(n, "style"); style != "" {
		s := readStyle(style)
		if s.unreadable(n) {
			return true
		}
		off = off || s["display"] == "none" || s["visibility"] == "hidden"
	}
	if !off && !names.whole(hiddenNames) {
		return false
	}
	return !panel(n, names)
}

// panel recognises what a click on its own title opens.
func panel(n *html.Node, names nameList) bool {
	if role := attr(n, "role"); role == "tabpanel" || role == "region" {
		return true
	}
	if hasAttr(n, "aria-labelledby") && n.DataAtom != atom.Dialog && attr(n, "role") != "dialog" && !names.any(menuNames) {
		return true
	}
	return names.any(panelNames)
}

// pruner knows the sizes, so that a name never takes the content along.
type pruner struct {
	sizes map[*html.Node]int
	total int
	core  map[*html.Node]bool // see cores
	// asking are the forms that want something filled in.
	asking map[*html.Node]bool
}

// boilerplate decides by role, element and name.
func (p pruner) boilerplate(n *html.Node) bool {
	if p.core[n] || n.DataAtom == atom.Body || n.DataAtom == atom.Html {
		return false
	}
	switch attr(n, "role") {
	case "navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog", "toolbar", "tablist", "tooltip":
		return true
	case "complementary":
		return !p.large(n) && !reachable(n)
	case "heading", "row", "cell", "listitem", "main", "tabpanel":
		return false
	}
	inMain := p.inMain(n)
	switch n.DataAtom {
	case atom.Nav, atom.Footer:
		return true
	case atom.Header:
		return !inMain && !p.large(n)
	case atom.Aside:
		return !p.large(n) && !inMain && !reachable(n)
	case atom.Form:
		return !p.large(n) && p.asking[n]
	case atom.Td, atom.Th, atom.Tr, atom.Thead, atom.Tbody, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Summary, atom.Details:
		return false
	case atom.Button:
		return !trigger(n)
	}
	names := names(n)
	if len(names) == 0 || p.large(n) {
		return false
	}
	if names.any(boilerNames) {
		return true
	}
	return !inMain && (names.any(outerNames) || names.whole(headerNames) && p.links(n)*4 > p.sizes[n])
}

// links counts the visible bytes within links.
func (p pruner) links(n *html.Node) int {
	size := 0
	for c := range n.Descendants() {
		if c.DataAtom == atom.A {
			size += p.sizes[c]
		}
	}
	return size
}

// large reports whether an element holds so much of the page that a name alone
// does not make it boilerplate.
func (p pruner) large(n *html.Node) bool { return p.total > 0 && p.sizes[n]*2 > p.total }

// inMain reports whether an element stands in main or an article.
func (p pruner) inMain(n *html.Node) bool {
	for a := n.Parent; a != nil; a = a.Parent {
		if a.DataAtom == atom.Main || a.DataAtom == atom.Article || attr(a, "role") == "main" {
			return true
		}
	}
	return false
}

// cores are the elements that no name may take out: main elements, the only
// h1, and all above them.
func cores(root *html.Node) map[*html.Node]bool {
	core := map[*html.Node]bool{}
	keep := func(n *html.Node) {
		for a := n; a != nil && !core[a]; a = a.Parent {
			core[a] = true
		}
	}
	var h1 []*html.Node
	for n := range root.Descendants() {
		switch {
		case n.DataAtom == atom.H1:
			h1 = append(h1, n)
		case n.DataAtom == atom.Main, n.Type == html.ElementNode && attr(n, "role") == "main":
			keep(n)
		}
	}
	if len(h1) == 1 {
		keep(h1[0])
	}
	return core
}

// asksInput reports whether a form has a field to fill in.
func asksInput(n *html.Node) bool {
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.Textarea, atom.Select, atom.Button:
			return true
		case atom.Input:
			if t := strings.ToLower(attr(c, "type")); t != "hidden" {
				return true
			}
		}
	}
	return false
}

// trigger recognises the button that opens a panel or stands for a heading.
func trigger(n *html.Node) bool {
	if hasAttr(n, "aria-expanded") && !names(n).any(menuNames) {
		return true
	}
	return n.Parent != nil && (heading(n.Parent) || n.Parent.DataAtom == atom.Summary || n.Parent.DataAtom == atom.Dt)
}

func heading(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// nameList holds the words of an element's classes and id, one list per class:
// "block--main-menu" is block, main, menu.
type nameList [][]string

func names(n *html.Node) nameList {
	var out nameList
	for _, a := range n.Attr {
		if a.Key != "class" && a.Key != "id" {
			continue
		}
		for class := range strings.FieldsSeq(a.Val) {
			if len(class) <= 100 {
				out = append(out, nameWords(class))
			}
		}
	}
	return out
}

// nameWords splits at marks and at capitals.
func nameWords(class string) []string {
	var out []string
	start := 0
	lower := false
	for i, r := range class {
		mark := !unicode.IsLetter(r) && !unicode.IsDigit(r)
		if mark || lower && unicode.IsUpper(r) {
			if i > start {
				out = append(out, strings.ToLower(class[start:i]))
			}
			start = i
			if mark {
				start += len(string(r))
			}
		}
		lower = unicode.IsLower(r)
	}
	if start < len(class) {
		out = append(out, strings.ToLower(class[start:]))
	}
	return out
}

// any reports whether a class holds one of the words, or the whole class is
// one of them. "no-sidebar" and "has-menu" speak of another element.
func (l nameList) any(words map[string]bool) bool {
	for _, class := range l {
		if len(class) > 1 && words[strings.Join(class, "-")] {
			return true
		}
		for i, w := range class {
			if words[w] && (i == 0 || !modifiers[class[i-1]]) {
				return true
			}
		}
	}
	return false
}

// whole reports whether one of the classes, with marks as hyphens, is in words.
func (l nameList) whole(words map[string]bool) bool {
	for _, class := range l {
		if words[strings.Join(class, "-")] {
			return true
		}
	}
	return false
}

// modifiers before a word say that the class is about something else.
var modifiers = set("no", "not", "has", "with", "without", "zonder", "met", "under", "after", "before")

var (
	// invisibleNames hide text for the eye that is read to the blind; icons
	// made of letters are the opposite.
	invisibleNames = set("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screenreader", "nonvisual", "element-invisible",
		"assistive-text", "offscreen", "off-screen", "hidden-text", "u-hidden-visually", "material-icons", "material-icon", "glyphicon")
	hiddenNames = set("hidden", "hide", "d-none", "is-hidden", "invisible", "display-none")
	panelNames  = set("tab", "tabs", "tabcontent", "tabpanel", "tabcontent", "accordion", "accordeon", "collapse", "collapsible", "panel", "uitklap",
		"uitklapper", "toggle", "expand", "expandable", "faq", "answer", "antwoord")
	menuNames = set("menu", "nav", "navbar", "navigation", "navigatie", "hamburger", "dropdown", "search", "zoeken", "submenu")

	// boilerNames are never content, wherever they stand.
	boilerNames = set("nav", "navbar", "navigation", "navigatie", "menu", "submenu", "megamenu", "mainmenu", "breadcrumb", "breadcrumbs",
		"kruimelpad", "kruimelspoor", "broodkruimel", "crumbs", "cookie", "cookies", "cookiebar", "cookiebanner", "cookiewall", "cookie-melding", "consent",
		"skip", "skiplink", "skiplinks", "skip-link", "skip-links", "skip-content", "share", "sharing", "sharethis", "addthis", "addtoany", "delen",
		"deel-deze-pagina", "deel-pagina", "social", "socials", "socialmedia", "social-media", "readspeaker-button", "open-readspeaker-block", "block-openreadspeakerblock", "rsbtn", "rs_skip", "rs-skip",
		"pager", "pagination", "paginering", "pagenav", "paging", "backtotop", "back-to-top", "totop", "scroll-top", "site-footer", "page-footer", "global-footer",
		"print-link", "printhead", "printlink", "print-button", "search-form", "searchform", "search-box", "searchbox", "zoekformulier", "zoekbalk", "zoekveld",
		"login-form", "feedback-form", "feedbackform", "pagina-feedback", "page-feedback", "was-this-helpful", "newsletter", "nieuwsbrief-form",
		"advertisement", "related", "related-links", "related-content", "relatedlinks", "gerelateerd", "gerelateerde", "zie-ook", "lees-ook",
		"comments", "comments-area", "comment-respond", "post-navigation", "reacties", "popup", "lightbox", "tooltip", "chatbot", "chat-widget", "language-switcher", "taalkeuze", "languageswitcher", "arrow")
	// headerNames are boilerplate where they hold links.
	headerNames = set("header", "site-header", "page-header", "header-wrapper", "header-top", "global-header", "top-header", "main-header", "header-container")
	// outerNames are boilerplate around the content; within it they are its parts.
	outerNames = set("footer", "masthead", "topbar", "top-bar", "banner", "sidebar", "side-bar", "zijbalk", "search", "zoeken",
		"login", "toolbar", "modal", "overlay", "language", "talen", "logo", "widget", "meta-nav", "toc", "alert-bar", "bottom", "copyright", "colofon",
		"disclaimer", "servicemenu", "doormat", "partners", "print", "feedback", "nieuwsbrief", "twitter", "facebook")
)

// removeRelated takes out the sections whose headings say that they lead
// elsewhere, up to the next heading of the same level.
func removeRelated(root *html.Node, core map[*html.Node]bool) {
	var found []*html.Node
	for n := range root.Descendants() {
		if (heading(n) || n.Type == html.ElementNode && names(n).any(labelNames)) && relatedHeading(inlineText(n)) {
			found = append(found, n)
		}
	}
	for _, n := range found {
		if n.Parent == nil {
			continue
		}
		if s := wrapper(n); s != nil && !core[s] && s.DataAtom != atom.Body && !otherHeading(s, n) {
			s.Parent.RemoveChild(s)
			continue
		}
		level := headingLevel(n)
		for c := n; c != nil; {
			next := c.NextSibling
			if c != n && (heading(c) && headingLevel(c) <= level || core[c]) {
				break
			}
			c.Parent.RemoveChild(c)
			c = next
		}
	}
}

var labelNames = set("field-label", "block-title", "field__label", "label-above", "title")

// wrapper is the outermost element whose text begins with this heading, up to
// three levels above it.
func wrapper(n *html.Node) *html.Node {
	var best *html.Node
	for a, i := n, 0; a.Parent != nil && i < 3; i++ {
		if !first(a) || a.Parent.Type != html.ElementNode {
			break
		}
		a = a.Parent
		best = a
	}
	return best
}

// first reports whether nothing visible stands before a node in its parent.
func first(n *html.Node) bool {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" || c.Type == html.ElementNode && textBelow(c) {
			return false
		}
	}
	return true
}

func textBelow(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return true
		}
	}
	return false
}

// otherHeading reports whether a section goes on with a heading of the same
// level as this one or a higher one.
func otherHeading(s, n *html.Node) bool {
	for c := range s.Descendants() {
		if c != n && heading(c) && headingLevel(c) <= headingLevel(n) && !relatedHeading(inlineText(c)) {
			return true
		}
	}
	return false
}

func headingLevel(n *html.Node) int {
	if heading(n) {
		return int(n.Data[1] - '0')
	}
	return 2
}

// relatedHeading knows the headings that sites put above links to elsewhere.
func relatedHeading(s string) bool {
	return relatedHeadings[phrase(s)]
}

var relatedHeadings = set("legenda", "zie ook", "lees ook", "lees verder", "bekijk ook", "kijk ook bij", "misschien ook relevant", "ook interessant", "misschien ook interessant",
	"gerelateerd", "gerelateerde informatie", "gerelateerde paginas", "gerelateerde pagina's", "gerelateerde onderwerpen", "gerelateerde links", "gerelateerde berichten",
	"gerelateerd nieuws", "related", "related links", "related pages", "see also", "deel deze pagina", "delen", "deel dit artikel", "deel dit bericht", "deel via", "share", "share this page",
	"volg ons", "volg ons op", "follow us", "nieuwsbrief", "direct naar", "snel naar", "op deze pagina", "inhoud van deze pagina", "in dit artikel", "on this page",
	"meer over dit onderwerp", "anderen bekeken ook", "anderen bekeken ook deze paginas", "meest bekeken", "meest gelezen", "laatste nieuws", "kruimelpad", "hoofdmenu", "u bent hier", "je bent hier",
	"heeft deze informatie u geholpen", "heeft deze informatie je geholpen", "was deze informatie nuttig", "was deze pagina nuttig",
	"vond u deze informatie nuttig", "plaats een reactie", "geef een reactie", "reageer", "heeft u gevonden wat u zocht", "hebt u gevonden wat u zocht", "heb je gevonden wat je zocht", "is deze informatie nuttig", "feedback")

// uiPhrase knows the short texts that are controls, not content.
func uiPhrase(s string) bool {
	if len(s) > 80 {
		return false
	}
	return uiPhrases[phrase(s)]
}

var uiPhrases = set("lees voor", "voorlezen", "laat voorlezen", "listen", "luister", "naar boven", "terug naar boven", "print", "printen", "print deze pagina", "afdrukken",
	"delen", "deel deze pagina", "deel", "deel via facebook", "deel via twitter", "deel via linkedin", "deel via whatsapp", "deel via e-mail", "facebook", "twitter", "x", "linkedin", "instagram", "youtube", "whatsapp", "scroll naar links", "scroll naar rechts",
	"naar content", "ga naar de inhoud", "ga naar inhoud", "ga naar hoofdinhoud", "naar hoofdinhoud", "overslaan en naar de inhoud gaan", "skip to main content", "skip to content", "direct naar de inhoud",
	"lees meer", "meer details", "meer openingsuren", "toon meer", "meer lezen", "read more", "sluiten", "sluit", "close", "menu", "zoeken", "zoek", "search", "vorige", "volgende", "terug",
	"terug naar overzicht", "terug naar de website", "terug naar het overzicht", "home", "u bent hier", "je bent hier", "inloggen", "verstuur", "verzenden", "ja", "nee", "»", "«", "›", ">", "|", "contact_support", "alles openen", "alles sluiten", "alles uitklappen", "alles inklappen", "pdf-versie", "download pdf", "kopieer link", "link gekopieerd")

// phrase is a text without case and without marks at its ends.
func phrase(s string) string {
	return strings.ToLower(strings.TrimFunc(oneLine(s), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".:?!…,;", r)
	}))
}
