package imap_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

func TestAServerOfMailOfWhichACallFailsIsNeverShorter(t *testing.T) {
	over := func(state string) (source.Source, source.Query, error) {
		address, pass, _ := strings.Cut(state, " ")
		s, err := imap.New(imap.Config{Server: wire.Server{Address: address, Security: wire.None, Patience: 5 * time.Second}, User: "{account}*gate", Password: pass,
			Accounts: map[scope.AccountID]string{"acc-alice-1": "acc-alice-1"}})
		return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, err
	}
	sourcetest.Struck(t, over, func() string {
		dir := t.TempDir()
		d := serve(t, dir, servers.Alone)
		for i := range 5 {
			m := sourcetest.Message(i, "acc-alice-1", bytes.Repeat([]byte("a line of it\n"), 4000))
			d.Deliver(t, "acc-alice-1", "", m.Received, m.Bytes)
		}
		d.Chown(t)
		return fmt.Sprintf("127.0.0.1:%d %s", d.Port, d.Password)
	})
}
