package proof

import (
	"crypto/sha512"
	"sync"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	"github.com/gtank/ristretto255"
)

// PedersenSeed is the published string from which the second generator comes:
// nobody can know its discrete logarithm to the first.
const PedersenSeed = "counterseal-pedersen-h-v1"

func generatorH() *ristretto255.Element {
	u := sha512.Sum512([]byte(PedersenSeed))
	h, err := ristretto255.NewIdentityElement().SetUniformBytes(u[:])
	if err != nil {
		panic(err) // it is 64 bytes
	}
	return h
}

// generators are the tables of both, made when the first commitment is computed. Of
// the standard generator, which is Ed25519's base point, the places of a field's 16
// bits are enough.
var generators = sync.OnceValue(func() (g struct{ value, blind multiples }) {
	h, err := pointOf([32]byte(generatorH().Bytes()))
	if err != nil {
		panic(err) // the library encodes it
	}
	g.value = multiplesOf(edwards25519.NewGeneratorPoint(), len(digitsOf16(0)))
	g.blind = multiplesOf(h, len(digitsOf([32]byte{})))
	return g
})

// commit computes m·G + r·H in constant time; ok is false when r is not a
// canonical scalar.
func commit(m uint16, r [32]byte) (c [32]byte, ok bool) {
	if !canonicalScalar(r) {
		return c, false
	}
	g := generators()
	small, blind := digitsOf16(m), digitsOf(r)
	p := identity()
	p.addMultiple(g.value, small[:])
	p.addMultiple(g.blind, blind[:])
	return p.encode(), true
}

// multiples are 1 to 8 times 16ⁱ times a point, for each i: so a multiple of the
// point needs no doublings, and each digit only a look over eight entries.
type multiples [][8]affine

// affine is a point (x, y) as it is added: y+x, y-x, 2·d·x·y.
type affine struct{ plus, minus, product field.Element }

// extended is a point with x = X/Z, y = Y/Z and x·y = T/Z.
type extended struct{ x, y, z, t field.Element }

func identity() extended {
	var p extended
	p.y.One()
	p.z.One()
	return p
}

// addMultiple adds the multiple of a point that the digits say. Which digits these
// are shows neither in what is read nor in what is done.
func (p *extended) addMultiple(of multiples, digits []int8) {
	var a affine
	for i, d := range digits {
		a.choose(&of[i], d)
		p.add(&a)
	}
}

// choose takes the multiple -8 ≤ d ≤ 8 out of 1 to 8, reading all.
func (a *affine) choose(of *[8]affine, d int8) {
	negative := int(uint8(d) >> 7)
	size := uint32((int(d) ^ -negative) + negative)
	a.plus.One()
	a.minus.One()
	a.product.Zero()
	for i := range of {
		this := int((uint32(i+1) ^ size - 1) >> 31) // 1 where i+1 is the size
		a.plus.Select(&of[i].plus, &a.plus, this)
		a.minus.Select(&of[i].minus, &a.minus, this)
		a.product.Select(&of[i].product, &a.product, this)
	}
	var opposite field.Element
	opposite.Negate(&a.product)
	a.plus.Swap(&a.minus, negative)
	a.product.Select(&opposite, &a.product, negative)
}

// add is the complete addition on a twisted Edwards curve with a = -1 (Hisil, Wong,
// Carter and Dawson 2008, §3.1), one point being affine.
func (p *extended) add(q *affine) {
	var a, b, c, d, e, f, g, h field.Element
	a.Multiply(a.Subtract(&p.y, &p.x), &q.minus)
	b.Multiply(b.Add(&p.y, &p.x), &q.plus)
	c.Multiply(&p.t, &q.product)
	d.Add(&p.z, &p.z)
	e.Subtract(&b, &a)
	f.Subtract(&d, &c)
	g.Add(&d, &c)
	h.Add(&b, &a)
	p.x.Multiply(&e, &f)
	p.y.Multiply(&g, &h)
	p.t.Multiply(&e, &h)
	p.z.Multiply(&f, &g)
}

// encode is RFC 9496, section 4.3.2.
func (p *extended) encode() (out [32]byte) {
	k := constants()
	var u1, u2, v, root, den1, den2, inverse, x, y, den field.Element
	u1.Multiply(u1.Add(&p.z, &p.y), v.Subtract(&p.z, &p.y))
	u2.Multiply(&p.x, &p.y)
	v.Multiply(v.Square(&u2), &u1)
	root.SqrtRatio(&k.one, &v) // of a point there always is one
	den1.Multiply(&root, &u1)
	den2.Multiply(&root, &u2)
	inverse.Multiply(inverse.Multiply(&den1, &den2), &p.t)
	rotate := v.Multiply(&p.t, &inverse).IsNegative()
	x.Select(x.Multiply(&p.y, &k.i), &p.x, rotate)
	y.Select(y.Multiply(&p.x, &k.i), &p.y, rotate)
	den.Select(den.Multiply(&den1, &k.enchanted), &den2, rotate)
	turn := v.Multiply(&x, &inverse).IsNegative()
	y.Select(v.Negate(&y), &y, turn)
	v.Multiply(&den, v.Subtract(&p.z, &y))
	return [32]byte(v.Absolute(&v).Bytes())
}

// pointOf is a point whose encoding this is, by RFC 9496, section 4.3.1, for what
// the library has encoded itself: what comes from outside, the library decodes.
func pointOf(encoded [32]byte) (*edwards25519.Point, error) {
	k := constants()
	var s, u1, u2, v, square, root, x, y, t field.Element
	if _, err := s.SetBytes(encoded[:]); err != nil {
		return nil, err
	}
	square.Square(&s)
	u1.Subtract(&k.one, &square)
	u2.Add(&k.one, &square)
	square.Square(&u2)
	v.Multiply(&k.d, v.Square(&u1))
	v.Subtract(v.Negate(&v), &square)
	root.SqrtRatio(&k.one, t.Multiply(&v, &square))
	x.Multiply(&root, &u2)
	y.Multiply(y.Multiply(&root, &x), &v)
	y.Multiply(&y, &u1)
	x.Multiply(&x, s.Add(&s, &s))
	x.Absolute(&x)
	t.Multiply(&x, &y)
	return new(edwards25519.Point).SetExtendedCoordinates(&x, &y, &k.one, &t)
}

// multiplesOf makes the table of a point for so many digits.
func multiplesOf(p *edwards25519.Point, digits int) multiples {
	k := constants()
	out := make(multiples, digits)
	base := new(edwards25519.Point).Set(p)
	for i := range out {
		q := edwards25519.NewIdentityPoint()
		for j := range out[i] {
			q.Add(q, base)
			x, y, z, _ := q.ExtendedCoordinates()
			z.Invert(z)
			x.Multiply(x, z)
			y.Multiply(y, z)
			a := &out[i][j]
			a.plus.Add(y, x)
			a.minus.Subtract(y, x)
			a.product.Multiply(x, y)
			a.product.Multiply(&a.product, &k.d)
			a.product.Add(&a.product, &a.product)
		}
		base.Add(q, q)
	}
	return out
}

// digitsOf writes a canonical scalar in the digits -8 to 7 of base 16, the lowest
// first.
func digitsOf(r [32]byte) (out [64]int8) {
	for i, b := range r {
		out[2*i], out[2*i+1] = int8(b&15), int8(b>>4)
	}
	balance(out[:])
	return out
}

// digitsOf16 is digitsOf for a field, whose last digit only takes what is carried.
func digitsOf16(m uint16) (out [5]int8) {
	for i := range 4 {
		out[i] = int8(m >> (4 * i) & 15)
	}
	balance(out[:])
	return out
}

func balance(digits []int8) {
	for i := range len(digits) - 1 {
		carry := (digits[i] + 8) >> 4
		digits[i] -= carry << 4
		digits[i+1] += carry
	}
}

// constants are those of RFC 9496, section 4.1: the curve's d, a square root of -1,
// and 1/√(a-d).
var constants = sync.OnceValue(func() (k struct{ one, d, i, enchanted field.Element }) {
	var minus, n field.Element
	k.one.One()
	minus.Negate(&k.one)
	k.d.Mult32(&minus, 121665)
	k.d.Multiply(&k.d, n.Invert(n.Mult32(&k.one, 121666)))
	k.i.SqrtRatio(&minus, &k.one)
	k.enchanted.SqrtRatio(&k.one, n.Subtract(&minus, &k.d))
	return k
})

func canonicalPoint(b [32]byte) bool {
	e, err := ristretto255.NewIdentityElement().SetCanonicalBytes(b[:])
	return err == nil && e.Equal(ristretto255.NewIdentityElement()) == 0
}

func canonicalScalar(b [32]byte) bool {
	_, err := ristretto255.NewScalar().SetCanonicalBytes(b[:])
	return err == nil
}

func scalarFromUniform(b []byte) [32]byte {
	s, err := ristretto255.NewScalar().SetUniformBytes(b)
	if err != nil {
		panic(err) // callers give 64 bytes
	}
	return [32]byte(s.Bytes())
}
