package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/canon"
)

const (
	maxMembers = 2_000
	maxStrings = 1_000_000
	maxTag     = 64 << 10 // bytes of one tag
	maxDepth   = 64
)

// workbook is an .xlsx file being read.
type workbook struct {
	ctx     context.Context
	members map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	strings []string
	dates   []bool // by style: numbers of it are days
	since   time.Time
}

func readWorkbook(ctx context.Context, b []byte, sheet string) (grid, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return grid{}, formProblem("the workbook cannot be unpacked").Fix("save it again as .xlsx").Because(err)
	}
	if len(z.File) > maxMembers {
		return grid{}, tooMany("a workbook has at most %d parts", maxMembers)
	}
	w := &workbook{ctx: ctx, members: map[string]*zip.File{}, left: maxUnpacked}
	for _, f := range z.File {
		if w.members[f.Name] != nil || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
			return grid{}, formProblem("the workbook holds the same part twice, or one that points elsewhere").Fix("save it again as .xlsx")
		}
		w.members[f.Name] = f
	}
	name, part, err := w.find(sheet)
	if err != nil {
		return grid{}, err
	}
	for _, step := range []func() error{w.readStrings, w.readStyles} {
		if err := step(); err != nil {
			return grid{}, err
		}
	}
	g := grid{format: "xlsx", sheet: canon.Text(name), certain: true}
	g.rows, err = w.readSheet(part)
	return g, err
}

// each calls visit for every start element of a part, and end, if given, for every
// end. A part that is not there is empty.
func (w *workbook) each(part string, start func(*xml.Decoder, xml.StartElement) error, end func(string) error, text func([]byte)) error {
	f := w.members[part]
	if f == nil {
		return nil
	}
	in, err := f.Open()
	if err != nil {
		return formProblem("a part of the workbook cannot be unpacked").Because(err)
	}
	defer in.Close()
	d := xml.NewDecoder(&bounded{w: w, from: in})
	d.Strict = true
	for depth := 0; ; {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if err := interrupted(w.ctx); err != nil {
				return err
			}
			if w.left <= 0 {
				return tooMany("a workbook unpacks to at most %d MiB", maxUnpacked>>20)
			}
			return formProblem("a part of the workbook is not well-formed").Fix("save it again as .xlsx").Because(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return formProblem("a part of the workbook is nested too deeply")
			}
			err = start(d, t)
		case xml.EndElement:
			depth--
			if end != nil {
				err = end(t.Name.Local)
			}
		case xml.CharData:
			if text != nil {
				text(t)
			}
		}
		if err != nil {
			return err
		}
	}
}

// bounded counts what is unpacked, and ends where one tag is too long: the decoder
// would hold all its attributes.
type bounded struct {
	w    *workbook
	from io.Reader
	tag  int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.w.ctx.Err() != nil || b.w.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.from.Read(p)
	b.w.left -= int64(n)
	for _, c := range p[:n] {
		switch {
		case c == '<':
			b.tag = 1
		case c == '>':
			b.tag = 0
		case b.tag > 0:
			b.tag++
		}
		if b.tag > maxTag {
			return 0, io.ErrUnexpectedEOF
		}
	}
	return n, err
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// find gives the name of the sheet and the part that it is in.
func (w *workbook) find(want string) (name, part string, err error) {
	id := ""
	w.since = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	err = w.each("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch {
		case e.Name.Local == "workbookPr" && (attr(e, "date1904") == "1" || attr(e, "date1904") == "true"):
			w.since = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		case e.Name.Local == "sheet" && id == "" && (want == "" || attr(e, "name") == want):
			name, id = attr(e, "name"), attr(e, "id")
		}
		return nil
	}, nil, nil)
	if err != nil {
		return "", "", err
	}
	err = w.each("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attr(e, "Id") == id && id != "" && attr(e, "TargetMode") != "External" {
			part = path.Join("xl", attr(e, "Target"))
			if strings.HasPrefix(attr(e, "Target"), "/") {
				part = strings.TrimPrefix(attr(e, "Target"), "/")
			}
		}
		return nil
	}, nil, nil)
	if err == nil && w.members[part] == nil {
		err = formProblem("the workbook has no such sheet").At("%s", canon.Text(want)).Fix("name one that it has, or none for the first")
	}
	return name, part, err
}

// readStrings reads the texts that cells share. Phonetic readings are not part of a
// text.
func (w *workbook) readStrings() error {
	var b strings.Builder
	inText, phonetic := false, false
	return w.each("xl/sharedStrings.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "si":
			b.Reset()
		case "rPh":
			phonetic = true
		case "t":
			inText = true
		}
		return nil
	}, func(name string) error {
		switch name {
		case "si":
			if len(w.strings) == maxStrings {
				return tooMany("a workbook has at most %d texts", maxStrings)
			}
			w.strings = append(w.strings, b.String())
		case "rPh":
			phonetic = false
		case "t":
			inText = false
		}
		return nil
	}, func(t []byte) {
		if inText && !phonetic {
			b.Write(t)
		}
	})
}

// readStyles finds the styles that show a number as a day (ISO/IEC 29500-1,
// 18.8.30): the built-in ones, and those whose format has a y, or a d with an m.
func (w *workbook) readStyles() error {
	own := map[string]bool{}
	inside := false
	return w.each("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			own[attr(e, "numFmtId")] = isDayFormat(attr(e, "formatCode"))
		case "cellXfs":
			inside = true
		case "xf":
			if !inside {
				break
			}
			if len(w.dates) == 1<<16 {
				return tooMany("a workbook has at most %d styles", 1<<16)
			}
			id := attr(e, "numFmtId")
			n, err := strconv.Atoi(id)
			w.dates = append(w.dates, own[id] || err == nil && (n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58))
		}
		return nil
	}, func(name string) error {
		if name == "cellXfs" {
			inside = false
		}
		return nil
	}, nil)
}

func isDayFormat(code string) bool {
	var plain strings.Builder
	quoted := byte(0)
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '"':
			quoted = '"'
		case c == '[':
			quoted = ']'
		case c == '\\' || c == '_' || c == '*':
			i++
		default:
			plain.WriteByte(c | 0x20)
		}
	}
	f, _, _ := strings.Cut(plain.String(), ";")
	return strings.Contains(f, "y") || strings.Contains(f, "d") && strings.Contains(f, "m")
}

// day turns a day's number into a civil date. The numbers 1 to 60 of the 1900
// system count a 29 February 1900 that never was; no demand is that old.
func (w *workbook) day(value string) (string, bool) {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || n < 61 || n > 200_000 {
		return "", false
	}
	return w.since.AddDate(0, 0, int(n)).Format(time.DateOnly), true
}
