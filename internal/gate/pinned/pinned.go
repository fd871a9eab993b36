package pinned

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Pin is a key's digest.
type Pin [32]byte

func (p Pin) String() string { return "sha256:" + base64.StdEncoding.EncodeToString(p[:]) }

// ParsePin reads sha256: and base64. Code: pinned.pin.
func ParsePin(s string) (Pin, error) {
	text, ok := strings.CutPrefix(s, "sha256:")
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(b) != sha256.Size || len(text) != base64.StdEncoding.EncodedLen(sha256.Size) {
		return Pin{}, problem.New(problem.Invalid, "pinned.pin", "a pin is sha256: and 44 letters of base64").At("%.80q", s).Fix("copy it from the other end, whole")
	}
	return Pin(b), nil
}

// Identity is one end's key.
type Identity struct {
	certificate tls.Certificate
	pin         Pin
}

// Pin is what the other end knows this one by.
func (i Identity) Pin() Pin { return i.pin }

// ever is the day of a certificate that ends with its key (RFC 5280, section 4.1.2.5).
var ever = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// New makes a key, as PEM of key and certificate. It is secret.
func New(random io.Reader) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, damaged(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "counterseal"}, NotBefore: time.Unix(0, 0).UTC(), NotAfter: ever,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(random, &template, &template, key.Public(), key)
	if err != nil {
		return nil, damaged(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, damaged(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...), nil
}

// Read reads what New made. Code: pinned.key.
func Read(text []byte) (Identity, error) {
	c, err := tls.X509KeyPair(text, text)
	if err != nil {
		return Identity{}, damaged(err)
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return Identity{}, damaged(err)
	}
	return Identity{c, pinOf(leaf)}, nil
}

func damaged(err error) error {
	return problem.New(problem.Unavailable, "pinned.key", "the key of the line between office and gate cannot be made or read").Because(err)
}

func pinOf(c *x509.Certificate) Pin { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// config holds the other end to one of the pins.
func (i Identity) config(allowed []Pin) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{i.certificate}, NextProtos: []string{"http/1.1"},
		ClientAuth:         tls.RequireAnyClientCert,
		InsecureSkipVerify: true, // no authority and no name is asked: VerifyConnection holds the key itself to the pin
		VerifyConnection: func(s tls.ConnectionState) error {
			if p, ok := Peer(s); !ok || !slices.Contains(allowed, p) {
				return problem.New(problem.Refused, "pinned.stranger", "the other end has a key that is not the one in the configuration")
			}
			return nil
		},
		SessionTicketsDisabled: true,
	}
}

// Peer is the other end's pin.
func Peer(s tls.ConnectionState) (Pin, bool) {
	if len(s.PeerCertificates) == 0 {
		return Pin{}, false
	}
	return pinOf(s.PeerCertificates[0]), true
}

// Address is the host and port of tls://HOST:PORT; false: it is another form.
func Address(s string) (string, bool) {
	hostPort, ok := strings.CutPrefix(s, "tls://")
	_, port, err := net.SplitHostPort(hostPort)
	return hostPort, ok && err == nil && port != ""
}

// patience is how long a handshake may take.
const patience = 10 * time.Second

// Dialer connects to a gate or an office and gives the connection once the other
// end has proven its key.
func (i Identity) Dialer(hostPort string, other Pin) func(context.Context) (net.Conn, error) {
	config := i.config([]Pin{other})
	return func(ctx context.Context) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		d := tls.Dialer{NetDialer: &net.Dialer{}, Config: config}
		return d.DialContext(ctx, "tcp", hostPort)
	}
}

// Listen opens an address for those who have one of the keys. Code: pinned.listen.
func (i Identity) Listen(ctx context.Context, hostPort string, others ...Pin) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", hostPort)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "pinned.listen", "the address cannot be listened on").At("%.80q", hostPort).Because(err)
	}
	return tls.NewListener(l, i.config(others)), nil
}
