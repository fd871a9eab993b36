package app

import (
	"fmt"
	"sync/atomic"
	"time"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of records in PostgreSQL
	_ "modernc.org/sqlite"             // … and in SQLite

	"counterseal/internal/gate"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/calls"
	"counterseal/internal/gate/source/files"
	"counterseal/internal/gate/source/messages"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/prosody"
	"counterseal/internal/gate/source/provider"
	"counterseal/internal/gate/source/records"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Stores are what a gate reads: sections of counterseal.toml where it runs inside,
// else of gate.toml.
type Stores struct {
	Mail     []MailStore    `toml:"mail"`
	Records  []RecordStore  `toml:"records"`
	Files    []FileStore    `toml:"files"`
	Calls    []CallStore    `toml:"calls"`
	Messages []MessageStore `toml:"messages"`
	Provider []ProgramStore `toml:"provider"`

	CustomerKeys []CustomerKey `toml:"customer_keys"`

	// ListDays is how long the gate keeps the index of what left, and the list of an
	// incident; 0: two years.
	ListDays int `toml:"list_days"`
}

// Bounds of ListDays.
const (
	leastListDays = 30
	mostListDays  = 3660
)

// lists is ListDays as the gate takes it.
func (s Stores) lists() (time.Duration, error) {
	if s.ListDays != 0 && (s.ListDays < leastListDays || s.ListDays > mostListDays) {
		return 0, problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("list_days").Fix("between %d and %d days, or leave it out for two years", leastListDays, mostListDays)
	}
	return time.Duration(s.ListDays) * 24 * time.Hour, nil
}

// Rows is where a store of rows has them.
type Rows struct {
	Form       string   `toml:"form"`       // csv, jsonl, sqlite, postgres or command
	Root       string   `toml:"root"`       // csv, jsonl, sqlite: folder that nothing may leave
	Files      []string `toml:"files"`      // … and its files, in order
	Separator  string   `toml:"separator"`  // csv: one of , ; | and tab
	Query      string   `toml:"query"`      // sqlite, postgres: one SELECT; $1 is the account
	Connection string   `toml:"connection"` // postgres
	Command    []string `toml:"command"`    // command: a program and its arguments
	Patience   string   `toml:"patience"`   // sqlite, postgres, command: 10m unless stated
	MemoryMB   uint64   `toml:"memory_mb"`  // command: 1024 unless stated
}

// Column says how a column of times is read.
type Column struct {
	Zone string `toml:"zone"` // of the tz database
	Form string `toml:"form"` // text, unix or unix-ms
}

// Mapping gives a column as a field that a statute names.
type Mapping struct {
	Field  string `toml:"field"`
	Column string `toml:"column"`
}

// RecordStore is one connected store of subscriber and log-in records.
type RecordStore struct {
	Store string `toml:"store"`
	Rows
	Account     string            `toml:"account"`      // the column of the account
	AccountKind string            `toml:"account_kind"` // "": the account's id; else a kind of alias in the charter
	Column      map[string]Column `toml:"column"`
	Group       []RecordGroup     `toml:"group"`
}

// RecordGroup maps columns to fields of one category.
type RecordGroup struct {
	Category string    `toml:"category"`
	Time     string    `toml:"time"`  // column by which it is judged, of identification and traffic
	From     string    `toml:"from"`  // columns between which it held, of subscriber
	Until    string    `toml:"until"` //
	Fields   []Mapping `toml:"fields"`
}

// FileStore is one connected store of files.
type FileStore struct {
	Form     string            `toml:"form"`     // folder unless stated; or s3, webdav
	Root     string            `toml:"root"`     // folder: nothing outside it is read
	Folder   string            `toml:"folder"`   // of an account, with {account} in it
	Accounts map[string]string `toml:"accounts"` // s3, webdav: the name of each account that the mark stands for
	Bucket   string            `toml:"bucket"`   // s3
	Region   string            `toml:"region"`   // s3: us-east-1 unless stated
	Base     string            `toml:"base"`     // webdav: the path on the server at which the store is
	User     string            `toml:"user"`     // webdav: the user's name; s3: the access key's id
	Remote
}

// open makes the source; what another form needs must not be stated.
func (f FileStore) open() (source.Source, error) {
	if f.Form == "" || f.Form == "folder" {
		if f.Accounts != nil || f.Bucket+f.Region+f.Base+f.User != "" || f.Remote != (Remote{}) {
			return nil, table.Misconfigured("a folder of files has a root and a folder, and no server", "accounts, bucket, region, base, user, server")
		}
		return files.New(files.Config{Root: f.Root, Folder: f.Folder})
	}
	if f.Root != "" {
		return nil, table.Misconfigured("a server of files has no root", "root")
	}
	server, err := f.wire()
	if err != nil {
		return nil, err
	}
	return objects.New(objects.Config{Form: objects.Form(f.Form), Server: server, Bucket: f.Bucket, Region: f.Region, Base: f.Base, Folder: f.Folder, Accounts: named(f.Accounts), User: f.User, Password: f.PasswordFile})
}

// CallStore is one connected store of calls.
type CallStore struct {
	Store string `toml:"store"`
	Rows
	Account        string            `toml:"account"`
	Time           string            `toml:"time"`
	People         []string          `toml:"people"`
	Column         map[string]Column `toml:"column"`
	Fields         []Mapping         `toml:"fields"`
	Voicemail      string            `toml:"voicemail"`       // column of the file's name
	VoicemailFiles string            `toml:"voicemail_files"` // folder that nothing may leave
}

// MessageStore is one connected store of messages.
type MessageStore struct {
	Store      string            `toml:"store"`
	Form       string            `toml:"form"` // jsonl unless stated; or prosody
	Root       string            `toml:"root"`
	Files      []string          `toml:"files"`      // jsonl, prosody in sqlite
	Host       string            `toml:"host"`       // prosody: the virtual host
	Database   string            `toml:"database"`   // prosody: sqlite or postgres
	Connection string            `toml:"connection"` // prosody in postgres
	Patience   string            `toml:"patience"`   // prosody: 10m unless stated
	Accounts   map[string]string `toml:"accounts"`   // prosody: the user of each account; left out: its id
}

// open makes the source; what another form needs must not be stated.
func (m MessageStore) open() (source.Source, error) {
	switch m.Form {
	case "", "jsonl":
		if m.Host+m.Database+m.Connection+m.Patience != "" || m.Accounts != nil {
			return nil, table.Misconfigured("messages in files have a root and files alone", "host, database, connection, patience, accounts")
		}
		return messages.New(messages.Config{Store: m.Store, Root: m.Root, Files: m.Files})
	case "prosody":
		rows, err := Rows{Form: m.Database, Root: m.Root, Files: m.Files, Connection: m.Connection, Patience: m.Patience}.table()
		if err != nil {
			return nil, err
		}
		return prosody.New(prosody.Config{Store: m.Store, Host: m.Host, Table: rows, Accounts: named(m.Accounts)})
	}
	return nil, table.Misconfigured("the form of a store of messages is jsonl or prosody", fmt.Sprintf("form %.40q", m.Form))
}

// ProgramStore is one store that a program of the provider's own reads.
type ProgramStore struct {
	Store      string   `toml:"store"`
	Service    string   `toml:"service"`
	Categories []string `toml:"categories"`
	Command    []string `toml:"command"`   // a program and its arguments; no shell
	Patience   string   `toml:"patience"`  // for a line or the next 64 KiB; 1m unless stated
	MemoryMB   uint64   `toml:"memory_mb"` // 1024 unless stated
}

func (p ProgramStore) open() (source.Source, error) {
	c := provider.Config{Store: p.Store, Service: scope.Service(p.Service), Argv: p.Command, Memory: p.MemoryMB << 20}
	for _, category := range p.Categories {
		c.Categories = append(c.Categories, scope.Category(category))
	}
	var err error
	c.Patience, err = patience(p.Patience)
	if err != nil {
		return nil, err
	}
	return provider.New(c)
}

func (s Stores) any() bool {
	return len(s.Mail)+len(s.Records)+len(s.Files)+len(s.Calls)+len(s.Messages)+len(s.Provider) > 0
}

// open makes the sources. Whose a thing is by an address or another alias, is asked
// of the gate's own charter, never of the docket. Code: source.config.
func (s Stores) open(g *atomic.Pointer[gate.Gate]) ([]source.Source, error) {
	var out []source.Source
	holder := func(kind, value string, at time.Time) (scope.AccountID, bool) {
		return holderAt(g.Load().Charter(), kind, value, at)
	}
	add := func(section string, i int, made source.Source, err error) error {
		if err != nil {
			return problem.Of(err).At("[[%s]] %d: %s", section, i+1, problem.Of(err).Field)
		}
		out = append(out, made)
		return nil
	}
	for i, m := range s.Mail {
		made, err := m.open(holder)
		if err := add("mail", i, made, err); err != nil {
			return nil, err
		}
	}
	for i, r := range s.Records {
		made, err := r.open(holder)
		if err := add("records", i, made, err); err != nil {
			return nil, err
		}
	}
	for i, f := range s.Files {
		made, err := f.open()
		if err := add("files", i, made, err); err != nil {
			return nil, err
		}
	}
	for i, c := range s.Calls {
		made, err := c.open()
		if err := add("calls", i, made, err); err != nil {
			return nil, err
		}
	}
	for i, m := range s.Messages {
		made, err := m.open()
		if err := add("messages", i, made, err); err != nil {
			return nil, err
		}
	}
	for i, p := range s.Provider {
		made, err := p.open()
		if err := add("provider", i, made, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// holding says whose an identifier of a kind was at a time.
type holding func(kind, value string, at time.Time) (scope.AccountID, bool)

func (r RecordStore) open(h holding) (source.Source, error) {
	rows, err := r.Rows.table()
	if err != nil {
		return nil, err
	}
	c := records.Config{Store: r.Store, Table: rows, Account: r.Account, Kind: r.AccountKind, Columns: columns(r.Column), Resolve: h}
	for _, g := range r.Group {
		c.Groups = append(c.Groups, records.Group{Category: scope.Category(g.Category), Time: g.Time, From: g.From, Until: g.Until, Fields: mappings(g.Fields)})
	}
	return records.New(c)
}

func (c CallStore) open() (source.Source, error) {
	rows, err := c.Rows.table()
	if err != nil {
		return nil, err
	}
	return calls.New(calls.Config{Store: c.Store, Table: rows, Account: c.Account, Time: c.Time, People: c.People, Columns: columns(c.Column),
		Fields: mappings(c.Fields), Voicemail: c.Voicemail, VoicemailFiles: c.VoicemailFiles})
}

func (r Rows) table() (table.Config, error) {
	c := table.Config{Form: table.Form(r.Form), Root: r.Root, Files: r.Files, Query: r.Query, Connection: r.Connection, Argv: r.Command, Memory: r.MemoryMB << 20}
	if r.Separator != "" {
		c.Separator, _ = utf8.DecodeRuneInString(r.Separator)
		if string(c.Separator) != r.Separator {
			return c, table.Misconfigured("columns are separated by one character", "separator")
		}
	}
	var err error
	c.Patience, err = patience(r.Patience)
	return c, err
}

// patience reads how long a store may take; 0 where it is not stated.
func patience(stated string) (time.Duration, error) {
	if stated == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(stated)
	if err != nil || d <= 0 || d > 24*time.Hour {
		return 0, table.Misconfigured("patience is a time of up to 24h, such as \"10m\"", fmt.Sprintf("patience %.40q", stated))
	}
	return d, nil
}

func columns(in map[string]Column) map[string]table.Column {
	out := map[string]table.Column{}
	for name, c := range in {
		out[name] = table.Column{Zone: c.Zone, Form: table.TimeForm(c.Form)}
	}
	return out
}

func mappings(in []Mapping) (out []table.Mapping) {
	for _, m := range in {
		out = append(out, table.Mapping(m))
	}
	return out
}

// holderAt gives the one account that an identifier named at a time. Of a
// thing whose time is unknown it is certain only if nobody else ever had it.
func holderAt(c *grant.Charter, kind, value string, at time.Time) (scope.AccountID, bool) {
	from, until := at, at
	if at.IsZero() {
		from, until = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	holders := c.Holders(kind, value, from, until)
	if len(holders) != 1 {
		return "", false
	}
	return holders[0], true
}
