package book

import "strings"

// Block is one part of a text that is shown as Markdown and as a page alike: a heading,
// a paragraph, a list or a table. Exactly one of Text, Items and Head is there.
type Block struct {
	Heading int        // level of a heading, 1 to 3; 0: Text is a paragraph
	Text    []Span     // of a heading or a paragraph
	Items   [][]Span   // of a list
	Head    []string   // of a table; each row is as long
	Rows    [][]string // of the table
}

// Span is a stretch of text in one style.
type Span struct {
	Text  string
	Style Style
}

// Style is how a span is set.
type Style string

const (
	Plain  Style = ""
	Strong Style = "strong"
	Emph   Style = "em"
	Code   Style = "code"
)

// Markdown writes blocks as Markdown.
func Markdown(blocks []Block) string {
	var b strings.Builder
	for i, x := range blocks {
		if i > 0 {
			b.WriteString("\n")
		}
		switch {
		case x.Items != nil:
			for _, item := range x.Items {
				b.WriteString("- " + inline(item) + "\n")
			}
		case x.Head != nil:
			tableRow(&b, x.Head)
			b.WriteString("|" + strings.Repeat("---|", len(x.Head)) + "\n")
			for _, r := range x.Rows {
				tableRow(&b, r)
			}
		case x.Heading > 0:
			b.WriteString(strings.Repeat("#", x.Heading) + " " + inline(x.Text) + "\n")
		default:
			b.WriteString(inline(x.Text) + "\n")
		}
	}
	return b.String()
}

func tableRow(b *strings.Builder, cells []string) {
	b.WriteString("|")
	for _, c := range cells {
		if c != "" {
			c = " " + c
		}
		b.WriteString(c + " |")
	}
	b.WriteString("\n")
}

func inline(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Style {
		case Strong:
			b.WriteString("**" + s.Text + "**")
		case Emph:
			b.WriteString("*" + s.Text + "*")
		case Code:
			b.WriteString("`" + s.Text + "`")
		case Plain:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
