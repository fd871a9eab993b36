package mbox

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Flavour says how lines that look like separators were stored.
type Flavour string

const (
	MboxO  Flavour = "mboxo"  // lines are given as they are
	MboxRD Flavour = "mboxrd" // one '>' is taken from lines of '>'s and "From "
)

// Config says what a store holds. Either Accounts or Shared is set.
type Config struct {
	Root    string // the store's directory; nothing outside it is read
	Flavour Flavour

	// Accounts names the files of each account, relative to Root, in the order
	// in which they are read.
	Accounts map[scope.AccountID][]string

	// Shared names files that hold the mail of several accounts.
	Shared *Shared

	// SeparatorUTC says that the program which wrote the store put UTC into its
	// separators, as RFC 4155 asks. Most wrote local time, so without it a
	// separator that states no zone is a date without a known zone.
	SeparatorUTC bool
}

// Shared is a store in which a header says whose a message is.
type Shared struct {
	Files  []string // relative to Root, in the order in which they are read
	Header string   // the delivery header's name, such as "Delivered-To"

	// Resolve gives the account that an address (in the form of
	// scope.NormalAddress) named at a time. It must be false where there is none
	// or it cannot tell. A zero time means that the time is unknown: the answer
	// must then hold for every time. It is called from the goroutine of Items.
	Resolve func(address string, at time.Time) (scope.AccountID, bool)
}

// A Source reads one mbox store. It may be used from several goroutines.
type Source struct{ cfg Config }

var _ source.Source = (*Source)(nil)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	switch {
	case cfg.Root == "":
		return nil, misconfigured("an mbox store has a directory", "root")
	case cfg.Flavour != MboxO && cfg.Flavour != MboxRD:
		return nil, misconfigured("the flavour of an mbox store is mboxo or mboxrd", "flavour")
	case (cfg.Shared == nil) == (len(cfg.Accounts) == 0):
		return nil, misconfigured("an mbox store has files for each account, or shared files", "accounts")
	}
	cfg.Accounts = maps.Clone(cfg.Accounts)
	taken := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		if !scope.ValidAccount(string(id)) {
			return nil, misconfigured("an account id is 3 to 64 of a–z, 0–9 and inner hyphens", fmt.Sprintf("accounts %.70q", string(id)))
		}
		cfg.Accounts[id] = slices.Clone(cfg.Accounts[id])
		err := checkFiles(cfg.Accounts[id])
		if err != nil {
			return nil, err
		}
		for _, f := range cfg.Accounts[id] {
			if taken[f] {
				return nil, misconfigured("no two accounts have one file: one that holds the mail of several is shared", fmt.Sprintf("files %.200q", f))
			}
			taken[f] = true
		}
	}
	if cfg.Shared == nil {
		return &Source{cfg}, nil
	}
	shared := *cfg.Shared
	shared.Files = slices.Clone(shared.Files)
	shared.Header = strings.ToLower(shared.Header)
	name, _ := letter.CutField([]byte(shared.Header + ":"))
	if string(name) != shared.Header || shared.Header == "" || shared.Resolve == nil {
		return nil, misconfigured("shared files need the name of a delivery header and a way to resolve its address", "shared")
	}
	err := checkFiles(shared.Files)
	if err != nil {
		return nil, err
	}
	cfg.Shared = &shared
	return &Source{cfg}, nil
}

func checkFiles(files []string) error {
	if len(files) == 0 {
		return misconfigured("at least one file is named", "files")
	}
	for i, f := range files {
		if !rooted.Local(f) {
			return misconfigured("a file is named by its path inside the store", fmt.Sprintf("files %.200q", f))
		}
		if slices.Contains(files[:i], f) {
			return misconfigured("a file is named once", fmt.Sprintf("files %.200q", f))
		}
	}
	return nil
}

func misconfigured(what, field string) error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

// Service is scope.Mail.
func (s *Source) Service() scope.Service { return scope.Mail }

// Items implements source.Source. It gives no items of other accounts, and leaves
// out what certainly lies outside the query. A query without times asks for all.
// In shared files a message whose account cannot be told is a gap whatever
// account is asked for. Codes: those of source.Source.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	files := s.cfg.Accounts[q.Account]
	if s.cfg.Shared != nil {
		files = s.cfg.Shared.Files
	}
	if len(files) == 0 {
		return problem.New(problem.Missing, "source.unknown_account", "no file of this store is stated for the account").
			At("account %.70q", string(q.Account)).Fix("state the account's files in the store's configuration")
	}
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	p := newPass(s.cfg, q, item, gap)
	for _, name := range files {
		err := readFile(ctx, root, name, p)
		if err != nil {
			return err
		}
	}
	return nil
}

// Categories is content alone: a message is given whole.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Content} }

// Store is the folder's path, for whoever looks after the stores.
func (s *Source) Store() string { return s.cfg.Root }

// Probe opens what is configured for shared use and reads nothing of it.
func (s *Source) Probe(context.Context) error {
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	names := slices.Concat(slices.Collect(maps.Values(s.cfg.Accounts))...)
	if s.cfg.Shared != nil {
		names = s.cfg.Shared.Files
	}
	for _, name := range names {
		f, err := rooted.Open(root, name)
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

// readFile reads one file through a pass and checks that it stayed the same.
func readFile(ctx context.Context, root *os.Root, name string, p *pass) error {
	f, err := rooted.Open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	p.file, p.name = f, name
	p.scan.reset(f)
	for {
		err := ctx.Err()
		if err != nil {
			return err
		}
		m, err := p.scan.next()
		if err == io.EOF {
			return f.Unchanged()
		}
		if err != nil {
			return err
		}
		err = p.message(m)
		if err != nil {
			return err
		}
	}
}
