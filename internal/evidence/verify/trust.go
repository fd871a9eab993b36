package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// MaxTrust bounds a trust file, in bytes.
const MaxTrust = 256 << 10

const trustHeader = "counterseal-trust-v1"

// GateKey is a key under which a gate of a region signs releases.
type GateKey struct {
	Gate, Region string
	Key          ssh.PublicKey
}

// Trust is what the checker believes beforehand.
type Trust struct {
	Gates     []GateKey
	Docket    ssh.PublicKey // signs receipts; nil where the file does not name it
	Register  string        // verifier key of the register, under the witnesses of LogPolicy; opaque here, "" where the file names none
	LogPolicy []byte        // opaque here; the caller makes its ProofChecker from it

	Stamps timestamp.Anchors // certificates of time-stamping authorities, or of their roots
}

// ParseTrust reads a trust file:
//
//	counterseal-trust-v1
//	# a comment
//	docket <key type> <base64 key>
//	gate <gate> <region> <key type> <base64 key>
//	time-stamp <base64 of an authority's X.509 certificate, in DER>
//	register <verifier key>
//	log-policy
//	<the rest, byte for byte>
//
// Blank lines and lines that begin with # may stand above log-policy; that line
// and what follows may be missing. A gate may have several keys; where there is none
// yet, receipts and proofs can be checked and no package. Key types are
// those of OpenSSH without certificates and without DSA. Code: verify.trust.
func ParseTrust(text []byte) (Trust, error) {
	if len(text) > MaxTrust {
		return Trust{}, badTrust("length")
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(first) != trustHeader {
		return Trust{}, badTrust("first line")
	}
	var t Trust
	for len(rest) > 0 {
		var raw []byte
		raw, rest, _ = bytes.Cut(rest, []byte("\n"))
		line := string(raw)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line == "log-policy":
			t.LogPolicy, rest = bytes.Clone(rest), nil
			continue
		}
		if rest, ok := strings.CutPrefix(line, "docket "); ok && t.Docket == nil {
			if t.Docket, ok = parseKey(rest); !ok {
				return Trust{}, badTrust("%.60q", line)
			}
			continue
		}
		if rest, ok := strings.CutPrefix(line, "time-stamp "); ok {
			c, ok := parseStamp(rest)
			if !ok {
				return Trust{}, badTrust("%.60q", line)
			}
			t.Stamps = append(t.Stamps, c)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "register "); ok && t.Register == "" && rest != "" && !strings.ContainsAny(rest, " \t\r") {
			t.Register = rest
			continue
		}
		k, ok := parseGate(line)
		if !ok {
			return Trust{}, badTrust("%.60q", line)
		}
		t.Gates = append(t.Gates, k)
	}
	if len(t.Gates) == 0 && t.Docket == nil {
		return Trust{}, badTrust("no key")
	}
	return t, nil
}

// Bytes writes the trust file that ParseTrust reads.
func (t Trust) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString(trustHeader + "\n")
	if t.Docket != nil {
		fmt.Fprintf(&b, "docket %s\n", signature.Line(t.Docket))
	}
	for _, g := range t.Gates {
		fmt.Fprintf(&b, "gate %s %s %s\n", g.Gate, g.Region, signature.Line(g.Key))
	}
	for _, c := range t.Stamps {
		fmt.Fprintf(&b, "time-stamp %s\n", base64.StdEncoding.EncodeToString(c.Raw))
	}
	if t.Register != "" {
		fmt.Fprintf(&b, "register %s\n", t.Register)
	}
	b.WriteString("log-policy\n")
	b.Write(t.LogPolicy)
	return b.Bytes()
}

func parseGate(line string) (GateKey, bool) {
	f := strings.Split(line, " ")
	if len(f) != 5 || f[0] != "gate" || !release.Name(f[1]) || !release.Name(f[2]) {
		return GateKey{}, false
	}
	key, ok := parseKey(f[3] + " " + f[4])
	return GateKey{Gate: f[1], Region: f[2], Key: key}, ok
}

// parseStamp reads a certificate, in its one spelling.
func parseStamp(text string) (*x509.Certificate, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
		return nil, false
	}
	c, err := x509.ParseCertificate(raw)
	return c, err == nil
}

// parseKey reads "<key type> <base64 key>". One key has one spelling, so that a
// person can compare two files by eye.
func parseKey(line string) (ssh.PublicKey, bool) {
	key, comment, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || comment != "" || len(options) > 0 || len(rest) > 0 || !signs(key.Type()) {
		return nil, false
	}
	return key, signature.Line(key) == line
}

func signs(keyType string) bool {
	switch keyType {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		return true
	}
	return false
}

func badTrust(where string, args ...any) error {
	return problem.New(problem.Unverified, "verify.trust", "this is not a trust file").At(where, args...).
		Fix("obtain the provider's trust file again, by another way than the package")
}
