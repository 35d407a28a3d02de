package extract

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

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

// ending reports whether a word of a class ends in one of these: "subnav",
// "hoofdmenu".
func (l nameList) ending(ends []string) bool {
	for _, class := range l {
		for i, w := range class {
			for _, end := range ends {
				if len(w) > len(end) && strings.HasSuffix(w, end) && (i == 0 || !modifiers[class[i-1]]) {
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
		"kruimelpad", "kruimelspoor", "broodkruimel", "crumbs", "crumb", "rootline", "pathway", "cc-window", "cc-banner", "cookieconsent", "cookienotice", "cookiemelding", "cookie", "cookies", "cookiebar", "cookiebanner", "cookiewall", "cookie-melding", "consent",
		"skip", "skiplink", "skiplinks", "skip-link", "skip-links", "skip-content", "share", "sharing", "sharethis", "addthis", "addtoany", "delen",
		"deel-deze-pagina", "deel-pagina", "social", "socials", "socialmedia", "social-media", "sociallinks", "socialbuttons", "socialicons", "socialbar", "socialshare", "sharelinks", "sharebar", "sharebuttons", "shareblock", "a2a", "readspeaker-button", "open-readspeaker-block", "block-openreadspeakerblock", "rsbtn", "rs_skip", "rs-skip",
		"pager", "pagination", "paginering", "pagenav", "paging", "backtotop", "back-to-top", "totop", "scroll-top", "site-footer", "page-footer", "global-footer",
		"print-link", "printhead", "printlink", "print-button", "search-form", "searchform", "search-box", "searchbox", "zoekformulier", "zoekbalk", "zoekveld",
		"login-form", "feedback-form", "feedbackform", "pagina-feedback", "page-feedback", "was-this-helpful", "newsletter", "nieuwsbrief-form",
		"advertisement", "related", "related-links", "related-content", "relatedlinks", "gerelateerd", "gerelateerde", "zie-ook", "lees-ook",
		"comments", "comments-area", "comment-respond", "post-navigation", "reacties", "popup", "lightbox", "tooltip", "chatbot", "chat-widget", "language-switcher", "taalkeuze", "languageswitcher")
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
