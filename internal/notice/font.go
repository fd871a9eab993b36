package notice

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
)

// undrawn stands on paper for a letter that the fonts do not have.
const undrawn = '□'

// drawable replaces what the fonts cannot draw, and cuts nothing: the text and
// the page keep the letter as it is.
func drawable(blocks []block) []block {
	if latin(blocks) {
		return blocks
	}
	out := make([]block, len(blocks))
	for i, b := range blocks {
		b.Heading, b.Text = covered(b.Heading), covered(b.Text)
		if b.List != nil {
			list := make([]string, len(b.List))
			for j, item := range b.List {
				list[j] = covered(item)
			}
			b.List = list
		}
		out[i] = b
	}
	return out
}

func covered(s string) string {
	has := coverage()
	return strings.Map(func(r rune) rune {
		switch {
		case has[r]:
			return r
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		return undrawn
	}, s)
}

// latin reports whether the small face draws every letter of the blocks. Reading one of
// the large face's two fonts takes longer than all else that a letter needs.
func latin(blocks []block) bool {
	has := smallFace().has
	draws := func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return !has[r] })
	}
	for _, b := range blocks {
		if !draws(b.Heading) || !draws(b.Text) || slices.ContainsFunc(b.List, func(s string) bool { return !draws(s) }) {
			return false
		}
	}
	return true
}

// coverage is the set of characters that can be drawn.
func coverage() map[rune]bool { return largeFace().has }

// characters reads the segments (format 4) of the character map of one of the
// embedded fonts, OpenType "cmap". They are ours, so a damaged one is a defect
// that the tests show.
func characters(font []byte) map[rune]bool {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	found := map[rune]bool{}
	for i := range u16(4) {
		if string(font[12+16*i:16+16*i]) != "cmap" {
			continue
		}
		cmap := u32(12 + 16*i + 8)
		for j := range u16(cmap + 2) {
			sub := cmap + u32(cmap+4+8*j+4)
			if u16(sub) != 4 {
				continue
			}
			n := u16(sub+6) / 2
			for k := range n {
				end, start := u16(sub+14+2*k), u16(sub+16+2*n+2*k)
				for c := start; c <= end && c != 0xFFFF; c++ {
					if glyph(u16, sub, n, k, c, start) != 0 {
						found[rune(c)] = true
					}
				}
			}
		}
	}
	return found
}

func glyph(u16 func(int) int, sub, n, k, c, start int) int {
	delta := u16(sub + 16 + 4*n + 2*k)
	place := sub + 16 + 6*n + 2*k
	offset := u16(place)
	if offset == 0 {
		return (c + delta) & 0xFFFF
	}
	g := u16(place + offset + 2*(c-start))
	if g == 0 {
		return 0
	}
	return (g + delta) & 0xFFFF
}
