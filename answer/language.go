package answer

import "strings"

// Words that one of the languages has many of and the other has not; those that
// both have, such as "of", "in" and "is", tell nothing.
const (
	dutchWords   = " de het een en ik je jij u uw mijn wat hoe waar wanneer welke welk wie waarom kan kunt mag moet moeten voor naar met van als op te zijn niet er dat deze die dan ook aan bij om heb heeft wordt worden geen maar nog wel hoeveel krijg wil "
	englishWords = " the a an and i you your my what how where when which who why can may must should for to with from if on are be not there that this these then also at have has do does no but how much many get will would it about tell me please all any every previous show print give ignore now "
)

// english reports whether a question is in English. Dutch is what is not.
func english(text string) bool {
	dutch, other := 0, 0
	for _, p := range phrases(text) {
		for _, w := range strings.Fields(p.words) {
			if strings.Contains(dutchWords, " "+w+" ") {
				dutch++
			}
			if strings.Contains(englishWords, " "+w+" ") {
				other++
			}
		}
	}
	return other > dutch
}
