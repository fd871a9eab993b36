package fact

import (
	"math/bits"
	"time"

	"counterseal/internal/problem"
)

// Bits is a set of slots.
type Bits [2]uint64

func (b *Bits) Add(k Key)          { b[k>>6] |= 1 << (k & 63) }
func (b *Bits) remove(k Key)       { b[k>>6] &^= 1 << (k & 63) }
func (b Bits) Has(k Key) bool      { return b[k>>6]&(1<<(k&63)) != 0 }
func (b Bits) Union(o Bits) Bits   { return Bits{b[0] | o[0], b[1] | o[1]} }
func (b Bits) Empty() bool         { return b[0]|b[1] == 0 }
func (b Bits) Len() int            { return bits.OnesCount64(b[0]) + bits.OnesCount64(b[1]) }
func (b Bits) Without(o Bits) Bits { return Bits{b[0] &^ o[0], b[1] &^ o[1]} }

// Names lists the facts of the set in slot order.
func (b Bits) Names() []string {
	out := make([]string, 0, b.Len())
	for k := Key(0); k < end; k++ {
		if b.Has(k) {
			out = append(out, schema[k].Name)
		}
	}
	return out
}

// Facts is the fixed vector of a demand's facts. The zero value knows nothing.
type Facts struct {
	known Bits
	slot  [Count]int64 // by type: 0/1, index, number, day, second, mask, two letters; 0 where unknown
	text  [2]string    // the tokens; "" where unknown
}

func textSlot(k Key) int {
	if k == Authority {
		return 0
	}
	return 1
}

// Known is the set of stated facts.
func (f *Facts) Known() Bits { return f.known }

// Differs is the set of slots that two differ in: in the value, or in whether it is known.
func (f *Facts) Differs(o *Facts) (b Bits) {
	for k := Key(0); k < end; k++ {
		if f.known.Has(k) != o.known.Has(k) || f.slot[k] != o.slot[k] || schema[k].Type == Token && f.text[textSlot(k)] != o.text[textSlot(k)] {
			b.Add(k)
		}
	}
	return b
}

// Raw gives the stored number of a fact that is not a token, and whether it is
// known: 0 or 1, the index of a word, a number, days or seconds since
// 1970-01-01 UTC, a mask of word indexes, or two letters as first<<8 | second.
func (f *Facts) Raw(k Key) (int64, bool) { return f.slot[k], f.known.Has(k) }

// Text gives a token and whether it is known.
func (f *Facts) Text(k Key) (string, bool) {
	if schema[k].Type != Token {
		return "", false
	}
	return f.text[textSlot(k)], f.known.Has(k)
}

// Forget makes a fact unknown.
func (f *Facts) Forget(name string) error {
	k, ok := byName[name]
	if !ok {
		return unknownKey(name)
	}
	f.forget(k)
	return nil
}

func (f *Facts) forget(k Key) {
	f.known.remove(k)
	f.slot[k] = 0
	if schema[k].Type == Token {
		f.text[textSlot(k)] = ""
	}
}

// Unknown is the word that states, in every text form, that a fact is unknown.
const Unknown = "unknown"

// Set states one fact: a bool; a string for words, dates, instants, countries
// and tokens; an int or int64; a []string for sets. Any other Go type is
// refused, nothing is converted. The string "unknown" forgets the fact. On an
// error nothing has changed: fact.unknown_key, fact.type, fact.enum,
// fact.range, fact.date, fact.country, fact.token, fact.duplicate.
func (f *Facts) Set(name string, value any) error {
	k, ok := byName[name]
	if !ok {
		return unknownKey(name)
	}
	if value == Unknown {
		f.forget(k)
		return nil
	}
	if i, ok := value.(int); ok {
		value = int64(i)
	}
	if schema[k].Type == Token {
		s, ok := value.(string)
		if !ok {
			return wrongType(k)
		}
		err := checkToken(k, s)
		if err != nil {
			return err
		}
		f.text[textSlot(k)] = s
		f.known.Add(k)
		return nil
	}
	raw, err := parse(k, value)
	if err != nil {
		return err
	}
	f.slot[k] = raw
	f.known.Add(k)
	return nil
}

// Get gives a fact as Set takes it, and whether it is known; nil when it is
// not. The error is fact.unknown_key.
func (f *Facts) Get(name string) (value any, known bool, err error) {
	k, ok := byName[name]
	if !ok {
		return nil, false, unknownKey(name)
	}
	if !f.known.Has(k) {
		return nil, false, nil
	}
	return f.value(k), true, nil
}

func (f *Facts) value(k Key) any {
	d, raw := &schema[k], f.slot[k]
	switch d.Type {
	case Bool:
		return raw == 1
	case Enum:
		return d.Values[raw]
	case Int:
		return raw
	case Date:
		return DayTime(raw).Format(time.DateOnly)
	case Instant:
		return SecondTime(raw).Format(time.RFC3339)
	case Set:
		return SetWords(k, raw)
	case Country:
		return string([]byte{byte(raw >> 8), byte(raw)})
	default:
		return f.text[textSlot(k)]
	}
}

// DayTime is midnight UTC of a day counted from 1970-01-01.
func DayTime(day int64) time.Time { return time.Unix(day*86400, 0).UTC() }

// SecondTime is the moment of a second counted from 1970-01-01, in UTC.
func SecondTime(second int64) time.Time { return time.Unix(second, 0).UTC() }

// SetWords lists the words of a set's mask in slot order.
func SetWords(k Key, mask int64) []string {
	out := make([]string, 0, bits.OnesCount64(uint64(mask)))
	for i, w := range schema[k].Values {
		if mask&(1<<i) != 0 {
			out = append(out, w)
		}
	}
	return out
}

func parse(k Key, value any) (int64, error) {
	d := &schema[k]
	switch d.Type {
	case Bool:
		b, ok := value.(bool)
		if !ok {
			return 0, wrongType(k)
		}
		if b {
			return 1, nil
		}
		return 0, nil
	case Int:
		n, ok := value.(int64)
		if !ok {
			return 0, wrongType(k)
		}
		if n < d.Min || n > d.Max {
			return 0, problem.New(problem.Invalid, "fact.range", "the number must lie between %d and %d", d.Min, d.Max).At("%s", d.Name)
		}
		return n, nil
	case Set:
		list, ok := value.([]string)
		if !ok {
			return 0, wrongType(k)
		}
		return parseSet(d, list)
	}
	s, ok := value.(string)
	if !ok {
		return 0, wrongType(k)
	}
	switch d.Type {
	case Enum:
		i, ok := d.Index(s)
		if !ok {
			return 0, notListed(d)
		}
		return int64(i), nil
	case Date:
		return parseDate(d.Name, s)
	case Instant:
		return parseInstant(d.Name, s)
	default: // Country
		if len(s) != 2 || !upper(s[0]) || !upper(s[1]) {
			return 0, problem.New(problem.Invalid, "fact.country", "a country is two capital letters").At("%s", d.Name)
		}
		return int64(s[0])<<8 | int64(s[1]), nil
	}
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }

func parseSet(d *Def, list []string) (mask int64, err error) {
	for _, w := range list {
		i, ok := d.Index(w)
		if !ok {
			return 0, notListed(d)
		}
		if mask&(1<<i) != 0 {
			return 0, problem.New(problem.Invalid, "fact.duplicate", "a word stands twice in a set").At("%s", d.Name)
		}
		mask |= 1 << i
	}
	return mask, nil
}

func parseDate(name, s string) (int64, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < MinYear || t.Year() > MaxYear {
		return 0, badDate(name, "a date is written YYYY-MM-DD")
	}
	return t.Unix() / 86400, nil
}

func parseInstant(name, s string) (int64, error) {
	// time.Parse alone also takes fractions and a comma before them.
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || len(s) != len("2006-01-02T15:04:05Z") && len(s) != len("2006-01-02T15:04:05+01:00") {
		return 0, badDate(name, "a moment is written YYYY-MM-DDThh:mm:ss with Z or an offset")
	}
	if y := t.UTC().Year(); y < MinYear || y > MaxYear {
		return 0, badDate(name, "the moment is out of range")
	}
	return t.Unix(), nil
}

func checkToken(k Key, s string) error {
	bad := problem.New(problem.Invalid, "fact.token",
		"an identifier has 1 to %d lower-case letters and digits, with single . _ - between them", MaxToken).At("%s", schema[k].Name)
	if len(s) == 0 || len(s) > MaxToken {
		return bad
	}
	letter := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			letter = true
		case (c == '.' || c == '_' || c == '-') && letter:
			letter = false
		default:
			return bad
		}
	}
	if !letter {
		return bad
	}
	return nil
}

func unknownKey(name string) error {
	if len(name) > MaxToken {
		name = name[:MaxToken]
	}
	return problem.New(problem.Invalid, "fact.unknown_key", "there is no such fact").At("%q", name).Fix("see docs/facts.md for the list")
}

func wrongType(k Key) error {
	p := problem.New(problem.Invalid, "fact.type", "the fact takes a value of type %s", schema[k].Type).At("%s", schema[k].Name)
	if schema[k].Type == Bool {
		p = p.Fix("write true or false")
	}
	return p
}

func notListed(d *Def) error {
	return problem.New(problem.Invalid, "fact.enum", "the word is not in the list of this fact").At("%s", d.Name).Fix("see docs/facts.md for the list")
}

func badDate(name, why string) error {
	return problem.New(problem.Invalid, "fact.date", "%s, in the years %d to %d", why, MinYear, MaxYear).At("%s", name)
}
