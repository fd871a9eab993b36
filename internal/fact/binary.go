package fact

import (
	"encoding/binary"

	"counterseal/internal/problem"
)

// The binary form, version 1:
//
//	1 byte   version, 0x01
//	1 byte   n, the length of the bitmap that follows (0 to 16)
//	n bytes  bitmap of known slots, slot k in bit k%8 of byte k/8; the last byte is not zero
//	then for each known slot, ascending:
//	  Country  2 bytes, the letters
//	  Token    1 byte length, then the bytes
//	  others   unsigned varint (as in protocol buffers, shortest form) of Raw
//
// Nothing follows. It is canonical and holds no padding.
const version = 1

// Encode appends the binary form to b.
func (f *Facts) Encode(b []byte) []byte {
	var bitmap [MaxFacts / 8]byte
	n := 0
	for k := Key(0); k < end; k++ {
		if f.known.Has(k) {
			bitmap[k/8] |= 1 << (k % 8)
			n = int(k/8) + 1
		}
	}
	b = append(b, version, byte(n))
	b = append(b, bitmap[:n]...)
	for k := Key(0); k < end; k++ {
		if !f.known.Has(k) {
			continue
		}
		switch schema[k].Type {
		case Country:
			b = append(b, byte(f.slot[k]>>8), byte(f.slot[k]))
		case Token:
			s := f.text[textSlot(k)]
			b = append(append(b, byte(len(s))), s...)
		default:
			b = binary.AppendUvarint(b, uint64(f.slot[k]))
		}
	}
	return b
}

// Decode reads the binary form and validates it: fact.encoding, or
// fact.contradiction. Bytes that Encode would not write are refused.
func Decode(b []byte) (Facts, error) {
	var f Facts
	if len(b) < 2 || b[0] != version {
		return Facts{}, badEncoding("unknown version")
	}
	n, rest := int(b[1]), b[2:]
	if n > MaxFacts/8 || len(rest) < n || n > 0 && rest[n-1] == 0 {
		return Facts{}, badEncoding("bad bitmap")
	}
	bitmap := rest[:n]
	rest = rest[n:]
	for i, by := range bitmap {
		for ; by != 0; by &= by - 1 {
			k := Key(i*8 + trailing(by))
			if k >= end {
				return Facts{}, badEncoding("a fact that this version does not know")
			}
			var err error
			rest, err = f.decodeSlot(k, rest)
			if err != nil {
				return Facts{}, err
			}
		}
	}
	if len(rest) != 0 {
		return Facts{}, badEncoding("bytes after the end")
	}
	err := f.Validate()
	if err != nil {
		return Facts{}, err
	}
	return f, nil
}

func trailing(b byte) int {
	n := 0
	for b&1 == 0 {
		b >>= 1
		n++
	}
	return n
}

func (f *Facts) decodeSlot(k Key, b []byte) ([]byte, error) {
	d := &schema[k]
	switch d.Type {
	case Country:
		if len(b) < 2 || !upper(b[0]) || !upper(b[1]) {
			return nil, badEncoding("bad country")
		}
		f.slot[k] = int64(b[0])<<8 | int64(b[1])
		f.known.Add(k)
		return b[2:], nil
	case Token:
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return nil, badEncoding("bad token")
		}
		s := string(b[1 : 1+int(b[0])])
		if s == Unknown || checkToken(k, s) != nil {
			return nil, badEncoding("bad token")
		}
		f.text[textSlot(k)] = s
		f.known.Add(k)
		return b[1+len(s):], nil
	}
	u, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 || u > d.maxRaw() || int64(u) < d.Min {
		return nil, badEncoding("bad value")
	}
	f.slot[k] = int64(u)
	f.known.Add(k)
	return b[n:], nil
}

const (
	lastDay    = 84005 // 2199-12-31
	lastSecond = (lastDay+1)*86400 - 1
)

func (d *Def) maxRaw() uint64 {
	switch d.Type {
	case Bool:
		return 1
	case Enum:
		return uint64(len(d.Values) - 1)
	case Int:
		return uint64(d.Max)
	case Date:
		return lastDay
	case Instant:
		return lastSecond
	default: // Set
		return 1<<len(d.Values) - 1
	}
}

func badEncoding(why string) error {
	return problem.New(problem.Invalid, "fact.encoding", "the compact facts cannot be read: %s", why)
}
