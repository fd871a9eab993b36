package law

import "strings"

// Readings are the two ways to read a condition in which and and or stand side by side
// without brackets, each with the brackets written: first that in which and binds
// closer, which is how packs are read; false where nothing is mixed. Lawyers take it either way, and
// the wrong one catches or lets pass what nobody meant.
func Readings(src string) (and, or string, mixed bool) {
	for _, l := range levelsOf(src) {
		if l.joins("&&") && l.joins("||") {
			around := func(text string) string { return src[:l.from] + text + src[l.to:] }
			return around(l.grouped(src, "&&")), around(l.grouped(src, "||")), true
		}
	}
	return "", "", false
}

// level is what stands between two brackets, commas, or signs of if-then, and the signs
// that join it there.
type level struct {
	from, to int
	signs    []sign
}

type sign struct {
	at   int
	text string
}

func (l *level) joins(text string) bool {
	for _, s := range l.signs {
		if s.text == text {
			return true
		}
	}
	return false
}

// levelsOf finds the levels of an expression, the outer ones by where they end.
func levelsOf(src string) (out []level) {
	open := []level{{}}
	end := func(at int) {
		l := open[len(open)-1]
		l.to = at
		out, open = append(out, l), open[:len(open)-1]
	}
	quoted := byte(0)
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '(' || c == '[':
			open = append(open, level{from: i + 1})
		case (c == ')' || c == ']') && len(open) > 1:
			end(i)
		case c == ',' || c == '?' || c == ':':
			end(i)
			open = append(open, level{from: i + 1})
		case strings.HasPrefix(src[i:], "&&") || strings.HasPrefix(src[i:], "||"):
			l := &open[len(open)-1]
			l.signs = append(l.signs, sign{i, src[i : i+2]})
			i++
		}
	}
	end(len(src))
	return out
}

// grouped writes brackets around what one sign joins.
func (l *level) grouped(src, text string) string {
	var b strings.Builder
	at, within := l.from, false
	ends := append(append([]sign{}, l.signs...), sign{at: l.to})
	for _, s := range ends {
		part := strings.TrimSpace(src[at:s.at])
		if s.text == text && !within {
			b.WriteString("(")
			within = true
		}
		b.WriteString(part)
		if s.text != text && within {
			b.WriteString(")")
			within = false
		}
		if s.text != "" {
			b.WriteString(" " + s.text + " ")
		}
		at = s.at + 2
	}
	return b.String()
}

// Joins says whether one of the signs && and || joins a condition as a whole, outside its
// brackets.
func Joins(src, text string) bool {
	all := levelsOf(src)
	return all[len(all)-1].joins(text)
}

// Typed states a field as State does, and refuses a condition in which and and or stand
// side by side: readings are the two that it has, and the field stays as it was. Packs
// that are there keep the rule of their language.
func (d *Draft) Typed(field, text string) (readings []string, err error) {
	rule, said := d.Rule, d.said[field]
	err = d.State(field, text)
	if err != nil || field != "applies" && field != "requires" {
		return nil, err
	}
	and, or, mixed := Readings(d.said[field])
	if !mixed {
		return nil, nil
	}
	d.Rule, d.said[field] = rule, said
	return []string{and, or}, nil
}
