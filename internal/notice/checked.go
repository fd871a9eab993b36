package notice

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// checked returns a copy of the letter with neutralised texts, or notice.field.
// It walks every field of every kind alike, so none can be left out: a field is
// needed and bounded unless its tag says otherwise.
//
//	notice:"optional"  may be empty
//	notice:"max=40"    bound of a list, else MaxLines
//	notice:"long"      a text of up to 600 bytes, else 300
func checked(l Letter) (Letter, error) {
	if l == nil || reflect.ValueOf(l).IsNil() {
		return nil, missing("kind")
	}
	from := reflect.ValueOf(l).Elem()
	to := reflect.New(from.Type())
	field := walk(to.Elem(), from, "", rule{})
	if field != "" {
		return nil, missing(field)
	}
	out := to.Interface().(Letter)
	h := out.head()
	if !slices.Contains(Languages, h.Language) {
		return nil, missing("language")
	}
	if h.Zone == time.Local || h.Zone.String() == "" {
		return nil, missing("zone")
	}
	field = out.agree()
	if field != "" {
		return nil, missing(field)
	}
	return out, nil
}

// rule is what a field's tag says.
type rule struct {
	optional bool
	bound    int // of a list
	bytes    int // of a text
}

func ruleOf(f reflect.StructField) rule {
	r := rule{bound: MaxLines, bytes: maxText}
	for word := range strings.SplitSeq(f.Tag.Get("notice"), ",") {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "optional":
			r.optional = true
		case "long":
			r.bytes = maxSentence
		case "max":
			r.bound, _ = strconv.Atoi(value)
		}
	}
	return r
}

// walk copies from into to and returns the name of the first field that is
// missing or out of bounds.
func walk(to, from reflect.Value, name string, r rule) string {
	switch v := from.Interface().(type) {
	case time.Time:
		to.Set(from)
		if v.IsZero() && r.optional {
			return ""
		}
		return unless(dated(v), name)
	case *time.Location:
		to.Set(from)
		return unless(v != nil, name)
	case Line:
		to.Set(from)
		return unless(sound(v), name)
	}
	switch from.Kind() {
	case reflect.Struct:
		return walkFields(to, from, name)
	case reflect.Slice:
		return walkList(to, from, name, r)
	case reflect.Pointer:
		if from.IsNil() {
			return unless(r.optional, name)
		}
		to.Set(reflect.New(from.Type().Elem()))
		return walk(to.Elem(), from.Elem(), name, rule{})
	case reflect.String:
		if from.Len() > 4*r.bytes {
			return name
		}
		s := neutral(from.String())
		to.SetString(s)
		return unless(len(s) <= r.bytes && (s != "" || r.optional), name)
	case reflect.Int64:
		to.Set(from)
		return unless(from.Int() > 0 || from.Int() == 0 && r.optional, name)
	default: // bool
		to.Set(from)
		return ""
	}
}

func walkFields(to, from reflect.Value, name string) string {
	t := from.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		within := strings.TrimPrefix(name+": "+spaced(f.Name), ": ")
		if f.Anonymous {
			within = name
		}
		if field := walk(to.Field(i), from.Field(i), within, ruleOf(f)); field != "" {
			return field
		}
	}
	return ""
}

func walkList(to, from reflect.Value, name string, r rule) string {
	n := from.Len()
	if n == 0 {
		return unless(r.optional, name)
	}
	if n > r.bound {
		return name
	}
	to.Set(reflect.MakeSlice(from.Type(), n, n))
	for i := range n {
		if field := walk(to.Index(i), from.Index(i), name, rule{bound: r.bound, bytes: r.bytes}); field != "" {
			return field
		}
	}
	return ""
}

func unless(ok bool, name string) string {
	if ok {
		return ""
	}
	return name
}

// spaced turns a field's name into words: ObjectUntil is "object until".
func spaced(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func dated(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9998 }

func sound(l Line) bool {
	return slices.Contains(scope.Services, l.Service) && slices.Contains(scope.Categories, l.Category) &&
		(l.Basis == scope.Received || l.Basis == scope.Sent) && dated(l.From) && dated(l.Until) && !l.Until.Before(l.From)
}

func missing(field string) error {
	return problem.New(problem.Invalid, "notice.field", "a letter needs this, in bounds and in agreement with the rest").At("%s", field)
}

// neutral makes one line of printable characters. Controls, line ends and the
// characters that turn the direction of writing become spaces; hyphens and
// number signs at the beginning go, because they would look like the letter's own.
func neutral(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimLeft(strings.Join(strings.Fields(s), " "), "-# ")
}
