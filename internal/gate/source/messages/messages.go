package messages

import (
	"context"
	"fmt"
	"slices"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Config says where the messages are.
type Config struct {
	Store string   // the store's name in the data dictionary
	Root  string   // its folder; nothing outside it is read
	Files []string // relative to Root, read in this order
}

// A Source reads one store. It may be used from several goroutines.
type Source struct{ cfg Config }

var (
	_ source.Source    = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
	_ source.Divided   = (*Source)(nil)
	_ source.Prober    = (*Source)(nil)
)

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	if cfg.Store == "" || source.Plain(cfg.Store) != cfg.Store {
		return nil, table.Misconfigured("a store has a plain name", "store")
	}
	if cfg.Root == "" || len(cfg.Files) == 0 {
		return nil, table.Misconfigured("a store of messages has a folder and at least one file", "root, files")
	}
	cfg.Files = slices.Clone(cfg.Files)
	for i, f := range cfg.Files {
		if !rooted.Local(f) || slices.Contains(cfg.Files[:i], f) {
			return nil, table.Misconfigured("a file is named once, by its path inside the store", fmt.Sprintf("files %.200q", f))
		}
	}
	return &Source{cfg}, nil
}

// Service is scope.Messages.
func (s *Source) Service() scope.Service { return scope.Messages }

// Categories are traffic and content.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Traffic, scope.Content} }

// Store is the store's name.
func (s *Source) Store() string { return s.cfg.Store }

// Fields tells the schema.
func (s *Source) Fields() (out []source.Field) {
	const (
		traffic = "18 USC 2703(c)(1); Reg. (EU) 2023/1543 Art. 3(11)"
		content = "18 USC 2703(a), (b); Reg. (EU) 2023/1543 Art. 3(12)"
	)
	means := [...][2]string{{"id", "The store's own name of the message."}, {"received", "When the store took it."}, {"sent", "When its sender's program says that it was sent."},
		{"from", "The sender's address."}, {"to", "The recipients' addresses."}}
	for _, c := range s.Categories() {
		statute := map[scope.Category]string{scope.Traffic: traffic, scope.Content: content}[c]
		for _, m := range means {
			out = append(out, source.Field{Store: s.cfg.Store, Category: c, Name: m[0], Means: m[1], Column: m[0], Statute: statute})
		}
	}
	return append(out, source.Field{Store: s.cfg.Store, Category: scope.Content, Name: "text", Means: "What the message says.", Column: "text", Statute: content})
}

// Probe opens the files and reads nothing of them.
func (s *Source) Probe(context.Context) error {
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range s.cfg.Files {
		f, err := rooted.Open(root, name)
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

// Items implements source.Source. It gives no items of other accounts, and leaves
// out what certainly lies outside the query. A line that is no message is a gap
// whatever account is asked for. Codes: those of source.Source.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	p := &pass{store: s.cfg.Store, query: q, item: item, gap: gap, ids: source.NewIDs("messages", "messages-item-v1")}
	for _, name := range s.cfg.Files {
		f, err := rooted.Open(root, name)
		if err != nil {
			return err
		}
		err = table.Lines(ctx, f, func(n int64, text []byte, long bool) error { return p.line(name, n, text, long) })
		if err == nil {
			err = f.Unchanged()
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
