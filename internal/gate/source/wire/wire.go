package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"counterseal/internal/problem"
)

// How a server is spoken to.
const (
	TLS      = "tls"
	StartTLS = "starttls" // begun in the open, and secured before anything is said
	None     = "none"     // this machine only
)

const (
	window   = 64 << 10 // bytes for which there is patience
	ordinary = time.Minute
	longest  = time.Hour
)

// Server is a store's server.
type Server struct {
	Address  string        // host and port
	Security string        // TLS, StartTLS or None
	CA       string        // file with the only certificates to trust; "" for the system's
	Patience time.Duration // 0: a minute
}

// Check looks at the configuration. Code: source.config.
func (s *Server) Check(securities ...string) error {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil || host == "" || port == "" || strings.ContainsAny(s.Address, "/@\x00 \r\n") {
		return misconfigured("a server is named by host and port", fmt.Sprintf("server %.200q", s.Address))
	}
	if !slices.Contains(securities, s.Security) {
		return misconfigured("a server is reached with one of "+strings.Join(securities, ", "), fmt.Sprintf("tls %.40q", s.Security))
	}
	if ip := net.ParseIP(host); s.Security == None && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return misconfigured("without TLS only a server on this machine is reached", fmt.Sprintf("server %.200q", s.Address))
	}
	if s.Security == None && s.CA != "" {
		return misconfigured("without TLS there is no certificate to check", "ca")
	}
	if s.Patience == 0 {
		s.Patience = ordinary
	}
	if s.Patience < 0 || s.Patience > longest {
		return misconfigured("patience is a time of up to an hour", "patience")
	}
	return nil
}

func misconfigured(what, field string) error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

// Unreachable says that a server cannot be spoken to.
func (s *Server) Unreachable(err error) error {
	p := problem.Of(err)
	if p != nil && p.Code != "internal.unexpected" {
		return err
	}
	return problem.New(problem.Unavailable, "source.unreadable", "the store's server cannot be reached, or does not answer in time").At("%s", s.Address).Because(err)
}

// Secret reads a password, at most 4 KiB without its line end. Code: source.secret.
func Secret(path string) (string, error) {
	bad := func(says string, err error) error {
		return problem.New(problem.Refused, "source.secret", "%s", says).At("%s", path).Fix("chmod 600, and let the gate's user own it").Because(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", bad("the file with the store's password cannot be read", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", bad("the store's password stands in a file", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", bad("the file with the store's password can be read by others", nil)
	}
	b, err := io.ReadAll(io.LimitReader(f, 4<<10+1))
	text := strings.TrimRight(string(b), "\r\n")
	if err != nil || len(b) > 4<<10 || text == "" || strings.ContainsAny(text, "\x00\r\n") {
		return "", bad("the file holds no password of one line", err)
	}
	return text, nil
}

// tls gives what a handshake verifies.
func (s *Server) tls() (*tls.Config, error) {
	host, _, _ := net.SplitHostPort(s.Address)
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if s.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "source.unreadable", "the certificates to trust cannot be read").At("%s", s.CA).Because(err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, problem.New(problem.Invalid, "source.config", "the file holds no certificate").At("%s", s.CA)
	}
	return c, nil
}

// open connects, without TLS.
func (s *Server) open(ctx context.Context) (*Conn, error) {
	d := net.Dialer{Timeout: s.Patience}
	raw, err := d.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, err
	}
	if a, ok := raw.RemoteAddr().(*net.TCPAddr); s.Security == None && (!ok || !a.IP.IsLoopback()) {
		raw.Close()
		return nil, errors.New("not this machine")
	}
	c := &Conn{Conn: raw, patience: s.Patience, left: s.Patience}
	c.unhook = context.AfterFunc(ctx, func() { raw.Close() })
	return c, nil
}

// Dial connects, with TLS where the server is spoken to in TLS from the start.
// Cancelling ends the connection. Code: source.unreadable.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	c, err := s.open(ctx)
	if err != nil {
		return nil, s.Unreachable(err)
	}
	if s.Security != TLS {
		return c, nil
	}
	return s.Secure(ctx, c)
}

// Secure makes a connection one with TLS. Code: source.unreadable.
func (s *Server) Secure(ctx context.Context, c net.Conn) (net.Conn, error) {
	cfg, err := s.tls()
	if err != nil {
		c.Close()
		return nil, err
	}
	t := tls.Client(c, cfg)
	err = t.HandshakeContext(ctx)
	if err != nil {
		c.Close()
		return nil, s.Unreachable(err)
	}
	return t, nil
}

// Client gives a client for HTTP that speaks to this server alone. The context is
// that of everything it does.
func (s *Server) Client(ctx context.Context) (*http.Client, error) {
	cfg, err := s.tls()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: &rounds{http.Transport{
			DialContext:            func(context.Context, string, string) (net.Conn, error) { return s.open(ctx) },
			TLSClientConfig:        cfg,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           2,
			ResponseHeaderTimeout:  s.Patience,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// rounds tells a line that ended within an answer's head from a head that is none:
// net/http says "malformed" of both.
type rounds struct{ http.Transport }

// RoundTrip implements http.RoundTripper.
func (r *rounds) RoundTrip(q *http.Request) (*http.Response, error) {
	var line net.Conn
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { line = i.Conn }}
	res, err := r.Transport.RoundTrip(q.WithContext(httptrace.WithClientTrace(q.Context(), trace)))
	if t, ok := line.(*tls.Conn); ok {
		line = t.NetConn()
	}
	if c, ok := line.(*Conn); ok && err != nil && c.ended.Load() {
		return nil, fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return res, err
}

// URL gives where the server's root is.
func (s *Server) URL() string {
	if s.Security == None {
		return "http://" + s.Address
	}
	return "https://" + s.Address
}

// Conn is a connection whose other side has a limited time.
type Conn struct {
	net.Conn
	patience time.Duration
	unhook   func() bool

	ended atomic.Bool // by the other side

	mu   sync.Mutex
	left time.Duration // for the bytes of this window
	read int           // of this window
}

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	begin := time.Now()
	c.mu.Lock()
	err := c.SetReadDeadline(begin.Add(c.left))
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if err != nil && broken(err) {
		c.ended.Store(true)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left -= time.Since(begin)
	c.read += n
	if c.read >= window {
		c.left, c.read = c.patience, 0
	}
	return n, err
}

// Write implements net.Conn: with a new question there is new patience.
func (c *Conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.left, c.read = c.patience, 0
	err := c.SetDeadline(time.Now().Add(c.patience))
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.unhook()
	return c.Conn.Close()
}
