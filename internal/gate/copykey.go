package gate

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// The key of a copy, and of a list, and a passphrase lie in a small file of their own, wrapped under a key that only who
// has the gate's key can derive: without the file the copy is noise, and without the
// gate's key so is the file. What is derived from is the gate's own Ed25519 signature,
// which is the same each time, over a text that is signed for nothing else: its 64 bytes
// since version 2 of the file; in version 1 the armor around them, whose lines a library
// breaks.
const (
	copySaltSize  = 32
	copyNonceSize = 12
	maxCopyKey    = 4 << 10
)

// keyPlace is a folder of such files, each kind under keys of its own.
type keyPlace struct {
	dir     string
	kind    string // the file's first line, before the version
	label   string // parts the wrapping keys of one kind from those of another
	changed func(error) *problem.Error
}

var (
	copyKeys = keyPlace{"copykeys", "counterseal-copy-key", "the key of copy ", unwrappable}
	listKeys = keyPlace{"listkeys", "counterseal-list-key", "the key of list ", listChanged}
	passKeys = keyPlace{"passphrases", "counterseal-passphrase-key", "the passphrase of ", passphraseChanged}
)

// ableToKeep refuses a gate's key whose signatures differ each time: nothing could be
// unwrapped again.
func (g *Gate) ableToKeep() error {
	if g.cfg.Key.PublicKey().Type() != ssh.KeyAlgoED25519 {
		return refuse("gate.copy_key", "this gate's key is not of the kind by which copies and passphrases can be kept").Fix("enrol the gate with an Ed25519 key")
	}
	return nil
}

// keyVersions are those of the files, the one that is written first.
var keyVersions = []int{2, 1}

func (p keyPlace) magic(version int) []byte { return fmt.Appendf(nil, "%s-v%d\n", p.kind, version) }

// wrapping is the cipher under which one key lies.
func (g *Gate) wrapping(p keyPlace, version int, id string, salt []byte) (cipher.AEAD, error) {
	if err := g.ableToKeep(); err != nil {
		return nil, err
	}
	text, err := canon.Encode(string(signature.CopyKey), []canon.Field{{Key: "gate", Value: g.cfg.ID}})
	if err != nil {
		return nil, err
	}
	secret, err := signature.Raw(g.cfg.Key, signature.CopyKey, text)
	if err != nil {
		return nil, err
	}
	if version == 1 {
		secret = armorOf1(g.cfg.Key.PublicKey(), secret)
	}
	key, err := hkdf.Key(sha256.New, secret, salt, p.label+id, 32)
	if err != nil {
		return nil, p.changed(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, p.changed(err)
	}
	return cipher.NewGCM(block)
}

// armorOf1 writes a signature down as version 1 had it: an SSHSIG blob (PROTOCOL.sshsig)
// in PEM. It is written here and nowhere else, so that it stays as it was.
func armorOf1(key ssh.PublicKey, raw []byte) []byte {
	blob := ssh.Marshal(struct {
		Version                                               uint32
		PublicKey, Namespace, Reserved, HashAlgorithm, Signed string
	}{1, string(key.Marshal()), string(signature.CopyKey), "", "sha512", string(ssh.Marshal(ssh.Signature{Format: ssh.KeyAlgoED25519, Blob: raw}))})
	lines := base64.StdEncoding.EncodeToString(append([]byte("SSHSIG"), blob...))
	var b bytes.Buffer
	b.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for ; len(lines) > 64; lines = lines[64:] {
		b.WriteString(lines[:64] + "\n")
	}
	b.WriteString(lines + "\n-----END SSH SIGNATURE-----\n")
	return b.Bytes()
}

func unwrappable(err error) *problem.Error {
	return problem.New(problem.Unverified, "gate.copy_changed", "the kept copy or its key is not as the gate wrote it; nothing of it leaves").
		Fix("find out who changed the gate's folder; then release from the stores").Because(err)
}

// makeKey makes one key, durably.
func (g *Gate) makeKey(p keyPlace, id string) (*age.X25519Identity, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, noRandomness(err)
	}
	_, err = g.wrap(p, id, []byte(identity.String()))
	return identity, err
}

// wrap keeps a secret, durably, and gives what lies in its file.
func (g *Gate) wrap(p keyPlace, id string, secret []byte) ([]byte, error) {
	head := make([]byte, copySaltSize+copyNonceSize)
	if _, err := io.ReadFull(g.cfg.Rand, head); err != nil {
		return nil, noRandomness(err)
	}
	box, err := g.wrapping(p, keyVersions[0], id, head[:copySaltSize])
	if err != nil {
		return nil, err
	}
	out := append(p.magic(keyVersions[0]), head...)
	out = box.Seal(out, head[copySaltSize:], secret, []byte(id))
	if err := writeNew(g.path(p.dir, id), out); err != nil {
		return nil, err
	}
	return out, syncDir(g.path(p.dir))
}

// unwrap gives one key.
func (g *Gate) unwrap(p keyPlace, id string) (*age.X25519Identity, error) {
	b, err := readBounded(g.path(p.dir, id), maxCopyKey)
	if err != nil {
		return nil, p.changed(err)
	}
	plain, err := g.opened(p, id, b)
	if err != nil {
		return nil, err
	}
	identity, err := age.ParseX25519Identity(string(plain))
	if err != nil {
		return nil, p.changed(err)
	}
	return identity, nil
}

// opened is the secret in a file.
func (g *Gate) opened(p keyPlace, id string, b []byte) ([]byte, error) {
	for _, version := range keyVersions {
		if body, ok := bytes.CutPrefix(b, p.magic(version)); ok && len(body) >= copySaltSize+copyNonceSize {
			return g.unwrapped(p, version, id, body)
		}
	}
	return nil, p.changed(nil)
}

// unwrapped opens what stands behind the first line.
func (g *Gate) unwrapped(p keyPlace, version int, id string, body []byte) ([]byte, error) {
	box, err := g.wrapping(p, version, id, body[:copySaltSize])
	if err != nil {
		return nil, err
	}
	head := copySaltSize + copyNonceSize
	plain, err := box.Open(nil, body[copySaltSize:head], body[head:], []byte(id))
	if err != nil {
		return nil, p.changed(err)
	}
	return plain, nil
}

// shred destroys one key: its bytes are overwritten, as far as the disk does
// that, and the file is gone from its folder before anything else happens.
func (g *Gate) shred(p keyPlace, id string) error {
	path := g.path(p.dir, id)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unusable(err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		_, err = f.Write(make([]byte, min(info.Size(), maxCopyKey)))
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if rerr := os.Remove(path); err == nil {
		err = rerr
	}
	if err != nil {
		return unusable(err)
	}
	return syncDir(g.path(p.dir))
}
