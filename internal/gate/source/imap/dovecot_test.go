package imap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A dovecot is a server with the two users of these tests.
type dovecot struct{ *servers.Dovecot }

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
	return &dovecot{servers.Mail(t, mail, further, "acc-alice-1", "acc-bob-2")}
}

// source reads as the master user, for accounts that are named as they are.
func (d *dovecot) source(t testing.TB, change func(*imap.Config)) *imap.Source {
	t.Helper()
	cfg := imap.Config{Server: wire.Server{Address: fmt.Sprint("127.0.0.1:", d.Port), Security: wire.None, Patience: 20 * time.Second}, User: "{account}*gate", Password: d.Password,
		Accounts: map[scope.AccountID]string{"acc-alice-1": "acc-alice-1", "acc-bob-2": "acc-bob-2", "acc-carol-3": "acc-carol-3"}}
	if change != nil {
		change(&cfg)
	}
	s, err := imap.New(cfg)
	must(t, err)
	return s
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }
