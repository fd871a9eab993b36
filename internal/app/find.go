package app

import (
	"context"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// Find implements staff.Finder. A case number is looked up; anything else is
// compared, whole, with the numbers and agencies of what is not under seal.
func (v Staff) Find(ctx context.Context, reader, term, after string) (staff.Found, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Found{}, err
	}
	ctx = as(ctx, reader)
	if id := demand.ID(strings.ToLower(term)); docket.ValidID(id) && demand.StreamOf(id) == demand.DemandStream {
		return v.findCase(ctx, w, id)
	}
	wanted := fold(term)
	p := part{args: []docket.QueryArgs{{Compartments: []string{docket.General}}}, keep: func(it docket.Item) bool {
		return fold(it.View.Number) == wanted || fold(it.View.Agency) == wanted || fold(v.agencyName(it.View.Agency)) == wanted
	}}
	items, read, next, err := v.walk(ctx, p, after, pageSize)
	if err != nil {
		return staff.Found{}, err
	}
	f := staff.Found{Read: read, Next: next}
	for _, it := range items {
		if it.Problem == nil {
			f.Rows = append(f.Rows, v.row(it, w))
		}
	}
	return f, nil
}

// fold lets case and spaces not matter.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func (v Staff) findCase(ctx context.Context, w who, id demand.ID) (staff.Found, error) {
	c, err := v.Docket.State(ctx, id)
	if problem.Code(err) == "docket.not_found" {
		return staff.Found{}, nil
	}
	if err != nil {
		return staff.Found{}, err
	}
	s := c.State
	n := v.next(id, c, w)
	row := staff.Row{ID: string(id), Due: s.AnswerBy(), Agency: v.agencyName(s.Instrument.Agency), Title: s.Instrument.Title, Asks: plural(len(s.Targets), "target"), Status: string(s.Status(c.Env.Now)),
		Sealed: c.Compartment != docket.General, Emergency: s.Emergency, Unread: s.Unread, Yours: n.Yours, Way: obstacles(demand.InTheWay(s, c.Env))}
	return staff.Found{Rows: []staff.Row{row}, Read: 1}, nil
}
