package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// mark stands for the account's id in Config.Folder.
const mark = "{account}"

// Config says where the accounts' folders are.
type Config struct {
	Root   string // the store's folder; nothing outside it is read
	Folder string // an account's folder below it, such as "home/{account}/files"
}

// A Source reads one store. It may be used from several goroutines.
type Source struct {
	cfg  Config
	most int // names in one folder
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Divided = (*Source)(nil)
	_ source.Prober  = (*Source)(nil)
)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	if cfg.Root == "" {
		return nil, misconfigured("a store of files has a folder", "root")
	}
	if strings.Count(cfg.Folder, mark) != 1 || !rooted.Local(strings.Replace(cfg.Folder, mark, "account", 1)) {
		return nil, misconfigured("an account's folder is a path inside the store with {account} in it once", fmt.Sprintf("folder %.200q", cfg.Folder))
	}
	return &Source{cfg, maxEntries}, nil
}

func misconfigured(what, field string) error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

// Service is scope.Files.
func (s *Source) Service() scope.Service { return scope.Files }

// Categories is content alone.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Content} }

// Store is the folder's path.
func (s *Source) Store() string { return s.cfg.Root }

// Probe opens the store's folder, and the part of the path that is the same for
// all accounts.
func (s *Source) Probe(context.Context) error {
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	before, _, _ := strings.Cut(s.cfg.Folder, mark)
	if i := strings.LastIndexByte(before, '/'); i > 0 {
		common, err := rooted.Enter(root, before[:i])
		if err != nil {
			return err
		}
		common.Close()
	}
	return nil
}

// Items implements source.Source. It leaves out files that were last changed
// outside the query. Codes: those of source.Source.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	if !scope.ValidAccount(string(q.Account)) {
		return unknown(q.Account)
	}
	own, err := rooted.Enter(root, strings.Replace(s.cfg.Folder, mark, string(q.Account), 1))
	if errors.Is(err, fs.ErrNotExist) {
		return unknown(q.Account)
	}
	if err != nil {
		return err
	}
	defer own.Close()
	w := &walk{ctx: ctx, most: s.most, query: q, item: item, gap: gap, ids: source.NewIDs("files", "files-item-v1")}
	return w.folder(own, "", 0)
}

func unknown(a scope.AccountID) error {
	return problem.New(problem.Missing, "source.unknown_account", "the store has no folder for the account").
		At("account %.70q", string(a)).Fix("make the account's folder if it holds nothing, or correct the store's configuration")
}

// shown is a path for the people who look after the store.
func shown(path string) string { return source.Escape(path, 500) }
