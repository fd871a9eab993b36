package sealedzip

import (
	"io"
	"strings"
)

// letters are thirty-two that nobody mishears for another when each is said with its
// word: no I, L, O or U, and digits (Crockford's base 32).
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Groups of four letters, and in each a fifth that checks the four: 28 letters are 140
// bits.
const (
	groups  = 7
	ofGroup = 4
)

// Recipient is whom a ZIP is for: who has the passphrase.
type Recipient struct {
	Name       string // as a release names it
	Passphrase string
}

// String is Name, and never the passphrase.
func (r *Recipient) String() string { return r.Name }

// Inside is the name of the one file of a package.
const Inside = "package.tar"

// Passphrase draws a passphrase of 140 bits: seven groups of five, of which the last
// letter of each checks its four and its place.
func Passphrase(random io.Reader) (string, error) {
	drawn := make([]byte, groups*ofGroup)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return "", err
	}
	var out []string
	for g := range groups {
		group := make([]byte, ofGroup)
		for i := range group {
			group[i] = letters[drawn[g*ofGroup+i]%32]
		}
		out = append(out, string(group)+string(checkLetter(g, string(group))))
	}
	return strings.Join(out, "-"), nil
}

// weights are odd, so that one misheard letter is always found, and differ, so that of
// neighbours that change places all are found but those sixteen apart.
var weights = [ofGroup]int{1, 3, 5, 7}

func checkLetter(place int, group string) byte {
	sum := place * 11
	for i, c := range []byte(group) {
		sum += weights[i] * strings.IndexByte(letters, c)
	}
	return letters[sum%32]
}

// ReadPassphrase takes a passphrase as somebody typed it: small letters, blanks, and O,
// I and L for the digits are understood. wrong is the first group that does not fit its
// check, from 1; 0 where all do.
func ReadPassphrase(typed string) (passphrase string, wrong int) {
	typed = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "").Replace(strings.ToUpper(typed))
	var out []string
	for g := range groups {
		if len(typed) < ofGroup+1 {
			return "", g + 1
		}
		group := typed[:ofGroup+1]
		typed = typed[ofGroup+1:]
		if strings.Trim(group, letters) != "" || checkLetter(g, group[:ofGroup]) != group[ofGroup] {
			return "", g + 1
		}
		out = append(out, group)
	}
	if typed != "" {
		return "", groups
	}
	return strings.Join(out, "-"), 0
}
