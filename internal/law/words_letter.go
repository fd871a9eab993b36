package law

import (
	"regexp"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// mostInLetter is how many words a condition has, at most, of which a sentence for letters is made.
const mostInLetter = 45

// SayInLetter gives a condition in the words of a letter to who demands data: "it is signed by a
// judge, or the customer consents". It gives "" for what would not read well: alternatives within
// brackets, days, much at once.
func (w *Wording) SayInLetter(src string) string {
	var out []string
	letters := inLetters()
	for _, part := range alternativesOf(src) {
		says := w.Say(part)
		for _, x := range letters {
			says = x.is.ReplaceAllStringFunc(says, func(s string) string { return x.says(x.is.FindStringSubmatch(s)) })
		}
		out = append(out, says)
	}
	says := strings.Join(out, ", or ")
	if strings.ContainsAny(says, "(=") || strings.Contains(says, "day") || strings.Contains(says, "moment") || len(strings.Fields(says)) > mostInLetter {
		return ""
	}
	return says
}

// alternativesOf splits a condition where || stands outside of all brackets, and takes off the
// brackets around each part.
func alternativesOf(src string) (parts []string) {
	depth, from := 0, 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '|':
			if depth == 0 && strings.HasPrefix(src[i:], "||") {
				parts, from = append(parts, src[from:i]), i+2
			}
		}
	}
	parts = append(parts, src[from:])
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if strings.HasPrefix(p, "(") && strings.HasSuffix(p, ")") && strings.Count(p, "(") == 1 {
			p = p[1 : len(p)-1]
		}
		parts[i] = p
	}
	return parts
}

// inLetter is what a condition says in letters, in place of its own words.
type inLetter struct {
	is   *regexp.Regexp
	says func(m []string) string
}

// inLetters are compiled where somebody asks for them: no other command does.
func inLetters() []inLetter {
	return []inLetter{
		{ofWordsOf("the signer is", fact.Signer), func(m []string) string { return "it is signed by " + withArticles(m[1]) }},
		{ofWordsOf("the validator is", fact.Validator), func(m []string) string { return "it is authorised by " + withArticles(m[1]) }},
		{regexp.MustCompile(`the instrument is customer consent`), func([]string) string { return "the customer consents" }},
		{regexp.MustCompile(`the instrument is foreign order`), func([]string) string { return "it is an order of a court or an authority" }},
		{ofWordsOf("the instrument is", fact.Instrument), func(m []string) string { return "it is " + withArticles(m[1]) }},
		{regexp.MustCompile(`the emergency is death or serious injury`), func([]string) string { return "there is danger of death or serious injury" }},
		{regexp.MustCompile(`the maximum penalty in months is more than (\d+)`), func(m []string) string { return "the offence carries more than " + m[1] + " months" }},
		{regexp.MustCompile(`the maximum penalty in months is at least (\d+)`), func(m []string) string { return "the offence carries " + m[1] + " months or more" }},
	}
}

// ofWordsOf finds words of a fact after its name.
func ofWordsOf(is string, k fact.Key) *regexp.Regexp {
	var words []string
	for _, v := range k.Def().Values {
		if v != "none" && v != "other" {
			words = append(words, regexp.QuoteMeta(strings.ReplaceAll(v, "_", " ")))
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) }) // court clerk before court
	one := `(?:` + strings.Join(words, "|") + `)\b`
	return regexp.MustCompile(is + ` (` + one + `(?:(?:, | or )` + one + `)*)`)
}

// withArticles puts a or an before each of some words.
func withArticles(list string) string {
	var b strings.Builder
	for _, part := range strings.Split(list, ", ") {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		for i, word := range strings.Split(part, " or ") {
			if i > 0 {
				b.WriteString(" or ")
			}
			article := "a "
			if strings.ContainsAny(word[:1], "aeiouAEIOU") {
				article = "an "
			}
			b.WriteString(article + word)
		}
	}
	return b.String()
}
