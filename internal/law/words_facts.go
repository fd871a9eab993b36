package law

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/country"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// numbered is the number of a case before what is other in it: 2, or: as 2, but.
var numbered = regexp.MustCompile(`^\s*(?:(?:as|like)\s+)?(?:case\s+)?(\d{1,3})(?:\s*[,:;]\s*(?:but\s+)?|\s+but\s+)`)

// counted is what SayCase says of the days between dates, which states nothing.
var counted = regexp.MustCompile(` \((?:\d+ days? from |[^()]* on one day)[^()]*\)$`)

// ownCase reads a case of an author's own, told by the one of a number or by the first.
func ownCase(text string, cases []Case) (f, like fact.Facts, number int, err error) {
	if m := numbered.FindStringSubmatch(text); m != nil {
		number, _ = strconv.Atoi(m[1])
		number--
		text = text[len(m[0]):]
	}
	if number >= 0 && number < len(cases) {
		like = cases[number].Facts
	}
	f, err = ownFacts(like, text)
	return f, like, number, err
}

// ownFacts reads a case of an author's own over some facts: as a facts file has them, or
// in the words in which cases are told.
func ownFacts(like fact.Facts, text string) (fact.Facts, error) {
	f, err := parseFactsOver(like, "case", []byte("{"+text+"}"))
	if err == nil {
		return f, nil
	}
	text = strings.TrimSuffix(counted.ReplaceAllString(strings.Join(strings.Fields(text), " "), ""), ".")
	missed := ""
	for _, sep := range []string{";", ",", " and "} {
		f, part := like, ""
		for _, part = range strings.Split(text, sep) {
			if !setHeard(&f, strings.TrimPrefix(strings.TrimSpace(part), follows)) {
				break
			}
			part = ""
		}
		if part == "" {
			return f, f.Validate()
		}
		if missed == "" {
			missed = strings.TrimSpace(part)
		}
	}
	if strings.Contains(missed, ":") {
		return f, err
	}
	return f, problem.New(problem.Invalid, "law.case_words", "%.80q is not understood: write it as the cases say it, or by the fact's name, like binding: false", missed)
}

// setHeard states one fact by the words in which it is told, or its name and value.
func setHeard(f *fact.Facts, text string) bool {
	h := &heard{text: text}
	for i, d := range fact.Schema() {
		k := fact.Key(i)
		for _, name := range append(nouns(d.Name), unstated(d.Name)) {
			if next := h.after(0, "nobody states "); next > 0 && h.after(next, name) == len(text) {
				return f.Forget(d.Name) == nil
			}
		}
		if d.Type == fact.Bool {
			for j, said := range truths()[d.Name] {
				if strings.EqualFold(text, said) || text == []string{"", "!"}[j]+d.Name {
					return f.Set(d.Name, j == 0) == nil
				}
			}
		}
		if d.Type == fact.Set && strings.EqualFold(text, "no records are asked for by name") {
			return f.Set(d.Name, []string{}) == nil
		}
		for _, name := range nouns(d.Name) {
			for _, is := range []string{" is ", ": ", ":", " == ", " = ", " are "} {
				next := h.after(0, name+is)
				if next < 0 {
					continue
				}
				if v, ok := h.value(k, next); ok {
					return f.Set(d.Name, v) == nil
				}
			}
		}
	}
	return false
}

// value reads what a fact is, up to the end of the text.
func (h *heard) value(k fact.Key, at int) (any, bool) {
	text := h.text[at:]
	bare := strings.Trim(text, `'"`)
	switch k.Def().Type {
	case fact.Bool:
		b, err := strconv.ParseBool(text)
		return b, err == nil && len(text) > 3
	case fact.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	case fact.Date:
		day, end := h.day(at)
		return day, end == len(h.text)
	case fact.Instant, fact.Token:
		return bare, bare != ""
	case fact.Set:
		for _, p := range h.list(k, at) {
			if p.end == len(h.text) || h.after(p.end, " alone") == len(h.text) {
				return strings.Split(strings.NewReplacer("[", "", "]", "", "'", "").Replace(p.expr), ", "), true
			}
		}
		return nil, false
	}
	in := &heard{text: bare}
	for _, p := range in.words(k, 0) {
		if p.end == len(bare) {
			return strings.Trim(p.expr, "'"), true
		}
	}
	return nil, false
}

// mended is a condition as the language has it, of one that was written in the words of
// Say, with other signs for is, and, or and not, or with a word as people write it. What is
// none stays.
func (d *Draft) mended(text string) string {
	reads := func(text string) bool {
		_, issues := d.env.Compile(text)
		return issues.Err() == nil
	}
	text = brackets.Replace(curled.Replace(text))
	if words := quotedWords(text); reads(words) {
		return words
	}
	for _, text := range []string{text, bareWords(text)} {
		if said, ok := Heard(text); ok && reads(quotedWords(said)) {
			return quotedWords(said)
		}
	}
	if signs := quotedWords(withSigns(text)); reads(signs) {
		return signs
	}
	if bare := quotedWords(bareWords(withSigns(text))); reads(bare) {
		return bare
	}
	return text
}

var (
	brackets  = strings.NewReplacer("( ", "(", " )", ")")
	curled    = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "“", "'", "”", "'", "„", "'")
	quotation = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	signWords = regexp.MustCompile(`\b(?:and|or)\b|\bnot\b *|([^=!<>])=([^=])`)
	compared  = regexp.MustCompile(`([=!]= *)([\pL_.]+)`)
	listForm  = regexp.MustCompile(`\[[^\]']*\]`)
	wordForm  = regexp.MustCompile(`[\pL_.]+`)
	nameForm  = regexp.MustCompile(`\b[a-z][a-z_]*\b`)
)

// withSigns writes signs for and, or, not and a single =, outside quotation marks.
func withSigns(text string) string {
	return outside(text, func(s string) string {
		return signWords.ReplaceAllStringFunc(s, func(m string) string {
			if sign := map[string]string{"and": "&&", "or": "||", "not": "!"}[strings.TrimSpace(m)]; sign != "" {
				return sign
			}
			return strings.Replace(m, "=", "==", 1)
		})
	}, func(_, word string) string { return word })
}

// bareWords puts quotation marks around what a fact is compared with, and around what stands
// in a list, where it is no fact itself; a paper that stands alone is the instrument.
func bareWords(text string) string {
	return outside(text, func(s string) string {
		s = compared.ReplaceAllStringFunc(s, func(m string) string {
			parts := compared.FindStringSubmatch(m)
			if _, isFact := fact.Lookup(parts[2]); isFact || parts[2] == "true" || parts[2] == "false" {
				return m
			}
			return parts[1] + "'" + parts[2] + "'"
		})
		s = listForm.ReplaceAllStringFunc(s, func(m string) string { return wordForm.ReplaceAllString(m, "'$0'") })
		return outside(s, func(s string) string {
			return nameForm.ReplaceAllStringFunc(s, func(m string) string {
				if slices.Contains(fact.Instrument.Def().Values, m) && strings.Contains(m, "_") {
					return "instrument == '" + m + "'"
				}
				return m
			})
		}, func(_, word string) string { return word })
	}, func(_, word string) string { return word })
}

// outside changes what stands outside quotation marks, and what stands in them by the
// text before.
func outside(text string, out func(string) string, in func(before, word string) string) string {
	var b strings.Builder
	at := 0
	for _, q := range quotation.FindAllStringIndex(text, -1) {
		b.WriteString(out(text[at:q[0]]))
		b.WriteString(in(text[:q[0]], text[q[0]:q[1]]))
		at = q[1]
	}
	b.WriteString(out(text[at:]))
	return b.String()
}

// quotedWords writes the words of the facts before them for what people write in their
// place: DE for Germany, TX for Texas, investigating_judge for one with a blank.
func quotedWords(text string) string {
	return outside(text, func(s string) string { return s }, func(before, word string) string {
		names := nameForm.FindAllString(quotation.ReplaceAllString(before, ""), -1)
		for i := len(names) - 1; i >= 0; i-- {
			k, ok := fact.Lookup(names[i])
			if !ok {
				continue
			}
			said := word[1 : len(word)-1]
			switch def := k.Def(); {
			case def.Type == fact.Country:
				if code, ok := country.Code(said); ok {
					return "'" + code + "'"
				}
			case len(def.Values) > 0:
				h := &heard{text: said}
				for _, p := range h.words(k, 0) {
					if p.end == len(said) {
						return p.expr
					}
				}
			}
			return word
		}
		return word
	})
}
