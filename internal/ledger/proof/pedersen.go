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
	h, err := ristretto255.NewIdentityElement().SetUniformBytes(u[:])
	if err != nil {
		panic(err) // 64 bytes are what it takes
	}
	return h
})

// commit computes m·H + r·G in constant time; ok is false when r is not a
// canonical scalar.
func commit(m uint16, r [32]byte) (c [32]byte, ok bool) {
	rG, ok := blinded(r)
	if !ok {
		return c, false
	}
	var small [32]byte
	binary.LittleEndian.PutUint16(small[:], m)
	value, err := ristretto255.NewScalar().SetCanonicalBytes(small[:])
	if err != nil {
		return c, false
	}
	mH := ristretto255.NewIdentityElement().ScalarMult(value, generatorH())
	return [32]byte(mH.Add(mH, rG).Bytes()), true
}

// blinded computes r·G in constant time, which is a commitment to 0.
func blinded(r [32]byte) (*ristretto255.Element, bool) {
	blind, err := ristretto255.NewScalar().SetCanonicalBytes(r[:])
	if err != nil {
		return nil, false
	}
	return ristretto255.NewIdentityElement().ScalarBaseMult(blind), true
}

func canonicalPoint(b [32]byte) bool {
	e, err := ristretto255.NewIdentityElement().SetCanonicalBytes(b[:])
	return err == nil && e.Equal(ristretto255.NewIdentityElement()) == 0
}

func canonicalScalar(b [32]byte) bool {
	_, err := ristretto255.NewScalar().SetCanonicalBytes(b[:])
	return err == nil
}

// scalarFromUniform reduces 64 uniform bytes.
func scalarFromUniform(b []byte) [32]byte {
	r, err := ristretto255.NewScalar().SetUniformBytes(b)
	if err != nil {
		panic(err) // whoever calls it gives 64
	}
	return [32]byte(r.Bytes())
}
