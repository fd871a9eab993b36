package notice

import (
	"bytes"
	"embed"
	"html/template"
	"reflect"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"

	"counterseal/internal/problem"
)

//go:embed templates
var templates embed.FS

// width is the measure of the text form, in characters.
const width = 76

// Rendered is a letter in both forms, UTF-8.
type Rendered struct {
	Text []byte // letter.txt
	HTML []byte // letter.html: complete, nothing loaded from elsewhere, for screen and print
}

// A block is a paragraph, a heading or a list.
type block struct {
	Heading string
	Title   bool
	Text    string
	List    []string
}

// Render writes the letter. Codes: notice.field (Field names it),
// notice.template.
func Render(l Letter) (Rendered, error) {
	l, err := l.checked()
	if err != nil {
		return Rendered{}, err
	}
	source, err := words(l)
	if err != nil {
		return Rendered{}, problem.New(problem.Internal, "notice.template", "the letter could not be written").Because(err)
	}
	blocks := parse(source)
	page, err := html(l.Language, blocks)
	if err != nil {
		return Rendered{}, problem.New(problem.Internal, "notice.template", "the letter could not be written").Because(err)
	}
	return Rendered{Text: text(blocks), HTML: page}, nil
}

// words executes the language's template. Its form: blocks divided by blank
// lines; "# " begins the title, "## " a heading, "- " an item of a list.
func words(l Letter) (string, error) {
	w := languages[l.Language]
	name := "letter." + l.Language + ".txt"
	t, err := texttemplate.New(name).Option("missingkey=error").Funcs(texttemplate.FuncMap{
		"day":    func(t time.Time) string { return w.date(w, t.In(l.Zone)) },
		"moment": func(t time.Time) string { return w.moment(t, l.Zone) },
		"line":   func(x Line) string { return w.line(x, l.Zone) },
		"all":    func() bool { return reflect.DeepEqual(l.Asked, l.Given) },
	}).ParseFS(templates, "templates/"+name)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, l)
	return b.String(), err
}

func parse(source string) []block {
	var out []block
	for part := range strings.SplitSeq(source, "\n\n") {
		part = strings.Trim(part, "\n")
		if part == "" {
			continue
		}
		switch first, rest, _ := strings.Cut(part, " "); first {
		case "#":
			out = append(out, block{Heading: rest, Title: true})
		case "##":
			out = append(out, block{Heading: rest})
		case "-":
			var b block
			for item := range strings.SplitSeq(part, "\n") {
				b.List = append(b.List, strings.TrimPrefix(item, "- "))
			}
			out = append(out, b)
		default:
			out = append(out, block{Text: strings.Join(strings.Fields(part), " ")})
		}
	}
	return out
}

func text(blocks []block) []byte {
	var b strings.Builder
	for i, x := range blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch {
		case x.Title:
			b.WriteString(strings.ToUpper(x.Heading) + "\n")
		case x.Heading != "":
			b.WriteString(x.Heading + "\n")
		case x.List != nil:
			for _, item := range x.List {
				wrap(&b, "- ", "  ", item)
			}
		default:
			wrap(&b, "", "", x.Text)
		}
	}
	return []byte(b.String())
}

func wrap(b *strings.Builder, first, next, s string) {
	line := first
	empty := true
	for _, word := range strings.Fields(s) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	b.WriteString(line + "\n")
}

func html(lang string, blocks []block) ([]byte, error) {
	t, err := template.ParseFS(templates, "templates/letter.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Lang   string
		Blocks []block
	}{lang, blocks})
	return b.Bytes(), err
}
