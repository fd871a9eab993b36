package proof

import (
	"crypto/sha512"
	"encoding/binary"
	"sync"

	"github.com/gtank/ristretto255"
)

// PedersenSeed is the published string from which the second generator comes:
// nobody can know its discrete logarithm to the first.
const PedersenSeed = "counterseal-pedersen-h-v1"

var generatorH = sync.OnceValue(func() *ristretto255.Element {
	u := sha512.Sum512([]byte(PedersenSeed))
	return ristretto255.NewElement().FromUniformBytes(u[:])
})

// commit computes m·G + r·H in constant time; ok is false when r is not a
// canonical scalar.
func commit(m uint16, r [32]byte) (c [32]byte, ok bool) {
	blind := ristretto255.NewScalar()
	if blind.Decode(r[:]) != nil {
		return c, false
	}
	var small [32]byte
	binary.LittleEndian.PutUint16(small[:], m)
	value := ristretto255.NewScalar()
	if value.Decode(small[:]) != nil {
		return c, false
	}
	mG := ristretto255.NewElement().ScalarBaseMult(value)
	rH := ristretto255.NewElement().ScalarMult(blind, generatorH())
	mG.Add(mG, rH).Encode(c[:0])
	return c, true
}

func canonicalPoint(b [32]byte) bool {
	e := ristretto255.NewElement()
	return e.Decode(b[:]) == nil && e.Equal(ristretto255.NewElement()) == 0
}

func canonicalScalar(b [32]byte) bool {
	return ristretto255.NewScalar().Decode(b[:]) == nil
}

func scalarFromUniform(b []byte) (r [32]byte) {
	ristretto255.NewScalar().FromUniformBytes(b).Encode(r[:0])
	return r
}
