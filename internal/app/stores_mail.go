package app

import (
	"fmt"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// MailStore is one connected store of mail.
type MailStore struct {
	Form   string `toml:"form"`   // mbox unless stated; or maildir
	Root   string `toml:"root"`   // mbox, maildir: folder that nothing may leave
	File   string `toml:"file"`   // mbox: one shared file …
	Header string `toml:"header"` // … whose items are attributed by this header
	Quote  string `toml:"quote"`  // mboxo or mboxrd

	Folder   string            `toml:"folder"`   // maildir: an account's own, with {account} in it
	Accounts map[string]string `toml:"accounts"` // the name of each account that the mark stands for; left out: its id
}

// open makes the source; what another form needs must not be stated.
func (m MailStore) open(h holding) (source.Source, error) {
	switch m.Form {
	case "", "mbox":
		if m.Folder != "" || m.Accounts != nil {
			return nil, table.Misconfigured("an mbox store has a file and a header, and no folder or accounts", "folder, accounts")
		}
		return m.mbox(h)
	case "maildir":
		if m.File != "" || m.Header != "" || m.Quote != "" {
			return nil, table.Misconfigured("a store of Maildirs has no file, header or quote", "file, header, quote")
		}
		return maildir.New(maildir.Config{Root: m.Root, Folder: m.Folder, Accounts: named(m.Accounts)})
	}
	return nil, table.Misconfigured("the form of a store of mail is mbox or maildir", fmt.Sprintf("form %.40q", m.Form))
}

func (m MailStore) mbox(h holding) (source.Source, error) {
	flavour := mbox.MboxO
	if m.Quote == "mboxrd" {
		flavour = mbox.MboxRD
	}
	return mbox.New(mbox.Config{Root: m.Root, Flavour: flavour, Shared: &mbox.Shared{Files: []string{m.File}, Header: m.Header,
		Resolve: func(address string, at time.Time) (scope.AccountID, bool) { return h("address", address, at) }}})
}

// named gives a store's names of accounts, nil where none are stated.
func named(in map[string]string) map[scope.AccountID]string {
	if in == nil {
		return nil
	}
	out := map[scope.AccountID]string{}
	for id, name := range in {
		out[scope.AccountID(id)] = name
	}
	return out
}
