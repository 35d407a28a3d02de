package llama

import (
	"strings"
	"testing"
)

func written(segs []segment, system, user string) string {
	var b strings.Builder
	for _, s := range segs {
		switch s.slot {
		case slotNone:
			b.WriteString(s.text)
		case slotSystem:
			b.WriteString(system)
		case slotUser:
			b.WriteString(user)
		}
	}
	return b.String()
}

func TestChatTemplate(t *testing.T) {
	llama3 := func(withSystem bool) string {
		s := "<|start_header_id|>user<|end_header_id|>\n\n" + userMark + "<|eot_id|>"
		if withSystem {
			s = "<|start_header_id|>system<|end_header_id|>\n\n" + systemMark + "<|eot_id|>" + s
		}
		return s + "<|start_header_id|>assistant<|end_header_id|>\n\n"
	}
	gemma := func(withSystem bool) string {
		s := "<start_of_turn>user\n"
		if withSystem {
			s += systemMark + "\n\n"
		}
		return s + userMark + "<end_of_turn>\n<start_of_turn>model\n"
	}
	const chatMLBoth = "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
	for _, c := range []struct {
		name string
		own  render
		want string
	}{
		{"llama 3", llama3, "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
		{"gemma", gemma, "<start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\n"},
		{"unknown to llama.cpp", func(bool) string { return "" }, chatMLBoth},
		{"leaves the system text out", func(bool) string { return "[" + userMark + "]" }, chatMLBoth},
		{"repeats the user's text", func(bool) string { return systemMark + userMark + userMark }, chatMLBoth},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl := newChatTemplate(c.own)
			if got := written(tmpl.forRequest(Request{System: "S", User: "U"}), "S", "U"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			alone := written(tmpl.forRequest(Request{User: "U"}), "S", "U")
			if strings.Contains(alone, systemMark) || strings.Count(alone, "U") != 1 {
				t.Errorf("without a system text: %q", alone)
			}
		})
	}
}
