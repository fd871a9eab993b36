package imap_test

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
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A dovecot is a server of its own, with its users' Maildirs in one folder and
// everything that it keeps for itself in another.
type dovecot struct {
	mail, own  string
	port, tls  int
	conf, pass string
}

// alone adds nothing; the two are its arguments.
const alone = `%.0[1]s%.0[2]s`

// others is a namespace in which other people's mail is seen.
const others = `
namespace shared {
  type = shared
  separator = /
  prefix = others/%%%%u/
  location = maildir:%[2]s/%%%%u:INDEX=%[1]s/index/shared-%%u:CONTROL=%[1]s/index/shared-%%u
  list = yes
  subscriptions = no
}
mail_plugins = acl
plugin {
  acl = vfile
  acl_user = %%u
  acl_shared_dict = file:%[1]s/index/shared.db
}
`

// serve starts Dovecot over a folder of Maildirs. further is more of its configuration.
func serve(t testing.TB, mail, further string) *dovecot {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		t.Skip("Dovecot is not installed, or this is not root: apt-get install dovecot-imapd")
	}
	own, err := os.MkdirTemp("/tmp", "dc") // sockets have short paths
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(own) })
	d := &dovecot{mail: mail, own: own, port: free(t), tls: free(t), conf: filepath.Join(own, "conf"), pass: filepath.Join(own, "password")}
	must(t, os.Chmod(own, 0o755))
	for _, in := range []string{"index", "run", "state"} {
		must(t, os.Mkdir(filepath.Join(own, in), 0o755))
	}
	must(t, os.Chown(filepath.Join(own, "index"), 65534, 65534))
	certificate(t, own)
	must(t, os.WriteFile(d.pass, []byte("counterseal\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(own, "users"), []byte(strings.ReplaceAll("acc-alice-1:{plain}x:65534:65534::HOME/a::\nacc-bob-2:{plain}x:65534:65534::HOME/b::\n", "HOME", filepath.Join(own, "index"))), 0o644))
	must(t, os.WriteFile(filepath.Join(own, "masters"), []byte("gate:{plain}counterseal::::::\n"), 0o644))
	must(t, os.WriteFile(d.conf, fmt.Appendf(nil, `
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
`, own, mail, d.port, d.tls, fmt.Sprintf(further, own, mail)), 0o644))
	c := exec.Command(program, "-F", "-c", d.conf)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		done := make(chan struct{})
		go func() { _ = c.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = c.Process.Kill()
			<-done
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(own, "log"))
			t.Logf("%s%.6000s", out.String(), log)
		}
	})
	for range 100 {
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", d.port))
		if err == nil {
			conn.Close()
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("Dovecot does not listen: ", out.String())
	return nil
}

func free(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
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

// doveadm asks the server's own program.
func (d *dovecot) doveadm(t testing.TB, in []byte, args ...string) string {
	t.Helper()
	c := exec.Command("doveadm", append([]string{"-c", d.conf}, args...)...)
	c.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("doveadm %q: %v %s", args, err, errs.String())
	}
	return string(out)
}

// source reads as the master user, for accounts that are named as they are.
func (d *dovecot) source(t testing.TB, change func(*imap.Config)) *imap.Source {
	t.Helper()
	cfg := imap.Config{Server: wire.Server{Address: fmt.Sprint("127.0.0.1:", d.port), Security: wire.None, Patience: 20 * time.Second}, User: "{account}*gate", Password: d.pass,
		Accounts: map[scope.AccountID]string{"acc-alice-1": "acc-alice-1", "acc-bob-2": "acc-bob-2", "acc-carol-3": "acc-carol-3"}}
	if change != nil {
		change(&cfg)
	}
	s, err := imap.New(cfg)
	must(t, err)
	return s
}

var delivered int

// deliver puts a message into a Maildir of the server's, as its LMTP would.
func (d *dovecot) deliver(t testing.TB, user, folder string, at time.Time, b []byte) {
	t.Helper()
	home := filepath.Join(d.mail, user, folder)
	for _, in := range []string{"cur", "new", "tmp"} {
		must(t, os.MkdirAll(filepath.Join(home, in), 0o755))
	}
	delivered++
	path := filepath.Join(home, "cur", fmt.Sprintf("%d.M%09dP1.host:2,%s", 1_772_000_000+delivered, delivered, []string{"", "S", "RS"}[delivered%3]))
	must(t, os.WriteFile(path, b, 0o600))
	must(t, os.Chtimes(path, at, at))
	must(t, os.Chown(path, 65534, 65534))
}

// chown gives the Maildirs to the server's user.
func (d *dovecot) chown(t testing.TB) {
	t.Helper()
	must(t, exec.Command("sh", "-c", "chown -R 65534:65534 "+d.mail+"/* 2>/dev/null; true").Run())
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }
