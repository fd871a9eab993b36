package docket

import (
	"io"

	"counterseal/internal/demand"
)

// alphabet has no letter or digit that is read or heard as another, and no
// vowel, so that no number is a word. 28 × 28 × … six times: 481 million.
const alphabet = "23456789bcdfghjkmnpqrstvwxyz"

// newID draws a case number such as k7wq-93. It says nothing about order or
// count.
func newID(random io.Reader) (demand.ID, error) {
	var out []byte
	var b [1]byte
	for len(out) < 7 {
		if len(out) == 4 {
			out = append(out, '-')
		}
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", noRandomness(err)
		}
		// 252 is the largest multiple of 28 in a byte: beyond it some letters
		// would come more often.
		if b[0] < 252 {
			out = append(out, alphabet[b[0]%28])
		}
	}
	return demand.ID(out), nil
}

// ValidID reports whether the id has the form of a case number.
func ValidID(id demand.ID) bool {
	if len(id) != 7 {
		return false
	}
	for i := range len(id) {
		if i == 4 {
			if id[i] != '-' {
				return false
			}
			continue
		}
		if !inAlphabet(id[i]) {
			return false
		}
	}
	return true
}

func inAlphabet(c byte) bool {
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return true
		}
	}
	return false
}
