package calls

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

const (
	sca  = "18 USC 2703(c)(2)(C)"
	er11 = "Reg. (EU) 2023/1543 Art. 3(11)"
)

// Vocabulary lists every field that a column can be mapped to.
var Vocabulary = []table.Field{
	{Name: "caller", Means: "The number or address that called.", Statute: sca + "; " + er11},
	{Name: "callee", Means: "The number or address that was called.", Statute: sca + "; " + er11},
	{Name: "call_start", Means: "When the call began.", Statute: sca + "; " + er11, Time: true},
	{Name: "call_end", Means: "When the call ended.", Statute: sca + "; " + er11, Time: true},
	{Name: "call_duration", Means: "How long it lasted, in the store's unit.", Statute: sca + "; " + er11},
	{Name: "call_kind", Means: "What became of it, such as answered, missed or forwarded.", Statute: "18 USC 2703(c)(1); " + er11},
	{Name: "device", Means: "The device that took part.", Statute: "18 USC 2703(c)(1); " + er11},
	{Name: "location", Means: "Where the device was.", Statute: "18 USC 2703(c)(1); " + er11},
}

// Config says what a store holds and what of it may be given.
type Config struct {
	Store          string // its name in the data dictionary: a–z, 0–9 and inner hyphens
	Table          table.Config
	Account        string   // the column in which the account's id stands
	Time           string   // the column of the time at which a call began
	People         []string // the columns of the numbers and addresses that took part
	Columns        map[string]table.Column
	Fields         []table.Mapping
	Voicemail      string // the column with the name of a sound file; "" where there is none
	VoicemailFiles string // the folder in which those files are
}

// A Source reads one store. It may be used from several goroutines.
type Source struct {
	cfg                    Config
	table                  *table.Store
	owner, time, voicemail table.Place
	people                 []table.Place
	values                 table.Values
}

var (
	_ source.Source    = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
	_ source.Divided   = (*Source)(nil)
	_ source.Prober    = (*Source)(nil)
)

var plainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	switch {
	case !plainName.MatchString(cfg.Store):
		return nil, table.Misconfigured("a store has a name of 1 to 64 of a–z, 0–9 and inner hyphens", "store")
	case cfg.Account == "" || cfg.Time == "" || len(cfg.People) == 0 || slices.Contains(cfg.People, ""):
		return nil, table.Misconfigured("a store of calls says in which columns account, time and people stand", "account, time, people")
	case (cfg.Voicemail == "") != (cfg.VoicemailFiles == ""):
		return nil, table.Misconfigured("voicemail has a column and a folder", "voicemail, voicemail_files")
	case len(cfg.Fields) == 0:
		return nil, table.Misconfigured("a call has at least one field", "fields")
	}
	s := &Source{cfg: cfg}
	b := &table.Binding{Columns: cfg.Columns}
	for _, c := range []struct {
		to     *table.Place
		column string
	}{{&s.owner, cfg.Account}, {&s.time, cfg.Time}, {&s.voicemail, cfg.Voicemail}} {
		at, err := b.Place(c.column)
		if err != nil {
			return nil, err
		}
		*c.to = at
	}
	for _, c := range cfg.People {
		at, err := b.Place(c)
		if err != nil {
			return nil, err
		}
		s.people = append(s.people, at)
	}
	return s.bind(b)
}

// bind maps the columns and makes the table.
func (s *Source) bind(b *table.Binding) (*Source, error) {
	for i, m := range s.cfg.Fields {
		j := slices.IndexFunc(Vocabulary, func(f table.Field) bool { return f.Name == m.Field })
		if j < 0 || m.Column == "" || slices.Contains(s.cfg.Fields[:i], m) {
			return nil, table.Misconfigured("a column is mapped, once, to a field that calls have", fmt.Sprintf("field %.70q", m.Field)).Fix("docs/fields.md lists the fields")
		}
		at, err := b.Place(m.Column)
		if err != nil {
			return nil, err
		}
		s.values.Add(Vocabulary[j], at)
	}
	err := b.Unread()
	if err != nil {
		return nil, err
	}
	s.table, err = table.New(s.cfg.Table, b.Names)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Service is scope.Calls.
func (s *Source) Service() scope.Service { return scope.Calls }

// Categories are traffic, and content where there is voicemail.
func (s *Source) Categories() []scope.Category {
	if s.cfg.Voicemail == "" {
		return []scope.Category{scope.Traffic}
	}
	return []scope.Category{scope.Traffic, scope.Content}
}

// Store is the store's name.
func (s *Source) Store() string { return s.cfg.Store }

// Probe opens the store and looks for its columns and the voicemail folder.
func (s *Source) Probe(ctx context.Context) error {
	err := s.table.Probe(ctx)
	if err != nil || s.cfg.VoicemailFiles == "" {
		return err
	}
	root, err := rooted.Folder(s.cfg.VoicemailFiles)
	if err != nil {
		return err
	}
	return root.Close()
}

// Fields tells each mapped field.
func (s *Source) Fields() (out []source.Field) {
	for _, m := range s.cfg.Fields {
		f := Vocabulary[slices.IndexFunc(Vocabulary, func(f table.Field) bool { return f.Name == m.Field })]
		out = append(out, source.Field{Store: s.cfg.Store, Category: scope.Traffic, Name: f.Name, Means: f.Means, Column: m.Column, Statute: f.Statute})
	}
	if s.cfg.Voicemail == "" {
		return out
	}
	out = append(out, source.Field{Store: s.cfg.Store, Category: scope.Traffic, Name: "voicemail", Means: "The name of the voicemail's file.", Column: s.cfg.Voicemail, Statute: "18 USC 2703(c)(1); " + er11})
	return append(out, source.Field{Store: s.cfg.Store, Category: scope.Content, Name: "voicemail", Means: "The sound of a message that was left, as a file.", Column: s.cfg.Voicemail,
		Statute: "18 USC 2703(a), (b); Reg. (EU) 2023/1543 Art. 3(12)"})
}

// Items implements source.Source. It gives no items of other accounts, and leaves
// out what certainly lies outside the query. A row whose account cannot be told
// is a gap whatever account is asked for. Codes: those of source.Source,
// source.columns, source.malformed; of a voicemail that is opened source.voicemail.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	p := &pass{Source: s, query: q, item: item, gap: gap, ids: source.NewIDs("calls", "calls-item-v1"), sounds: source.NewIDs("voicemail", "voicemail-item-v1")}
	defer p.close()
	return s.table.Rows(ctx, table.Ask{Account: string(q.Account), From: q.From, Until: q.Until}, p.row)
}
