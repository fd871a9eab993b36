package imap_test

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
)

// Whoever stands between the gate and its server can answer the command with which TLS
// begins. Whatever they say, the password is said to nobody, and nothing that they put
// before the handshake counts as the server's.
func TestNothingIsSaidOrHeardBeforeTheHandshake(t *testing.T) {
	own := httptest.NewTLSServer(http.NotFoundHandler())
	defer own.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate().Raw}), 0o600))
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("x"), 0o600))
	for name, c := range map[string]struct {
		answer string
		secure bool
		code   string
	}{
		"it is refused":                {"TAG NO not here\r\n", false, "source.unreadable"},
		"it is not known":              {"TAG BAD what\r\n", false, "source.unreadable"},
		"it is agreed to, and is not":  {"TAG OK go on\r\n", false, "source.unreadable"},
		"the next answer stands ready": {"TAG OK go on\r\n+ \r\nc2 OK you are in\r\n", true, "source.protocol"},
		"another tag":                  {"c9 OK go on\r\n", true, "source.protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			defer l.Close()
			var heard strings.Builder
			var done sync.WaitGroup
			done.Go(func() {
				line, err := l.Accept()
				if err != nil {
					return
				}
				defer line.Close()
				_, _ = io.WriteString(line, "* OK hello\r\n")
				in := bufio.NewReader(line)
				said, err := in.ReadString('\n')
				if err != nil {
					return
				}
				tag, _, _ := strings.Cut(said, " ")
				_, _ = io.WriteString(line, strings.ReplaceAll(c.answer, "TAG", tag))
				if c.secure {
					secured := tls.Server(line, &tls.Config{Certificates: own.TLS.Certificates})
					_, _ = io.Copy(&heard, secured)
					return
				}
				if first, err := in.ReadByte(); err == nil { // of a handshake, which goes on in the open
					heard.WriteByte(first)
					_, _ = io.WriteString(line, "* OK and in the open\r\n")
					_, _ = io.Copy(&heard, in)
				}
			})
			s, err := imap.New(imap.Config{Server: wire.Server{Address: l.Addr().String(), Security: wire.StartTLS, CA: ca}, User: "{account}", Password: password})
			must(t, err)
			_, _, err = collect(t, s, source.Query{Account: alice}, nil)
			l.Close()
			done.Wait()
			if problem.Code(err) != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
			if text := heard.String(); strings.Contains(text, "AUTHENTICATE") || strings.Contains(text, "CAPABILITY") {
				t.Errorf("it was said: %q", text)
			}
		})
	}
}
