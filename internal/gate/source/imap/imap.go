package imap

import (
	"context"
	"fmt"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Config says how the accounts are reached.
type Config struct {
	Server   wire.Server
	User     string // the name to log in with, such as "{account}*counterseal"
	Accounts map[scope.AccountID]string
	Password string // the file in which the password stands
}

// A Source reads one server. It may be used from several goroutines.
type Source struct {
	cfg   Config
	place source.Place
	most  int // messages in one mail folder
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Divided = (*Source)(nil)
	_ source.Prober  = (*Source)(nil)
)

// New checks a configuration. It reaches nothing. Code: source.config.
func New(cfg Config) (*Source, error) {
	err := cfg.Server.Check(wire.TLS, wire.StartTLS, wire.None)
	if err != nil {
		return nil, err
	}
	if cfg.Password == "" {
		return nil, problem.New(problem.Invalid, "source.config", "the password for an IMAP server stands in a file").At("password_file")
	}
	s := &Source{cfg, source.Place{Pattern: cfg.User, Names: cfg.Accounts}, maxMessages}
	err = s.place.Check("user", func(name string) bool {
		return len(name) <= 500 && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Service is scope.Mail.
func (s *Source) Service() scope.Service { return scope.Mail }

// Categories is content alone: a message is given whole.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Content} }

// Store is the server's address.
func (s *Source) Store() string { return s.cfg.Server.Address }

// Probe reads the password and the server's greeting, and logs nobody in.
func (s *Source) Probe(ctx context.Context) error {
	_, err := wire.Secret(s.cfg.Password)
	if err != nil {
		return err
	}
	c, err := connect(ctx, &s.cfg.Server)
	if err != nil {
		return err
	}
	return c.conn.Close()
}

// Items implements source.Source. It leaves out messages both of whose times are
// known and outside the query. Codes: those of source.Source, source.secret,
// source.login, source.protocol.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	user, err := s.place.Of(q.Account)
	if err != nil {
		return err
	}
	password, err := wire.Secret(s.cfg.Password)
	if err != nil {
		return err
	}
	p := &pass{ctx: ctx, most: s.most, user: user, password: password, breaks: s.cfg.Server.Breaks(q.TakenUp), query: q, item: item, gap: gap,
		ids: source.NewIDs("imap", "imap-item-v1"), head: make([]byte, letter.MaxHead+1)}
	p.from, p.until = letter.Span(q)
	p.session, err = connect(ctx, &s.cfg.Server)
	if err == nil {
		defer func() { p.conn.Close() }()
		err = p.login(user, password)
	}
	if err == nil {
		p.breaks.Came()
		err = p.all()
	}
	if err == nil {
		_ = p.send("LOGOUT") // everything was read
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func changed(what, place string, args ...any) error {
	return problem.New(problem.Conflict, "source.changed", "the store changed while it was read: %s", what).
		At("%s", source.Escape(fmt.Sprintf(place, args...), 500)).Fix("collect again")
}
