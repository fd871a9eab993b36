package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"io"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/problem"
)

// Namespace is the kind of text that a signature covers.
type Namespace string

const (
	Grant   Namespace = "counterseal-grant-v1"
	Stop    Namespace = "counterseal-stop-v1"
	InForce Namespace = "counterseal-inforce-v1"
	Charter Namespace = "counterseal-charter-v1"
	Receipt Namespace = "counterseal-receipt-v1"
	Release Namespace = "counterseal-release-v1"
	Clock   Namespace = "counterseal-clock-v1"
	Export  Namespace = "counterseal-export-v1"
	Caller  Namespace = "counterseal-caller-v1"
	Batch   Namespace = "counterseal-approvals-v1"
	Copy    Namespace = "counterseal-copy-v1"     // a gate's word about a copy
	CopyEnd Namespace = "counterseal-copy-end-v1" // that its key is destroyed
	Preview Namespace = "counterseal-preview-v1"  // a gate's rounded counts
	CopyKey Namespace = "counterseal-copy-key-v1" // what the keys of copies, lists and passphrases are wrapped under; it never leaves the gate
	Look    Namespace = "counterseal-look-v1"
	SignIn  Namespace = "counterseal-sign-in-v1" // to the office; counts nothing at a gate

	Incident     Namespace = "counterseal-incident-v1"      // a person's word that a release held more than was compelled
	Overproduced Namespace = "counterseal-over-produced-v1" // a gate's, of how much
	IncidentRead Namespace = "counterseal-incident-read-v1" // a person's, that they read its list

	Telling Namespace = "counterseal-passphrase-v1"         // a person asks for a passphrase, to read it out on a call
	Reached Namespace = "counterseal-passphrase-reached-v1" // whom they reached

	Declaration Namespace = "counterseal-declaration-v1" // of a custodian, about a package
	Declared    Namespace = "counterseal-declared-v1"    // of a gate, about who signed a declaration
)

// MaxArmor bounds a signature that is read.
const MaxArmor = 16 << 10

// Sign returns the armored signature, ended by a line feed. An Ed25519 key gives
// the same bytes each time. Codes: signature.failed, signature.key_weak.
func Sign(key ssh.Signer, ns Namespace, text []byte) ([]byte, error) {
	if err := AllowedKey(key.PublicKey()); err != nil {
		return nil, err
	}
	sig, err := sshsig.Sign(bytes.NewReader(text), key, sshsig.HashSHA512, string(ns))
	if err != nil {
		return nil, problem.New(problem.Internal, "signature.failed", "the text could not be signed").Because(err)
	}
	return sshsig.Armor(sig), nil
}

// Raw is the bare signature of an Ed25519 key that stands in what Sign returns: 64 bytes
// that only who has the key can make, the same for as long as it lives. They are made
// here, of what PROTOCOL.sshsig has signed, so that a secret that is derived from them
// depends on no library's way to write a signature down. Code: signature.failed.
func Raw(key ssh.Signer, ns Namespace, text []byte) ([]byte, error) {
	failed := problem.New(problem.Internal, "signature.failed", "the text could not be signed")
	if key.PublicKey().Type() != ssh.KeyAlgoED25519 {
		return nil, failed
	}
	hash := sha512.Sum512(text)
	sig, err := key.Sign(rand.Reader, append([]byte("SSHSIG"), ssh.Marshal(struct{ Namespace, Reserved, HashAlgorithm, Hash string }{string(ns), "", "sha512", string(hash[:])})...))
	if err != nil {
		return nil, failed.Because(err)
	}
	if sig.Format != ssh.KeyAlgoED25519 || len(sig.Blob) != ed25519.SignatureSize || len(sig.Rest) != 0 {
		return nil, failed
	}
	return sig.Blob, nil
}

// Verify checks an armored signature over text and returns the key that made
// it. Whose key that is, and whether it counts, is for the caller to say; a key
// that AllowedKey refuses never counts. Codes: signature.form,
// signature.namespace, signature.hash, signature.key_weak, signature.presence,
// signature.wrong; signature.page for one that was made on a web page.
func Verify(armored []byte, ns Namespace, text []byte) (ssh.PublicKey, error) {
	m, err := VerifyFrom(nil, armored, ns, text)
	return m.Key, err
}

// Made is how a signature was made, as its maker's device says.
type Made struct {
	Key      ssh.PublicKey
	Hardware bool   // by a security key or a passkey: Counter says something
	Counter  uint32 // of signatures so far; 0: the device does not count
	Page     string // origin of the page on which it was made; "": on none
	Synced   bool   // the passkey may be copied to other devices (WebAuthn's BE flag)
}

// VerifyFrom is Verify, and also takes passkeys' signatures that were made on one of
// the pages, which are origins such as https://gate.example. The person must have been
// verified by their device, not only present. Codes beside those of Verify:
// signature.page, signature.not_verified.
func VerifyFrom(pages []string, armored []byte, ns Namespace, text []byte) (Made, error) {
	sig, err := read(armored, ns)
	if err != nil {
		return Made{}, err
	}
	if sig.Signature.Format == webFormat {
		return verifyWeb(pages, sig, ns, text)
	}
	if err := checkRest(sig); err != nil {
		return Made{}, err
	}
	if err := sshsig.Verify(bytes.NewReader(text), sig, sig.PublicKey, sig.HashAlgorithm, string(ns)); err != nil {
		return Made{}, wrong(err)
	}
	m := Made{Key: sig.PublicKey}
	if rest := sig.Signature.Rest; len(rest) == 5 {
		m.Hardware, m.Counter = true, binary.BigEndian.Uint32(rest[1:])
	}
	return m, nil
}

func wrong(err error) error {
	return problem.New(problem.Unverified, "signature.wrong", "the signature does not belong to this text").Because(err)
}

// read reads an armored signature that may count under a namespace, and verifies
// nothing yet.
func read(armored []byte, ns Namespace) (*sshsig.Signature, error) {
	if len(armored) > MaxArmor {
		return nil, problem.New(problem.Invalid, "signature.form", "this is too long to be a signature")
	}
	sig, err := unarmor(armored)
	if err != nil {
		return nil, problem.New(problem.Invalid, "signature.form", "this is not an SSH signature").
			Fix("sign with: ssh-keygen -Y sign -n %s -f KEY FILE", ns).Because(err)
	}
	if sig.Namespace != string(ns) {
		return nil, problem.New(problem.Unverified, "signature.namespace", "the signature was made for another kind of text").At("%.60q", sig.Namespace).
			Fix("sign with: ssh-keygen -Y sign -n %s -f KEY FILE", ns)
	}
	if sig.HashAlgorithm != sshsig.HashSHA512 {
		return nil, problem.New(problem.Invalid, "signature.hash", "the signature does not use SHA-512").Fix("sign without -O hashalg")
	}
	if err := AllowedKey(sig.PublicKey); err != nil {
		return nil, err
	}
	return sig, nil
}

// Begin is the first line of every armored signature.
const (
	Begin = "-----BEGIN SSH SIGNATURE-----\n"
	end   = "-----END SSH SIGNATURE-----"
)

// unarmor reads one armor and nothing beside it. Line ends may be those of a web
// form (CR LF); lines may have any length, as ssh-keygen and this program break
// them differently.
func unarmor(armored []byte) (*sshsig.Signature, error) {
	text := strings.TrimSuffix(strings.ReplaceAll(string(armored), "\r\n", "\n"), "\n")
	body, began := strings.CutPrefix(text, Begin)
	body, ended := strings.CutSuffix(body, "\n"+end)
	if !began || !ended || strings.Contains(body, "\r") {
		return nil, io.ErrUnexpectedEOF
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		return nil, err
	}
	sig, err := sshsig.ParseSignature(blob)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sig.Marshal(), blob) {
		return nil, io.ErrUnexpectedEOF
	}
	return sig, nil
}

// AllowedKey says whether a key of this kind and size may count anywhere. Code:
// signature.key_weak.
func AllowedKey(k ssh.PublicKey) error {
	weak := func(why string) error {
		return problem.New(problem.Refused, "signature.key_weak", "this key does not count: %s", why).
			Fix("use an Ed25519 key, a security key, ECDSA, or RSA of 3072 bits or more")
	}
	if k == nil {
		return weak("there is none")
	}
	switch k.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		c, ok := k.(ssh.CryptoPublicKey)
		if !ok {
			return weak("its size is not known")
		}
		r, ok := c.CryptoPublicKey().(*rsa.PublicKey)
		if !ok || r.N.BitLen() < minRSA {
			return weak("RSA keys have 3072 bits or more")
		}
		return nil
	}
	return weak("keys of this kind are not accepted")
}

const minRSA = 3072

// userPresent is the flag by which a security key says that it was touched
// (OpenSSH PROTOCOL.u2f).
const userPresent = 0x01

// checkRest looks at what follows the signature proper: one byte of flags and a
// counter of four for a security key, and nothing otherwise. Verifying alone
// would not see a byte too many.
func checkRest(sig *sshsig.Signature) error {
	rest := sig.Signature.Rest
	switch sig.PublicKey.Type() {
	case ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		if len(rest) != 5 {
			return problem.New(problem.Invalid, "signature.form", "this is not a signature of a security key")
		}
		if rest[0]&userPresent == 0 {
			return problem.New(problem.Unverified, "signature.presence", "the security key does not say that a person touched it").
				Fix("use a key made without no-touch-required")
		}
	default:
		if len(rest) != 0 {
			return problem.New(problem.Invalid, "signature.form", "something follows the signature")
		}
	}
	return nil
}

// NewKey makes an Ed25519 key and returns it with its OpenSSH private form.
func NewKey(random io.Reader, comment string) (ssh.Signer, []byte, error) {
	_, private, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, nil, problem.New(problem.Internal, "signature.key", "no key could be made").Because(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return nil, nil, problem.New(problem.Internal, "signature.key", "no key could be made").Because(err)
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return nil, nil, problem.New(problem.Internal, "signature.key", "no key could be written").Because(err)
	}
	return signer, pem.EncodeToMemory(block), nil
}

// ReadKey reads an unencrypted private key in OpenSSH form. Whether it may sign
// is for AllowedKey. Code: signature.key.
func ReadKey(file []byte) (ssh.Signer, error) {
	if len(file) > MaxArmor {
		return nil, problem.New(problem.Invalid, "signature.key", "this is too long to be a private key")
	}
	s, err := ssh.ParsePrivateKey(file)
	if err != nil {
		return nil, problem.New(problem.Invalid, "signature.key", "this is not a private key in OpenSSH form that can be read without a passphrase").
			Fix("sign with ssh-keygen -Y sign instead; it asks for the passphrase").Because(err)
	}
	return s, nil
}

// Line is a public key as one line, "ssh-ed25519 AAAA…", without comment.
func Line(k ssh.PublicKey) string {
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(k)))
}

// ParseLine reads what Line writes. Code: signature.key.
func ParseLine(line string) (ssh.PublicKey, error) {
	if len(line) > MaxArmor {
		return nil, problem.New(problem.Invalid, "signature.key", "this is too long to be a public key")
	}
	k, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(rest) > 0 || Line(k) != line {
		return nil, problem.New(problem.Invalid, "signature.key", "this is not a public key in OpenSSH form").At("%.80q", line)
	}
	return k, nil
}

// SameKey reports whether two keys are one: the point or modulus counts, whatever form
// or application a line gives it.
func SameKey(a, b ssh.PublicKey) bool { return Point(a) == Point(b) }

// Point names what SameKey compares: equal for two keys exactly where they are one.
func Point(k ssh.PublicKey) string {
	if c, ok := k.(ssh.CryptoPublicKey); ok {
		der, err := x509.MarshalPKIXPublicKey(c.CryptoPublicKey())
		if err == nil {
			return string(der)
		}
	}
	return string(k.Marshal())
}
