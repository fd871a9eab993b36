package paper

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxToken bounds one tag or run of text of an HTML document, in bytes.
const maxToken = 1 << 20

// silent are elements whose content is not for reading.
var silent = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Template: true, atom.Noframes: true}

// acting are elements that do something when the document is opened or used.
var acting = map[atom.Atom]bool{atom.Script: true, atom.Iframe: true, atom.Object: true, atom.Embed: true, atom.Form: true, atom.Applet: true, atom.Frame: true, atom.Base: true}

// breaking are elements that begin and end a line.
var breaking = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true,
	atom.H5: true, atom.H6: true, atom.Table: true, atom.Ul: true, atom.Ol: true, atom.Blockquote: true, atom.Pre: true, atom.Hr: true, atom.Title: true, atom.Section: true, atom.Article: true}

// HTML takes the words out of an HTML document, at most MaxText bytes of inert
// text, with remarks on what would act, be fetched or stay hidden in a browser.
// Nothing is fetched, laid out or run.
func HTML(doc string) (string, []Remark) {
	var out remarks
	w := words{remarks: &out}
	z := html.NewTokenizer(strings.NewReader(doc))
	z.SetMaxBuf(maxToken)
	skip := 0
	for w.b.Len() < MaxText {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() == html.ErrBufferExceeded {
				out.add("paper.cut", "")
			}
			break
		}
		switch kind {
		case html.TextToken:
			if skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, more := z.TagName()
			a := atom.Lookup(name)
			if silent[a] && kind == html.StartTagToken {
				skip++
			} else if silent[a] && kind == html.EndTagToken {
				skip = max(0, skip-1)
			}
			if kind != html.EndTagToken {
				w.tag(z, a, more)
			}
			if breaking[a] {
				w.line()
			} else if a == atom.Td || a == atom.Th {
				w.b.WriteByte('\t')
			}
		}
	}
	text, unseen := Inert(w.b.String(), MaxText)
	unseen.remark(&out, "")
	return strings.TrimSpace(text), out
}

// words collects text as it will be read: white space collapsed, no two empty
// lines in a row.
type words struct {
	b       strings.Builder
	ends    int // line ends written last
	remarks *remarks
}

func (w *words) text(s string) {
	if s = strings.ToValidUTF8(s, "\uFFFD"); strings.TrimSpace(s) == "" {
		if s != "" && w.ends == 0 && w.b.Len() > 0 {
			w.b.WriteByte(' ')
		}
		return
	}
	w.b.WriteString(strings.Join(strings.FieldsFunc(edge(s), func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }), " "))
	if c := s[len(s)-1]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
		w.b.WriteByte(' ')
	}
	w.ends = 0
}

func edge(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

func (w *words) line() {
	if w.ends < 2 && w.b.Len() > 0 {
		w.b.WriteByte('\n')
		w.ends++
	}
}

func (w *words) tag(z *html.Tokenizer, a atom.Atom, more bool) {
	if acting[a] {
		w.remarks.add("paper.active", "")
	}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		key, value := string(k), strings.ToLower(strings.Join(strings.Fields(string(v)), ""))
		switch {
		case strings.HasPrefix(key, "on"), strings.HasPrefix(value, "javascript:"), strings.HasPrefix(value, "vbscript:"), key == "http-equiv" && value == "refresh":
			w.remarks.add("paper.active", "")
		case a != atom.A && (key == "src" || key == "href" || key == "background" || key == "srcset") && (strings.HasPrefix(value, "http") || strings.HasPrefix(value, "//")):
			w.remarks.add("paper.remote", "")
		case key == "hidden", key == "style" && (strings.Contains(value, "display:none") || strings.Contains(value, "visibility:hidden") || strings.Contains(value, "font-size:0")):
			w.remarks.add("paper.hidden", "")
		case key == "style" && strings.Contains(value, "url("):
			w.remarks.add("paper.remote", "")
		}
	}
}
