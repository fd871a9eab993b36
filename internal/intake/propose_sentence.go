package intake

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// span is a part of the text, the end excluded.
type span struct{ begin, end int }

func (s span) within(o span) bool { return o.begin <= s.begin && s.end <= o.end }

func (l letter) quote(s span) Quote {
	return Quote{Stated: oneLine(l.text[s.begin:s.end]), Place: l.place(s.begin, s.end)}
}

// An expression is compiled when somebody first asks for it: there are a hundred of
// them, and most commands read no letter.
type expression func() *regexp.Regexp

func expressed(text string) expression {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// words writes an expression in which a space stands for any white space, and a
// space with a question mark for any or none: a letter breaks its lines where it
// likes.
func words(expression string) expression {
	return expressed(strings.NewReplacer(" ?", `\s*`, " ", `\s+`).Replace(expression))
}

// sentenceEnd leaves alone the points in "3. März", "No. 5" and "U.S.C. § 2703".
var sentenceEnd = expressed(`(?:[^0-9\s]|[0-9]{4})[.;!?]\s+\p{Lu}|\n[ \t]*\n`)

const (
	aside    = 400 // bytes in which a sentence is followed on each side of a place
	maxMeant = 50  // places of one expression that are looked at
)

// sentence is the sentence around a place, in lower case, before it and after it.
func (l letter) sentence(s span) (before, after string) {
	start, end := max(0, s.begin-aside), min(len(l.text), s.end+aside)
	window := l.text[start:end]
	offset := start
	for _, m := range sentenceEnd().FindAllStringIndex(window, -1) {
		last, size := utf8.DecodeLastRuneInString(window[:m[1]])
		cut := offset + m[1]
		if last != '\n' {
			cut -= size // the capital begins the next sentence
		}
		if cut <= s.begin {
			start = cut
		} else if cut >= s.end {
			end = cut
			break
		}
	}
	return l.low[start:s.begin], l.low[s.end:end]
}

var (
	// A paper is still to come where such words stand just before it,
	toCome = words(`\b(?:pending|(?:apply|applying|applied) for|(?:will|to) (?:seek|obtain)|seek(?:ing)?|in attesa (?:di|del|della|dell['’])) [^,;]*$`)
	// or such on either side, with no comma between.
	toFollow = words(`\b(?:will|may|might|shall|would|to) (?:[a-z]+ ){0,2}follow\b|\bwill be (?:sent|served|obtained|issued|sought)\b|\b(?:is|are) being (?:sought|prepared|obtained)\b|\bhave not yet\b|` +
		`\bnach(?:gereicht|gesandt|zureichen|reichen)\b|\bfolgt\b|\b(?:wird|werden) folgen\b|\b(?:wird|ist|werden) (?:[a-zäöü]+ ){0,2}beantragt\b|` +
		`\befter(?:sende[sr]?|følger)\b|\bfølger\b|\bindhente[st]?\b|\bsenere fremsende|\bfremsendes senere\b|` +
		`\bseguir(?:à|a'|anno)|\b(?:sarà|saranno|verrà|verranno) (?:[a-z]+ )?(?:trasmess|inviat|richiest|emess)|\bfarà seguito`)
	// These only begin a list.
	asFollows = words(`\b(?:as follows|wie folgt|som følger|come segue)`)

	// A word is denied by what stands up to three words before it, or by how its
	// sentence ends.
	deniedBefore = words(`\b(?:not|no|never|without|nor|nicht|keine?[mnrs]?|ohne|ikke|ingen|intet|uden|non|senza|nessun[oa]?)(?: [^\s.,;:!?]+){0,3} $`)
	deniedAfter  = words(`\b(?:nicht|ikke|non|not)(?: [a-zäöüæøå]+)? (?:verlangt|begehrt|angeordnet|gefordert|erbeten|begæres|begæret|kræves|ønskes|requested|required|sought|asked|demanded|ordered|richiest|ordinat|necessari)|\b(?:begæres|kræves|ønskes|anmodes der) (?:[a-zæøå]+ )?ikke\b`)
	noDenial     = words(`\b(?:no(?:t)? (?:later|less|more) than|not only|nicht nur|nicht später|non oltre|without (?:undue |further )?delay|ohne (?:[a-zäöü]+ )?(?:verzug|verzögerung)|uden (?:unødigt? |yderligere )?(?:ophold|forsinkelse)|senza (?:[a-z]+ )?(?:ritardo|indugio)|non solo|ikke senere|ikke kun)`)
)

func (l letter) denied(s span) bool {
	before, after := l.sentence(s)
	m := deniedBefore().FindStringIndex(before)
	if m != nil && !noDenial().MatchString(before[m[0]:]) {
		return true
	}
	return deniedAfter().MatchString(after)
}

// near is how far from a paper the words stand that say it is still to come.
const near = 80

// yetToCome says that the sentence speaks of a thing that has not come.
func (l letter) yetToCome(s span) bool {
	before, after := l.sentence(s)
	before = before[max(0, len(before)-near):]
	before = before[strings.LastIndexAny(before, ",;:")+1:]
	after = after[:min(len(after), near)]
	if i := strings.IndexAny(after, ",;:"); i >= 0 {
		after = after[:i]
	}
	before, after = asFollows().ReplaceAllString(before, ""), asFollows().ReplaceAllString(after, "")
	return toCome().MatchString(before) || toFollow().MatchString(before) || toFollow().MatchString(after)
}

// meant gives the places of an expression that stand alone and are not denied.
func (l letter) meant(form expression) (out []span) {
	for _, m := range form().FindAllStringIndex(l.low, maxMeant) {
		s := span{m[0], m[1]}
		if l.alone(s.begin, s.end) && !l.denied(s) {
			out = append(out, s)
		}
	}
	return out
}
