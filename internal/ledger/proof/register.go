package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"io"

	"counterseal/internal/problem"
)

// Class of a register leaf.
type Class uint16

const (
	ClassPadding  Class = 0 // no demand
	ClassBandOnly Class = 1 // may be counted in statutory bands alone (50 USC 1874)
	ClassOrdinary Class = 2
)

// Instrument classes, as far as they are known at receipt. Codes never change
// meaning.
type Instrument uint16

const (
	InstrumentUnstated     Instrument = 0
	InstrumentSubpoena     Instrument = 1
	InstrumentCourtOrder   Instrument = 2 // 18 USC 2703(d) and the like
	InstrumentWarrant      Instrument = 3
	InstrumentEPOC         Instrument = 4 // Regulation (EU) 2023/1543
	InstrumentEPOCPR       Instrument = 5
	InstrumentNSL          Instrument = 6
	InstrumentPreservation Instrument = 7
	InstrumentEmergency    Instrument = 8
	InstrumentTreaty       Instrument = 9
	InstrumentFISA         Instrument = 10
	InstrumentDomestic     Instrument = 11 // an order under national law not named above
	InstrumentInformal     Instrument = 12
	InstrumentCivil        Instrument = 13
	InstrumentOther        Instrument = 14
)

// Band of how many targets the instrument states.
type Band uint16

const (
	BandUnstated  Band = 0
	BandOne       Band = 1 // 1
	BandFew       Band = 2 // 2 to 9
	BandTens      Band = 3 // 10 to 99
	BandHundreds  Band = 4 // 100 to 999
	BandThousands Band = 5 // 1,000 and more
)

// BandOf gives the band of a stated number of targets; 0 or less is unstated.
func BandOf(targets int) Band {
	switch {
	case targets <= 0:
		return BandUnstated
	case targets == 1:
		return BandOne
	case targets < 10:
		return BandFew
	case targets < 100:
		return BandTens
	case targets < 1000:
		return BandHundreds
	}
	return BandThousands
}

// Country is an ISO 3166-1 alpha-2 code as a small scalar; 0 is not stated.
type Country uint16

// CountryOf packs two capital letters. Problem: proof.country.
func CountryOf(alpha2 string) (Country, error) {
	if len(alpha2) != 2 || !capital(alpha2[0]) || !capital(alpha2[1]) {
		return 0, problem.New(problem.Invalid, "proof.country", "a country is two capital letters")
	}
	return Country(alpha2[0])<<8 | Country(alpha2[1]), nil
}

func capital(c byte) bool { return 'A' <= c && c <= 'Z' }

// String gives the letters, or "" when not stated.
func (c Country) String() string {
	if c == 0 {
		return ""
	}
	return string([]byte{byte(c >> 8), byte(c)})
}

// Fields are the values that a register leaf commits to, one by one.
type Fields struct {
	Country    Country
	Instrument Instrument
	Band       Band
	Class      Class
}

func (f Fields) codes() [4]uint16 {
	return [4]uint16{uint16(f.Country), uint16(f.Instrument), uint16(f.Band), uint16(f.Class)}
}

func (f Fields) valid() bool {
	if f.Class == ClassPadding {
		return f == Fields{}
	}
	country := f.Country == 0 || capital(byte(f.Country>>8)) && capital(byte(f.Country))
	return country && f.Instrument <= InstrumentOther && f.Band <= BandThousands && f.Class <= ClassOrdinary
}

const (
	// RegisterLeafSize and RegisterOpeningSize are fixed lengths in bytes.
	RegisterLeafSize    = 1 + 4*32 + 32
	RegisterOpeningSize = 1 + 4*2 + 4*32 + 64

	registerVersion = 1
	recordDomain    = "counterseal-register-record-v1\n"
)

// RegisterLeaf is one leaf of the register: commitments to country, instrument,
// band and class (canonical ristretto255 encodings), then to the record.
type RegisterLeaf struct {
	Commitments [4][32]byte
	Record      [32]byte
}

// Marshal gives the leaf's 161 bytes.
func (l RegisterLeaf) Marshal() []byte {
	b := make([]byte, 0, RegisterLeafSize)
	b = append(b, registerVersion)
	for _, c := range l.Commitments {
		b = append(b, c[:]...)
	}
	return append(b, l.Record[:]...)
}

// ParseRegisterLeaf reads the 161 bytes and refuses commitments that are not
// canonical encodings or encode the identity. Problem: proof.leaf_malformed.
func ParseRegisterLeaf(b []byte) (RegisterLeaf, error) {
	if len(b) != RegisterLeafSize || b[0] != registerVersion {
		return RegisterLeaf{}, leafMalformed("this is not a register leaf that this version knows")
	}
	var l RegisterLeaf
	for i := range l.Commitments {
		copy(l.Commitments[i][:], b[1+32*i:])
		if !canonicalPoint(l.Commitments[i]) {
			return RegisterLeaf{}, leafMalformed("a commitment of the register leaf is not a point of the group")
		}
	}
	copy(l.Record[:], b[129:])
	return l, nil
}

// RegisterOpening is all that a register leaf hides. Secret until given to the
// authority (in the receipt) or the customer (when secrecy ends).
type RegisterOpening struct {
	Fields Fields
	Blinds [4][32]byte // canonical scalars r, little-endian, in the order of Fields
	Salt   [32]byte    // of the record commitment; independent of any journal salt
	Digest [32]byte    // SHA-256 of the canonical record
}

// NewRegisterOpening draws the blinds and the salt from random, which must be a
// cryptographic source (crypto/rand.Reader). Problems: proof.fields when a
// field has no such code, proof.randomness when random fails.
func NewRegisterOpening(random io.Reader, f Fields, digest [32]byte) (RegisterOpening, error) {
	if !f.valid() {
		return RegisterOpening{}, problem.New(problem.Invalid, "proof.fields", "a field of the register leaf has no such code")
	}
	o := RegisterOpening{Fields: f, Digest: digest}
	var seed [4*64 + 32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return RegisterOpening{}, noRandomness(err)
	}
	for i := range o.Blinds {
		o.Blinds[i] = scalarFromUniform(seed[64*i : 64*(i+1)])
	}
	copy(o.Salt[:], seed[256:])
	return o, nil
}

// NewPadding draws the opening of a padding leaf: every field 0, a random
// digest. Its leaf cannot be told from a demand's. Problem: proof.randomness.
func NewPadding(random io.Reader) (RegisterOpening, error) {
	var digest [32]byte
	if _, err := io.ReadFull(random, digest[:]); err != nil {
		return RegisterOpening{}, noRandomness(err)
	}
	return NewRegisterOpening(random, Fields{}, digest)
}

func noRandomness(err error) *problem.Error {
	return problem.New(problem.Unavailable, "proof.randomness", "the source of randomness failed").Because(err)
}

// Leaf computes the leaf in constant time with respect to the opening. Problem:
// proof.opening_malformed when a blind is not a canonical scalar or a field has
// no such code.
func (o RegisterOpening) Leaf() (RegisterLeaf, error) {
	if !o.Fields.valid() {
		return RegisterLeaf{}, openingMalformed()
	}
	var l RegisterLeaf
	for i, m := range o.Fields.codes() {
		c, ok := commit(m, o.Blinds[i])
		if !ok {
			return RegisterLeaf{}, openingMalformed()
		}
		l.Commitments[i] = c
	}
	l.Record = o.record()
	return l, nil
}

// PaddingLeaf is Leaf for an opening that NewPadding has drawn, in a fifth of the
// time: that its fields are 0 is no secret before whoever makes a batch. Problem:
// proof.opening_malformed, also where a field is not 0.
func (o RegisterOpening) PaddingLeaf() (RegisterLeaf, error) {
	if o.Fields != (Fields{}) {
		return RegisterLeaf{}, openingMalformed()
	}
	var l RegisterLeaf
	for i, r := range o.Blinds {
		c, ok := blinded(r)
		if !ok {
			return RegisterLeaf{}, openingMalformed()
		}
		l.Commitments[i] = [32]byte(c.Bytes())
	}
	l.Record = o.record()
	return l, nil
}

// record is the commitment to the record.
func (o RegisterOpening) record() Hash {
	b := append([]byte(recordDomain), o.Salt[:]...)
	for _, m := range o.Fields.codes() {
		b = binary.BigEndian.AppendUint16(b, m)
	}
	return sha256.Sum256(append(b, o.Digest[:]...))
}

// Verify says whether the opening opens the leaf. Problems:
// proof.opening_mismatch, proof.opening_malformed.
func (o RegisterOpening) Verify(leaf RegisterLeaf) error {
	want, err := o.Leaf()
	if err != nil {
		return err
	}
	if want != leaf {
		return problem.New(problem.Unverified, "proof.opening_mismatch", "the opening does not open this register leaf")
	}
	return nil
}

// Marshal gives the opening's 201 bytes.
func (o RegisterOpening) Marshal() []byte {
	b := make([]byte, 0, RegisterOpeningSize)
	b = append(b, registerVersion)
	for _, m := range o.Fields.codes() {
		b = binary.BigEndian.AppendUint16(b, m)
	}
	for _, r := range o.Blinds {
		b = append(b, r[:]...)
	}
	b = append(b, o.Salt[:]...)
	return append(b, o.Digest[:]...)
}

// ParseRegisterOpening reads the 201 bytes. Problem: proof.opening_malformed.
func ParseRegisterOpening(b []byte) (RegisterOpening, error) {
	if len(b) != RegisterOpeningSize || b[0] != registerVersion {
		return RegisterOpening{}, openingMalformed()
	}
	code := func(i int) uint16 { return binary.BigEndian.Uint16(b[1+2*i:]) }
	o := RegisterOpening{Fields: Fields{Country(code(0)), Instrument(code(1)), Band(code(2)), Class(code(3))}}
	if !o.Fields.valid() {
		return RegisterOpening{}, openingMalformed()
	}
	for i := range o.Blinds {
		copy(o.Blinds[i][:], b[9+32*i:])
		if !canonicalScalar(o.Blinds[i]) {
			return RegisterOpening{}, openingMalformed()
		}
	}
	copy(o.Salt[:], b[137:])
	copy(o.Digest[:], b[169:])
	return o, nil
}

func openingMalformed() *problem.Error {
	return problem.New(problem.Invalid, "proof.opening_malformed", "this is not an opening of a register leaf that this version knows")
}
