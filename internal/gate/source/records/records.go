package records

import (
	"context"
	"regexp"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Config says what a store holds and what of it may be given.
type Config struct {
	Store   string // its name in the data dictionary: a–z, 0–9 and inner hyphens
	Table   table.Config
	Account string // the column that says whose a row is …
	Kind    string // … by the account's id where this is "", else by an identifier of this kind, such as address
	Columns map[string]table.Column
	Groups  []Group

	// Resolve gives the account that an identifier of a kind named at a time. It
	// must be false where there is none or it cannot tell. A zero time means that
	// the time is unknown: the answer must then hold for every time. It is needed
	// where Kind is set, and is called from the goroutine of Items.
	Resolve func(kind, value string, at time.Time) (scope.AccountID, bool)
}

// Group maps columns to fields of one category. A group of category subscriber
// is lasting: From and Until name the columns that say when, and a missing one
// means that the store does not state it. In the others Time names the column
// by which a record is judged.
type Group struct {
	Category          scope.Category
	Time, From, Until string // columns
	Fields            []table.Mapping
}

// A Source reads one store. It may be used from several goroutines.
type Source struct {
	cfg    Config
	table  *table.Store
	groups []group
	owner  int // place of the account's column
}

var (
	_ source.Source    = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
	_ source.Divided   = (*Source)(nil)
	_ source.Prober    = (*Source)(nil)
)

// group is a Group with places for columns.
type group struct {
	Group
	time, from, until table.Place
	values            table.Values
}

var plainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	if !plainName.MatchString(cfg.Store) {
		return nil, table.Misconfigured("a store has a name of 1 to 64 of a–z, 0–9 and inner hyphens", "store")
	}
	if cfg.Account == "" || cfg.Kind != "" && cfg.Resolve == nil {
		return nil, table.Misconfigured("a store says in which column the account stands, and how it is found", "account")
	}
	if len(cfg.Groups) == 0 {
		return nil, table.Misconfigured("a store has at least one group of fields", "group")
	}
	b := &table.Binding{Columns: cfg.Columns}
	s := &Source{cfg: cfg}
	owner, err := b.Place(cfg.Account)
	if err != nil {
		return nil, err
	}
	s.owner = owner.Index
	for i, g := range cfg.Groups {
		bound, err := bind(b, g)
		if err != nil {
			return nil, err.At("%s: group %d: %s", cfg.Store, i+1, err.Field)
		}
		s.groups = append(s.groups, bound)
	}
	unread := b.Unread()
	if unread != nil {
		return nil, unread
	}
	t, terr := table.New(cfg.Table, b.Names)
	if terr != nil {
		return nil, terr
	}
	s.table = t
	return s, nil
}

// Service is scope.Records.
func (s *Source) Service() scope.Service { return scope.Records }

// Categories are those of the groups.
func (s *Source) Categories() (out []scope.Category) {
	for _, g := range s.groups {
		out = append(out, g.Category)
	}
	return out
}

// Store is the store's name.
func (s *Source) Store() string { return s.cfg.Store }

// Probe opens the store and looks for its columns.
func (s *Source) Probe(ctx context.Context) error { return s.table.Probe(ctx) }

// Fields tells each mapped field, those of one group together.
func (s *Source) Fields() []source.Field {
	var out []source.Field
	for _, g := range s.groups {
		for _, m := range g.Fields {
			f, _ := field(m.Field)
			out = append(out, source.Field{Store: s.cfg.Store, Category: g.Category, Name: f.Name, Means: f.Means, Column: m.Column, Statute: f.Statute})
		}
	}
	return out
}

// Items implements source.Source. It gives no items of other accounts, and leaves
// out what certainly lies outside the query. A query without times asks for all.
// A row whose account cannot be told is a gap whatever account is asked for.
// Codes: those of source.Source, source.columns, source.malformed.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	p := &pass{Source: s, query: q, item: item, gap: gap, ids: source.NewIDs("records", "records-item-v1")}
	return s.table.Rows(ctx, table.Ask{Account: string(q.Account), From: q.From, Until: q.Until}, p.row)
}
