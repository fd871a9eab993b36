package wire

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
)

func TestWithoutTLSOnlyThisMachineIsReached(t *testing.T) {
	for _, a := range []string{"10.0.0.1:143", "mail.example:143", "0.0.0.0:143", "127.0.0.1.example:143", "localhost", "", ":143", "127.0.0.1:143/x", "user@localhost:143"} {
		s := Server{Address: a, Security: None}
		if err := s.Check(None, TLS); problem.Code(err) != "source.config" {
			t.Errorf("%q: %v", a, err)
		}
	}
	for _, s := range []Server{{Address: "mail.example:1", Security: StartTLS}, {Address: "mail.example:1", Security: ""}, {Address: "localhost:1", Security: None, CA: "x"}, {Address: "localhost:1", Security: None, Patience: -1}} {
		if err := s.Check(None, TLS); problem.Code(err) != "source.config" {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, a := range []string{"127.0.0.1:143", "localhost:143", "[::1]:143"} {
		s := Server{Address: a, Security: None}
		if err := s.Check(None); err != nil || s.Patience != time.Minute {
			t.Errorf("%q: %v", a, err)
		}
	}
}

// listen serves one connection after another.
func listen(t *testing.T, serve func(net.Conn)) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); serve(c) }()
		}
	}()
	s := &Server{Address: l.Addr().String(), Security: None, Patience: 300 * time.Millisecond}
	if err := s.Check(None); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAServerThatHangsOrTricklesIsGivenUp(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"hangs": func(c net.Conn) { io.Copy(io.Discard, c) },
		"trickles": func(c net.Conn) {
			for {
				time.Sleep(10 * time.Millisecond)
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
			}
		},
	} {
		c, err := listen(t, serve).Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, err = io.Copy(io.Discard, c)
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) > 2*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(begin))
		}
		c.Close()
	}
}

func TestWhoReadsSlowlyDoesNotLoseTheServer(t *testing.T) {
	big := strings.Repeat("x", 300<<10)
	c, err := listen(t, func(c net.Conn) { io.WriteString(c, big) }).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n := 0
	b := make([]byte, 100<<10)
	for n < len(big) {
		time.Sleep(200 * time.Millisecond)
		k, err := c.Read(b)
		n += k
		if err != nil {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

func TestCancellingEndsAConnection(t *testing.T) {
	s := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	s.Patience = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	c, err := s.Dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, cancel)
	begin := time.Now()
	if _, err := c.Read(make([]byte, 1)); err == nil || time.Since(begin) > time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestOnlyTheStatedAuthoritiesAreTrusted(t *testing.T) {
	h := httptest.NewTLSServer(http.RedirectHandler("http://elsewhere.example/", http.StatusFound))
	defer h.Close()
	dir := t.TempDir()
	good, other := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "none.pem")
	cert := h.Certificate()
	for path, b := range map[string][]byte{good: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), other: []byte("no certificate")} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for ca, want := range map[string]string{"": "source.unreadable", good: "", other: "source.config", "/nowhere": "source.unreadable"} {
		s := &Server{Address: h.Listener.Addr().String(), Security: TLS, CA: ca}
		if err := s.Check(TLS); err != nil {
			t.Fatal(err)
		}
		c, err := s.Dial(t.Context())
		if problem.Code(err) != want && !(want == "" && err == nil) {
			t.Errorf("%s: %v", ca, err)
		}
		if err == nil {
			if _, ok := c.(*tls.Conn); !ok {
				t.Error("no TLS")
			}
			c.Close()
		}
	}
	s := &Server{Address: h.Listener.Addr().String(), Security: TLS, CA: good}
	if err := s.Check(TLS); err != nil {
		t.Fatal(err)
	}
	c, err := s.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Get(s.URL())
	if err != nil || res.StatusCode != http.StatusFound {
		t.Errorf("a redirection: %v %v", res, err)
	}
	c.CloseIdleConnections()
}

func TestAPasswordThatOthersCanReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		"good": {"hunter2\n", 0o600, true}, "for the group": {"hunter2\n", 0o640, false}, "for all": {"hunter2\n", 0o604, false}, "empty": {"\n", 0o600, false},
		"two lines": {"a\nb\n", 0o600, false}, "long": {strings.Repeat("x", 5000), 0o600, false}, "read only": {"hunter2", 0o400, true},
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(c.text), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		got, err := Secret(path)
		if c.ok != (err == nil) || c.ok && got != "hunter2" || !c.ok && problem.Code(err) != "source.secret" {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "gone")} {
		if _, err := Secret(path); problem.Code(err) != "source.secret" {
			t.Errorf("%s: %v", path, err)
		}
	}
}
