package gate

import (
	"context"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// Stores looks at each connected store: see Desk.
func (g *Gate) Stores(ctx context.Context) ([]Store, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := []Store{}
	for _, src := range g.cfg.Sources {
		st := Store{Service: src.Service()}
		if p, ok := src.(source.Prober); ok {
			st.Name, st.Looked = p.Store(), true
			soon, cancel := context.WithTimeout(ctx, g.cfg.Patience)
			found := problem.Of(p.Probe(soon))
			cancel()
			if found != nil {
				st.Code, st.Says, st.Field = found.Code, found.Message, found.Field
			}
		}
		out = append(out, st)
	}
	return out, nil
}

// Walls says what the kernel holds this gate's process back from: see Desk.
func (g *Gate) Walls(ctx context.Context) ([]Wall, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := []Wall{}
	for _, w := range g.cfg.Walls {
		w.Gate = g.cfg.ID
		out = append(out, w)
	}
	return out, nil
}
