package proof_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"counterseal/internal/ledger/proof"

	"github.com/google/go-cmp/cmp"
)

// renamed gives the same public key under another name.
func renamed(t *testing.T, vkey, name string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2])
	must(t, err)
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(sum[:4]), base64.StdEncoding.EncodeToString(key))
}

// cosigner gives an Ed25519 key as one for cosignatures.
func cosigner(t *testing.T, vkey string) string {
	t.Helper()
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(t, err)
	key[0] = 4
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	return fmt.Sprintf("%s+%08x+%s", parts[0], binary.BigEndian.Uint32(sum[:4]), base64.StdEncoding.EncodeToString(key))
}

func TestEachFlippedByteOfAnOpeningFails(t *testing.T) {
	o := goodOpening(t)
	leaf, err := o.Leaf()
	must(t, err)
	must(t, o.Verify(leaf))
	text := o.Marshal()
	parsed, err := proof.ParseRegisterOpening(text)
	must(t, err)
	if d := cmp.Diff(o, parsed); d != "" {
		t.Fatal(d)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		q, err := proof.ParseRegisterOpening(bad)
		if err == nil {
			err = q.Verify(leaf)
		}
		if err == nil {
			t.Errorf("byte %d: accepted", i)
		}
	}
}

func TestFieldsOutsideTheCodeListAreRefused(t *testing.T) {
	for _, f := range []proof.Fields{
		{Class: 3}, {Class: proof.ClassOrdinary, Instrument: 15}, {Class: proof.ClassOrdinary, Band: 6},
		{Class: proof.ClassOrdinary, Country: 'd'<<8 | 'k'}, {Class: proof.ClassOrdinary, Country: 'D'},
		{Class: proof.ClassPadding, Country: 'D'<<8 | 'K'}, {Class: proof.ClassPadding, Band: 1},
	} {
		_, err := proof.NewRegisterOpening(rand.Reader, f, fill(1))
		wantCode(t, err, "proof.fields")
		o := goodOpening(t)
		o.Fields = f
		_, err = o.Leaf()
		wantCode(t, err, "proof.opening_malformed")
		_, err = proof.ParseRegisterOpening(o.Marshal())
		wantCode(t, err, "proof.opening_malformed")
	}
	for _, c := range []string{"", "D", "dk", "DNK", "ÆØ"} {
		_, err := proof.CountryOf(c)
		wantCode(t, err, "proof.country")
	}
}

func TestPaddingOpensAndLooksLikeADemand(t *testing.T) {
	a, err := proof.NewPadding(rand.Reader)
	must(t, err)
	b, err := proof.NewPadding(rand.Reader)
	must(t, err)
	la, err := a.Leaf()
	must(t, err)
	lb, err := b.Leaf()
	must(t, err)
	must(t, a.Verify(la))
	quick, err := a.PaddingLeaf()
	must(t, err)
	if quick != la {
		t.Error("the short way gives another leaf")
	}
	_, err = goodOpening(t).PaddingLeaf()
	wantCode(t, err, "proof.opening_malformed")
	wantCode(t, a.Verify(lb), "proof.opening_mismatch")
	for i := range la.Commitments {
		if la.Commitments[i] == lb.Commitments[i] {
			t.Error("two padding leaves share a commitment")
		}
	}
	_, err = proof.ParseRegisterLeaf(la.Marshal())
	must(t, err)
	_, err = proof.NewPadding(iotest.ErrReader(fmt.Errorf("no entropy")))
	wantCode(t, err, "proof.randomness")
}

// The encodings are from RFC 9496, appendix A.2 (bad encodings); the identity
// is canonical, and refused here.
func TestNonCanonicalPointsAndScalarsAreRefused(t *testing.T) {
	o := goodOpening(t)
	leaf, err := o.Leaf()
	must(t, err)
	for _, bad := range []string{
		"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
		"26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
		"0000000000000000000000000000000000000000000000000000000000000000",
	} {
		b, err := hex.DecodeString(bad)
		must(t, err)
		for i := range leaf.Commitments {
			l := leaf
			copy(l.Commitments[i][:], b)
			_, err := proof.ParseRegisterLeaf(l.Marshal())
			wantCode(t, err, "proof.leaf_malformed")
		}
	}
	order, err := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	must(t, err)
	for i := range o.Blinds {
		q := o
		copy(q.Blinds[i][:], order)
		_, err := q.Leaf()
		wantCode(t, err, "proof.opening_malformed")
		_, err = proof.ParseRegisterOpening(q.Marshal())
		wantCode(t, err, "proof.opening_malformed")
	}
}

func TestBandsCoverEachNumberOnce(t *testing.T) {
	for n, want := range map[int]proof.Band{-1: 0, 0: 0, 1: 1, 2: 2, 9: 2, 10: 3, 99: 3, 100: 4, 999: 4, 1000: 5, 1 << 30: 5} {
		if got := proof.BandOf(n); got != want {
			t.Errorf("%d: got %d, want %d", n, got, want)
		}
	}
}
