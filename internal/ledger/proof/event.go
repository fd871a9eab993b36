package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"counterseal/internal/problem"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 value: an event hash, a tree node or a log's root.
type Hash = tlog.Hash

// Opening is what turns an event hash back into something that can be checked:
// a salt from a cryptographic source, used once, and the SHA-256 digest of the
// subject's own canonical bytes (a grant's text, a receipt, an event record).
type Opening struct {
	Salt   [32]byte
	Digest [32]byte
}

const eventDomain = "counterseal-journal-event-v1\n"

// EventHash is the value that the private tree holds for the opening.
func (o Opening) EventHash() Hash {
	var b [len(eventDomain) + 64]byte
	n := copy(b[:], eventDomain)
	n += copy(b[n:], o.Salt[:])
	copy(b[n:], o.Digest[:])
	return sha256.Sum256(b[:])
}

// JournalLeafSize is the length in bytes of every journal leaf.
const JournalLeafSize = 1 + 8 + 32

const journalLeafVersion = 1

// JournalLeaf is one tick of the journal.
type JournalLeaf struct {
	TickMillis int64 // the tick's time, Unix milliseconds, never negative
	Root       Hash  // root of the tick's private tree
}

// Tick is the leaf's time in UTC, to the millisecond.
func (l JournalLeaf) Tick() time.Time { return time.UnixMilli(l.TickMillis).UTC() }

// Marshal gives the leaf's 41 bytes.
func (l JournalLeaf) Marshal() []byte {
	b := make([]byte, 0, JournalLeafSize)
	b = append(b, journalLeafVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(l.TickMillis))
	return append(b, l.Root[:]...)
}

// ParseJournalLeaf reads the 41 bytes of a leaf. Problem: proof.leaf_malformed
// for another length or version, or a time before 1970.
func ParseJournalLeaf(b []byte) (JournalLeaf, error) {
	if len(b) != JournalLeafSize || b[0] != journalLeafVersion {
		return JournalLeaf{}, leafMalformed("this is not a journal leaf that this version knows")
	}
	l := JournalLeaf{TickMillis: int64(binary.BigEndian.Uint64(b[1:9])), Root: Hash(b[9:])}
	if l.TickMillis < 0 {
		return JournalLeaf{}, leafMalformed("the journal leaf has an impossible time")
	}
	return l, nil
}

func leafMalformed(sentence string) *problem.Error {
	return problem.New(problem.Invalid, "proof.leaf_malformed", "%s", sentence)
}
