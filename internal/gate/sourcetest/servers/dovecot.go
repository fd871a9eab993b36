package servers

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Dovecot has its users' Maildirs in one folder and everything that it keeps for
// itself in another.
type Dovecot struct {
	*Server
	Mail, Own      string
	Port, TLS      int
	Conf, Password string // files: its configuration, the password of the master user

	delivered int
}

// nobody owns the Maildirs.
const nobody = 65534

// Mail runs Dovecot over a folder of Maildirs. Its users are those named; the master
// user is "gate". further is more of its configuration, a format whose two arguments are
// its own folder and that of the mail.
func Mail(t testing.TB, mail, further string, users ...string) *Dovecot {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		missing(t, "Dovecot is not installed, or this is not root: apt-get install dovecot-imapd")
	}
	own, err := os.MkdirTemp("/tmp", "dc") // sockets have short paths
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(own, "log"))
			t.Logf("%.6000s", log)
		}
		os.RemoveAll(own)
	})
	for at := mail; at != "/" && at != "/tmp"; at = filepath.Dir(at) {
		must(t, os.Chmod(at, 0o755)) // the server's user must get there, and may not write
	}
	d := &Dovecot{Mail: mail, Own: own, Port: port(t), TLS: port(t), Conf: filepath.Join(own, "conf"), Password: filepath.Join(own, "password")}
	must(t, os.Chmod(own, 0o755))
	for _, in := range []string{"index", "run", "state"} {
		must(t, os.Mkdir(filepath.Join(own, in), 0o755))
	}
	must(t, os.Chown(filepath.Join(own, "index"), nobody, nobody))
	certificate(t, own)
	must(t, os.WriteFile(d.Password, []byte("counterseal\n"), 0o600))
	var all strings.Builder
	for _, u := range users {
		fmt.Fprintf(&all, "%s:{plain}x:%d:%d::%s::\n", u, nobody, nobody, filepath.Join(own, "index", u))
	}
	must(t, os.WriteFile(filepath.Join(own, "users"), []byte(all.String()), 0o644))
	must(t, os.WriteFile(filepath.Join(own, "masters"), []byte("gate:{plain}counterseal::::::\n"), 0o644))
	must(t, os.WriteFile(d.Conf, fmt.Appendf(nil, configuration, own, mail, d.Port, d.TLS, fmt.Sprintf(further, own, mail)), 0o644))
	s := &Server{Address: fmt.Sprint("127.0.0.1:", d.Port), t: t, program: program, args: []string{"-F", "-c", d.Conf}, gently: os.Interrupt}
	d.Server = s.begin()
	return d
}

// Alone adds nothing to the configuration.
const Alone = `%.0[1]s%.0[2]s`

const configuration = `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
first_valid_uid = 1
auth_master_user_separator = *
mail_location = maildir:%[2]s/%%u:INDEX=%[1]s/index/%%u:CONTROL=%[1]s/index/%%u
namespace inbox {
  inbox = yes
  separator = /
}
%[5]spassdb {
  driver = passwd-file
  master = yes
  pass = yes
  args = %[1]s/masters
}
passdb {
  driver = passwd-file
  args = %[1]s/users
}
userdb {
  driver = passwd-file
  args = %[1]s/users
}
service imap-login {
  inet_listener imap {
    port = %[3]d
  }
  inet_listener imaps {
    port = %[4]d
  }
}
`

func port(t testing.TB) int {
	t.Helper()
	_, text, err := net.SplitHostPort(Free(t))
	must(t, err)
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// certificate writes one for localhost that is its own authority.
func certificate(t testing.TB, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.cloud.example"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

// Doveadm asks the server's own program.
func (d *Dovecot) Doveadm(t testing.TB, in []byte, args ...string) string {
	t.Helper()
	c := exec.Command("doveadm", append([]string{"-c", d.Conf}, args...)...)
	c.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("doveadm %q: %v %s", args, err, errs.String())
	}
	return string(out)
}

// Deliver puts a message into a Maildir of the server's, as its LMTP would.
func (d *Dovecot) Deliver(t testing.TB, user, folder string, at time.Time, b []byte) {
	t.Helper()
	home := filepath.Join(d.Mail, user, folder)
	for _, in := range []string{"cur", "new", "tmp"} {
		must(t, os.MkdirAll(filepath.Join(home, in), 0o755))
	}
	d.delivered++
	n := d.delivered
	path := filepath.Join(home, "cur", fmt.Sprintf("%d.M%09dP1.host:2,%s", 1_772_000_000+n, n, []string{"", "S", "RS"}[n%3]))
	must(t, os.WriteFile(path, b, 0o600))
	must(t, os.Chtimes(path, at, at))
	must(t, os.Chown(path, nobody, nobody))
}

// Chown gives the Maildirs to the server's user.
func (d *Dovecot) Chown(t testing.TB) {
	t.Helper()
	must(t, exec.Command("sh", "-c", fmt.Sprintf("chown -R %d:%d %s/* 2>/dev/null; true", nobody, nobody, d.Mail)).Run())
}
