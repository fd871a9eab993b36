package law

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"counterseal/internal/country"
	"counterseal/internal/fact"
)

// heard reads the words that Wording says, back into what they were said of. A phrase is
// found at a place in the text, and may end at more than one.
type heard struct {
	text string
	memo map[int][]phrase // chains of or, by where they begin
	far  int              // as far as clauses were understood
}

// phrase is what stands at a place: an expression, or a thing that is compared.
type phrase struct {
	expr string
	end  int
	kind thingKind
	key  fact.Key
}

type thingKind int

const (
	aClause thingKind = iota
	aFact             // one of words, countries, tokens or numbers
	aSet
	aTime
	aLength
)

// Heard gives the expression of a condition in the words of Say; false where they are
// not all understood.
func Heard(text string) (string, bool) {
	expr, rest := hear(text)
	return expr, expr != "" && rest == ""
}

// Unheard is what follows in a condition after all that was understood of it.
func Unheard(text string) string {
	_, rest := hear(curled.Replace(text))
	return rest
}

func hear(text string) (expr, rest string) {
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
	if len(text) > maxScalar {
		return "", text
	}
	h := &heard{text: text, memo: map[int][]phrase{}}
	for _, p := range h.chain(0) {
		if p.end == len(text) {
			return p.expr, ""
		}
	}
	return "", strings.TrimSpace(text[h.far:])
}

// after gives where a text ends that stands at a place, in capitals or not; -1: nowhere.
func (h *heard) after(at int, text string) int {
	end := at + len(text)
	if end > len(h.text) || !strings.EqualFold(h.text[at:end], text) {
		return -1
	}
	return end
}

// whole says that no word goes on at a place.
func (h *heard) whole(at int) bool {
	return at == len(h.text) || strings.IndexByte(" ,)", h.text[at]) >= 0
}

// afterWord is after, of whole words.
func (h *heard) afterWord(at int, text string) int {
	if end := h.after(at, text); end > at && h.whole(end) {
		return end
	}
	return -1
}

// chain finds clauses joined by or, each of clauses joined by and.
func (h *heard) chain(at int) []phrase {
	if done, ok := h.memo[at]; ok {
		return done
	}
	out := h.joined(at, []string{" or ", " || "}, " || ", func(at int) []phrase { return h.joined(at, []string{" and ", " && "}, " && ", h.clause) })
	h.memo[at] = out
	return out
}

func (h *heard) joined(at int, words []string, sign string, part func(int) []phrase) (out []phrase) {
	ends := map[int]bool{}
	open := part(at)
	for len(open) > 0 {
		p := open[0]
		open = open[1:]
		if ends[p.end] {
			continue
		}
		ends[p.end] = true
		h.far = max(h.far, p.end)
		out = append(out, p)
		for _, word := range words {
			next := h.after(p.end, word)
			if next < 0 {
				continue
			}
			for _, q := range part(next) {
				open = append(open, phrase{expr: p.expr + sign + q.expr, end: q.end})
			}
		}
	}
	return out
}

// clause finds one that is joined, or what is in brackets.
func (h *heard) clause(at int) (out []phrase) {
	put := func(expr string, end int) { out = append(out, phrase{expr: expr, end: end}) }
	if h.after(at, "(") > 0 {
		for _, p := range h.chain(at + 1) {
			if h.after(p.end, ")") > 0 {
				put("("+p.expr+")", p.end+1)
			}
		}
	}
	for _, not := range []string{"not ", "!"} {
		if next := h.after(at, not); next > 0 {
			for _, p := range h.clause(next) {
				put("!"+bracketed(p.expr), p.end)
			}
		}
	}
	if expr, end := h.written(at); end > 0 {
		put(expr, end)
	}
	if next := h.after(at, "if "); next > 0 {
		out = append(out, h.choice(next)...)
	}
	for word, expr := range map[string]string{"always": "true", "never": "false"} {
		if end := h.afterWord(at, word); end > 0 {
			put(expr, end)
		}
	}
	for name, said := range truths() {
		for i, sign := range []string{"", "!"} {
			if end := h.afterWord(at, said[i]); end > 0 {
				put(sign+name, end)
			}
		}
	}
	for _, p := range h.things(at) {
		out = append(append(out, h.related(p)...), h.within(p)...)
	}
	return append(out, h.ofSet(at)...)
}

// bracketed puts brackets around what is more than a name, or has them.
func bracketed(expr string) string {
	if strings.HasPrefix(expr, "(") || nameForm.FindString(expr) == expr {
		return expr
	}
	return "(" + expr + ")"
}

// writtenForm is one atom as packs have it.
var writtenForm = regexp.MustCompile(`^(?:'[^']*' in ([a-z_]+)|([a-z_]+)(?: ?(?:==|!=|<=|>=|<|>|=) ?(?:'[^']*'|date\('[^']*'\)|[a-z_]+(?: ?[+-] ?days\(\d+\))?|\d+)| in \[[^\]]*\])?)`)

// written finds an atom as packs have it; -1: none.
func (h *heard) written(at int) (string, int) {
	m := writtenForm.FindStringSubmatch(h.text[at:])
	if m == nil || !h.whole(at+len(m[0])) {
		return "", -1
	}
	k, ok := fact.Lookup(m[1] + m[2])
	if !ok || m[0] == m[2] && k.Def().Type != fact.Bool {
		return "", -1
	}
	return withSigns(m[0]), at + len(m[0])
}

// choice is what follows if.
func (h *heard) choice(at int) (out []phrase) {
	for _, a := range h.chain(at) {
		then := h.after(a.end, ", then ")
		if then < 0 {
			continue
		}
		for _, b := range h.chain(then) {
			other := h.after(b.end, ", otherwise ")
			if other < 0 {
				continue
			}
			for _, c := range h.chain(other) {
				out = append(out, phrase{expr: "(" + a.expr + " ? " + b.expr + " : " + c.expr + ")", end: c.end})
			}
		}
	}
	return out
}

// truths are the words of every fact that is true or false: so, and not so.
var truths = sync.OnceValue(func() map[string][2]string {
	out := map[string][2]string{}
	for _, d := range fact.Schema() {
		if d.Type == fact.Bool {
			out[d.Name] = [2]string{plainFact(d.Name, true), plainFact(d.Name, false)}
		}
	}
	return out
})

// nouns are what a fact may be called: as Wording does, with its article and without, or
// by its name.
func nouns(name string) []string {
	return []string{noun(name), strings.TrimPrefix(noun(name), "the "), name}
}

// things finds what can be compared: facts, days, and lengths of time.
func (h *heard) things(at int) (out []phrase) {
	for i, d := range fact.Schema() {
		kind := map[fact.Type]thingKind{fact.Set: aSet, fact.Date: aTime, fact.Instant: aTime}[d.Type]
		if d.Type == fact.Bool {
			continue
		}
		if kind == aClause {
			kind = aFact
		}
		for _, name := range nouns(d.Name) {
			if end := h.afterWord(at, name); end > 0 {
				out = append(out, phrase{d.Name, end, kind, fact.Key(i)})
			}
		}
	}
	if day, end := h.day(at); end > 0 {
		out = append(out, phrase{"date('" + day + "')", end, aTime, 0})
	}
	if next := h.after(at, "the time from "); next > 0 {
		for _, from := range h.things(next) {
			to := h.after(from.end, " to ")
			if to < 0 || from.kind != aTime {
				continue
			}
			for _, p := range h.things(to) {
				if p.kind == aTime {
					out = append(out, phrase{p.expr + " - " + from.expr, p.end, aLength, 0})
				}
			}
		}
	}
	m := daysForm.FindStringSubmatch(h.text[at:])
	if m == nil {
		return out
	}
	length := phrase{"days(" + m[1] + ")", at + len(m[0]), aLength, 0}
	if h.whole(length.end) {
		out = append(out, length)
	}
	for word, sign := range map[string]string{" after ": " + ", " before ": " - "} {
		if next := h.after(length.end, word); next > 0 {
			for _, p := range h.things(next) {
				if p.kind == aTime {
					out = append(out, phrase{p.expr + sign + length.expr, p.end, aTime, 0})
				}
			}
		}
	}
	return out
}

var (
	daysForm   = regexp.MustCompile(`^(\d{1,6}) days?`)
	dayForm    = regexp.MustCompile(`^(?:\d{1,2} [A-Za-z]+ \d{4}|\d{4}-\d\d-\d\d)`)
	numberForm = regexp.MustCompile(`^-?\d{1,9}`)
	tokenForm  = regexp.MustCompile(`^[A-Za-z0-9._:-]+`)
)

// day reads a day as DayWords writes it, or as packs do.
func (h *heard) day(at int) (string, int) {
	text := dayForm.FindString(h.text[at:])
	if text == "" || !h.whole(at+len(text)) {
		return "", -1
	}
	for _, form := range []string{"2 January 2006", time.DateOnly} {
		t, err := time.Parse(form, text)
		if err == nil {
			return t.Format(time.DateOnly), at + len(text)
		}
	}
	return "", -1
}

// related finds what is said of a thing.
func (h *heard) related(p phrase) (out []phrase) {
	for _, r := range relations {
		said := []string{r.is}
		if p.kind == aTime && times[r.is] != r.is {
			said = append(said, times[r.is])
		}
		for _, is := range said {
			next := h.after(p.end, " "+is+" ")
			if next < 0 {
				continue
			}
			for _, q := range h.values(p, next) {
				sign := strings.Trim(r.op, "_")
				if list, many := strings.CutPrefix(q.expr, "["); many {
					expr := p.expr + " in [" + list
					if sign == "!=" {
						expr = "!(" + expr + ")"
					}
					if sign == "==" || sign == "!=" {
						out = append(out, phrase{expr: expr, end: q.end})
					}
					continue
				}
				out = append(out, phrase{expr: p.expr + " " + sign + " " + q.expr, end: q.end})
			}
		}
	}
	return out
}

// values finds what a thing can be compared with: words as a text in quotation marks or
// a list in brackets.
func (h *heard) values(p phrase, at int) (out []phrase) {
	if p.kind == aTime || p.kind == aLength {
		for _, q := range h.things(at) {
			if q.kind == p.kind {
				out = append(out, q)
			}
		}
		return out
	}
	if p.kind != aFact {
		return nil
	}
	if p.key.Def().Type == fact.Int {
		if n := numberForm.FindString(h.text[at:]); n != "" && h.whole(at+len(n)) {
			out = append(out, phrase{expr: n, end: at + len(n)})
		}
	} else {
		out = h.list(p.key, at)
	}
	for _, q := range h.things(at) {
		if q.kind == aFact && q.key.Def().Type == p.key.Def().Type && q.key != p.key {
			out = append(out, phrase{expr: q.expr, end: q.end})
		}
	}
	return out
}

// list finds a word of a fact, or several: a, b or c.
func (h *heard) list(k fact.Key, at int) (out []phrase) {
	for words, text := range unions() {
		if end := h.afterWord(at, text); k.Def().Type == fact.Country && end > 0 {
			out = append(out, phrase{expr: words, end: end})
		}
	}
	var more func(list []string, at int)
	more = func(list []string, at int) {
		if next := h.after(at, ", "); next > 0 {
			for _, w := range h.words(k, next) {
				more(append(list[:len(list):len(list)], w.expr), w.end)
			}
		}
		for _, last := range []string{" or ", " and "} {
			next := h.after(at, last)
			if next < 0 || last == " and " && k.Def().Type != fact.Set {
				continue
			}
			for _, w := range h.words(k, next) {
				out = append(out, phrase{expr: "[" + strings.Join(append(list[:len(list):len(list)], w.expr), ", ") + "]", end: w.end})
			}
		}
	}
	for _, w := range h.words(k, at) {
		out = append(out, phrase{expr: w.expr, end: w.end})
		more([]string{w.expr}, w.end)
	}
	return out
}

// unions are lists of states by the words for them.
var unions = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	all := strings.Fields(fact.Union)
	for _, list := range [][]string{all, without(all, "DK"), append(append([]string(nil), all...), "IS", "LI", "NO")} {
		out["['"+strings.Join(list, "', '")+"']"] = statesOf(list)
	}
	return out
})

func without(list []string, word string) (out []string) {
	for _, w := range list {
		if w != word {
			out = append(out, w)
		}
	}
	return out
}

// words finds one word of a fact, in quotation marks as a pack has it.
func (h *heard) words(k fact.Key, at int) (out []phrase) {
	put := func(word, said string) {
		if end := h.afterWord(at, said); end > 0 {
			out = append(out, phrase{expr: "'" + word + "'", end: end})
		}
	}
	switch def := k.Def(); def.Type {
	case fact.Token:
		if text := tokenForm.FindString(h.text[at:]); text != "" {
			put(text, text)
		}
	case fact.Country:
		if m := codeForm.FindString(h.text[at:]); m != "" {
			put(m, m)
		}
		for said, code := range countryWords() {
			put(code, said)
		}
	default:
		for _, v := range def.Values {
			for _, said := range unique(word(k, v), strings.ReplaceAll(v, "_", " "), v) {
				put(v, said)
			}
		}
	}
	return out
}

// countryWords are the names of states in every language, with the code behind it and
// without.
var countryWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, code := range country.Codes() {
		out[stateName(code)] = code
		for _, lang := range Languages {
			name := country.Name(code, lang)
			if own, _ := country.Code(name); own == code {
				out[name] = code
			}
		}
	}
	return out
})

var codeForm = regexp.MustCompile(`^[A-Z]{2}\b`)

func unique(list ...string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}

// ofSet finds what is said of the records asked for, or another set.
func (h *heard) ofSet(at int) (out []phrase) {
	for i, d := range fact.Schema() {
		if d.Type != fact.Set {
			continue
		}
		k, name := fact.Key(i), noun(d.Name)
		for _, f := range []struct{ before, after, form, end string }{
			{name + " include ", "", "%s in " + d.Name, ""}, {name + " do not include ", "", "!(%s in " + d.Name + ")", ""},
			{name + " are ", "", d.Name + ".all(f, f in %s)", " alone"}, {"one of " + name + " is not ", "", "!" + d.Name + ".all(f, f in %s)", ""},
			{"one of " + name + " is ", "", d.Name + ".exists(f, f in %s)", ""}, {"none of " + name + " is ", "", "!" + d.Name + ".exists(f, f in %s)", ""},
		} {
			next := h.after(at, f.before)
			if next < 0 {
				continue
			}
			many := strings.Contains(f.form, "f in")
			for _, q := range h.list(k, next) {
				end := h.after(q.end, f.end)
				if end < 0 || !many && strings.HasPrefix(q.expr, "[") {
					continue
				}
				if many && !strings.HasPrefix(q.expr, "[") {
					q.expr = "[" + q.expr + "]"
				}
				out = append(out, phrase{expr: fmt.Sprintf(f.form, q.expr), end: end})
			}
		}
	}
	return out
}
