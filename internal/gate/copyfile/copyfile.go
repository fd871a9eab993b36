// Package copyfile is the form of what lies inside a preserved copy, under its
// encryption: items with everything that a scope judges them by, their bytes as they
// were stored, and what was found and could not be kept.
//
// A file is a sequence of frames: a byte that says what follows, its length in four
// bytes, and so much. It begins with a head, ends with an end that counts what came
// before, and nothing follows. An item is a frame of facts, frames of its bytes and
// one that says whether they are all of them.
//
// Its promises. Memory does not grow with an item or a copy, on either side. What is
// not exactly of this form is refused: the last frame must have been read before
// anything of a copy counts.
//
// Imports: standard library, scope, problem.
package copyfile

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Format names the form; it stands in the head.
const Format = "counterseal-copy-file-v1"

// Bounds of a frame, in bytes.
const (
	maxFacts = 1 << 20
	maxBytes = 64 << 10
)

// The kinds of frame.
const (
	kindHead     = 'h'
	kindItem     = 'i'
	kindBytes    = 'b'
	kindWhole    = 'w' // the item before is all there
	kindBroken   = 'x' // the store could not be read to the end of the item
	kindWithheld = 'g'
	kindEnd      = 'z'
)

// Item is one thing as it was kept.
type Item struct {
	scope.Item
	Size     int64 // a hint
	Undated  string
	Name     string
	Filename string
	Key      bool // it lay in its store encrypted under a key of the customer's
}

// Withheld is something that was found and is not in the copy.
type Withheld struct {
	Reason  string
	Ref     string // an opaque reference: an item outside the scope is not named
	Account scope.AccountID
	Service scope.Service
	Detail  string
}

// Counts are what the end of a copy says. An item that could not be kept whole is
// withheld.
type Counts struct {
	Items    int64 `json:"items"`
	Bytes    int64 `json:"bytes"`
	Withheld int64 `json:"withheld"`
}

type headFacts struct {
	Format string `json:"format"`
	Grant  string `json:"grant"`
}

// moment is an instant; JSON's own form has no year beyond 9999, and stores have.
type moment struct {
	Seconds int64 `json:"s"`
	Nanos   int64 `json:"n,omitempty"`
}

func momentOf(t time.Time) moment { return moment{t.Unix(), int64(t.Nanosecond())} }

func (m moment) time() time.Time { return time.Unix(m.Seconds, m.Nanos).UTC() }

type itemFacts struct {
	ID             string   `json:"id"`
	Account        string   `json:"account"`
	Service        string   `json:"service"`
	Category       string   `json:"category"`
	Received       moment   `json:"received"`
	Sent           moment   `json:"sent"`
	ReceivedSpread int64    `json:"received_spread,omitempty"`
	SentSpread     int64    `json:"sent_spread,omitempty"`
	Participants   []string `json:"participants,omitempty"`
	Lasting        bool     `json:"lasting,omitempty"`
	Size           int64    `json:"size,omitempty"`
	Undated        string   `json:"undated,omitempty"`
	Name           string   `json:"name,omitempty"`
	Filename       string   `json:"filename,omitempty"`
	Key            bool     `json:"customer_key,omitempty"`
}

type withheldFacts struct {
	Reason  string `json:"reason"`
	Ref     string `json:"ref"`
	Account string `json:"account"`
	Service string `json:"service"`
	Detail  string `json:"detail,omitempty"`
}

// Writer writes one copy.
type Writer struct {
	to     io.Writer
	buf    []byte
	counts Counts
}

// NewWriter writes the head. Errors are those of to.
func NewWriter(to io.Writer, grant string) (*Writer, error) {
	w := &Writer{to: to, buf: make([]byte, maxBytes)}
	return w, w.facts(kindHead, headFacts{Format, grant})
}

func (w *Writer) facts(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return malformed(err)
	}
	if len(b) > maxFacts {
		return problem.New(problem.Refused, "copy.too_large", "an item's facts are too long to be kept")
	}
	return w.frame(kind, b)
}

func (w *Writer) frame(kind byte, b []byte) error {
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	if _, err := w.to.Write(head[:]); err != nil {
		return err
	}
	_, err := w.to.Write(b)
	return err
}

// Item keeps an item with its bytes. whole is false where from failed before its end
// with an error that pass lets pass: what was read of it is in the copy and counts for
// nothing. Other errors of from, and those of the file, are returned.
func (w *Writer) Item(it Item, from io.Reader, pass func(error) bool) (whole bool, err error) {
	f := itemFacts{ID: it.ID, Account: string(it.Account), Service: string(it.Service), Category: string(it.Category), Received: momentOf(it.Received), Sent: momentOf(it.Sent),
		ReceivedSpread: int64(it.ReceivedSpread), SentSpread: int64(it.SentSpread), Participants: it.Participants, Lasting: it.Lasting, Size: it.Size, Undated: it.Undated, Name: it.Name, Filename: it.Filename, Key: it.Key}
	if err := w.facts(kindItem, f); err != nil {
		return false, err
	}
	var size int64
	for {
		n, rerr := from.Read(w.buf)
		if n > 0 {
			if err := w.frame(kindBytes, w.buf[:n]); err != nil {
				return false, err
			}
			size += int64(n)
		}
		switch {
		case rerr == io.EOF:
			w.counts.Items++
			w.counts.Bytes += size
			return true, w.frame(kindWhole, nil)
		case rerr != nil && pass(rerr):
			w.counts.Withheld++
			return false, w.frame(kindBroken, nil)
		case rerr != nil:
			return false, rerr
		}
	}
}

// Withhold lists what is not in the copy.
func (w *Writer) Withhold(x Withheld) error {
	w.counts.Withheld++
	return w.facts(kindWithheld, withheldFacts{x.Reason, x.Ref, string(x.Account), string(x.Service), x.Detail})
}

// Close writes the end and says what it counts.
func (w *Writer) Close() (Counts, error) { return w.counts, w.facts(kindEnd, w.counts) }

func malformed(err error) *problem.Error {
	return problem.New(problem.Unverified, "copy.form", "this is not a copy as a gate writes it").Because(err)
}
