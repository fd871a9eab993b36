package notice

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// DejaVu covers the letters of the four languages, and of the names of most
// others in Europe and around it (Greek, Cyrillic, Hebrew, Arabic). See fonts/LICENSE.
//
//go:embed fonts/*.ttf.gz
var packedFonts embed.FS

// A face is a regular and a bold font, and what both can draw. They are ours, so a
// damaged one is a defect that the tests show.
type face struct {
	regular, bold []byte
	has           map[rune]bool
}

// The small face is the large one's Latin letters, accents and signs, cut out of it by
// the recipe in fonts/LICENSE: equal letters, equal widths, a twentieth of the bytes.
var smallFace, largeFace = sync.OnceValue(func() face {
	return newFace("DejaVuSansCondensed-Latin", "DejaVuSansCondensed-Latin-Bold")
}), sync.OnceValue(func() face {
	return newFace("DejaVuSansCondensed", "DejaVuSansCondensed-Bold")
})

func newFace(regular, bold string) face {
	f := face{regular: unpacked(regular), bold: unpacked(bold)}
	f.has = characters(f.regular)
	both := characters(f.bold)
	maps.DeleteFunc(f.has, func(r rune, _ bool) bool { return !both[r] })
	return f
}

// unpacked is a font of the program; packed, both take half of their megabyte.
func unpacked(name string) []byte {
	packed, err := packedFonts.Open("fonts/" + name + ".ttf.gz")
	if err != nil {
		panic(err)
	}
	z, err := gzip.NewReader(packed)
	if err != nil {
		panic(err)
	}
	font, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return font
}

// The sheet is A4; points.
const (
	marginX, marginY = 62.0, 54.0
	sheetWidth       = 595.28 - 2*marginX
	sheetHeight      = 841.89 - 2*marginY
	largest          = 10.5
	smallest         = 7.0
	leading          = 1.32 // of the size
	indent           = 11.0
)

// A row is one line on paper.
type row struct {
	text   string // as drawn, from the left
	bold   bool
	size   float64
	x, gap float64 // from the margin; above the line
}

// pdf sets the blocks on one sheet, in the largest size that fits. If none does,
// the longest lists are cut in the smallest, and say how much is not shown.
// Equal arguments give equal bytes: the date of the file is the letter's.
func pdf(language string, date time.Time, blocks []block) ([]byte, error) {
	blocks = drawable(blocks)
	w := languages[language]
	// What is added when a list is too long is in the four languages.
	fonts := largeFace
	if latin(blocks) {
		fonts = smallFace
	}
	m := newSheet(language, date, fonts())
	rows := m.fit(blocks, w)
	for _, b := range blocks {
		if b.Title {
			m.SetTitle(b.Heading, true)
			break
		}
	}
	y := marginY
	for _, r := range rows {
		y += r.gap + r.size*leading
		m.font(r.bold, r.size)
		m.Text(marginX+r.x, y-r.size*(leading-1), r.text)
	}
	var out bytes.Buffer
	err := m.Output(&out)
	return out.Bytes(), err
}

type sheet struct{ *fpdf.Fpdf }

func newSheet(language string, date time.Time, fonts face) sheet {
	f := fpdf.New("P", "pt", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(date.UTC())
	f.SetModificationDate(date.UTC())
	f.SetProducer("counterseal", false)
	f.SetLang(language)
	f.SetAutoPageBreak(false, 0)
	f.AddUTF8FontFromBytes("letter", "", fonts.regular)
	f.AddUTF8FontFromBytes("letter", "B", fonts.bold)
	f.AddPage()
	return sheet{f}
}

func (m sheet) font(bold bool, size float64) {
	style := ""
	if bold {
		style = "B"
	}
	m.SetFont("letter", style, size)
}

func (m sheet) fit(blocks []block, w language) []row {
	for size := largest; size >= smallest; size -= 0.5 {
		rows := m.set(blocks, size)
		if height(rows) <= sheetHeight {
			return rows
		}
	}
	return m.cut(blocks, w)
}

// cut leaves items out of the longest list, one by one, and then the end.
func (m sheet) cut(blocks []block, w language) []row {
	shown := make([]int, len(blocks))
	for i, b := range blocks {
		shown[i] = len(b.List)
	}
	for {
		part := slices.Clone(blocks)
		at := -1
		for i, b := range blocks {
			if hidden := len(b.List) - shown[i]; hidden > 0 {
				note := strings.ReplaceAll(w.more, "%", w.number(int64(hidden)))
				part[i].List = append(slices.Clone(b.List[:shown[i]]), note)
			}
			if shown[i] > 2 && (at < 0 || shown[i] > shown[at]) {
				at = i
			}
		}
		rows := m.set(part, smallest)
		if height(rows) <= sheetHeight {
			return rows
		}
		if at < 0 {
			return ended(rows, w)
		}
		shown[at]--
	}
}

func ended(rows []row, w language) []row {
	for height(rows) > sheetHeight {
		rows = rows[:len(rows)-1]
	}
	last := &rows[len(rows)-1]
	last.text, last.x, last.bold = w.elsewhere, 0, false
	return rows
}

func height(rows []row) (h float64) {
	for _, r := range rows {
		h += r.gap + r.size*leading
	}
	return h
}

// set breaks the blocks into rows of this size.
func (m sheet) set(blocks []block, size float64) (rows []row) {
	for i, b := range blocks {
		gap := size * 0.55
		if i == 0 {
			gap = 0
		}
		switch {
		case b.Title:
			rows = append(rows, m.lines(b.Heading, true, size*1.35, 0, gap)...)
		case b.Heading != "":
			rows = append(rows, m.lines(b.Heading, true, size, 0, gap*1.3)...)
		case b.List != nil:
			for j, item := range b.List {
				if j > 0 {
					gap = 0
				}
				lines := m.lines(item, false, size, indent, gap)
				rows = append(rows, row{text: "–", size: size, gap: lines[0].gap})
				lines[0].gap = -size * leading // beside the dash
				rows = append(rows, lines...)
			}
		default:
			rows = append(rows, m.lines(b.Text, false, size, 0, gap)...)
		}
	}
	return rows
}

// lines breaks one text at spaces, and a word that is wider than the sheet inside it.
func (m sheet) lines(s string, bold bool, size, x, gap float64) (rows []row) {
	m.font(bold, size)
	room := sheetWidth - x
	line := ""
	flush := func() {
		rows = append(rows, row{text: drawn(line), bold: bold, size: size, x: x, gap: gap})
		line, gap = "", 0
	}
	for _, word := range strings.Fields(s) {
		if line != "" && m.GetStringWidth(line+" "+word) > room {
			flush()
		}
		for line == "" && m.GetStringWidth(word) > room {
			r := []rune(word)
			n := len(r)
			for n > 1 && m.GetStringWidth(string(r[:n])) > room {
				n--
			}
			line, word = string(r[:n]), string(r[n:])
			flush()
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	flush()
	return rows
}
