package answer

import (
	"regexp"
	"strings"
)

// topic is why a question is not for the sources at all, whatever they hold.
type topic string

// The topics. All but the last three are OutOfScope; each has a text of its own.
const (
	aboutOpinion    topic = "opinion"    // asks what the assistant thinks, or how to vote
	aboutPrediction topic = "prediction" // asks what nobody knows yet
	aboutCase       topic = "case"       // asks for the state of the asker's own file
	aboutHealth     topic = "health"     // asks for a diagnosis or a dose
	aboutPerson     topic = "person"     // asks for the data of somebody else
	isAttack        topic = "attack"     // gives orders to a language model
	isAbuse         topic = "abuse"      // insults or threatens
)

func (t topic) reason() Reason {
	switch t {
	case "":
		return ""
	case aboutPerson:
		return PersonalData
	case isAttack:
		return Attack
	case isAbuse:
		return Abuse
	}
	return OutOfScope
}

// topicRule recognises a topic in one sentence.
type topicRule struct {
	topic  topic
	form   *rules
	with   *rules         // must be somewhere in the text; nil for no such thing
	unless *regexp.Regexp // must not be in the sentence; nil for no such thing
}

// topicOf classifies a question by rules on its words, never by a model. It is
// made to be right when it says something and to say nothing otherwise: what it
// misses is searched, and refused there if the sources do not hold it, while a
// question that it takes wrongly is lost. So a text that also asks something
// else than what is recognised is not refused, unless it attacks.
func topicOf(text string) topic {
	if attacks(text) {
		return isAttack
	}
	if otherPerson(text) {
		return aboutPerson
	}
	ps := phrases(text)
	var all strings.Builder
	for _, p := range ps {
		all.WriteString(p.words)
	}
	var found topic
	for _, p := range ps {
		t := p.topic(all.String())
		switch {
		case t == "" && p.asks && !elliptic.MatchString(p.words):
			return "" // another question; the sources may hold its answer
		case found == "":
			found = t
		}
	}
	return found
}

func (p phrase) topic(text string) topic {
	for _, r := range topicRules() {
		if r.form.match(p.words) && (r.with == nil || r.with.match(text)) && (r.unless == nil || !r.unless.MatchString(p.words)) && !(r.topic == isAbuse && p.asksBesides(r.form)) {
			return r.topic
		}
	}
	return ""
}

// asksBesides reports whether a sentence goes on to ask something that insults
// nobody: "Stomme bot, wat kost een paspoort?" deserves its answer.
func (p phrase) asksBesides(insults *rules) bool {
	for _, part := range strings.Split(p.words, " , ")[1:] {
		if part = " " + strings.TrimSpace(part) + " "; opensQuestion.MatchString(strings.TrimSpace(part)) && len(strings.Fields(part)) > 3 && !insults.match(part) {
			return true
		}
	}
	return false
}

// elliptic is a question that only goes on with the one before: "En de minister?"
var elliptic = regexp.MustCompile(`^ (?:(?:en|of|and|or|maar|but) )?(?:[^ ]+ ){1,3}$`)

// topic classifies a question in its conversation. A follow-up is read with the
// question it leans on, and an attack that is spread over two turns as one: what
// was refused does not come back in pieces. An insult is not held against what
// is asked after it.
func (q Question) topic() topic {
	text := strings.TrimSpace(q.Text)
	if t := topicOf(text); t != "" || len(q.History) == 0 {
		return t
	}
	before := strings.TrimSpace(q.History[len(q.History)-1].Question)
	old := topicOf(before)
	switch {
	case old == isAbuse:
		return ""
	case old != "" && (leans(text) || pushes.MatchString(strings.Join(spoken(text), ""))):
		return old
	case old == "" && (attacks(before+" "+text) || attacks(before+"\n"+text)):
		return isAttack
	case old == "" && leans(text):
		return topicOf(before + " " + text)
	}
	return ""
}

func spoken(text string) []string {
	var out []string
	for _, p := range phrases(text) {
		out = append(out, p.words)
	}
	return out
}

// otherPerson reports whether a text asks for data of a person who is named, or
// of somebody the asker knows. Names are told by their capitals.
func otherPerson(text string) bool {
	text = plain(text).s
	for _, m := range append(namedPerson.FindAllStringSubmatch(text, -1), personHas.FindAllStringSubmatch(text, -1)...) {
		if !notPerson.MatchString(m[1]) {
			return true
		}
	}
	for _, p := range phrases(text) {
		if knownPerson().match(p.words) && !ifForm.MatchString(p.words) {
			return true
		}
	}
	return false
}
