package app

import (
	"fmt"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/scope"
)

// MailStore is one connected store of mail.
type MailStore struct {
	Form   string `toml:"form"`   // mbox unless stated; or maildir, imap
	Root   string `toml:"root"`   // mbox, maildir: folder that nothing may leave
	File   string `toml:"file"`   // mbox: one shared file …
	Header string `toml:"header"` // … whose items are attributed by this header
	Quote  string `toml:"quote"`  // mboxo or mboxrd

	Folder   string            `toml:"folder"`   // maildir: an account's own, with {account} in it
	Accounts map[string]string `toml:"accounts"` // the name of each account that the mark stands for; left out: its id
	User     string            `toml:"user"`     // imap: the name to log in with, with {account} in it
	Remote
}

// Remote is a store's server.
type Remote struct {
	Server       string `toml:"server"`        // host and port
	TLS          string `toml:"tls"`           // tls unless stated; or starttls (imap); none only on this machine
	CA           string `toml:"ca"`            // file with the only certificates to trust
	PasswordFile string `toml:"password_file"` // mode 600
	Patience     string `toml:"patience"`      // for the next 64 KiB; 1m unless stated
}

// wire gives how the server is reached.
func (r Remote) wire() (wire.Server, error) {
	s := wire.Server{Address: r.Server, Security: r.TLS, CA: r.CA}
	if s.Security == "" {
		s.Security = wire.TLS
	}
	var err error
	s.Patience, err = patience(r.Patience)
	return s, err
}

// open makes the source; what another form needs must not be stated.
func (m MailStore) open(h holding) (source.Source, error) {
	switch m.Form {
	case "", "mbox":
		if m.Folder != "" || m.Accounts != nil || m.User != "" || m.Remote != (Remote{}) {
			return nil, table.Misconfigured("an mbox store has a file and a header, and no folder, accounts or server", "folder, accounts, user, server")
		}
		return m.mbox(h)
	case "maildir":
		if m.File != "" || m.Header != "" || m.Quote != "" || m.User != "" || m.Remote != (Remote{}) {
			return nil, table.Misconfigured("a store of Maildirs has no file, header, quote or server", "file, header, quote, user, server")
		}
		return maildir.New(maildir.Config{Root: m.Root, Folder: m.Folder, Accounts: named(m.Accounts)})
	case "imap":
		if m.Root != "" || m.File != "" || m.Header != "" || m.Quote != "" || m.Folder != "" {
			return nil, table.Misconfigured("an IMAP server has no root, file, header, quote or folder", "root, file, header, quote, folder")
		}
		server, err := m.wire()
		if err != nil {
			return nil, err
		}
		return imap.New(imap.Config{Server: server, User: m.User, Accounts: named(m.Accounts), Password: m.PasswordFile})
	}
	return nil, table.Misconfigured("the form of a store of mail is mbox, maildir or imap", fmt.Sprintf("form %.40q", m.Form))
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
