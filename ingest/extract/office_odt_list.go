package extract

import (
	"strconv"
	"strings"
)

// odtLists numbers the lists and headings of an ODF text (ODF 1.3, part 3, 19.880
// and on).
type odtLists struct {
	levels map[string][]listLevel // by list style; "" is that of headings
	counts numbering
	made   int
	byID   map[string]string // list counted in counts, by the ID of its element
	last   map[string]string // and the last one of a style
}

// odtList is a list that is being read.
type odtList struct {
	style, counted string
	level          int // from 0
}

func newODTLists() *odtLists {
	return &odtLists{map[string][]listLevel{}, numbering{}, 0, map[string]string{}, map[string]string{}}
}

var odfNumbers = map[string]string{"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}

func (l *odtLists) readStyles(root *node) {
	for _, s := range append(root.all("list-style"), root.all("outline-style")...) {
		levels := make([]listLevel, maxListLevels)
		for _, v := range s.children {
			i, err := strconv.Atoi(v.attr("level"))
			if err != nil || i < 1 || i > maxListLevels || !strings.HasPrefix(v.name, "list-level-style-number") && v.name != "outline-level-style" {
				continue
			}
			level := listLevel{format: odfNumbers[v.attr("num-format")], start: 1}
			if n, err := strconv.Atoi(v.attr("start-value")); err == nil && n >= 0 {
				level.start = n
			}
			shown, _ := strconv.Atoi(v.attr("display-levels"))
			var marks []string
			for k := max(i-max(shown, 1)+1, 1); k <= i; k++ {
				if k == i || levels[k-1].format != "" {
					marks = append(marks, "%"+strconv.Itoa(k))
				}
			}
			level.text = v.attr("num-prefix") + strings.Join(marks, ".") + v.attr("num-suffix")
			levels[i-1] = level
		}
		name := s.attr("name")
		if s.name == "outline-style" {
			name = ""
		}
		l.levels[name] = levels
	}
}

// begin is the list of an element text:list within another, if there is one.
func (l *odtLists) begin(n *node, within *odtList) *odtList {
	list := &odtList{style: n.attr("style-name")}
	if within != nil {
		if list.style == "" {
			list.style = within.style
		}
		list.counted, list.level = within.counted, within.level+1
		return list
	}
	switch before, ok := l.byID[n.attr("continue-list")]; {
	case ok:
		list.counted = before
	case n.attr("continue-numbering") == "true" && l.last[list.style] != "":
		list.counted = l.last[list.style]
	default:
		l.made++
		list.counted = strconv.Itoa(l.made)
	}
	if id := n.attr("id"); id != "" {
		l.byID[id] = list.counted
	}
	l.last[list.style] = list.counted
	return list
}

// item counts one item of a list.
func (l *odtLists) item(n *node, list *odtList) string {
	levels := l.levels[list.style]
	if start, err := strconv.Atoi(n.attr("start-value")); err == nil && start > 0 && list.level < maxListLevels {
		if l.counts[list.counted] == nil {
			l.counts[list.counted] = new([maxListLevels]int)
		}
		l.counts[list.counted][list.level] = start
	}
	return l.counts.next(list.counted, levels, list.level)
}

// heading counts a heading outside lists.
func (l *odtLists) heading(level int) string {
	return l.counts.next("", l.levels[""], level-1)
}
