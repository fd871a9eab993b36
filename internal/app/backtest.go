package app

import (
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// Backtest is what changed packs would say of the demands that a reader may see, and
// the packs in force do not, or the other way round.
type Backtest struct {
	Compared int           `json:"compared"` // demands
	Differ   int           `json:"differ"`   // demands
	Totals   []Total       `json:"totals"`   // by rule
	Demands  []Backtested  `json:"demands"`  // those that differ
	Unread   []Unreachable `json:"unreadable"`
}

// Total counts the demands in which a rule's findings differ.
type Total struct {
	Rule     string `json:"rule"`
	Appears  int    `json:"appears"`
	Vanishes int    `json:"vanishes"`
	Changes  int    `json:"changes"`
}

// Backtested is one demand.
type Backtested struct {
	Demand     demand.ID    `json:"demand"`
	Instrument string       `json:"instrument"`
	Changes    []law.Change `json:"changes"`
}

// Unreachable is a demand that the reader may see and that cannot be opened.
type Unreachable struct {
	Demand demand.ID `json:"demand"`
	Code   string    `json:"code"`
}

// Backtest compares packs with those in force of the same names, over the facts of
// every demand that the reader of ctx may see (see As): those of today, which are
// stated or on record. It reads and records nothing. progress is told how many were
// compared. Without packs it compares those that the next charter statement would list.
func (o *Office) Backtest(ctx context.Context, changed []*law.Pack, progress func(int)) (Backtest, error) {
	if changed == nil {
		next, err := o.nextPacks()
		if err != nil {
			return Backtest{}, err
		}
		changed = next
	}
	before, after, err := o.besides(changed)
	if err != nil {
		return Backtest{}, err
	}
	out := Backtest{Totals: []Total{}, Demands: []Backtested{}, Unread: []Unreachable{}}
	totals := map[string]*Total{}
	q := docket.QueryArgs{Limit: docket.MaxPage}
	for {
		page, err := o.Docket.Queue(ctx, q)
		if err != nil {
			return Backtest{}, err
		}
		for _, it := range page {
			q.Due, q.After = it.Due, it.ID
			err = o.backtest(ctx, it.ID, before, after, &out, totals)
			if err != nil {
				return Backtest{}, err
			}
			progress(out.Compared)
		}
		if len(page) < q.Limit {
			break
		}
	}
	for _, p := range append(before.Packs(), after.Packs()...) {
		for _, id := range p.IDs() {
			if t := totals[id]; t != nil {
				out.Totals = append(out.Totals, *t)
				delete(totals, id)
			}
		}
	}
	return out, nil
}

// besides compiles the changed packs, and those of the same names that are in force.
func (o *Office) besides(changed []*law.Pack) (before, after *law.Engine, err error) {
	names := map[string]bool{}
	for _, p := range changed {
		names[p.Name] = true
	}
	inForce, err := o.Law()
	if err != nil {
		return nil, nil, err
	}
	var replaced []*law.Pack
	for _, p := range inForce.Packs() {
		if names[p.Name] {
			replaced = append(replaced, p)
		}
	}
	before, err = law.NewEngine(replaced...)
	if err != nil {
		return nil, nil, err
	}
	after, err = law.NewEngine(changed...)
	return before, after, err
}

func (o *Office) backtest(ctx context.Context, id demand.ID, before, after *law.Engine, out *Backtest, totals map[string]*Total) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := o.Docket.State(ctx, id)
	if err == nil {
		out.Compared++
		err = o.compare(c, before, after, out, totals)
	}
	if p := problem.Of(err); p != nil {
		if p.Kind == problem.Missing {
			return nil // it was sealed or went while we looked
		}
		if p.Kind == problem.Unavailable || p.Kind == problem.Internal {
			return err
		}
		out.Unread = append(out.Unread, Unreachable{id, p.Code})
	}
	return nil
}

func (o *Office) compare(c docket.Case, before, after *law.Engine, out *Backtest, totals map[string]*Total) error {
	facts, err := o.facts(c.State)
	if err != nil {
		return err
	}
	changes := law.Compare(before, after, facts)
	if len(changes) == 0 {
		return nil
	}
	out.Differ++
	out.Demands = append(out.Demands, Backtested{c.ID, instrumentName(c.State), changes})
	for _, x := range changes {
		t := totals[x.Rule]
		if t == nil {
			t = &Total{Rule: x.Rule}
			totals[x.Rule] = t
		}
		switch x.How {
		case law.Appears:
			t.Appears++
		case law.Vanishes:
			t.Vanishes++
		case law.Changes:
			t.Changes++
		}
	}
	return nil
}
