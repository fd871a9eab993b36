package paper

import (
	"bytes"
	"context"
	"slices"
	"strings"
)

// scanPDF says what the bytes of a PDF show without opening it (ISO 32000-1,
// 7.5). Names may be written with #xx for any byte, and inside compressed streams
// nothing is seen: what an Opener finds is added to this, never taken from it.
func scanPDF(b []byte, out *remarks) {
	begin := bytes.Index(b, []byte("%PDF-"))
	if begin > 0 {
		out.add("paper.pdf_late", "")
		if len(bytes.TrimSpace(b[:begin])) > 0 && begin > 3 {
			out.add("paper.many_kinds", "")
		}
	}
	end := bytes.LastIndex(b, []byte("%%EOF"))
	switch {
	case end < 0:
		out.add("paper.pdf_truncated", "")
	default:
		if rest := bytes.Trim(b[end+5:], "\x00\r\n\t "); len(rest) > 0 {
			out.add("paper.pdf_tail", "")
			if bytes.Contains(rest, []byte("PK\x05\x06")) {
				out.add("paper.many_kinds", "")
			}
		}
		if bytes.Count(b, []byte("startxref")) > 1 && !bytes.Contains(b, []byte("/Linearized")) {
			out.add("paper.pdf_updated", "")
		}
	}
	if bytes.Contains(b[:min(len(b), 2048)], []byte("<html")) {
		out.add("paper.many_kinds", "")
	}
	for name := range pdfNames(b) {
		if code := telling[name]; code != "" {
			out.add(code, "")
		}
	}
	slices.SortFunc(*out, func(a, b Remark) int { return strings.Compare(a.Code, b.Code) }) // names come in any order
}

// telling are the names of a PDF that a person should know of.
var telling = map[string]string{
	"JavaScript": "paper.pdf_script", "JS": "paper.pdf_script",
	"Launch": "paper.pdf_launch", "SubmitForm": "paper.pdf_launch", "GoToR": "paper.pdf_launch", "GoToE": "paper.pdf_launch", "ImportData": "paper.pdf_launch",
	"EmbeddedFile": "paper.pdf_attachments", "EmbeddedFiles": "paper.pdf_attachments",
	"Encrypt":   "paper.pdf_encrypted",
	"ByteRange": "paper.signed", "XFA": "paper.active", "RichMedia": "paper.active",
}

// Telling gives the remark for a name found in a PDF, or "".
func Telling(name string) string { return telling[name] }

// pdfNames are those of the telling names that stand in the bytes, with #xx undone.
func pdfNames(b []byte) map[string]bool {
	found := map[string]bool{}
	for i := bytes.IndexByte(b, '/'); i >= 0; {
		var name [20]byte
		n, k := 0, i+1
		for ; k < len(b) && n < len(name); k++ {
			c := b[k]
			if c == '#' && k+2 < len(b) {
				if v, ok := hexByte(b[k+1], b[k+2]); ok {
					c, k = v, k+2
				}
			} else if c <= ' ' || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 {
				break
			}
			name[n] = c
			n++
		}
		if telling[string(name[:n])] != "" {
			found[string(name[:n])] = true
		}
		next := bytes.IndexByte(b[i+1:], '/')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return found
}

func hexByte(a, b byte) (byte, bool) {
	x, y := strings.IndexByte("0123456789abcdef", lower(a)), strings.IndexByte("0123456789abcdef", lower(b))
	return byte(x<<4 | y&15), x >= 0 && y >= 0
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func (p *Paper) openPDF(ctx context.Context, b []byte, open Opener, out *remarks) {
	if open == nil {
		out.add("paper.not_opened", "")
		return
	}
	found, err := open(ctx, b)
	if err != nil {
		out.add("paper.pdf_limit", "")
		return
	}
	p.Pages = max(0, found.Pages)
	for _, code := range found.Remarks {
		if Remarks[code] != "" {
			out.add(code, "")
		}
	}
	text, u := Inert(found.Text, MaxText)
	p.Text = strings.TrimSpace(text)
	u.remark(out, "")
	if p.Text == "" && !p.encrypted(*out) {
		out.add("paper.pdf_no_text", "")
	}
}

func (p *Paper) encrypted(rs remarks) bool {
	return slices.ContainsFunc(rs, func(r Remark) bool { return r.Code == "paper.pdf_encrypted" })
}
