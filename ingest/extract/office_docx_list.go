package extract

import "strconv"

// docxLists are the lists of word/numbering.xml (ECMA-376, part 1, 17.9).
type docxLists struct {
	levels map[string][]listLevel // by number of the abstract list
	styles map[string]int         // the level that goes with a style, by list and style
	of     map[string]string      // the abstract list of a list
	starts map[string]map[int]int // of a list that starts anew
	begun  map[string]bool
	counts numbering
}

func readDocxLists(root *node, styles map[string]officeStyle) *docxLists {
	l := &docxLists{map[string][]listLevel{}, map[string]int{}, map[string]string{}, map[string]map[int]int{}, map[string]bool{}, numbering{}}
	if root == nil {
		return l
	}
	named := map[string]string{} // abstract lists by the style that they define
	linked := map[string]string{}
	for _, a := range root.all("abstractNum") {
		id := a.attr("abstractNumId")
		levels := make([]listLevel, maxListLevels)
		for _, v := range a.all("lvl") {
			i, err := strconv.Atoi(v.attr("ilvl"))
			if err != nil || i < 0 || i >= maxListLevels {
				continue
			}
			levels[i] = docxLevel(v)
			if s := val(v, "pStyle"); s != "" {
				l.styles[id+" "+s] = i
			}
		}
		l.levels[id] = levels
		if s := val(a, "styleLink"); s != "" {
			named[s] = id
		}
		if s := val(a, "numStyleLink"); s != "" {
			linked[id] = s
		}
	}
	for _, n := range root.all("num") {
		id := n.attr("numId")
		abstract := val(n, "abstractNumId")
		if other, ok := named[linked[abstract]]; ok {
			abstract = other
		}
		l.of[id] = abstract
		for _, o := range n.all("lvlOverride") {
			i, err := strconv.Atoi(o.attr("ilvl"))
			if err != nil || i < 0 || i >= maxListLevels {
				continue
			}
			if v := o.first("lvl"); v != nil {
				own := "num " + id // a level of its own makes it a list of its own
				if l.of[id] != own {
					l.levels[own] = append([]listLevel(nil), l.levels[abstract]...)
					l.of[id] = own
				}
				if i < len(l.levels[own]) {
					l.levels[own][i] = docxLevel(v)
				}
			}
			if start, err := strconv.Atoi(val(o, "startOverride")); err == nil && start >= 0 {
				if l.starts[id] == nil {
					l.starts[id] = map[int]int{}
				}
				l.starts[id][i] = start
			}
		}
	}
	return l
}

func docxLevel(n *node) listLevel {
	v := listLevel{format: val(n, "numFmt"), text: val(n, "lvlText"), start: 1, legal: on(n, "isLgl") > 0, keep: val(n, "lvlRestart") == "0"}
	if v.format == "" {
		v.format = "decimal"
	}
	if start, err := strconv.Atoi(val(n, "start")); err == nil && start >= 0 {
		v.start = start
	}
	if r := n.first("rPr"); r != nil && on(r, "vanish") > 0 {
		v.text = ""
	}
	return v
}

// next counts a paragraph of a list; style is the one that put it there, if it was
// a style.
func (l *docxLists) next(ref listRef, style string) string {
	abstract, ok := l.of[ref.list]
	if !ok {
		return ""
	}
	if i, ok := l.styles[abstract+" "+style]; ok && style != "" {
		ref.level = i
	}
	if !l.begun[ref.list] {
		l.begun[ref.list] = true
		for i, start := range l.starts[ref.list] {
			if l.counts[abstract] == nil {
				l.counts[abstract] = new([maxListLevels]int)
			}
			l.counts[abstract][i] = start
		}
	}
	return l.counts.next(abstract, l.levels[abstract], ref.level)
}
