package paper_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/intake/paper"
)

func codes(p paper.Paper) (out []string) {
	for _, r := range p.Remarks {
		out = append(out, r.Code)
	}
	return out
}

func packed(names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, _ := z.Create(n)
		w.Write([]byte("x"))
	}
	z.Close()
	return b.Bytes()
}

const tinyPDF = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\nxref\n0 3\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

func TestAPaperIsWhatItsBytesSay(t *testing.T) {
	for _, c := range []struct {
		name, stated string
		bytes        []byte
		kind         paper.Kind
		codes        []string
	}{
		{"order.pdf", "application/pdf", []byte(tinyPDF), paper.PDF, []string{"paper.not_opened"}},
		{"order.pdf", "application/pdf", []byte("<html><p>Order</p>"), paper.Web, []string{"paper.not_as_stated"}},
		{"order.pdf", "application/pdf", []byte("MZ\x90\x00\x03\x00"), paper.Program, []string{"paper.not_as_stated", "paper.program"}},
		{"order.pdf", "", nil, paper.Empty, []string{"paper.empty"}},
		{"order.pdf", "", []byte(strings.TrimSuffix(tinyPDF, "%%EOF\n")), paper.PDF, []string{"paper.pdf_truncated", "paper.not_opened"}},
		{"order.pdf", "", []byte("GIF87 and\n" + tinyPDF), paper.PDF, []string{"paper.many_kinds", "paper.pdf_late", "paper.not_opened"}},
		{"order.pdf", "", slices.Concat([]byte(tinyPDF), packed("a")), paper.PDF, []string{"paper.many_kinds", "paper.pdf_tail", "paper.not_opened"}},
		{"order.pdf", "", []byte(strings.Replace(tinyPDF, "/Root", "/Encrypt 5 0 R/Root", 1)), paper.PDF, []string{"paper.pdf_encrypted", "paper.not_opened"}},
		{"order.pdf", "", []byte(strings.Replace(tinyPDF, "/Type/Catalog", "/OpenAction<</S/J#61vaScript/JS(x)>>", 1)), paper.PDF, []string{"paper.pdf_script", "paper.not_opened"}},
		{"order.pdf", "", []byte(strings.Replace(tinyPDF, "/Type/Catalog", "/Names<</EmbeddedFiles 7 0 R>>/AA<</S/Launch>>", 1)), paper.PDF, []string{"paper.pdf_attachments", "paper.pdf_launch", "paper.not_opened"}},
		{"order.pdf", "", []byte(tinyPDF + "startxref\n9\n%%EOF\n"), paper.PDF, []string{"paper.pdf_updated", "paper.not_opened"}},
		{"order.pdf", "", []byte(strings.Replace(tinyPDF, "/Type/Catalog", "/ByteRange[0 1 2 3]", 1)), paper.PDF, []string{"paper.signed", "paper.not_opened"}},
		{"letter.txt", "text/plain; charset=utf-8", []byte("Dear colleagues"), paper.Text, nil},
		{"letter.txt", "", []byte("caf\xe9"), paper.Text, []string{"paper.encoding"}},
		{"letter.txt", "", []byte("\xff\xfeh\x00i\x00"), paper.Text, nil},
		{"letter.txt", "", []byte("BMW wrote"), paper.Text, nil},
		{"letter.html", "text/html", []byte("<!doctype html><p>Hi<img src=//evil.example/x>"), paper.Web, []string{"paper.remote"}},
		{"mail.eml", "message/rfc822", []byte("From: a@b\nSubject: x\n\nhello"), paper.Mail, nil},
		{"scan.png", "image/png", []byte("\x89PNG\r\n\x1a\nxx"), paper.Image, nil},
		{"scan.png", "image/png", []byte("\x89PNG\r\n\x1a\nxx%PDF-1.4 startxref"), paper.Image, []string{"paper.many_kinds"}},
		{"scan.jpg", "image/jpeg", []byte("\x89PNG\r\n\x1a\nxx"), paper.Image, nil},
		{"order.docx", "", packed("word/document.xml"), paper.Office, nil},
		{"order.docm", "", packed("word/document.xml", "word/vbaProject.bin"), paper.Office, []string{"paper.macro"}},
		{"order.zip", "", packed("order.pdf", "../../x"), paper.Archive, []string{"paper.zip_names"}},
		{"order.zip", "", packed("a", "b", "A"), paper.Archive, []string{"paper.zip_names"}},
		{"order.pdf.p7m", "", []byte("\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), paper.Signed, []string{"paper.signed"}},
		{"thing", "", []byte("\x00\x01\x02\x03"), paper.Unknown, nil},
		{"a\u202efdp.exe", "", []byte("\x00\x01\x02\x03"), paper.Unknown, []string{"paper.name_changed"}},
	} {
		p := paper.Read(context.Background(), c.name, c.stated, c.bytes, nil)
		if p.Kind != c.kind || p.SHA256 != sha256.Sum256(c.bytes) || p.Size != len(c.bytes) {
			t.Errorf("%s %.20q is %s", c.name, c.bytes, p.Kind)
		}
		if d := cmp.Diff(c.codes, codes(p)); d != "" {
			t.Errorf("%s %.40q: %s", c.name, c.bytes, d)
		}
	}
}

func TestAPaperBeyondTheBoundIsNotRead(t *testing.T) {
	if p := paper.Read(context.Background(), "x.txt", "", make([]byte, paper.MaxPaper+1), nil); !p.Has("paper.too_large") || p.Text != "" {
		t.Errorf("%+v", p.Remarks)
	}
}

func TestWhatAnOpenerSaysIsAddedAndMadeInert(t *testing.T) {
	open := func(context.Context, []byte) (paper.Opened, error) {
		return paper.Opened{Pages: 2, Text: "one\x1b[2J\u202etwo", Remarks: []string{"paper.pdf_script", "made.up"}}, nil
	}
	p := paper.Read(context.Background(), "o.pdf", "", []byte(tinyPDF), open)
	if p.Pages != 2 || p.Text != "one[2Jtwo" || !p.Has("paper.pdf_script") || p.Has("made.up") || !p.Has("paper.direction") {
		t.Errorf("%+v", p)
	}
	fails := func(context.Context, []byte) (paper.Opened, error) { return paper.Opened{}, errors.New("killed") }
	if p := paper.Read(context.Background(), "o.pdf", "", []byte(tinyPDF), fails); !p.Has("paper.pdf_limit") {
		t.Errorf("%+v", p.Remarks)
	}
	nothing := func(context.Context, []byte) (paper.Opened, error) { return paper.Opened{Pages: 1}, nil }
	if p := paper.Read(context.Background(), "o.pdf", "", []byte(tinyPDF), nothing); !p.Has("paper.pdf_no_text") {
		t.Errorf("%+v", p.Remarks)
	}
}

func TestTheWordsOfAPage(t *testing.T) {
	for _, c := range []struct {
		html, text string
		codes      []string
	}{
		{"<p>One <b>account</b>.</p><p>Two&nbsp;&amp; more</p>", "One account.\n\nTwo & more", nil},
		{"<script>alert('x')</script><style>p{}</style>word", "word", []string{"paper.active"}},
		{"<table><tr><td>Name<td>Value</table>", "Name\tValue", nil},
		{"<p style='display:none'>ignore this</p>seen", "ignore this\nseen", []string{"paper.hidden"}},
		{"<a href='http://x.example'>link</a>", "link", nil},
		{"<a href=' java\nscript:x()'>link</a>", "link", []string{"paper.active"}},
		{"<img src='https://evil.example/pixel'>", "", []string{"paper.remote"}},
		{"<body onload=x>t", "t", []string{"paper.active"}},
		{"a\u200bb\u202ec", "abc", []string{"paper.invisible", "paper.direction"}},
		{"\x00<p", "\uFFFD", nil},
		{"<!-- hidden --> shown", "shown", nil},
	} {
		text, remarks := paper.HTML(c.html)
		var got []string
		for _, r := range remarks {
			got = append(got, r.Code)
		}
		if text != c.text || !cmp.Equal(got, c.codes) {
			t.Errorf("%q: %q, %v", c.html, text, got)
		}
	}
}

func TestANameIsSafeToShowAndToSave(t *testing.T) {
	for in, want := range map[string]string{
		"order.pdf": "order.pdf", "../../etc/passwd": "passwd", `C:\x\order.pdf`: "order.pdf", "order\r\n.pdf": "order .pdf", "a\u202efdp.exe": "a fdp.exe", "": "unnamed",
		"...": "unnamed", ".bashrc": "bashrc", "con.txt": "_con.txt", "COM1": "_COM1", "a<b>|c?.txt": "a_b__c_.txt", "trailing. ": "trailing", "Grüße.pdf": "Grüße.pdf",
		strings.Repeat("ä", 200) + ".pdf": strings.Repeat("ä", 56) + "….pdf",
	} {
		if got, _ := paper.Name(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestInertTextHoldsNothingUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "in")
		most := rapid.IntRange(0, 50).Draw(t, "most")
		out, _ := paper.Inert(in, most)
		again, u := paper.Inert(out, most)
		if len(out) > most || !utf8.ValidString(out) || again != out || u != (paper.Unseen{}) {
			t.Fatalf("%q became %q, then %q (%+v)", in, out, again, u)
		}
	})
}

func TestEveryRemarkHasASentence(t *testing.T) {
	for code, says := range paper.Remarks {
		if !strings.HasPrefix(code, "paper.") || !strings.HasSuffix(says, ".") {
			t.Errorf("%s: %q", code, says)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{tinyPDF, "<html><p onclick=x>", "From: a@b\nTo: c\n\n", "\xff\xfea\x00", string(packed("word/document.xml")), "%PDF-/#4a#53 /JavaScrip#74", "GIF89a%PDF-startxref", "\x30\x82"} {
		f.Add("name.pdf", "application/pdf", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name, stated string, b []byte) {
		p := paper.Read(context.Background(), name, stated, b, func(context.Context, []byte) (paper.Opened, error) {
			return paper.Opened{Pages: -1, Text: name}, nil
		})
		if _, u := paper.Inert(p.Name+p.Stated+p.Text, 3*paper.MaxText); u != (paper.Unseen{}) || strings.ContainsAny(p.Name, "/\\\n") || p.Name == "" || p.Pages < 0 {
			t.Errorf("%+v", p)
		}
		for _, r := range p.Remarks {
			if r.Says() == "" {
				t.Errorf("%s has no sentence", r.Code)
			}
		}
		if again := paper.Read(context.Background(), name, stated, b, nil); again.Kind != p.Kind || again.MediaType != p.MediaType {
			t.Errorf("%s, then %s", p.Kind, again.Kind)
		}
	})
}
