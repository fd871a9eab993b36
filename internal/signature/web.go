package signature

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"net/url"
	"slices"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/problem"
)

// A passkey signs an SSHSIG as OpenSSH's webauthn-sk-ecdsa-sha2-nistp256 has it
// (OpenSSH PROTOCOL.u2f, "SSH U2F signatures"): the challenge of the ceremony is the
// very blob that an SSHSIG signs, so `ssh-keygen -Y verify` checks it without this
// program. The key is an sk-ecdsa key whose application is the page's host (the RP ID
// of WebAuthn Level 3, section 5.4.2).
const webFormat = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"

// Flags of an authenticator's data (WebAuthn Level 3, section 6.1).
const (
	userVerified   = 0x04
	backupEligible = 0x08
	attestedData   = 0x40
	extensionData  = 0x80
)

// maxClientData bounds what a browser says of a ceremony.
const maxClientData = 4 << 10

// Assertion is what a passkey answers in the browser, as WebAuthn names its parts.
type Assertion struct {
	AuthenticatorData []byte `json:"authenticatorData"`
	ClientDataJSON    []byte `json:"clientDataJSON"`
	Signature         []byte `json:"signature"` // ECDSA in DER
}

// webRest is what follows the ECDSA signature in OpenSSH's form.
type webRest struct {
	Flags      byte
	Counter    uint32
	Origin     string
	ClientData string
	Extensions string
}

// Challenge is what a passkey is asked to sign for a text: the blob that an SSHSIG
// signs (OpenSSH PROTOCOL.sshsig, section 4).
func Challenge(ns Namespace, text []byte) []byte {
	sum := sha512.Sum512(text)
	return append([]byte("SSHSIG"), ssh.Marshal(struct{ Namespace, Reserved, Hash, Sum string }{string(ns), "", string(sshsig.HashSHA512), string(sum[:])})...)
}

// WebKey makes the public key of a passkey from what the browser gives of it: a
// SubjectPublicKeyInfo in DER, and the host of the page that it is bound to. Code:
// signature.passkey.
func WebKey(spki []byte, host string) (ssh.PublicKey, error) {
	bad := func(err error) error {
		return problem.New(problem.Invalid, "signature.passkey", "this is no passkey that can sign here: it must be of ECDSA on P-256 and bound to a page").
			Fix("choose another device for the passkey").Because(err)
	}
	k, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, bad(err)
	}
	ec, ok := k.(*ecdsa.PublicKey)
	if !ok || host == "" {
		return nil, bad(nil)
	}
	point, err := ec.ECDH()
	if err != nil {
		return nil, bad(err)
	}
	blob := ssh.Marshal(struct{ Name, Curve, Key, Application string }{ssh.KeyAlgoSKECDSA256, "nistp256", string(point.Bytes()), host})
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, bad(err)
	}
	return key, nil
}

// Host is the host that a passkey's key is bound to; "" for another kind of key, or
// one of a security key that is used through SSH.
func Host(key ssh.PublicKey) string {
	if key.Type() != ssh.KeyAlgoSKECDSA256 {
		return ""
	}
	var w struct{ Name, Curve, Key, Application string }
	err := ssh.Unmarshal(key.Marshal(), &w)
	if err != nil || strings.HasPrefix(w.Application, "ssh:") {
		return ""
	}
	return w.Application
}

// FromAssertion puts a passkey's answer into an armored signature. It does not verify
// it. Code: signature.assertion.
func FromAssertion(key ssh.PublicKey, ns Namespace, a Assertion) ([]byte, error) {
	bad := func(what string) error {
		return problem.New(problem.Invalid, "signature.assertion", "the passkey's answer cannot be read: %s", what).Fix("open the page again and try once more")
	}
	if len(a.AuthenticatorData) < 37 || len(a.AuthenticatorData) > 1<<10 || len(a.ClientDataJSON) > maxClientData {
		return nil, bad("its length")
	}
	var client struct {
		Origin string `json:"origin"`
	}
	if err := json.Unmarshal(a.ClientDataJSON, &client); err != nil {
		return nil, bad("what the browser says of it")
	}
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(a.Signature, &rs); err != nil || len(rest) > 0 || rs.R.Sign() <= 0 || rs.S.Sign() <= 0 {
		return nil, bad("its signature")
	}
	rest := webRest{Flags: a.AuthenticatorData[32], Counter: binary.BigEndian.Uint32(a.AuthenticatorData[33:37]), Origin: client.Origin,
		ClientData: string(a.ClientDataJSON), Extensions: string(a.AuthenticatorData[37:])}
	sig := sshsig.Signature{Version: 1, PublicKey: key, Namespace: string(ns), HashAlgorithm: sshsig.HashSHA512,
		Signature: &ssh.Signature{Format: webFormat, Blob: ssh.Marshal(rs), Rest: ssh.Marshal(rest)}}
	return sshsig.Armor(&sig), nil
}

// verifyWeb follows OpenSSH's check of such signatures (ssh-ecdsa-sk.c) and goes
// further in three places: the page must be one of ours and its host the key's, the
// person verified, and the browser's words one JSON object that says what their
// beginning says.
func verifyWeb(pages []string, sig *sshsig.Signature, ns Namespace, text []byte) (Made, error) {
	var rest webRest
	if err := ssh.Unmarshal(sig.Signature.Rest, &rest); err != nil || len(rest.ClientData) > maxClientData {
		return Made{}, problem.New(problem.Invalid, "signature.form", "this is not a signature of a passkey")
	}
	if !slices.Contains(pages, rest.Origin) || hostOf(rest.Origin) != Host(sig.PublicKey) {
		return Made{}, problem.New(problem.Refused, "signature.page", "this was signed on a page that does not count here").At("%.80q", rest.Origin).
			Fix("sign on the gate's own page, whose address stands in the charter")
	}
	if rest.Flags&attestedData != 0 || (rest.Flags&extensionData != 0) != (rest.Extensions != "") || !said(rest, ns, text) {
		return Made{}, wrong(nil)
	}
	if rest.Flags&userPresent == 0 || rest.Flags&userVerified == 0 {
		return Made{}, problem.New(problem.Unverified, "signature.not_verified", "the passkey does not say that its device verified the person").Fix("use a passkey that asks for a PIN or a fingerprint")
	}
	var point struct{ Name, Curve, Key, Application string }
	if err := ssh.Unmarshal(sig.PublicKey.Marshal(), &point); err != nil {
		return Made{}, wrong(err)
	}
	ec, ok := sig.PublicKey.(ssh.CryptoPublicKey)
	if !ok {
		return Made{}, wrong(nil)
	}
	key, ok := ec.CryptoPublicKey().(*ecdsa.PublicKey)
	var rs struct{ R, S *big.Int }
	if err := ssh.Unmarshal(sig.Signature.Blob, &rs); err != nil || !ok {
		return Made{}, wrong(err)
	}
	app, client := sha256.Sum256([]byte(point.Application)), sha256.Sum256([]byte(rest.ClientData))
	signed := slices.Concat(app[:], []byte{rest.Flags}, binary.BigEndian.AppendUint32(nil, rest.Counter), []byte(rest.Extensions), client[:])
	digest := sha256.Sum256(signed)
	if !ecdsa.Verify(key, digest[:], rs.R, rs.S) {
		return Made{}, wrong(nil)
	}
	return Made{Key: sig.PublicKey, Hardware: true, Counter: rest.Counter, Page: rest.Origin, Synced: rest.Flags&backupEligible != 0}, nil
}

// said reports whether the browser says that it asked for exactly this text on this
// page, not inside another one's frame.
func said(rest webRest, ns Namespace, text []byte) bool {
	challenge := base64.RawURLEncoding.EncodeToString(Challenge(ns, text))
	begins := `{"type":"webauthn.get","challenge":"` + challenge + `","origin":"` + rest.Origin + `"`
	if strings.ContainsAny(rest.Origin, "\"\\") || !strings.HasPrefix(rest.ClientData, begins) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader([]byte(rest.ClientData)))
	var client struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}
	err := d.Decode(&client)
	return err == nil && !d.More() && client.Type == "webauthn.get" && client.Challenge == challenge && client.Origin == rest.Origin && !client.CrossOrigin
}

// ValidPage reports whether an origin can be a page on which people sign: https with a
// host and perhaps a port, in the form in which browsers write it; or http on
// localhost.
func ValidPage(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin || u.Hostname() == "" || u.Hostname() != strings.ToLower(u.Hostname()) || strings.ContainsAny(origin, "\"\\ ") {
		return false
	}
	if u.Scheme == "http" {
		return u.Hostname() == "localhost" && u.Port() != "80"
	}
	return u.Scheme == "https" && u.Port() != "443"
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
