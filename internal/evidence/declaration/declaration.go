package declaration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

// Namespace is that of the person's signature; the first line of the text.
const Namespace = "counterseal-declaration-v1"

// WordNamespace is that of the gate's signature on its word.
const WordNamespace = "counterseal-declared-v1"

// The files, beside those of release.Files. The last is written last: where it
// is, the others are.
const (
	TextFile          = "declaration.txt"
	SignatureFile     = "declaration.txt.sig"
	WordFile          = "declared.txt"
	WordSignatureFile = "declared.txt.sig"
)

// Files lists them in the order in which they are written.
var Files = [...]string{TextFile, SignatureFile, WordFile, WordSignatureFile}

// MaxText bounds a declaration, in bytes.
const MaxText = 2 << 20 // a scope in words can be long

// Declaration is a text that was read.
type Declaration struct {
	Release [sha256.Size]byte // SHA-256 of release.txt
	Demand  string
	Person  string // id on the roster
	Name    string
	At      time.Time // when it is signed
	Body    string    // lines, the last ended
}

// Bytes is the text that is signed. Codes: declaration.text, canon.value.
func (d Declaration) Bytes() ([]byte, error) {
	head, err := canon.Encode(Namespace, []canon.Field{
		{Key: "release-sha256", Value: hex.EncodeToString(d.Release[:])}, {Key: "demand", Value: d.Demand},
		{Key: "person", Value: d.Person}, {Key: "name", Value: d.Name}, {Key: "at", Value: canon.Time(d.At)}})
	if err != nil {
		return nil, err
	}
	if len(d.Body) > MaxText {
		return nil, problem.New(problem.Invalid, "declaration.too_large", "a declaration is at most %d bytes", MaxText)
	}
	if !release.Name(d.Demand) || !plain(d.Body) {
		return nil, badText("body")
	}
	return append(append(head, '\n'), d.Body...), nil
}

// plain reports whether a body is lines of visible characters with a word in it.
func plain(body string) bool {
	if strings.TrimSpace(body) == "" || !strings.HasSuffix(body, "\n") {
		return false
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\n"), "\n") {
		line = strings.TrimLeft(line, " ") // an indent may stand
		if line != "" && canon.Text(line) != line {
			return false
		}
	}
	return true
}

// Parse reads a declaration in its one form. Codes: declaration.text,
// declaration.too_large, canon.text, canon.value.
func Parse(text []byte) (Declaration, error) {
	if len(text) > MaxText {
		return Declaration{}, problem.New(problem.Invalid, "declaration.too_large", "a declaration is at most %d bytes", MaxText)
	}
	head, body, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return Declaration{}, badText("no empty line behind the head")
	}
	f, err := canon.Decode(Namespace, append(bytes.Clone(head), '\n'))
	if err != nil {
		return Declaration{}, err
	}
	if len(f) != 5 {
		return Declaration{}, badText("head")
	}
	d := Declaration{Demand: f[1].Value, Person: f[2].Value, Name: f[3].Value, Body: string(body)}
	sum, err := hex.DecodeString(f[0].Value)
	if err != nil || copy(d.Release[:], sum) != len(sum) || len(sum) != len(d.Release) {
		return Declaration{}, badText("release-sha256")
	}
	d.At, err = canon.ParseTime(f[4].Value)
	if err != nil {
		return Declaration{}, err
	}
	again, err := d.Bytes()
	if err != nil {
		return Declaration{}, err
	}
	if !bytes.Equal(text, again) {
		return Declaration{}, badText("head")
	}
	return d, nil
}

func badText(where string) error {
	return problem.New(problem.Invalid, "declaration.text", "this is not a declaration: the head stands as it was drafted, the body is plain lines of at most 1,000 bytes").At("%s", where).
		Fix("draft it again, and edit only what stands below the first empty line")
}

// Open marks of places that a person must settle.
const (
	toConfirm = "[ ]"
	toFill    = "____"
)

// Settled refuses a declaration with an open place. Code: declaration.open.
func (d Declaration) Settled() error {
	for i, line := range strings.Split(d.Body, "\n") {
		if strings.Contains(line, toConfirm) || strings.Contains(line, toFill) {
			return problem.New(problem.Invalid, "declaration.open", "a place is open that only the person who signs can settle").At("body, line %d", i+1).
				Fix("take away [ ] to confirm a sentence, or the whole sentence; write words for ____")
		}
	}
	return nil
}

// Word is the gate's word about a signed declaration.
type Word struct {
	Release     [sha256.Size]byte
	Declaration [sha256.Size]byte // SHA-256 of declaration.txt
	Signature   [sha256.Size]byte // SHA-256 of declaration.txt.sig
	Person      string
	Group       string // on the roster
	Key         string // fingerprint of the person's key, as ssh-keygen -l writes it
	At          time.Time
}

// Bytes is what the gate signs. Code: canon.value.
func (w Word) Bytes() ([]byte, error) {
	return canon.Encode(WordNamespace, []canon.Field{
		{Key: "release-sha256", Value: hex.EncodeToString(w.Release[:])}, {Key: "declaration-sha256", Value: hex.EncodeToString(w.Declaration[:])},
		{Key: "signature-sha256", Value: hex.EncodeToString(w.Signature[:])}, {Key: "person", Value: w.Person}, {Key: "group", Value: w.Group},
		{Key: "key", Value: w.Key}, {Key: "at", Value: canon.Time(w.At)}})
}

// ParseWord reads it. Codes: declaration.word, canon.text, canon.value.
func ParseWord(text []byte) (Word, error) {
	bad := problem.New(problem.Invalid, "declaration.word", "this is not a gate's word about a declaration")
	f, err := canon.Decode(WordNamespace, text)
	if err != nil {
		return Word{}, err
	}
	if len(f) != 7 {
		return Word{}, bad
	}
	w := Word{Person: f[3].Value, Group: f[4].Value, Key: f[5].Value}
	for i, to := range []*[sha256.Size]byte{&w.Release, &w.Declaration, &w.Signature} {
		sum, err := hex.DecodeString(f[i].Value)
		if err != nil || len(sum) != len(to) {
			return Word{}, bad
		}
		copy(to[:], sum)
	}
	w.At, err = canon.ParseTime(f[6].Value)
	if err != nil {
		return Word{}, err
	}
	again, err := w.Bytes()
	if err != nil || !bytes.Equal(text, again) {
		return Word{}, bad
	}
	return w, nil
}
