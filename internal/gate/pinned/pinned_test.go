package pinned_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/pinned"
	"counterseal/internal/problem"
)

func identity(t *testing.T) pinned.Identity {
	t.Helper()
	text, err := pinned.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i, err := pinned.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// served answers with the pin of whoever asks, and says where.
func served(t *testing.T, i pinned.Identity, others ...pinned.Pin) string {
	t.Helper()
	l, err := i.Listen(t.Context(), "127.0.0.1:0", others...)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := pinned.Peer(*r.TLS)
		_, _ = io.WriteString(w, p.String())
	})}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

func asked(t *testing.T, i pinned.Identity, at string, other pinned.Pin) (string, error) {
	t.Helper()
	dial := i.Dialer(at, other)
	c := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}, Timeout: 5 * time.Second}
	defer c.CloseIdleConnections()
	resp, err := c.Get("http://gate/")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func TestEachEndKnowsTheOtherByItsKeyAlone(t *testing.T) {
	office, gate, stranger := identity(t), identity(t), identity(t)
	at := served(t, gate, office.Pin())
	if got, err := asked(t, office, at, gate.Pin()); err != nil || got != office.Pin().String() {
		t.Fatalf("%q %v", got, err)
	}
	if got, err := asked(t, stranger, at, gate.Pin()); err == nil {
		t.Errorf("a stranger was let in: %q", got)
	}
	if got, err := asked(t, office, at, stranger.Pin()); err == nil {
		t.Errorf("somebody else's gate was taken for ours: %q", got)
	}
	if got, err := asked(t, office, served(t, gate), gate.Pin()); err == nil {
		t.Errorf("a gate that knows nobody let somebody in: %q", got)
	}
}

func TestNobodyComesInWithoutAKeyOrWithAnOlderTLS(t *testing.T) {
	office, gate := identity(t), identity(t)
	at := served(t, gate, office.Pin())
	for name, config := range map[string]*tls.Config{
		"no key":  {InsecureSkipVerify: true},
		"TLS 1.2": {InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12},
	} {
		c, err := tls.Dial("tcp", at, config)
		if err == nil { // in TLS 1.3 the refusal of a client comes with its first read
			_, err = c.Read(make([]byte, 1))
			c.Close()
		}
		if err == nil {
			t.Errorf("%s: was let in", name)
		}
	}
	plain := http.Client{Timeout: 5 * time.Second}
	resp, err := plain.Get("http://" + at + "/")
	if err == nil {
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			t.Error("plain HTTP was answered")
		}
	}
}

// A certificate copied from the other end is public; its key is not.
func TestACertificateWithoutItsKeyIsNobody(t *testing.T) {
	office, gate, thief := identity(t), identity(t), identity(t)
	at := served(t, gate, office.Pin())
	c, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		mixed := pinned.Certificate(thief)
		mixed.Certificate = pinned.Certificate(office).Certificate
		return &mixed, nil
	}})
	if err == nil {
		_, err = c.Read(make([]byte, 1))
		c.Close()
	}
	if err == nil {
		t.Error("a certificate signed for by another key was let in")
	}
}

func TestAHandshakeThatHangsEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	office := identity(t)
	if _, err := office.Dialer(l.Addr().String(), office.Pin())(ctx); err == nil {
		t.Error("a connection without a handshake was given")
	}
}

func TestWhatIsNoPinIsRefused(t *testing.T) {
	whole := identity(t).Pin().String()
	for _, bad := range []string{"", "sha256:", whole[7:], whole + "=", whole[:len(whole)-2], strings.Replace(whole, "sha256:", "sha512:", 1), whole + "\n"} {
		if _, err := pinned.ParsePin(bad); problem.Code(err) != "pinned.pin" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "127.0.0.1:1", "tls://", "tls://host", "tls://host:", "unix:/run/x"} {
		if _, ok := pinned.Address(bad); ok {
			t.Errorf("%q is an address", bad)
		}
	}
	if at, ok := pinned.Address("tls://gate.example:8701"); !ok || at != "gate.example:8701" {
		t.Errorf("%q %v", at, ok)
	}
	if _, err := pinned.Read([]byte("no key")); problem.Code(err) != "pinned.key" {
		t.Errorf("%v", err)
	}
}

func FuzzPin(f *testing.F) {
	f.Add("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Add("sha256:")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := pinned.ParsePin(s)
		if err == nil && p.String() != s {
			t.Errorf("%q reads as %q", s, p)
		}
	})
}
