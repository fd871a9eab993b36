package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const (
	ordinaryPatience = time.Minute
	longestPatience  = time.Hour
	ordinaryMemory   = 1 << 30
	leastMemory      = 16 << 20
)

// Config says what the program is.
type Config struct {
	Store      string // the store's name: a plain one
	Service    scope.Service
	Categories []scope.Category // those that its items can have
	Argv       []string         // the program's path and its arguments
	Patience   time.Duration    // for a line or the next 64 KiB; 0: a minute
	Memory     uint64           // that each of its processes may have; 0: 1 GiB
}

// A Source asks one program. It may be used from several goroutines.
type Source struct{ cfg Config }

var (
	_ source.Source  = (*Source)(nil)
	_ source.Divided = (*Source)(nil)
	_ source.Prober  = (*Source)(nil)
)

// New checks a configuration. It starts nothing. Code: source.config.
func New(cfg Config) (*Source, error) {
	if cfg.Patience == 0 {
		cfg.Patience = ordinaryPatience
	}
	if cfg.Memory == 0 {
		cfg.Memory = ordinaryMemory
	}
	switch {
	case cfg.Store == "" || source.Plain(cfg.Store) != cfg.Store:
		return nil, misconfigured("a store has a plain name", "store")
	case !slices.Contains(scope.Services, cfg.Service):
		return nil, misconfigured("a store holds data of one service", fmt.Sprintf("service %.40q", string(cfg.Service)))
	case len(cfg.Categories) == 0 || slices.ContainsFunc(cfg.Categories, func(c scope.Category) bool { return !slices.Contains(scope.Categories, c) }):
		return nil, misconfigured("a store says which categories its items can have", "categories")
	case len(cfg.Argv) == 0 || !filepath.IsAbs(cfg.Argv[0]) || strings.Contains(strings.Join(cfg.Argv, ""), "\x00"):
		return nil, misconfigured("a program is named by its whole path, and its arguments", "command")
	case cfg.Patience < 0 || cfg.Patience > longestPatience:
		return nil, misconfigured("patience is a time of up to an hour", "patience")
	case cfg.Memory < leastMemory:
		return nil, misconfigured("a program has at least 16 MB of memory", "memory_mb")
	}
	cfg.Argv, cfg.Categories = slices.Clone(cfg.Argv), slices.Clone(cfg.Categories)
	return &Source{cfg}, nil
}

func misconfigured(what, field string) error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

// Service is the one that is configured.
func (s *Source) Service() scope.Service { return s.cfg.Service }

// Categories are those that are configured.
func (s *Source) Categories() []scope.Category { return s.cfg.Categories }

// Store is the store's name.
func (s *Source) Store() string { return s.cfg.Store }

// Probe starts the program, greets it, and lets it end.
func (s *Source) Probe(ctx context.Context) error {
	info, err := os.Stat(s.cfg.Argv[0])
	if err != nil {
		return s.unreadable(err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return problem.New(problem.Invalid, "source.not_a_file", "this is not a program").At("%s", s.cfg.Argv[0])
	}
	return s.run(ctx, func(t *talk) error { return t.hello() })
}

// Items implements source.Source. Codes: those of source.Source, source.protocol,
// source.digest.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	if !scope.ValidAccount(string(q.Account)) {
		return source.Unknown(q.Account)
	}
	return s.run(ctx, func(t *talk) error {
		err := t.hello()
		if err != nil {
			return err
		}
		return t.list(q, item, gap)
	})
}

func (s *Source) unreadable(err error) error {
	return problem.New(problem.Unavailable, "source.unreadable", "the program that reads the store does not do so").At("%s", s.cfg.Store).Because(err)
}

func (s *Source) protocol(why string, args ...any) error {
	return problem.New(problem.Unavailable, "source.protocol", "the program that reads the store says what the protocol does not have").At("%s", s.cfg.Store).
		Because(fmt.Errorf(why, args...))
}
