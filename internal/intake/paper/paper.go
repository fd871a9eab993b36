package paper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxPaper bounds what is looked at, in bytes.
const MaxPaper = 64 << 20

// Paper is one document as read. It is fit to be written as JSON.
type Paper struct {
	Name      string   `json:"name"`             // safe to show
	Stated    string   `json:"stated,omitempty"` // the media type that the sender claims, inert
	Kind      Kind     `json:"kind"`
	MediaType string   `json:"media_type,omitempty"` // by its bytes
	Size      int      `json:"size"`
	SHA256    [32]byte `json:"-"`
	Pages     int      `json:"pages,omitempty"` // of a PDF that could be opened, else 0
	Text      string   `json:"text,omitempty"`  // inert, at most MaxText bytes; may be empty
	Remarks   []Remark `json:"remarks,omitempty"`
}

// Has says whether a remark of this code was made.
func (p Paper) Has(code string) bool {
	for _, r := range p.Remarks {
		if r.Code == code {
			return true
		}
	}
	return false
}

// Opened is what an Opener found in a PDF.
type Opened struct {
	Pages   int      `json:"pages"`
	Text    string   `json:"text"` // made inert by Read
	Remarks []string `json:"remarks"`
}

// An Opener opens a PDF. It bounds its own time and memory, ends with ctx, and
// answers with an error only where nothing at all can be said; the remark is then
// paper.pdf_limit.
type Opener func(ctx context.Context, pdf []byte) (Opened, error)

// Read reads one document. Name and stated come from the sender and may be empty;
// open may be nil. It never fails and does not keep or change b.
func Read(ctx context.Context, name, stated string, b []byte, open Opener) Paper {
	var out remarks
	p := Paper{Size: len(b), SHA256: sha256.Sum256(b)}
	var changed bool
	p.Name, changed = Name(name)
	if changed {
		out.add("paper.name_changed", "")
	}
	p.Stated, _ = Inert(strings.Join(strings.Fields(stated), " "), 200)
	if len(b) > MaxPaper {
		p.Kind, p.MediaType = Unknown, "application/octet-stream"
		out.add("paper.too_large", "")
		p.Remarks = out
		return p
	}
	p.Kind, p.MediaType = Sniff(b)
	if k, ok := claimed(stated, name); ok && k != p.Kind && len(b) > 0 && !sameReading(k, p.Kind) {
		out.add("paper.not_as_stated", "")
	}
	p.read(ctx, b, open, &out)
	p.Remarks = out
	return p
}

// sameReading: a mail or a page is also text, and nobody is misled by that.
func sameReading(claimed, is Kind) bool { return claimed == Text && is == Mail }

func (p *Paper) read(ctx context.Context, b []byte, open Opener, out *remarks) {
	switch p.Kind {
	case Empty:
		out.add("paper.empty", "")
	case PDF:
		scanPDF(b, out)
		p.openPDF(ctx, b, open, out)
	case Text, Mail:
		text, u := Inert(decode(Head(b, 8*MaxText), out), MaxText)
		p.Text = text
		u.remark(out, "")
	case Web:
		var rs []Remark
		p.Text, rs = HTML(decode(Head(b, 8*MaxText), out))
		*out = append(*out, rs...)
	case Office, Archive:
		zipRemarks(b, out)
		if p.MediaType == "application/x-ole-storage" && bytes.Contains(b, []byte("V\x00B\x00A\x00")) {
			out.add("paper.macro", "")
		}
	case Signed:
		out.add("paper.signed", "")
	case Program:
		out.add("paper.program", "")
	}
	if p.Kind == Image || p.Kind == Office {
		polyglot(b, out)
	}
}

// polyglot finds a second kind in a file that already is one.
func polyglot(b []byte, out *remarks) {
	if bytes.Contains(b, []byte("%PDF-")) && bytes.Contains(b, []byte("startxref")) {
		out.add("paper.many_kinds", "")
	}
}

// Head is the beginning of b, at most most bytes, not ending inside a character of
// UTF-8.
func Head(b []byte, most int) []byte {
	if len(b) <= most {
		return b
	}
	for cut := most; cut > most-utf8.UTFMax; cut-- {
		if utf8.RuneStart(b[cut]) {
			return b[:cut]
		}
	}
	return b[:most]
}

// Decode turns a text's bytes into UTF-8: by its byte order mark, as UTF-8 where it
// is, else as Windows-1252, which holds for what the West of Europe writes; certain
// says that it was not the last.
func Decode(b []byte) (text string, certain bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		little := b[0] == 0xff
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			if little {
				units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
			} else {
				units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
			}
		}
		return string(utf16.Decode(units)), true
	case utf8.Valid(b):
		return strings.TrimPrefix(string(b), "\uFEFF"), true
	}
	return Western(b), false
}

func decode(b []byte, out *remarks) string {
	text, certain := Decode(b)
	if !certain {
		out.add("paper.encoding", "")
	}
	return text
}

// Western reads bytes as Windows-1252; the five bytes that it does not define
// become U+FFFD.
func Western(b []byte) string {
	var s strings.Builder
	s.Grow(len(b) + len(b)/8)
	for _, c := range b {
		if c >= 0x80 && c < 0xa0 {
			s.WriteRune(western[c-0x80])
		} else {
			s.WriteRune(rune(c))
		}
	}
	return s.String()
}

var western = [32]rune{'€', 0xfffd, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0xfffd, 'Ž', 0xfffd,
	0xfffd, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0xfffd, 'ž', 'Ÿ'}
