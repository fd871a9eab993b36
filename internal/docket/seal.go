package docket

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

const (
	sealVersion = 1
	nonceSize   = 12
)

// vault is what one data key opens: a cipher, and keyed digests for chains and
// for names that outsiders must not recognise. The three keys are independent.
type vault struct {
	aead  cipher.AEAD
	chain []byte
	names []byte
}

func newVault(key [32]byte) (*vault, error) {
	var derived [3][]byte
	for i, use := range []string{"seal", "chain", "names"} {
		k, err := hkdf.Expand(sha256.New, key[:], "counterseal-docket-"+use+"-v1", 32)
		if err != nil {
			return nil, broken(err)
		}
		derived[i] = k
	}
	block, err := aes.NewCipher(derived[0])
	if err != nil {
		return nil, broken(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, broken(err)
	}
	return &vault{aead: aead, chain: derived[1], names: derived[2]}, nil
}

// seal encrypts plain so that it opens only in its place.
func (v *vault) seal(random io.Reader, place, plain []byte) ([]byte, error) {
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(plain)+16)
	out[0] = sealVersion
	if _, err := io.ReadFull(random, out[1:]); err != nil {
		return nil, noRandomness(err)
	}
	return v.aead.Seal(out, out[1:], plain, place), nil
}

func (v *vault) open(place, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+nonceSize || sealed[0] != sealVersion {
		return nil, tampered(nil)
	}
	plain, err := v.aead.Open(nil, sealed[1:1+nonceSize], sealed[1+nonceSize:], place)
	if err != nil {
		return nil, tampered(err)
	}
	return plain, nil
}

// name is a keyed digest of a place.
func (v *vault) name(place []byte) Digest {
	m := hmac.New(sha256.New, v.names)
	m.Write(place)
	return Digest(m.Sum(nil))
}

// entry is the outbox id of a demand's nth journaled event. Since they are
// counted without gaps, one look at n+1 shows whether the end was cut off.
func (v *vault) entry(id string, n uint64) ledger.ID {
	d := v.name(place("entry", []byte(id), number(n)))
	return ledger.ID(d[:16])
}

// link continues the chain over the records of a demand.
func (v *vault) link(before Digest, seq uint64, record []byte) Digest {
	m := hmac.New(sha256.New, v.chain)
	m.Write(before[:])
	m.Write(number(seq))
	m.Write(record)
	return Digest(m.Sum(nil))
}

// place names where something sealed belongs: a label and its parts, each with
// its length before it.
func place(label string, parts ...[]byte) []byte {
	out := []byte("counterseal-docket-" + label + "-v1\n")
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// tampered says that what is stored is not what was stored.
func tampered(cause error) *problem.Error {
	return problem.New(problem.Unverified, "docket.tampered", "what is stored of this demand is not what was stored").
		Fix("change nothing; compare with a backup and the ledger, and find out who could write to the store").Because(cause)
}

func broken(cause error) *problem.Error {
	return problem.New(problem.Internal, "docket.defect", "the docket could not do its work; the log has the detail").Because(cause)
}

func noRandomness(cause error) *problem.Error {
	return problem.New(problem.Unavailable, "docket.randomness", "the source of randomness failed").Because(cause)
}
