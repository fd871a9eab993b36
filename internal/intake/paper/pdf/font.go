package pdf

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"counterseal/internal/intake/paper"
)

const maxGlyphs = 1 << 16

// font says which letters the bytes of a shown string mean.
type font struct {
	wide    bool              // two bytes a character
	letters map[uint32]string // from its ToUnicode (ISO 32000-1, 9.10.3); nil: none
}

func fontsOf(doc *model.Context, resources types.Object) map[string]font {
	out := map[string]font{}
	res, err := doc.DereferenceDict(resources)
	if err != nil || res == nil {
		return out
	}
	dicts, err := doc.DereferenceDict(res["Font"])
	if err != nil {
		return out
	}
	for name, o := range dicts {
		d, err := doc.DereferenceDict(o)
		if err != nil || d == nil || len(out) > 1000 {
			continue
		}
		f := font{}
		if t, ok := d["Subtype"].(types.Name); ok {
			f.wide = t == "Type0"
		}
		if sd, _, err := doc.DereferenceStreamDict(d["ToUnicode"]); err == nil && sd != nil {
			if sd.Content == nil {
				err = sd.DecodeWithLimit(1 << 20)
			}
			if err == nil {
				f.letters = toUnicode(string(sd.Content))
			}
		}
		out[name] = f
	}
	return out
}

var (
	charBlock  = regexp.MustCompile(`(?s)beginbfchar(.*?)endbfchar`)
	rangeBlock = regexp.MustCompile(`(?s)beginbfrange(.*?)endbfrange`)
	charLine   = regexp.MustCompile(`<([0-9A-Fa-f]{2,8})>\s*<([0-9A-Fa-f]{2,64})>`)
	rangeLine  = regexp.MustCompile(`<([0-9A-Fa-f]{2,8})>\s*<([0-9A-Fa-f]{2,8})>\s*(?:<([0-9A-Fa-f]{2,64})>|\[([^\]]*)\])`)
	hexString  = regexp.MustCompile(`<([0-9A-Fa-f]{2,64})>`)
)

// toUnicode reads the two kinds of lines of a character map that matter.
func toUnicode(cmap string) map[uint32]string {
	out := map[uint32]string{}
	for _, block := range charBlock.FindAllStringSubmatch(cmap, 1000) {
		for _, m := range charLine.FindAllStringSubmatch(block[1], maxGlyphs) {
			out[number(m[1])] = utf16be(m[2], 0)
		}
	}
	for _, block := range rangeBlock.FindAllStringSubmatch(cmap, 1000) {
		for _, m := range rangeLine.FindAllStringSubmatch(block[1], maxGlyphs) {
			first, last := number(m[1]), number(m[2])
			list := hexString.FindAllStringSubmatch(m[4], 256)
			for c := first; c <= last && c-first < 1<<16 && len(out) < maxGlyphs; c++ {
				if m[3] != "" {
					out[c] = utf16be(m[3], c-first)
				} else if int(c-first) < len(list) {
					out[c] = utf16be(list[c-first][1], 0)
				}
			}
		}
	}
	return out
}

func number(hex string) uint32 {
	n, _ := strconv.ParseUint(hex, 16, 32)
	return uint32(n)
}

// utf16be reads hexadecimal UTF-16 and adds to its last unit.
func utf16be(hex string, add uint32) string {
	var units []uint16
	for i := 0; i+4 <= len(hex); i += 4 {
		units = append(units, uint16(number(hex[i:i+4])))
	}
	if len(hex) == 2 {
		units = []uint16{uint16(number(hex))}
	}
	if len(units) > 0 {
		units[len(units)-1] += uint16(add)
	}
	return string(utf16.Decode(units))
}

// read gives the letters of a shown string. A composite font without a map means
// glyphs that nobody can name; they are left out.
func (f font) read(s []byte) string {
	if f.letters == nil {
		if f.wide {
			return ""
		}
		return paper.Western(s)
	}
	var out strings.Builder
	step := 1
	if f.wide {
		step = 2
	}
	for i := 0; i+step <= len(s); i += step {
		c := uint32(s[i])
		if f.wide {
			c = c<<8 | uint32(s[i+1])
		}
		letters, ok := f.letters[c]
		if !ok && !f.wide {
			letters = paper.Western(s[i : i+1])
		}
		out.WriteString(letters)
	}
	return out.String()
}
