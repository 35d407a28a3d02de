package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// nameList holds the names of an element: its classes and id.
type nameList []className

// className is a class in lower case, with its marks as hyphens and as the words
// between them: "block--main-menu" is block, main, menu.
type className struct {
	whole string
	words []string
}

func names(n *html.Node) nameList {
	var out nameList
	for _, a := range n.Attr {
		if a.Key != "class" && a.Key != "id" {
			continue
		}
		for class := range strings.FieldsSeq(a.Val) {
			if len(class) <= 100 {
				words := nameWords(class)
				if len(words) == 1 {
					out = append(out, className{words[0], words})
				} else {
					out = append(out, className{strings.Join(words, "-"), words})
				}
			}
		}
	}
	return out
}

// nameWords splits at marks and at capitals.
func nameWords(class string) []string {
	out := make([]string, 0, 4)
	start := 0
	lower := false
	for i, r := range class {
		mark, upper := false, false
		if r < utf8.RuneSelf {
			c := byte(r)
			upper = c >= 'A' && c <= 'Z'
			low := c >= 'a' && c <= 'z'
			mark = !upper && !low && (c < '0' || c > '9')
			lower, upper = low, upper && lower
		} else {
			mark = !unicode.IsLetter(r) && !unicode.IsDigit(r)
			upper = lower && unicode.IsUpper(r)
			lower = unicode.IsLower(r)
		}
		if mark || upper {
			if i > start {
				out = append(out, strings.ToLower(class[start:i]))
			}
			start = i
			if mark {
				start += utf8.RuneLen(r)
			}
		}
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
		if words[class.whole] {
			return true
		}
		if len(class.words) == 1 {
			continue
		}
		for i, w := range class.words {
			if words[w] && (i == 0 || !modifiers[class.words[i-1]]) {
				return true
			}
		}
	}
	return false
}

// ending reports whether a word of a class ends in one of these: "subnav",
// "hoofdmenu".
func (l nameList) ending(ends []string) bool {
	for _, class := range l {
		for i, w := range class.words {
			for _, end := range ends {
				if len(w) > len(end) && strings.HasSuffix(w, end) && (i == 0 || !modifiers[class.words[i-1]]) {
					return true
				}
			}
		}
	}
	return false
}

// menuEndings are the ends of the names of menus.
var menuEndings = []string{"nav", "menu", "navigatie", "navigation", "breadcrumb", "breadcrumbs"}

// whole reports whether one of the classes, with marks as hyphens, is in words.
func (l nameList) whole(words map[string]bool) bool {
	for _, class := range l {
		if words[class.whole] {
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
		"kruimelpad", "kruimelspoor", "broodkruimel", "crumbs", "crumb", "rootline", "pathway", "cc-window", "cc-banner", "cookieconsent", "cookienotice", "cookiemelding", "cookie", "cookies", "cookiebar", "cookiebanner", "cookiewall", "cookie-melding", "consent",
		"skip", "skiplink", "skiplinks", "skip-link", "skip-links", "skip-content", "share", "sharing", "sharethis", "addthis", "addtoany", "delen",
		"deel-deze-pagina", "deel-pagina", "social", "socials", "socialmedia", "social-media", "sociallinks", "socialbuttons", "socialicons", "socialbar", "socialshare", "sharelinks", "sharebar", "sharebuttons", "shareblock", "a2a", "readspeaker-button", "open-readspeaker-block", "block-openreadspeakerblock", "rsbtn", "rs_skip", "rs-skip",
		"pager", "pagination", "paginering", "pagenav", "paging", "paginator", "pagenavi", "paginate", "backtotop", "back-to-top", "totop", "scroll-top", "site-footer", "page-footer", "global-footer",
		"print-link", "printhead", "printlink", "print-button", "search-form", "searchform", "search-box", "searchbox", "zoekformulier", "zoekbalk", "zoekveld",
		"login-form", "feedback-form", "feedbackform", "pagina-feedback", "page-feedback", "was-this-helpful", "newsletter", "nieuwsbrief-form",
		"advertisement", "related", "related-links", "related-content", "relatedlinks", "gerelateerd", "gerelateerde", "zie-ook", "lees-ook",
		"article-info", "entry-meta", "post-meta", "comments", "comments-area", "comment-respond", "post-navigation", "reacties", "popup", "lightbox", "tooltip", "chatbot", "chat-widget", "language-switcher", "taalkeuze", "languageswitcher")
	// headerNames are boilerplate where they hold links.
	headerNames = set("header", "site-header", "page-header", "header-wrapper", "header-top", "global-header", "top-header", "main-header", "header-container")
	// sideNames stand beside the content: what they hold is not content, but for
	// how to reach somebody.
	sideNames = set("sidebar", "side-bar", "zijbalk", "sidebars", "rightcolumn", "right-column", "leftcolumn", "left-column", "rechterkolom", "linkerkolom")
	// wholeOuterNames are boilerplate around the content where they are all of a
	// class; as a part of one they often speak of looks ("margin-bottom").
	wholeOuterNames = set("widget", "widget-area", "bottom", "bottombar", "bottom-bar", "print", "language", "languages", "language-switch", "language-selector", "language-block", "talen", "taal", "arrow", "top", "site-top")
	// outerNames are boilerplate around the content; within it they are its parts.
	outerNames = set("footer", "masthead", "topbar", "top-bar", "banner", "search", "zoeken",
		"login", "toolbar", "modal", "overlay", "logo", "meta-nav", "toc", "alert-bar", "copyright", "colofon",
		"disclaimer", "servicemenu", "doormat", "partners", "feedback", "nieuwsbrief", "twitter", "facebook")
)
