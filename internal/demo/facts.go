package demo

import (
	"context"
	"maps"
	"slices"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
)

// Facts are what a person has read in a paper, by the names of package fact.
type Facts map[string]any

// StateFacts records the facts that somebody has read, over those that were stated
// before.
func (p *Play) StateFacts(ctx context.Context, who, on string, more Facts) error {
	s, err := p.State(ctx, on)
	if err != nil {
		return err
	}
	var known fact.Facts
	if len(s.Facts) > 0 {
		if known, err = fact.Decode(s.Facts); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		if err := known.Set(name, more[name]); err != nil {
			return err
		}
	}
	return p.Command(ctx, who, on, "", demand.StateFacts{Facts: known.Encode(nil)})
}
