package app

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/confine"
	"counterseal/internal/strict"
)

func needsOf(t *testing.T, text string) confine.Needs {
	t.Helper()
	var c GateConfig
	if err := strict.TOML("gate.toml", []byte(text), 1<<20, "app.config", &c); err != nil {
		t.Fatal(err)
	}
	return c.needs("/var/lib/gate")
}

func TestAGateIsGivenWhatItsConfigurationNamesAndNothingElse(t *testing.T) {
	t.Setenv("HOME", "/home/gate")
	secret := filepath.Join(t.TempDir(), "password")
	if err := keepOnce(secret, 0o600, []byte("x")); err != nil {
		t.Fatal(err)
	}
	const local = "id = \"g\"\nlisten = \"unix:/run/c/gate.sock\"\nuplink = \"unix:/run/c/uplink.sock\"\n"
	for _, c := range []struct {
		name, text string
		want       confine.Needs
	}{
		{"a mailbox on this machine", local + "[[mail]]\nroot = \"/srv/mail\"\nfile = \"m\"\nheader = \"To\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Read: []string{"/srv/mail"}}},
		{"a host of its own", "listen = \"tls://0.0.0.0:8701\"\nuplink = \"tls://office.example:8702\"\npage_listen = \"127.0.0.1:8703\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Network: true, Bind: []uint16{8701, 8703}, Connect: []uint16{8702, 53}}},
		{"a server of mail", local + "[[mail]]\nform = \"imap\"\nserver = \"imap.example:143\"\npassword_file = \"" + secret + "\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Read: []string{filepath.Dir(secret)}, Network: true, Connect: []uint16{143, 53}}},
		{"a database in a file", local + "[[records]]\nform = \"sqlite\"\nroot = \"/srv/r\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Read: []string{"/srv/r"}, Temp: true}},
		{"a database on a server, at a port that only its driver knows", local + "[[mail]]\nform = \"imap\"\nserver = \"imap.example:143\"\n[[messages]]\nform = \"prosody\"\ndatabase = \"postgres\"\nconnection = \"host=db sslrootcert=/etc/db/ca.pem\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Network: true, Read: []string{"/etc/db/ca.pem", "/home/gate/.pgpass", "/home/gate/.pg_service.conf", "/home/gate/.postgresql"}}},
		{"a program of the provider's", local + "[[provider]]\nstore = \"t\"\ncommand = [\"/bin/t\"]",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Programs: true}},
		{"a program that prints rows", local + "[[calls]]\nstore = \"t\"\nform = \"command\"\nvoicemail_files = \"/srv/v\"",
			confine.Needs{Own: []string{"/var/lib/gate"}, Sockets: []string{"/run/c"}, Read: []string{"/srv/v"}, Programs: true}},
	} {
		if d := cmp.Diff(c.want, needsOf(t, c.text)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
