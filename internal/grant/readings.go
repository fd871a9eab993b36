package grant

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"counterseal/internal/signature"
)

// Readings remembers what reading charter statements and approvals gave, so that several gates of
// one process, each of which reads for itself, parse a map of thousands of accounts
// and verify its signatures once and not once each. It believes nothing that it has
// not read: what it gives follows from the very bytes that it is asked about. Nil is
// none: each reading is made anew. Safe for concurrent use; what it gives is shared,
// so nobody changes it.
type Readings struct {
	mu         sync.Mutex // held while a statement is read
	statements map[Digest]Statement
	charters   map[Digest]*Charter

	signing sync.Mutex // of its own: no approval waits for a statement
	signed  map[Digest]signature.Made
}

// What is remembered is bounded. A charter grows by a statement when people change
// something, and only the last few are asked about; approvals are asked about at each
// look at a gate's grants.
const (
	maxReadings = 16
	maxSigned   = 1024
)

// Statement is ParseStatement.
func (r *Readings) Statement(text []byte) (Statement, error) {
	if r == nil {
		return ParseStatement(text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	digest := Digest(sha256.Sum256(text))
	if st, ok := r.statements[digest]; ok {
		return st, nil
	}
	st, err := ParseStatement(text)
	if err == nil {
		r.statements = remember(r.statements, digest, st, maxReadings)
	}
	return st, err
}

// Extend is Charter.Extend. A charter follows from its head, which names every text
// before it, so the head stands for the charter.
func (r *Readings) Extend(c *Charter, text []byte, signatures [][]byte) (*Charter, error) {
	st, err := r.Statement(text)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return c.extend(st, text, signatures)
	}
	digest := readingOf(append([][]byte{c.Head[:], text}, signatures...)...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if next, ok := r.charters[digest]; ok {
		return next, nil
	}
	next, err := c.extend(st, text, signatures)
	if err == nil {
		r.charters = remember(r.charters, digest, next, maxReadings)
	}
	return next, err
}

// made is how a signature of an approval was made; page is that of the grant's gate,
// "" for none.
func (r *Readings) made(page string, armored []byte, ns signature.Namespace, text []byte) (signature.Made, error) {
	var pages []string
	if page != "" {
		pages = []string{page}
	}
	if r == nil {
		return signature.VerifyFrom(pages, armored, ns, text)
	}
	digest := readingOf([]byte(page), []byte(ns), text, armored)
	r.signing.Lock()
	m, known := r.signed[digest]
	r.signing.Unlock()
	if known {
		return m, nil
	}
	m, err := signature.VerifyFrom(pages, armored, ns, text)
	if err != nil {
		return m, err
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	r.signed = remember(r.signed, digest, m, maxSigned)
	return m, nil
}

// readingOf names bytes in their order, each with its length before it.
func readingOf(parts ...[]byte) (d Digest) {
	h := sha256.New()
	for _, part := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash does not fail
		h.Write(part)
	}
	h.Sum(d[:0])
	return d
}

func remember[T any](m map[Digest]T, d Digest, v T, most int) map[Digest]T {
	if m == nil || len(m) >= most {
		m = map[Digest]T{}
	}
	m[d] = v
	return m
}
