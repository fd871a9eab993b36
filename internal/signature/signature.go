// Package signature makes and checks the signatures of people, gates and
// dockets: SSHSIG (OpenSSH PROTOCOL.sshsig), so that `ssh-keygen -Y sign` and
// `ssh-keygen -Y verify` do the same without this program.
//
// Its words. A *namespace* says what kind of text is signed; a signature made
// under one never counts under another. The hash is SHA-512.
//
// It imports the standard library, problem, x/crypto/ssh and hiddeco/sshsig.
package signature

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"io"

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
)

// MaxArmor bounds a signature that is read.
const MaxArmor = 16 << 10

// Sign returns the armored signature. Code: signature.failed.
func Sign(key ssh.Signer, ns Namespace, text []byte) ([]byte, error) {
	sig, err := sshsig.Sign(bytes.NewReader(text), key, sshsig.HashSHA512, string(ns))
	if err != nil {
		return nil, problem.New(problem.Internal, "signature.failed", "the text could not be signed").Because(err)
	}
	return sshsig.Armor(sig), nil
}

// Verify checks an armored signature over text and returns the key that made
// it. Whose key that is, and whether it counts, is for the caller to say.
// Codes: signature.form, signature.namespace, signature.wrong.
func Verify(armored []byte, ns Namespace, text []byte) (ssh.PublicKey, error) {
	if len(armored) > MaxArmor {
		return nil, problem.New(problem.Invalid, "signature.form", "this is too long to be a signature")
	}
	sig, err := sshsig.Unarmor(armored)
	if err != nil {
		return nil, problem.New(problem.Invalid, "signature.form", "this is not an SSH signature").
			Fix("sign with: ssh-keygen -Y sign -n %s -f KEY FILE", ns).Because(err)
	}
	if sig.Namespace != string(ns) {
		return nil, problem.New(problem.Unverified, "signature.namespace", "the signature was made for another kind of text").At("%.60q", sig.Namespace).
			Fix("sign with: ssh-keygen -Y sign -n %s -f KEY FILE", ns)
	}
	if err := sshsig.Verify(bytes.NewReader(text), sig, sig.PublicKey, sig.HashAlgorithm, string(ns)); err != nil {
		return nil, problem.New(problem.Unverified, "signature.wrong", "the signature does not belong to this text").Because(err)
	}
	return sig.PublicKey, nil
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

// ReadKey reads an unencrypted private key in OpenSSH form. Code: signature.key.
func ReadKey(file []byte) (ssh.Signer, error) {
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
	k, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(rest) > 0 || Line(k) != line {
		return nil, problem.New(problem.Invalid, "signature.key", "this is not a public key in OpenSSH form").At("%.80q", line)
	}
	return k, nil
}
