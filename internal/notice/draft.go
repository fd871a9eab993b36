package notice

import (
	"bytes"
	"embed"
	"reflect"
	"strings"
	"sync"
	"text/template"
	"time"

	"counterseal/internal/problem"
)

//go:embed templates/*.txt templates/*.html
var templates embed.FS

// Draft is a letter's wording before anyone has touched it.
type Draft struct {
	Kind     Kind
	Language string
	Sender   string // the provider's name
	Date     time.Time
	// Wording is blocks divided by blank lines: "# " begins the title, "## " a
	// heading, "- " an item of a list; anything else is a paragraph.
	Wording   string
	Sentences []Sentence // those of findings that stand in it, in the order of the facts
}

// Write words the letter. Codes: notice.field (Field names it), notice.template.
func Write(l Letter) (Draft, error) {
	l, err := checked(l)
	if err != nil {
		return Draft{}, err
	}
	h := l.head()
	source, err := worded(l)
	if err != nil {
		return Draft{}, unwritable(err)
	}
	return Draft{Kind: l.Kind(), Language: h.Language, Sender: h.Provider, Date: h.Date.In(h.Zone), Wording: format(parse(source)), Sentences: sentences(reflect.ValueOf(l).Elem())}, nil
}

// Render writes the letter in each form. Codes as for Write.
func Render(l Letter) (Rendered, error) {
	d, err := Write(l)
	if err != nil {
		return Rendered{}, err
	}
	return d.Render()
}

func unwritable(err error) error {
	return problem.New(problem.Internal, "notice.template", "the letter could not be written").Because(err)
}

// wordings parses each language's templates once.
var wordings = func() map[string]func() (*template.Template, error) {
	m := map[string]func() (*template.Template, error){}
	for _, language := range Languages {
		m[language] = sync.OnceValues(func() (*template.Template, error) {
			return template.New(language).Option("missingkey=error").Funcs(functions(languages[language], time.UTC)).ParseFS(templates, "templates/*."+language+".txt")
		})
	}
	return m
}()

func functions(w language, zone *time.Location) template.FuncMap {
	return template.FuncMap{
		"day":    func(t time.Time) string { return w.date(w, t.In(zone)) },
		"moment": func(t time.Time) string { return w.moment(t, zone) },
		"line":   func(x Line) string { return w.line(x, zone) },
		"excess": w.excess,
		"number": w.number,
		"count":  func(s []string) string { return w.number(int64(len(s))) },
		"join":   func(s []string) string { return strings.Join(shortened(s), ", ") },
		"same":   func(a, b []Line) bool { return reflect.DeepEqual(a, b) },
		"reason": func(c ReasonCode) string { return c.Sentence(w.code) },
		"cited":  Sentence.printed,
	}
}

func worded(l Letter) (string, error) {
	h := l.head()
	shared, err := wordings[h.Language]()
	if err != nil {
		return "", err
	}
	t, err := shared.Clone()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Funcs(functions(languages[h.Language], h.Zone)).ExecuteTemplate(&b, string(l.Kind()), l)
	return b.String(), err
}

// accountLength bounds one account's name in a list of up to forty.
const accountLength = 64

// shortened leaves out the middle of names that are too long, so that both ends can be read.
func shortened(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		r := []rune(n)
		if len(r) > accountLength {
			n = string(r[:accountLength/2]) + "…" + string(r[len(r)-accountLength/2+1:])
		}
		out[i] = n
	}
	return out
}

// sentences finds each Sentence among the facts.
func sentences(v reflect.Value) (out []Sentence) {
	if s, ok := v.Interface().(Sentence); ok {
		return []Sentence{s}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out = append(out, sentences(v.Field(i))...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, sentences(v.Index(i))...)
		}
	}
	return out
}
