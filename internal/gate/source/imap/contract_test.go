package imap_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

func TestDovecotKeepsTheContract(t *testing.T) {
	running := map[string]*dovecot{}
	sourcetest.Run(t, sourcetest.Fixture{
		Text: true, // the protocol has no NUL
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			d := serve(t, dir, servers.Alone)
			running[dir] = d
			for _, m := range messages {
				d.Deliver(t, string(m.Account), "", m.Received, bytes.ReplaceAll(m.Bytes, []byte("\r\n"), []byte("\n")))
			}
			d.Chown(t)
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
			running[dir].Deliver(t, string(m.Account), "", m.Received, bytes.ReplaceAll(m.Bytes, []byte("\r\n"), []byte("\n")))
		},
	})
}
