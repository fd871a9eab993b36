package gate

import (
	"context"
	"sync"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// Stores looks at each connected store: see Desk.
func (g *Gate) Stores(ctx context.Context) ([]Store, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Patience)
	defer cancel()
	out := make([]Store, len(g.cfg.Sources))
	var work sync.WaitGroup
	for i, src := range g.cfg.Sources { // all at once: one that is silent keeps nobody from the others
		work.Go(func() { out[i] = lookAt(ctx, src) })
	}
	work.Wait()
	return out, nil
}

func lookAt(ctx context.Context, src source.Source) Store {
	st := Store{Service: src.Service()}
	p, ok := src.(source.Prober)
	if !ok {
		return st
	}
	st.Name, st.Looked = p.Store(), true
	found := problem.Of(p.Probe(ctx))
	if found != nil {
		st.Code, st.Says, st.Field = found.Code, found.Message, found.Field
	}
	return st
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
