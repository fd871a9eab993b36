package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Chat is a Prosody that keeps its archive in SQLite.
type Chat struct {
	*Server
	Dir string // in which prosody.sqlite lies
}

// Prosody runs one for the host chat.example, whose users have the password "secret".
func Prosody(t testing.TB, users ...string) *Chat {
	t.Helper()
	program, err := exec.LookPath("prosody")
	if err != nil || os.Getuid() != 0 || exec.Command("dpkg", "-s", "lua-dbi-sqlite3").Run() != nil {
		missing(t, "Prosody or its way to SQLite is not installed, or this is not root: apt-get install prosody lua-dbi-sqlite3")
	}
	owner := idOf(t, "prosody")
	dir, err := os.MkdirTemp("/tmp", "pr")
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("%.3000s", log)
		}
		os.RemoveAll(dir)
	})
	n := port(t)
	must(t, os.WriteFile(filepath.Join(dir, "prosody.cfg.lua"), fmt.Appendf(nil, `
data_path = %[1]q
pidfile = "%[1]s/prosody.pid"
log = { info = "%[1]s/log" }
modules_enabled = { "saslauth", "mam", "posix" }
modules_disabled = { "s2s", "tls" }
interfaces = { "127.0.0.1" }
c2s_ports = { %[2]d }
c2s_direct_tls_ports = {}
s2s_ports = {}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = { archive = "sql" }
sql = { driver = "SQLite3", database = "%[1]s/prosody.sqlite" }
default_archive_policy = true
archive_expires_after = "never"
VirtualHost "chat.example"
`, dir, n), 0o644))
	accounts := filepath.Join(dir, "chat%2eexample", "accounts")
	must(t, os.MkdirAll(accounts, 0o755))
	for _, name := range users {
		must(t, os.WriteFile(filepath.Join(accounts, name+".dat"), []byte("return { [\"password\"] = \"secret\"; };\n"), 0o644))
	}
	must(t, exec.Command("chown", "-R", fmt.Sprintf("%d:%d", owner.Uid, owner.Gid), dir).Run())
	s := &Server{Address: fmt.Sprint("127.0.0.1:", n), t: t, program: program, attr: &syscall.SysProcAttr{Credential: owner},
		args: []string{"-F", "--config", filepath.Join(dir, "prosody.cfg.lua")}, in: dir}
	return &Chat{s.begin(), dir}
}
