package timestamptest

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"counterseal/internal/evidence/timestamp"
)

const configuration = `[req]
distinguished_name = name
prompt = no
[name]
O = Fictional Time
CN = Fictional Time Root
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[signer]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

// OpenSSL is an authority that openssl makes, and that answers over HTTP.
type OpenSSL struct {
	Dir  string // ca.pem lies there
	t    testing.TB
	mu   sync.Mutex
	Down bool // it answers 503
	Seen int  // requests
}

// NewOpenSSL makes one; the test is skipped where openssl is not installed. key is
// what openssl calls the signer's key: "rsa:2048", or "ec" for P-256.
func NewOpenSSL(t testing.TB, key string) *OpenSSL {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	a := &OpenSSL{Dir: t.TempDir(), t: t}
	for name, text := range map[string]string{"tsa.cnf": configuration, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(a.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kind := []string{"-newkey", key}
	if key == "ec" {
		kind = []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	}
	a.run(append([]string{"req", "-x509", "-config", "tsa.cnf", "-extensions", "root", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650"}, kind...)...)
	a.run(append([]string{"req", "-new", "-config", "tsa.cnf", "-subj", "/O=Fictional Time/CN=Fictional Stamp 1", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr"}, kind...)...)
	a.run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-days", "3650", "-extfile", "tsa.cnf", "-extensions", "signer")
	return a
}

func (a *OpenSSL) run(args ...string) {
	a.t.Helper()
	c := exec.Command("openssl", args...)
	c.Dir = a.Dir
	if out, err := c.CombinedOutput(); err != nil {
		a.t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

// CA is the root's file.
func (a *OpenSSL) CA() string { return filepath.Join(a.Dir, "ca.pem") }

// Anchors reads the root.
func (a *OpenSSL) Anchors() timestamp.Anchors {
	a.t.Helper()
	text, err := os.ReadFile(a.CA())
	if err != nil {
		a.t.Fatal(err)
	}
	anchors, err := timestamp.ReadAnchors(text)
	if err != nil {
		a.t.Fatal(err)
	}
	return anchors
}

// Stamp answers a request.
func (a *OpenSSL) Stamp(request []byte) []byte {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.Dir, "query"), request, 0o600); err != nil {
		a.t.Fatal(err)
	}
	a.run("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query", "-inkey", "tsa.key", "-signer", "tsa.pem", "-chain", "ca.pem", "-out", "reply")
	out, err := os.ReadFile(filepath.Join(a.Dir, "reply"))
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// ServeHTTP implements http.Handler, as RFC 3161 §3.4 has it.
func (a *OpenSSL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Seen++
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if a.Down || err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != timestamp.QueryType {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", timestamp.ReplyType)
	w.Write(a.Stamp(body))
}

// Set makes it answer, or not.
func (a *OpenSSL) Set(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Down = down
}
