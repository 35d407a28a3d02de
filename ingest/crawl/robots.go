package crawl

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// productToken is the name we answer to in robots.txt and robots meta.
	productToken = "vraagbaak"
	// maxRobots is how much of a robots.txt is parsed, in bytes (RFC 9309,
	// section 2.5: at least 500 KiB).
	maxRobots = 500 << 10
	// maxCrawlDelay is the longest Crawl-delay that is honoured.
	maxCrawlDelay = time.Minute
)

// robots are the rules of one robots.txt that hold for us (RFC 9309).
type robots struct {
	rules    []rule
	delay    time.Duration // Crawl-delay, capped at maxCrawlDelay; 0 if none
	sitemaps []string      // as they stand in the file
	agent    string        // the group that was chosen: our token, "*" or ""
}

// rule is one Allow or Disallow line.
type rule struct {
	allow   bool
	pattern string // as normalizePattern gives it
	line    int    // 1-based, in the file
	text    string // the line as it stands there
}

// Verdict says whether robots.txt lets a URL be requested, and which line of it
// decided.
type Verdict struct {
	Allowed bool   `json:"allowed"`
	Line    int    `json:"line"`   // 1-based line of robots.txt; 0 where none decided
	Rule    string `json:"rule"`   // that line; "" where none decided
	Reason  string `json:"reason"` // in words, for people
	// Temporary: robots.txt could not be read, so that nothing may be
	// requested now, and nothing follows for what is indexed.
	Temporary bool `json:"temporary"`
}

// group is one set of rules with the agents it is for.
type group struct {
	agents []string // lower-case product tokens, or "*"
	rules  []rule
	delay  time.Duration
}

// parseRobots reads a robots.txt. Lines that cannot be parsed are skipped, all
// others hold (section 2.3.1.5). What lies beyond maxRobots is ignored, the
// line that is cut included.
func parseRobots(data []byte) *robots {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > maxRobots {
		data = data[:maxRobots]
		data = data[:max(bytes.LastIndexAny(data, "\r\n"), 0)]
	}
	out := &robots{}
	var groups []*group
	var cur *group
	naming := false // the last lines named agents: further ones join them
	for i, line := range splitLines(data) {
		key, value, ok := robotsField(line)
		if !ok {
			continue
		}
		switch key {
		case "user-agent":
			if !naming {
				cur = &group{}
				groups = append(groups, cur)
			}
			cur.agents = append(cur.agents, agentToken(value))
			naming = true
		case "allow", "disallow":
			naming = false
			if cur != nil && value != "" {
				cur.rules = append(cur.rules, rule{allow: key == "allow", pattern: normalizePattern(value), line: i + 1, text: strings.TrimSpace(line)})
			}
		case "crawl-delay":
			naming = false
			if secs, err := strconv.ParseFloat(value, 64); err == nil && secs > 0 && cur != nil {
				cur.delay = time.Duration(min(secs, maxCrawlDelay.Seconds()) * float64(time.Second))
			}
		case "sitemap":
			out.sitemaps = append(out.sitemaps, value)
		}
	}
	out.choose(groups)
	return out
}

// choose merges the groups with our token; without any, those for "*".
func (r *robots) choose(groups []*group) {
	for _, want := range []string{productToken, "*"} {
		for _, g := range groups {
			for _, a := range g.agents {
				if a != want {
					continue
				}
				r.agent = want
				r.rules = append(r.rules, g.rules...)
				r.delay = max(r.delay, g.delay)
				break
			}
		}
		if r.agent != "" {
			return
		}
	}
}

// splitLines splits at LF, CR and CRLF, keeping the numbers of the lines.
func splitLines(data []byte) []string {
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}

// robotsField splits a line into its lower-case key and its value. A colon that
// was forgotten is forgiven where the line has exactly two words, and so are
// the usual misspellings of Disallow: whoever wrote them meant to keep us out.
func robotsField(line string) (key, value string, ok bool) {
	line, _, _ = strings.Cut(line, "#")
	key, value, ok = strings.Cut(line, ":")
	if !ok {
		words := strings.Fields(line)
		if len(words) != 2 {
			return "", "", false
		}
		key, value = words[0], words[1]
	}
	key = strings.ToLower(strings.TrimSpace(key))
	switch key {
	case "useragent", "user agent":
		key = "user-agent"
	case "dissallow", "dissalow", "disalow", "diasllow", "disallaw":
		key = "disallow"
	case "crawldelay":
		key = "crawl-delay"
	case "site-map":
		key = "sitemap"
	}
	return key, strings.TrimSpace(value), true
}

// agentToken is the product token at the start of a User-agent value: letters,
// "_" and "-" (section 2.2.1). What follows it, such as a version, is ignored.
func agentToken(v string) string {
	if v == "*" || strings.HasPrefix(v, "* ") {
		return "*"
	}
	end := 0
	for end < len(v) && (v[end]|0x20 >= 'a' && v[end]|0x20 <= 'z' || v[end] == '_' || v[end] == '-') {
		end++
	}
	return strings.ToLower(v[:end])
}

// normalizePattern puts a rule in the form in which it is compared: unreserved
// characters unescaped, all others that need it escaped in upper case, so that
// "/é", "/%c3%a9" and "/%C3%A9" are one (section 2.2.2). "*" and a last "$" keep
// their meaning; escaped, or elsewhere, they stand for themselves.
func normalizePattern(p string) string {
	body, anchored := strings.CutSuffix(p, "$")
	parts := strings.Split(body, "*")
	for i := range parts {
		parts[i] = normalizeRobotsPath(parts[i])
	}
	p = strings.Join(parts, "*")
	if anchored {
		p += "$"
	}
	return p
}

// normalizeRobotsPath is escapePath with the special characters escaped too.
func normalizeRobotsPath(p string) string {
	return strings.NewReplacer("*", "%2A", "$", "%24").Replace(escapePath(p))
}

// verdict decides about a path with its query: the longest matching rule wins,
// on a tie the one that allows; without any, the path is allowed.
func (r *robots) verdict(u *url.URL) Verdict {
	p := u.EscapedPath()
	if p == "" {
		p = "/"
	}
	if p == "/robots.txt" {
		return Verdict{Allowed: true, Reason: "robots.txt itself is always allowed"}
	}
	if u.RawQuery != "" || u.ForceQuery {
		p += "?" + u.RawQuery
	}
	p = normalizeRobotsPath(p)
	var best *rule
	for i := range r.rules {
		c := &r.rules[i]
		if best != nil && (len(c.pattern) < len(best.pattern) || len(c.pattern) == len(best.pattern) && (best.allow || !c.allow)) {
			continue
		}
		if matches(c.pattern, p) {
			best = c
		}
	}
	if best == nil {
		return Verdict{Allowed: true, Reason: "no rule of robots.txt is about it"}
	}
	word := "disallows"
	if best.allow {
		word = "allows"
	}
	return Verdict{Allowed: best.allow, Line: best.line, Rule: best.text,
		Reason: fmt.Sprintf("line %d of robots.txt %s it: %s", best.line, word, best.text)}
}

// matches reports whether a pattern matches the start of a path; the whole of
// it where the pattern ends in "$". The greedy walk with one step back needs
// at most len(pattern)*len(path) comparisons.
func matches(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	if !anchored {
		pattern += "*"
	}
	p, s := 0, 0
	star, mark := -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && pattern[p] == path[s]:
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
