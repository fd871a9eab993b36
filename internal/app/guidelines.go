package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/web/public"
	"counterseal/internal/web/ui"
)

// guidelines are those that were made today of the rules in force: anybody may ask for
// them, and making them is work.
type guidelines struct {
	mu     sync.Mutex
	engine *law.Engine
	day    string
	made   map[[2]string][]book.Block // by jurisdiction and language
}

// Jurisdictions implements public.Guide.
func (o *Office) Jurisdictions(_ context.Context, lang string) ([]public.Jurisdiction, error) {
	engine, err := o.Law()
	if err != nil {
		return nil, err
	}
	var out []public.Jurisdiction
	for _, j := range law.Jurisdictions(engine.Packs()) {
		out = append(out, public.Jurisdiction{Code: j, Name: book.Name(j, lang)})
	}
	slices.SortStableFunc(out, func(a, b public.Jurisdiction) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Guidelines implements public.Guide. Code: law.no_jurisdiction.
func (o *Office) Guidelines(_ context.Context, jurisdiction, lang string) ([]book.Block, error) {
	engine, err := o.Law()
	if err != nil {
		return nil, err
	}
	g := &o.guides
	g.mu.Lock()
	defer g.mu.Unlock()
	day := o.Clock.Now().In(o.Zone()).Format(time.DateOnly)
	if g.engine != engine || g.day != day {
		g.engine, g.day, g.made = engine, day, map[[2]string][]book.Block{}
	}
	key := [2]string{jurisdiction, lang}
	if g.made[key] == nil {
		m, err := engine.Matrix(day, jurisdiction)
		if err != nil {
			return nil, err
		}
		g.made[key] = book.Guidelines(engine.Packs(), m, jurisdiction, lang, ui.WordsFor(lang).Paper)
	}
	return g.made[key], nil
}
