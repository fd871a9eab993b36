package docket

import (
	"bytes"
	"sync"
	"weak"

	"counterseal/internal/demand"
)

// readings remember what opening, verifying and decoding the records of a stream
// gave, so that one act, which looks at the same stream several times, does it once.
// Nothing is believed that was not read from the store now: a record is taken as
// known where the very bytes that were verified stand in its place, under the same
// key, after the very records that stood before it. The key is asked for at each
// look. They are held weakly: what was decrypted is let go with the next sweep of
// the heap, as it is without them. Nil are none. Safe for concurrent use.
type readings struct {
	mu   sync.Mutex
	kept map[demand.ID]weak.Pointer[reading]
}

// maxReadings bounds the places for readings, most of which have been let go.
const maxReadings = 1024

// reading is a stream as it was read. Nobody changes it once it is kept.
type reading struct {
	begins  Digest // link 0 of the chain, which only the stream's key gives
	records []readRecord
}

type readRecord struct {
	chain  Digest
	sealed []byte
	rec    demand.Recorded // a copy is handed out
	leaf   *leaf           // nil: it is not journaled
}

// of gives what is remembered of a stream whose chain begins so; nil: nothing.
func (r *readings) of(id demand.ID, begins Digest) *reading {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.kept[id].Value()
	if known == nil || known.begins != begins {
		return nil
	}
	return known
}

func (r *readings) keep(id demand.ID, now *reading) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || len(r.kept) >= maxReadings {
		r.kept = map[demand.ID]weak.Pointer[reading]{}
	}
	r.kept[id] = weak.Make(now)
}

// holds says whether the record at a place is the one that was read there.
func (k *reading) holds(i int, r Record) bool {
	return k != nil && i < len(k.records) && k.records[i].chain == r.Chain && bytes.Equal(k.records[i].sealed, r.Sealed)
}
