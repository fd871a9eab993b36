package sealedzip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"hash"
)

const (
	saltSize  = 16 // of strength 3
	keySize   = 32
	checkSize = 2
	macSize   = 10
	rounds    = 1000
)

// sealing is AES-256 with HMAC-SHA1 over what is encrypted.
type sealing struct {
	block cipher.Block
	mac   hash.Hash
	check [checkSize]byte
	count uint64 // blocks drawn
	left  []byte // of the block that was drawn last
	buf   [4096]byte
}

func newSealing(passphrase string, salt []byte) (*sealing, error) {
	key, err := pbkdf2.Key(sha1.New, passphrase, salt, rounds, 2*keySize+checkSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key[:keySize])
	if err != nil {
		return nil, err
	}
	s := &sealing{block: block, mac: hmac.New(sha1.New, key[keySize:2*keySize])}
	copy(s.check[:], key[2*keySize:])
	return s, nil
}

// draw gives key stream: the block cipher over a counter that begins at one, its lowest
// byte first. Go's counter mode has its highest byte first.
func (s *sealing) draw() []byte {
	if len(s.left) == 0 {
		clear(s.buf[:])
		for i := 0; i < len(s.buf); i += aes.BlockSize {
			s.count++
			binary.LittleEndian.PutUint64(s.buf[i:], s.count)
			s.block.Encrypt(s.buf[i:i+aes.BlockSize], s.buf[i:i+aes.BlockSize])
		}
		s.left = s.buf[:]
	}
	return s.left
}

// turn encrypts or decrypts in place.
func (s *sealing) turn(p []byte) {
	for len(p) > 0 {
		n := subtle.XORBytes(p, p, s.draw())
		p, s.left = p[n:], s.left[n:]
	}
}
