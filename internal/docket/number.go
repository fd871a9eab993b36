package docket

import (
	"io"
	"strings"

	"counterseal/internal/demand"
)

// alphabet has no letter or digit that is read or heard as another, and no
// vowel, so that no number is a word. 28 × 28 × … six times: 481 million.
const alphabet = "23456789bcdfghjkmnpqrstvwxyz"

// newID draws a number such as k7wq-93, after the prefix of the kind of stream.
// It says nothing about order or count.
func newID(random io.Reader, kind demand.Stream) (demand.ID, error) {
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
	return demand.ID(demand.Prefix(kind) + string(out)), nil
}

// ValidID reports whether the id has the form of a case number, or of another
// stream's id, which is one after the prefix of its kind.
func ValidID(id demand.ID) bool {
	number := strings.TrimPrefix(string(id), demand.Prefix(demand.StreamOf(id)))
	if len(number) != 7 {
		return false
	}
	for i := range len(number) {
		if i == 4 {
			if number[i] != '-' {
				return false
			}
			continue
		}
		if strings.IndexByte(alphabet, number[i]) < 0 {
			return false
		}
	}
	return true
}

// about is the stream whose place a stream shares: counsel's notes lie where
// their demand does.
func about(id demand.ID) demand.ID {
	if demand.StreamOf(id) == demand.NotesStream {
		return id[len(demand.Prefix(demand.NotesStream)):]
	}
	return id
}
