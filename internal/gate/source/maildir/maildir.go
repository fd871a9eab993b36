package maildir

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Config says where the accounts' Maildirs are.
type Config struct {
	Root     string // the store's folder; nothing outside it is read
	Folder   string // an account's Maildir below it, such as "{account}/Maildir"
	Accounts map[scope.AccountID]string
}

// A Source reads one store. It may be used from several goroutines.
type Source struct {
	root   string
	place  source.Place
	limits limits
}

// Limits are how much of an account is read at most.
type limits struct{ messages, folders int }

var (
	_ source.Source  = (*Source)(nil)
	_ source.Divided = (*Source)(nil)
	_ source.Prober  = (*Source)(nil)
)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	if cfg.Root == "" {
		return nil, problem.New(problem.Invalid, "source.config", "a store of Maildirs has a folder").At("root")
	}
	s := &Source{cfg.Root, source.Place{Pattern: cfg.Folder, Names: cfg.Accounts}, limits{maxMessages, maxFolders}}
	err := s.place.Check("folder", rooted.Local)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Service is scope.Mail.
func (s *Source) Service() scope.Service { return scope.Mail }

// Categories is content alone: a message is given whole.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Content} }

// Store is the folder's path.
func (s *Source) Store() string { return s.root }

// Probe opens the store's folder, and the part of the path that is the same for
// all accounts.
func (s *Source) Probe(context.Context) error {
	root, err := rooted.Folder(s.root)
	if err != nil {
		return err
	}
	defer root.Close()
	before, _, _ := strings.Cut(s.place.Pattern, source.Mark)
	if i := strings.LastIndexByte(before, '/'); i > 0 {
		common, err := rooted.Enter(root, before[:i])
		if err != nil {
			return err
		}
		common.Close()
	}
	return nil
}

// Items implements source.Source. It leaves out messages both of whose times are
// known and outside the query. Codes: those of source.Source.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	place, err := s.place.Of(q.Account)
	if err != nil {
		return err
	}
	root, err := rooted.Folder(s.root)
	if err != nil {
		return err
	}
	defer root.Close()
	own, err := rooted.Enter(root, place)
	if errors.Is(err, fs.ErrNotExist) {
		return source.Unknown(q.Account)
	}
	if err != nil {
		return err
	}
	defer own.Close()
	p := &pass{ctx: ctx, limits: s.limits, root: own, query: q, item: item, gap: gap, ids: source.NewIDs("maildir", "maildir-item-v1"), room: make([]byte, letter.MaxHead+1), first: firstRead}
	p.from, p.until = letter.Span(q)
	if !q.From.IsZero() || !q.Until.IsZero() {
		p.first = firstRead / 2
	}
	return p.all()
}
