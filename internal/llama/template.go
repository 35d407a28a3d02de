package llama

import "strings"

// chatTemplate is how a model wants a conversation written: text of the
// template, in which control tokens count, around places for what we and others
// wrote, in which they do not. That is why a source that holds "<|im_end|>"
// cannot end its turn.
type chatTemplate struct {
	withSystem []segment
	userOnly   []segment
}

type segment struct {
	text string
	slot slot
}

type slot uint8

const (
	slotNone slot = iota // text of the template itself
	slotSystem
	slotUser
)

// Stand-ins for the two texts while the library renders the template. They are
// letters only, so that no template trims or escapes them.
const (
	systemMark = "VraagbaakSystemTextGoesHere"
	userMark   = "VraagbaakUserTextGoesHere"
)

// render writes a conversation in the model's own template, "" if it cannot.
type render func(withSystem bool) string

// newChatTemplate uses the model's own template where the library knows it, and
// ChatML where it does not.
func newChatTemplate(own render) chatTemplate {
	withSystem, ok1 := segments(own(true), slotSystem, slotUser)
	userOnly, ok2 := segments(own(false), slotUser)
	if ok1 && ok2 {
		return chatTemplate{withSystem, userOnly}
	}
	withSystem, _ = segments(chatML(true), slotSystem, slotUser)
	userOnly, _ = segments(chatML(false), slotUser)
	return chatTemplate{withSystem, userOnly}
}

func chatML(withSystem bool) string {
	s := "<|im_start|>user\n" + userMark + "<|im_end|>\n<|im_start|>assistant\n"
	if withSystem {
		s = "<|im_start|>system\n" + systemMark + "<|im_end|>\n" + s
	}
	return s
}

// segments cuts a rendered template at the marks of the slots, which must each
// occur once and in this order.
func segments(rendered string, slots ...slot) ([]segment, bool) {
	var out []segment
	rest := rendered
	for _, s := range slots {
		mark := userMark
		if s == slotSystem {
			mark = systemMark
		}
		before, after, found := strings.Cut(rest, mark)
		if !found {
			return nil, false
		}
		if before != "" {
			out = append(out, segment{before, slotNone})
		}
		out = append(out, segment{"", s})
		rest = after
	}
	if strings.Contains(rest, systemMark) || strings.Contains(rest, userMark) {
		return nil, false
	}
	if rest != "" {
		out = append(out, segment{rest, slotNone})
	}
	return out, true
}

func (t chatTemplate) forRequest(r Request) []segment {
	if r.System == "" {
		return t.userOnly
	}
	return t.withSystem
}
