package pdf_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"counterseal/internal/intake/paper"
	"counterseal/internal/intake/paper/pdf"
	"counterseal/internal/problem"
)

// The test's own program is the child.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-pdf" {
		if pdf.Serve(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(t *testing.T) paper.Opener {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return pdf.Child(self, "read-pdf")
}

// build makes a PDF of these objects, the first of which is the catalogue.
func build(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func stream(s string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(s), s) }

// letter is a PDF of one page that shows content.
func letter(content string) []byte {
	return build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>", stream(content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[8 0 R]/ToUnicode 7 0 R>>",
		stream("1 beginbfchar\n<0001> <00C6>\nendbfchar\n1 beginbfrange\n<0010> <0012> <0061>\nendbfrange"),
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 9 0 R>>",
		"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1 1]/ItalicAngle 0/Ascent 1/Descent 0/CapHeight 1/StemV 1>>")
}

const content = "BT /F1 12 Tf 50 700 Td (Order of the \\(first\\) court) Tj 0 -20 Td [(One)-300(acc)20(ount)] TJ T* <47 72 FC DF 65> Tj /F2 12 Tf 0 -20 Td <0001 0010 0011 0012> Tj ET"

func TestTheTextOfALetterIsTaken(t *testing.T) {
	want := paper.Opened{Pages: 1, Text: "Order of the (first) court\nOne account\nGrüße\nÆabc\n\n"}
	for name, got := range map[string]paper.Opened{"here": pdf.Open(context.Background(), letter(content)), "by a child": open(t, letter(content))} {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func open(t *testing.T, b []byte) paper.Opened {
	t.Helper()
	found, err := child(t)(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// compressed makes a PDF whose objects lie inside a compressed stream (ISO 32000-1,
// 7.5.7), where their names cannot be seen.
func compressed(objects ...string) []byte {
	var b, head, body bytes.Buffer
	for i, o := range objects {
		fmt.Fprintf(&head, "%d %d ", i+1, body.Len())
		body.WriteString(o + " ")
	}
	deflated := func(more string, raw []byte) string {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(raw)
		w.Close()
		return fmt.Sprintf("<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", more, z.Len(), z.String())
	}
	n := len(objects)
	b.WriteString("%PDF-1.7\n")
	at := b.Len()
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n+1, deflated(fmt.Sprintf("/Type/ObjStm/N %d/First %d", n, head.Len()), append(head.Bytes(), body.Bytes()...)))
	start := b.Len()
	table := []byte{0, 0, 0, 0}
	for i := range objects {
		table = append(table, 2, 0, byte(n+1), byte(i))
	}
	table = append(table, 1, byte(at>>8), byte(at), 0, 1, byte(start>>8), byte(start), 0)
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", n+2, deflated(fmt.Sprintf("/Type/XRef/W[1 2 1]/Size %d/Root 1 0 R", n+3), table), start)
	return b.Bytes()
}

func configuration() *model.Configuration {
	api.DisableConfigDir()
	return model.NewDefaultConfiguration()
}

func TestWhatActsIsFoundInsideCompressedObjects(t *testing.T) {
	b := compressed("<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "<</S/JavaScript/JS(app.alert)>>")
	if bytes.Contains(b, []byte("JavaScript")) {
		t.Fatal("the name is not hidden: the test looks at nothing")
	}
	if got := open(t, b); !cmp.Equal(got.Remarks, []string{"paper.pdf_script"}) || got.Pages != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAnEncryptedPDFSaysSo(t *testing.T) {
	var out bytes.Buffer
	c := configuration()
	c.UserPW, c.OwnerPW = "reader", "owner"
	if err := api.Encrypt(bytes.NewReader(letter(content)), &out, c); err != nil {
		t.Fatal(err)
	}
	if got := open(t, out.Bytes()); !cmp.Equal(got, paper.Opened{Remarks: []string{"paper.pdf_encrypted"}}) {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoPDFSaysSo(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": {}, "words": []byte("%PDF-1.7\nhello\n%%EOF\n"), "no pages": build("<</Type/Catalog>>"),
		"pages that hold themselves": build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"),
		"a count that is not":        build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 99999999>>"),
	} {
		if got := open(t, b); !cmp.Equal(got, paper.Opened{Remarks: []string{"paper.pdf_broken"}}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestHalfAPDFIsReadAsFarAsItGoes(t *testing.T) {
	whole := letter(content)
	p := paper.Read(context.Background(), "order.pdf", "", whole[:bytes.Index(whole, []byte("xref"))], child(t))
	if !strings.Contains(p.Text, "first") || !p.Has("paper.pdf_truncated") || p.Pages != 1 {
		t.Errorf("%+v", p)
	}
}

func TestAChildThatDoesNotAnswerIsEnded(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := pdf.Child("/bin/sleep", "60")(ctx, nil)
	if problem.Code(err) != "pdf.child" || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	for _, say := range []string{"nonsense", `{"pages":-1}`, `{"pages":1,"more":2}`} {
		if _, err := pdf.Child("/bin/echo", say)(context.Background(), nil); problem.Code(err) != "pdf.answer" {
			t.Errorf("%s: %v", say, err)
		}
	}
	start = time.Now()
	if _, err := pdf.Child("/bin/cat", "/dev/zero")(context.Background(), nil); problem.Code(err) != "pdf.child" || time.Since(start) > pdf.MaxTime/2 {
		t.Errorf("a child that never stops writing: %v after %v", err, time.Since(start))
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(letter(content))
	f.Add(compressed("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"))
	f.Add(letter("BT /F1 1 Tf [[[(a\\1\\("))
	f.Add(build("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		found := pdf.Open(ctx, b)
		if found.Pages < 0 || len(found.Text) > 2*paper.MaxText {
			t.Errorf("%d pages, %d bytes", found.Pages, len(found.Text))
		}
		for _, code := range found.Remarks {
			if !strings.HasPrefix(code, "paper.") || paper.Remarks[code] == "" {
				t.Errorf("%s has no sentence", code)
			}
		}
	})
}
