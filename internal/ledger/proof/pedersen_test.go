package proof

import (
	"encoding/binary"
	"testing"

	"github.com/gtank/ristretto255"
	"pgregory.net/rapid"
)

// inTheLibrary is m·G + r·H as the library computes it, without our tables.
func inTheLibrary(t *rapid.T, m uint16, r [32]byte) [32]byte {
	var small [32]byte
	binary.LittleEndian.PutUint16(small[:], m)
	value, err := ristretto255.NewScalar().SetCanonicalBytes(small[:])
	if err != nil {
		t.Fatal(err)
	}
	blind, err := ristretto255.NewScalar().SetCanonicalBytes(r[:])
	if err != nil {
		t.Fatal(err)
	}
	mG := ristretto255.NewIdentityElement().ScalarBaseMult(value)
	rH := ristretto255.NewIdentityElement().ScalarMult(blind, generatorH())
	return [32]byte(mG.Add(mG, rH).Bytes())
}

func TestACommitmentIsTheLibrarysOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Uint16().Draw(t, "m")
		r := scalarFromUniform(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "r"))
		if rapid.IntRange(0, 3).Draw(t, "short") == 0 { // runs of equal bytes and short scalars, whose digits are the ends of their range
			b := rapid.SampledFrom([]byte{0, 1, 0x07, 0x08, 0x77, 0x78, 0x80, 0x87, 0x88, 0xf7, 0xf8, 0xff}).Draw(t, "byte")
			n := rapid.IntRange(0, 31).Draw(t, "length")
			r = [32]byte{}
			for i := range n {
				r[i] = b
			}
		}
		got, ok := commit(m, r)
		if want := inTheLibrary(t, m, r); !ok || got != want {
			t.Fatalf("m %d, r %x: got %x, want %x", m, r, got, want)
		}
	})
}

func TestTheLargestScalarAndFieldAreCommittedTo(t *testing.T) {
	order := [32]byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	if _, ok := commit(0, order); ok {
		t.Fatal("the order itself is no scalar")
	}
	last := order
	last[0]--
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom([]uint16{0, 1, 7, 8, 15, 16, 0x7777, 0x7fff, 0x8888, 0xfff7, 0xffff}).Draw(t, "m")
		r := rapid.SampledFrom([][32]byte{last, {}, {1}, {8}}).Draw(t, "r")
		got, ok := commit(m, r)
		if want := inTheLibrary(t, m, r); !ok || got != want {
			t.Fatalf("m %d, r %x: got %x, want %x", m, r, got, want)
		}
	})
}

func TestDigitsAreTheNumberAndFitTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Uint16().Draw(t, "m")
		sum := 0
		for i, d := range digitsOf16(m) {
			if d < -8 || d > 8 {
				t.Fatalf("digit %d", d)
			}
			sum += int(d) << (4 * i)
		}
		if sum != int(m) {
			t.Fatalf("%d is not %d", sum, m)
		}
		r := scalarFromUniform(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "r"))
		for _, d := range digitsOf(r) {
			if d < -8 || d > 8 {
				t.Fatalf("digit %d", d)
			}
		}
	})
}

func BenchmarkCommit(b *testing.B) {
	r := scalarFromUniform(make([]byte, 64))
	for b.Loop() {
		commit(0, r)
	}
}
