package notice

import (
	"bytes"
	"html/template"
	"strings"
	"unicode/utf8"
)

// width is the measure of the text form, in characters.
const width = 76

// Rendered is a letter in each form. Text and HTML are UTF-8.
type Rendered struct {
	Language string
	Sender   string // the provider's name
	Text     []byte // letter.txt
	HTML     []byte // letter.html: complete, nothing loaded from elsewhere, for screen and print
	PDF      []byte // letter.pdf: one sheet, A4, fonts embedded
}

// Render writes the draft in each form. Code: notice.template.
func (d Draft) Render() (Rendered, error) {
	page, err := d.HTML()
	if err != nil {
		return Rendered{}, err
	}
	sheet, err := pdf(d.Language, d.Date, parse(d.Wording))
	if err != nil {
		return Rendered{}, unwritable(err)
	}
	return Rendered{Language: d.Language, Sender: d.Sender, Text: d.Text(), HTML: page, PDF: sheet}, nil
}

// Text is the draft as plain text.
func (d Draft) Text() []byte { return text(parse(d.Wording)) }

// HTML is the draft as a page, for a preview. Code: notice.template.
func (d Draft) HTML() ([]byte, error) {
	page, err := html(d.Language, parse(d.Wording))
	if err != nil {
		return nil, unwritable(err)
	}
	return page, nil
}

// A block is a paragraph, a heading or a list.
type block struct {
	Heading string
	Title   bool
	Text    string
	List    []string
}

func parse(source string) []block {
	var out []block
	for part := range strings.SplitSeq(source, "\n\n") {
		part = strings.Trim(part, "\n")
		line := strings.Join(strings.Fields(part), " ")
		if line == "" {
			continue
		}
		// What begins a block may stand on a line of its own: written again, on one line, it is the same.
		switch first, rest, _ := strings.Cut(line, " "); first {
		case "#":
			out = append(out, block{Heading: rest, Title: true})
		case "##":
			if rest != "" {
				out = append(out, block{Heading: rest})
			}
		case "-":
			var b block
			for item := range strings.SplitSeq(part, "\n") {
				b.List = append(b.List, strings.TrimPrefix(item, "- "))
			}
			out = append(out, b)
		default:
			out = append(out, block{Text: line})
		}
	}
	return out
}

// format is the other way: one line for each paragraph and item.
func format(blocks []block) string {
	var b strings.Builder
	for i, x := range blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch {
		case x.Title:
			b.WriteString("# " + x.Heading + "\n")
		case x.Heading != "":
			b.WriteString("## " + x.Heading + "\n")
		case x.List != nil:
			for _, item := range x.List {
				b.WriteString("- " + item + "\n")
			}
		default:
			b.WriteString(x.Text + "\n")
		}
	}
	return b.String()
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

// wrap breaks at spaces, and a word that is wider than a line inside it.
func wrap(b *strings.Builder, first, next, s string) {
	line, empty := first, true
	flush := func() {
		b.WriteString(isolated(line) + "\n")
		line, empty = next, true
	}
	for _, word := range strings.Fields(s) {
		if !empty && length(line)+1+length(word) > width {
			flush()
		}
		for length(line)+length(word) > width && empty {
			r := []rune(word)
			cut := width - length(line)
			line += string(r[:cut])
			flush()
			word = string(r[cut:])
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	flush()
}

func length(s string) int { return utf8.RuneCountInString(s) }

func html(lang string, blocks []block) ([]byte, error) {
	t, err := template.New("letter.html").Funcs(template.FuncMap{"isolated": isolated}).ParseFS(templates, "templates/letter.html")
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
