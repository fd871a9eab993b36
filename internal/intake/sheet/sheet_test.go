package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"counterseal/internal/calendar"
	"counterseal/internal/intake/sheet"
	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

func read(t *testing.T, b []byte, o sheet.Options) sheet.Report {
	t.Helper()
	r, err := sheet.Read(context.Background(), b, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r sheet.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var today = calendar.Day{Year: 2026, Month: time.November, Day: 27}

func TestAReportSaysWhatBecomesOfEachRow(t *testing.T) {
	b, err := os.ReadFile("testdata/past.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, b, sheet.Options{Dates: "DD.MM.YYYY", Today: today})
	golden(t, "past.report", text(t, r))
	var out bytes.Buffer
	if err := r.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "past.out.csv", out.String())
	last := r.Rows[len(r.Rows)-1]
	want := sheet.Record{Agency: "Polizei Beispielstadt", Country: "DE", Instrument: "Ersuchen", Number: "14",
		Received: calendar.Day{Year: 2024, Month: 2, Day: 9}, Answered: calendar.Day{Year: 2024, Month: 2, Day: 12}, Outcome: "no_records", Notes: "-1"}
	if d := cmp.Diff(want, last.Record); d != "" {
		t.Error(d)
	}
}

// each table is good but for one thing.
func TestATableThatCannotBeReadIsRefusedWhole(t *testing.T) {
	wide := "agency,received" + strings.Repeat(",x", 99) + "\n"
	for _, c := range []struct {
		name, text, code string
		o                sheet.Options
	}{
		{"nothing", "", "sheet.none", sheet.Options{}},
		{"empty lines", "\n\n,,\n", "sheet.none", sheet.Options{}},
		{"no day of receipt", "agency\nx\n", "sheet.header", sheet.Options{}},
		{"two columns for one thing", "agency,authority,received\n", "sheet.header", sheet.Options{}},
		{"a column that is not", "agency,received\n", "sheet.option", sheet.Options{Headings: map[string]sheet.Column{"x": "colour"}}},
		{"an outcome that is not", "agency,received\n", "sheet.option", sheet.Options{Outcomes: map[string]string{"x": "won"}}},
		{"dates in no form", "agency,received\n", "sheet.option", sheet.Options{Dates: "when"}},
		{"too wide", wide, "sheet.too_many", sheet.Options{}},
		{"too long", "agency,received\n" + strings.Repeat("a,b\n", 100_000), "sheet.too_many", sheet.Options{}},
		{"bytes", "agency\x00received", "sheet.form", sheet.Options{}},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet.form", sheet.Options{}},
		{"half a workbook", "PK\x03\x04half", "sheet.form", sheet.Options{}},
		{"too large", strings.Repeat("x", sheet.MaxSheet+1), "sheet.too_large", sheet.Options{}},
	} {
		_, err := sheet.Read(context.Background(), []byte(c.text), c.o)
		if problem.Code(err) != c.code {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestADayIsReadInTheFormThatWasNamedAlone(t *testing.T) {
	for _, c := range []struct{ form, text, want string }{
		{"", "2024-02-01", "2024-02-01"},
		{"", "01/02/2024", ""},
		{"DD/MM/YYYY", "01/02/2024", "2024-02-01"},
		{"MM/DD/YYYY", "01/02/2024", "2024-01-02"},
		{"DD.MM.YYYY", "1.2.2024", "2024-02-01"},
		{"DD.MM.YYYY", "1.2.24", ""},
		{"DD-MM-YYYY", "29-02-2023", ""},
		{"", "1969-12-31", ""},
	} {
		r := read(t, []byte("agency,received\nx,"+c.text+"\n"), sheet.Options{Dates: c.form})
		got := ""
		if r.Rows[0].Verdict == sheet.OK {
			got = r.Rows[0].Record.Received.String()
		}
		if got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.text, c.form, got, c.want)
		}
	}
}

func TestADemandOnFileIsFoundByItsKey(t *testing.T) {
	const table = "agency,received,number,notes\nx,2024-01-02,7,a\ny,2024-01-02,8,a\nz,2024-01-02,9,a\n"
	first := read(t, []byte(table), sheet.Options{})
	o := sheet.Options{Known: func(key [32]byte) (string, [32]byte, bool) {
		for _, row := range first.Rows[1:] {
			if row.Key == key {
				return "CS-" + row.Record.Agency, row.Digest, true
			}
		}
		return "", [32]byte{}, false
	}}
	again := read(t, []byte(strings.Replace(table, "9,a", "9,b", 1)), o)
	var got []string
	for _, row := range again.Rows {
		got = append(got, string(row.Verdict)+" "+row.OfName)
	}
	if d := cmp.Diff([]string{"ok ", "duplicate CS-y", "conflict CS-z"}, got); d != "" {
		t.Error(d)
	}
}

func TestNoCellThatIsWrittenIsAFormula(t *testing.T) {
	for _, s := range []string{"=1+1", " =1", "\t=1", "\r\n=1", "+1", "-1", "@x", "＝1", "\u200b=1", "|x", "%x"} {
		if got := sheet.Neutral(s); !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written as %q", s, got)
		}
	}
	if got := sheet.Neutral("plain = text"); got != "plain = text" {
		t.Errorf("got %q", got)
	}
}

// book writes a workbook with another program's library.
func book(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, h := range []string{"agency", "received", "number", "accounts", "notes"} {
		cell, _ := excelize.CoordinatesToCellName(i+1, 1)
		if err := f.SetCellValue("Sheet1", cell, h); err != nil {
			t.Fatal(err)
		}
	}
	fill(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsReadAsItWasWritten(t *testing.T) {
	format := `dd"." mm yyyy`
	b := book(t, func(f *excelize.File) {
		own, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		f.SetCellValue("Sheet1", "A2", "Polizei Beispielstadt")
		f.SetCellValue("Sheet1", "B2", time.Date(2024, 2, 29, 23, 59, 0, 0, time.UTC))
		f.SetCellValue("Sheet1", "C2", 4711)
		f.SetCellValue("Sheet1", "D2", 3)
		f.SetCellRichText("Sheet1", "E2", []excelize.RichTextRun{{Text: "two "}, {Text: "runs"}})
		f.SetCellValue("Sheet1", "A4", "after an empty row")
		f.SetCellValue("Sheet1", "B4", 45000)
		f.SetCellStyle("Sheet1", "B4", "B4", own)
		f.SetCellValue("Sheet1", "A5", "no date format")
		f.SetCellValue("Sheet1", "B5", 45000)
		f.SetCellValue("Sheet1", "A6", "formula")
		f.SetCellFormula("Sheet1", "B6", "TODAY()")
		f.SetCellFormula("Sheet1", "E6", "HYPERLINK(\"http://evil.example\")")
		f.SetCellValue("Sheet1", "A7", "as text")
		f.SetCellStr("Sheet1", "B7", "2024-03-01")
		f.SetCellBool("Sheet1", "E7", true)
	})
	r := read(t, b, sheet.Options{})
	golden(t, "book.report", text(t, r))
	want := sheet.Record{Agency: "Polizei Beispielstadt", Received: calendar.Day{Year: 2024, Month: 2, Day: 29}, Number: "4711", Accounts: 3, Notes: "two runs"}
	if d := cmp.Diff(want, r.Rows[0].Record); d != "" {
		t.Error(d)
	}
	if got := r.Rows[1].Record.Received.String(); r.Rows[1].Line != 4 || got != "2023-03-15" {
		t.Errorf("line %d, day %s", r.Rows[1].Line, got)
	}
	if got := r.Rows[3].Cells; got[1] != "=TODAY()" || got[4] != "=HYPERLINK(\"http://evil.example\")" {
		t.Errorf("%q", got)
	}
}

func TestAWorkbookIsReadFromTheSheetThatWasNamed(t *testing.T) {
	b := book(t, func(f *excelize.File) {
		f.NewSheet("Archive 2024")
		f.SetSheetRow("Archive 2024", "A1", &[]string{"agency", "received"})
		f.SetSheetRow("Archive 2024", "A2", &[]string{"x", "2024-01-02"})
	})
	if r := read(t, b, sheet.Options{Sheet: "Archive 2024"}); r.Count(sheet.OK) != 1 || r.Sheet != "Archive 2024" {
		t.Errorf("%+v", r)
	}
	if _, err := sheet.Read(context.Background(), b, sheet.Options{Sheet: "none"}); problem.Code(err) != "sheet.form" {
		t.Errorf("got %v", err)
	}
}

const (
	bookXML = `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="x"/></sheets></workbook>`
	relsXML = `<Relationships><Relationship Id="x" Target="worksheets/s.xml"/></Relationships>`
)

// packed makes a workbook by hand.
func packed(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	rows := func(s string) string { return "<worksheet><sheetData>" + s + "</sheetData></worksheet>" }
	for _, c := range []struct {
		name, code string
		b          []byte
	}{
		{"a bomb", "sheet.too_many", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", rows(strings.Repeat("<!--"+strings.Repeat("x", 1000)+"-->", 70<<10)))},
		{"the same part twice", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/workbook.xml", bookXML)},
		{"a part that points elsewhere", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "../../etc/cron.d/x", "x")},
		{"no workbook", "sheet.form", packed(t, "readme.txt", "hello")},
		{"a sheet elsewhere", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", `<R><Relationship Id="x" Target="http://evil.example/s.xml" TargetMode="External"/></R>`)},
		{"nested deeply", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", strings.Repeat("<a>", 100_000))},
		{"a tag of a megabyte", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", "<a "+strings.Repeat(`b="" `, 200_000)+"/>")},
		{"an entity", "sheet.form", packed(t, "xl/workbook.xml", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`)},
		{"a row far down", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", rows(`<row r="99999999"/>`))},
		{"a cell far out", "sheet.too_many", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", rows(`<row r="1"><c r="ZZZZZZZ1"><v>1</v></c></row>`))},
		{"rows out of order", "sheet.form", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", rows(`<row r="2"/><row r="2"/>`))},
		{"a long cell", "sheet.too_many", packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", rows(`<row r="1"><c r="A1" t="str"><v>`+strings.Repeat("x", 40<<10)+`</v></c></row>`))},
	} {
		start := time.Now()
		_, err := sheet.Read(context.Background(), c.b, sheet.Options{})
		if problem.Code(err) != c.code {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
		if spent := time.Since(start); spent > 20*time.Second {
			t.Errorf("%s took %v", c.name, spent)
		}
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, b := range [][]byte{[]byte("agency,received\nx,2024-01-02\n"), packed(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml", "<a/>")} {
		if _, err := sheet.Read(ctx, b, sheet.Options{}); problem.Code(err) != "sheet.interrupted" {
			t.Errorf("got %v", err)
		}
	}
}

// Whatever a table of text holds, every row comes back with the cells that another
// reader of CSV finds.
func TestNoRowOfCSVIsLostOrChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z="; ,\n'+@-]{0,8}`)
		rows := rapid.SliceOfN(rapid.SliceOfN(word, 1, 5), 1, 20).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.WriteAll(append([][]string{{"agency", "received", "x", "y", "z"}}, rows...))
		r, err := sheet.Read(context.Background(), b.Bytes(), sheet.Options{Comma: ','})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, row := range r.Rows {
			got = append(got, row.Cells)
		}
		want := slices.DeleteFunc(slices.Clone(rows), func([]string) bool { return false })
		for i := range want {
			if len(want[i]) == 1 && want[i][0] == "" {
				want[i] = []string{""} // an empty line
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", b.String(), d)
		}
	})
}

func TestEveryFaultHasASentence(t *testing.T) {
	for code, says := range sheet.Faults {
		if !strings.HasPrefix(code, "sheet.") || says == "" {
			t.Errorf("%s: %q", code, says)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"agency,received\nx,2024-01-02\n", "agency;received\n\"x\n;", "sep=|\nagency|received\n=1|x", "\xff\xfea\x00,\x00", "agency,received\r\"\"\"\r\n,\r"} {
		f.Add([]byte(s))
	}
	parts := []string{"xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/s.xml",
		`<d><row><c t="inlineStr"><is><t>agency</t></is></c><c t="str"><v>received</v></c></row><row r="3"><c t="s"><v>0</v></c><c s="0"><f>1</f><v>1</v></c></row></d>`,
		"xl/sharedStrings.xml", "<sst><si><t>a</t><rPh><t>b</t></rPh></si></sst>", "xl/styles.xml", `<s><cellXfs><xf numFmtId="14"/></cellXfs></s>`}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, _ := z.CreateHeader(&zip.FileHeader{Name: parts[i], Method: zip.Store})
		w.Write([]byte(parts[i+1]))
	}
	z.Close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		before := sha256.Sum256(b)
		r, err := sheet.Read(context.Background(), b, sheet.Options{Today: today})
		if sha256.Sum256(b) != before {
			t.Fatal("the table changed")
		}
		if err != nil {
			return
		}
		for i, row := range r.Rows {
			if (row.Verdict == sheet.Malformed) != (len(row.Faults) > 0) || row.Verdict == "" || i > 0 && row.Line <= r.Rows[i-1].Line {
				t.Errorf("%+v", row)
			}
		}
		var out bytes.Buffer
		if err := r.WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil && !strings.Contains(fmt.Sprint(err), "wrong number of fields") {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, c := range row {
				if c != "" && strings.ContainsRune("=+-@", rune(c[0])) {
					t.Errorf("%q is written as a formula", c)
				}
			}
		}
		if err := r.WriteText(&out); err != nil {
			t.Fatal(err)
		}
	})
}
