package copyfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// errBroken is what the bytes of an item end with that was not kept whole.
var errBroken = problem.New(problem.Unavailable, "source.unreadable", "the store could not be read to the end of this item when it was kept")

type reader struct {
	from    io.Reader
	buf     []byte
	pending bool // the bytes of an item come next
	broken  bool // and they ended short
	rest    []byte
	size    int64
	counts  Counts
}

// Read gives everything of a copy in its order, from one goroutine, and what its end
// counts. The bytes of an item can be read until item returns. It stops at the first
// error of a callback, and returns it. Code: copy.form, where the file is not exactly
// of the form or was made by another grant.
func Read(from io.Reader, grant string, item func(Item, io.Reader) error, withheld func(Withheld) error) (Counts, error) {
	r := &reader{from: from, buf: make([]byte, maxBytes)}
	var head headFacts
	kind, b, err := r.frame()
	if err != nil || kind != kindHead || strict(b, &head) != nil || head.Format != Format || head.Grant != grant {
		return Counts{}, malformed(err).At("head")
	}
	for {
		kind, b, err := r.frame()
		if err != nil {
			return Counts{}, malformed(err)
		}
		switch kind {
		case kindItem:
			err = r.item(b, item)
		case kindWithheld:
			err = r.withheld(b, withheld)
		case kindEnd:
			return r.counts, r.end(b)
		default:
			err = malformed(nil).At("a frame out of turn")
		}
		if err != nil {
			return Counts{}, err
		}
	}
}

// frame reads one frame; its bytes are valid until the next.
func (r *reader) frame() (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return 0, nil, err
	}
	n, limit := int(binary.BigEndian.Uint32(head[1:])), maxFacts
	if head[0] == kindBytes {
		limit = maxBytes
	}
	if n > limit {
		return 0, nil, errors.New("a frame that is too long")
	}
	if n > len(r.buf) {
		r.buf = make([]byte, n)
	}
	_, err := io.ReadFull(r.from, r.buf[:n])
	return head[0], r.buf[:n], err
}

func (r *reader) item(facts []byte, give func(Item, io.Reader) error) error {
	var f itemFacts
	if err := strict(facts, &f); err != nil {
		return malformed(err).At("an item")
	}
	it := Item{Item: scope.Item{ID: f.ID, Account: scope.AccountID(f.Account), Service: scope.Service(f.Service), Category: scope.Category(f.Category), Received: f.Received.time(), Sent: f.Sent.time(),
		ReceivedSpread: time.Duration(f.ReceivedSpread), SentSpread: time.Duration(f.SentSpread), Participants: f.Participants, Lasting: f.Lasting}, Size: f.Size, Undated: f.Undated, Name: f.Name, Filename: f.Filename, Key: f.Key}
	r.pending, r.broken, r.rest, r.size = true, false, nil, 0
	if err := give(it, r); err != nil {
		return err
	}
	for r.pending { // what nobody wanted
		if err := r.next(); err != nil {
			return err
		}
	}
	if r.broken {
		r.counts.Withheld++
	} else {
		r.counts.Items++
		r.counts.Bytes += r.size
	}
	return nil
}

// next takes the next frame of the item's bytes.
func (r *reader) next() error {
	kind, b, err := r.frame()
	if err != nil {
		return malformed(err)
	}
	switch {
	case kind == kindBytes && len(b) > 0:
		r.rest, r.size = b, r.size+int64(len(b))
	case (kind == kindWhole || kind == kindBroken) && len(b) == 0:
		r.pending, r.broken, r.rest = false, kind == kindBroken, nil
	default:
		return malformed(nil).At("a frame out of turn")
	}
	return nil
}

// Read gives the bytes of the item at hand.
func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if !r.pending && r.broken {
			return 0, errBroken
		}
		if !r.pending {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) withheld(facts []byte, give func(Withheld) error) error {
	var f withheldFacts
	if err := strict(facts, &f); err != nil {
		return malformed(err).At("what was withheld")
	}
	r.counts.Withheld++
	return give(Withheld{f.Reason, f.Ref, scope.AccountID(f.Account), scope.Service(f.Service), f.Detail})
}

// end holds that the end counts what came, and that nothing follows.
func (r *reader) end(facts []byte) error {
	var c Counts
	if err := strict(facts, &c); err != nil || c != r.counts {
		return malformed(err).At("the end")
	}
	if n, err := io.ReadFull(r.from, r.buf[:1]); n != 0 || !errors.Is(err, io.EOF) {
		return malformed(err).At("something follows the end")
	}
	return nil
}

func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}
