package ciphertext

import (
	"bytes"
	"slices"
)

// The packets of an OpenPGP message that is encrypted (RFC 9580 §5, §10.3).
const (
	tagForKey      = 1  // a session key, encrypted to a public key
	tagForPassword = 3  // … or under a password
	tagEncrypted   = 9  // data without integrity; of old programs
	tagMarker      = 10 // says nothing
	tagProtected   = 18
	tagOCB         = 20 // of GnuPG and LibrePGP
)

// isOpenPGP reports whether the head is that of an encrypted message in binary: at least
// one packet with a session key whose every field is as long as it says, and behind the
// last of them a packet with encrypted data. Where the head ends before that, the packets
// that are whole must be as they should and one at least must have been.
func isOpenPGP(head []byte) bool {
	whole := len(head) < MaxHead // otherwise the item goes on
	keys := 0
	for first := true; ; first = false {
		if len(head) == 0 {
			return keys > 0 && !whole
		}
		p, ok := nextPacket(head)
		if !ok {
			return false
		}
		switch p.tag {
		case tagEncrypted, tagProtected, tagOCB:
			return keys > 0 && p.holdsData() && p.isLast(whole)
		case tagMarker:
			if !first || string(p.body) != "PGP" {
				return false
			}
		case tagForKey, tagForPassword:
			if p.partial || p.size > 64<<10 {
				return false
			}
			if len(p.body) < p.size { // it does not end within the head
				return keys > 0 && !whole
			}
			if p.tag == tagForKey && !isForKey(p.body) || p.tag == tagForPassword && !isForPassword(p.body) {
				return false
			}
			keys++
		default:
			return false
		}
		head = p.rest
	}
}

// A packet is one of OpenPGP's.
type packet struct {
	tag     int
	size    int  // that it says it has
	partial bool // it says it piece by piece, or ends with the file
	body    []byte
	rest    []byte
}

// nextPacket reads a packet's header, of either form (RFC 9580 §4.2).
func nextPacket(b []byte) (p packet, ok bool) {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return p, false
	}
	at := 0
	if b[0]&0x40 != 0 {
		p.tag = int(b[0] & 0x3f)
		p.size, p.partial, at = newLength(b)
	} else {
		p.tag = int(b[0] & 0x3c >> 2)
		p.size, p.partial, at = oldLength(b)
	}
	if at == 0 || len(b) < at {
		return p, false
	}
	end := min(at+p.size, len(b))
	if p.size < 0 {
		end = len(b)
	}
	p.body, p.rest = b[at:end], b[end:]
	return p, true
}

func newLength(b []byte) (size int, partial bool, at int) {
	switch n := int(b[1]); {
	case n < 192:
		return n, false, 2
	case n < 224 && len(b) >= 3:
		return (n-192)<<8 + int(b[2]) + 192, false, 3
	case n == 255 && len(b) >= 6:
		return number(b[2:6]), false, 6
	case n >= 224 && n < 255:
		return 1 << (n & 0x1f), true, 2
	}
	return 0, false, 0
}

func oldLength(b []byte) (size int, partial bool, at int) {
	switch b[0] & 3 {
	case 0:
		return int(b[1]), false, 2
	case 1:
		if len(b) >= 3 {
			return number(b[1:3]), false, 3
		}
	case 2:
		if len(b) >= 5 {
			return number(b[1:5]), false, 5
		}
	case 3:
		return -1, true, 1
	}
	return 0, false, 0
}

func number(b []byte) (n int) {
	for _, c := range b {
		n = n<<8 + int(c)
	}
	return n
}

// Numbers of algorithms (RFC 9580 §9.3, §9.5, §9.6).
func isCipher(n byte) bool { return n >= 1 && n <= 4 || n >= 7 && n <= 13 }
func isHash(n byte) bool   { return n >= 1 && n <= 3 || n >= 8 && n <= 12 || n == 14 }
func isAEAD(n byte) bool   { return n >= 1 && n <= 3 }

// holdsData looks at the beginning of encrypted data.
func (p packet) holdsData() bool {
	b := p.body
	switch {
	case p.partial && p.size >= 0 && p.size < 512: // the first piece is never shorter (§4.2.1.4)
		return false
	case p.tag == tagEncrypted: // says nothing of itself; it has a block, and two bytes again
		return p.size < 0 || p.size > 18
	case len(b) < 4:
		return false
	case p.tag == tagProtected && b[0] == 1:
		return p.size < 0 || p.size > 1+18+22 // a prefix and a digest
	case p.tag == tagProtected && b[0] == 2:
		return isCipher(b[1]) && isAEAD(b[2]) && b[3] <= 16
	case p.tag == tagOCB:
		return b[0] == 1 && isCipher(b[1]) && isAEAD(b[2]) && b[3] <= 56
	}
	return false
}

// isLast: with the data the message is over, and so is the item.
func (p packet) isLast(whole bool) bool {
	return p.partial || len(p.rest) == 0 && (!whole || len(p.body) == p.size)
}

// isForKey looks at a session key that is encrypted to a public key (§5.1).
func isForKey(b []byte) bool {
	switch {
	case len(b) > 10 && b[0] == 3:
		return isKeyOf(b[9], b[10:], true)
	case len(b) > 3 && b[0] == 6:
		n := int(b[1])
		known := n == 0 || n == 21 && b[2] == 4 || n == 33 && b[2] == 6
		return known && len(b) > n+2 && isKeyOf(b[n+2], b[n+3:], false)
	}
	return false
}

// isKeyOf: the fields of one algorithm (§5.1.3 – §5.1.7), and nothing behind them.
// The older packet says there which cipher the session key is for.
func isKeyOf(algorithm byte, b []byte, older bool) bool {
	switch algorithm {
	case 1, 2: // RSA
		rest, ok := integer(b, 500)
		return ok && len(rest) == 0
	case 16: // Elgamal
		rest, ok := integer(b, 500)
		if ok {
			rest, ok = integer(rest, 500)
		}
		return ok && len(rest) == 0
	case 18: // ECDH
		rest, ok := integer(b, 200)
		return ok && len(rest) > 1 && int(rest[0]) == len(rest)-1 && rest[0] >= 24 && rest[0]%8 == 0
	case 25, 26: // X25519, X448
		point := map[byte]int{25: 32, 26: 56}[algorithm]
		if len(b) < point+2 || int(b[point]) != len(b)-point-1 {
			return false
		}
		wrapped := b[point+1:]
		if older {
			if !isCipher(wrapped[0]) {
				return false
			}
			wrapped = wrapped[1:]
		}
		return len(wrapped) >= 24 && len(wrapped)%8 == 0
	}
	return false
}

// integer passes over a number that says how many bits it has, and has them (§3.2); the
// fewest that such a number would have in practice.
func integer(b []byte, fewest int) (rest []byte, ok bool) {
	if len(b) < 3 {
		return nil, false
	}
	bits := number(b[:2])
	size := (bits + 7) / 8
	if bits < fewest || len(b) < 2+size || b[2]>>((bits-1)%8) != 1 {
		return nil, false
	}
	return b[2+size:], true
}

// isForPassword looks at a session key under a password (§5.3).
func isForPassword(b []byte) bool {
	switch {
	case len(b) > 3 && b[0] == 4:
		rest, ok := s2k(b[2:])
		return ok && isCipher(b[1]) && (len(rest) == 0 || slices.Contains([]int{1 + 16, 1 + 24, 1 + 32}, len(rest)))
	case len(b) > 4 && b[0] == 5: // of LibrePGP: one with OCB
		rest, ok := s2k(b[3:])
		return ok && isCipher(b[1]) && isAEAD(b[2]) && slices.Contains([]int{15 + 32, 15 + 48, 16 + 32, 16 + 48, 12 + 32, 12 + 48}, len(rest))
	case len(b) > 6 && b[0] == 6:
		if !isCipher(b[2]) || !isAEAD(b[3]) || int(b[1]) <= 3 || len(b) < 2+int(b[1]) {
			return false
		}
		fields := b[5 : 2+int(b[1])]
		if len(fields) < int(b[4]) {
			return false
		}
		rest, ok := s2k(fields[:b[4]])
		nonce := map[byte]int{1: 16, 2: 15, 3: 12}[b[3]]
		key := len(b) - 2 - int(b[1])
		return ok && len(rest) == 0 && len(fields)-int(b[4]) == nonce && slices.Contains([]int{16 + 16, 24 + 16, 32 + 16}, key)
	}
	return false
}

// s2k passes over how a key is made of a password (§3.7).
func s2k(b []byte) (rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, false
	}
	size := map[byte]int{0: 2, 1: 10, 3: 11, 4: 20}[b[0]]
	if size == 0 || len(b) < size || b[0] != 4 && !isHash(b[1]) {
		return nil, false
	}
	return b[size:], b[0] != 4 || b[17] > 0 && b[18] > 0 && b[19] <= 31 // Argon2: passes, lanes, memory
}

// isAge reports whether the head is that of an age file in binary: its first line, and
// the beginning of a first stanza, whose type is a word (age-encryption.org/v1).
func isAge(head []byte) bool {
	stanza, ok := bytes.CutPrefix(head, []byte("age-encryption.org/v1\n-> "))
	if !ok || len(stanza) == 0 || stanza[0] <= ' ' || stanza[0] > '~' {
		return false
	}
	return len(head) < MaxHead && bytes.Contains(stanza, []byte("\n--- ")) || len(head) >= MaxHead
}
