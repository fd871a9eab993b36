package imap_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

func TestDovecotKeepsTheContract(t *testing.T) {
	servers := map[string]*dovecot{}
	sourcetest.Run(t, sourcetest.Fixture{
		Text: true, // the protocol has no NUL
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			for at := dir; at != "/" && at != "/tmp"; at = filepath.Dir(at) {
				must(t, os.Chmod(at, 0o755)) // the server's user must get there, and may not write
			}
			d := serve(t, dir, alone)
			servers[dir] = d
			for _, m := range messages {
				d.deliver(t, string(m.Account), "", m.Received, bytes.ReplaceAll(m.Bytes, []byte("\r\n"), []byte("\n")))
			}
			d.chown(t)
			return d.source(t, nil)
		},
		Plant: func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
			m := sourcetest.Message(n, account, body)
			m.Bytes = bytes.ReplaceAll(m.Bytes, []byte("\n"), []byte("\r\n"))
			return m
		},
		Damage: func(t testing.TB, dir string, a scope.AccountID) {
			home := filepath.Join(dir, string(a))
			must(t, errors.Join(os.RemoveAll(filepath.Join(home, "cur")), os.WriteFile(filepath.Join(home, "cur"), []byte("no folder"), 0o600)))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			servers[dir].deliver(t, string(m.Account), "", m.Received, bytes.ReplaceAll(m.Bytes, []byte("\r\n"), []byte("\n")))
		},
	})
}
