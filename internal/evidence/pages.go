package evidence

import (
	"bytes"
	"embed"
	"html/template"
	texttemplate "text/template"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// maxShown bounds the rows that index.html lists; the .jsonl files have all.
const maxShown = 500

//go:embed templates
var templates embed.FS

type pageData struct {
	Order    OrderFile
	Items    []ItemRow
	Withheld []WithheldRow
	Lang     string
	T        labels
}

// labels are the words of index.html.
type labels struct {
	Title, Asked, Who, Instrument, Reference, Received, Compelled, Approved, Given, Account, Service, Items, Bytes, Split            string
	SplitNote, Held, HeldNote, Ref, Reason, Rows, Detail, Files, File, Category, ReceivedAt, SentAt, More, HowChosen, ByGate, ByHand string
	Collected, Check, CheckText, NoItems, NothingHeld, Digest, KeyNote, FormNote, CopyNote                                           string
}

func indexPage(language string, d pageData) ([]byte, error) {
	d.Lang, d.T = language, words[language]
	t, err := template.New("index.html").Funcs(template.FuncMap{"time": showTime}).ParseFS(templates, "templates/index.html")
	if err != nil {
		return nil, pageFailed(err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, d)
	if err != nil {
		return nil, pageFailed(err)
	}
	return b.Bytes(), nil
}

// Field says what one field of a store's items means: a row of the data
// dictionary. Column names where in the store it comes from, Statute the
// provision that speaks of it.
type Field struct {
	Service  scope.Service
	Store    string
	Category scope.Category
	Name     string
	Means    string
	Column   string
	Statute  string
}

// dictionaryText is data-dictionary.txt: first what every package has, then the
// fields of the stores that this one was drawn from.
func dictionaryText(fields []Field) ([]byte, error) {
	type group struct {
		Service  scope.Service
		Store    string
		Category scope.Category
		Fields   []Field
	}
	var groups []group
	for _, f := range fields {
		n := len(groups) - 1
		if n < 0 || groups[n].Service != f.Service || groups[n].Store != f.Store || groups[n].Category != f.Category {
			groups = append(groups, group{f.Service, f.Store, f.Category, nil})
			n++
		}
		groups[n].Fields = append(groups[n].Fields, f)
	}
	t, err := texttemplate.New("data-dictionary.txt").ParseFS(templates, "templates/data-dictionary.txt")
	if err != nil {
		return nil, pageFailed(err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, groups)
	if err != nil {
		return nil, pageFailed(err)
	}
	return b.Bytes(), nil
}

func readMe(language string, f OrderFile) ([]byte, error) {
	name := "README." + language + ".txt"
	t, err := texttemplate.New(name).Funcs(texttemplate.FuncMap{"time": showTime}).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, pageFailed(err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, f)
	if err != nil {
		return nil, pageFailed(err)
	}
	return b.Bytes(), nil
}

// showTime prints a time.Time or *time.Time in UTC, to the second.
func showTime(v any) string {
	switch t := v.(type) {
	case time.Time:
		return t.UTC().Format("2006-01-02 15:04:05 UTC")
	case *time.Time:
		if t != nil {
			return showTime(*t)
		}
	}
	return "–"
}

func pageFailed(err error) error {
	return problem.New(problem.Internal, "evidence.page", "a page of the package could not be written").Because(err)
}
