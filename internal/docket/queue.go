package docket

import (
	"cmp"
	"context"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Item is one line of the queue. Where it cannot be opened, Problem says why and
// View is empty: one bad line does not hide the others.
type Item struct {
	ID          demand.ID
	Stream      demand.Stream
	Compartment string
	Status      demand.Status
	Due         time.Time // of the first duty; Never when none
	View        View
	Problem     *problem.Error
}

// QueryArgs asks for a page of the queue, and says which lines. The next page
// begins after the last item of this one.
type QueryArgs struct {
	Streams      []demand.Stream // none: demands
	Statuses     []demand.Status // none: any
	Seat         string          // who does the first duty; "": anybody
	Emergency    bool            // emergencies alone
	Compartments []string        // none: all that a named reader may see; General for the program itself
	Until        time.Time       // what falls due before it; zero: no end
	Due          time.Time       // of the last item of the page before
	After        demand.ID       // its id
	Limit        int             // 1 to MaxPage
}

// MaxPage bounds a page.
const MaxPage = 200

// Queue lists demands, or other streams, by what falls due first. It reads rows
// alone: no history is opened. Compartments that the reader may not see are passed
// over like empty ones.
func (d *Docket) Queue(ctx context.Context, q QueryArgs) (items []Item, err error) {
	defer func() { d.refused(ctx, "queue", "", err) }()
	if q.Limit < 1 || q.Limit > MaxPage {
		return nil, problem.New(problem.Invalid, "docket.query", "a page has 1 to %d lines", MaxPage).At("limit")
	}
	pages, err := d.pages(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, p := range pages {
		page, err := d.Store.Queue(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	slices.SortFunc(all, func(a, b Listed) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Demand, b.Demand))
	})
	for _, l := range all[:min(len(all), q.Limit)] {
		items = append(items, d.item(ctx, l))
	}
	return items, nil
}

// List is Queue of one kind of stream: the register of contests, of duties, of
// matters.
func (d *Docket) List(ctx context.Context, kind demand.Stream, q QueryArgs) ([]Item, error) {
	q.Streams = []demand.Stream{kind}
	return d.Queue(ctx, q)
}

// MaxCount is where counting stops.
const MaxCount = 1000

// Count counts the lines of a view, and stops at MaxCount: then there are at
// least so many.
func (d *Docket) Count(ctx context.Context, q QueryArgs) (n int, err error) {
	defer func() { d.refused(ctx, "count", "", err) }()
	q.Due, q.After, q.Limit = time.Time{}, "", MaxCount
	pages, err := d.pages(ctx, q)
	if err != nil {
		return 0, err
	}
	for _, p := range pages {
		p.Limit = MaxCount - n
		some, err := d.Store.Count(ctx, p)
		if err != nil {
			return 0, err
		}
		if n += some; n >= MaxCount {
			return MaxCount, nil
		}
	}
	return n, nil
}

// pages are the stretches of the index that a query reads: one for each
// compartment, kind of stream and status.
func (d *Docket) pages(ctx context.Context, q QueryArgs) ([]Page, error) {
	compartments, err := d.readable(ctx, q.Compartments)
	if err != nil {
		return nil, err
	}
	if q.Due.IsZero() {
		q.Due = time.UnixMilli(-1 << 60)
	}
	if len(q.Streams) == 0 {
		q.Streams = []demand.Stream{demand.DemandStream}
	}
	var out []Page
	for _, compartment := range compartments {
		for _, kind := range q.Streams {
			p := Page{Compartment: compartment, Stream: string(kind), Seat: q.Seat, Emergency: q.Emergency, Due: q.Due, After: q.After, Until: q.Until, Limit: q.Limit}
			if len(q.Statuses) == 0 {
				out = append(out, p)
			}
			for _, status := range q.Statuses {
				p.Status = string(status)
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// readable narrows compartments to those that whoever reads may see.
func (d *Docket) readable(ctx context.Context, asked []string) ([]string, error) {
	person, named := Reader(ctx)
	switch {
	case !named && len(asked) == 0:
		return []string{General}, nil
	case !named:
		return asked, nil
	}
	may, err := d.compartments(ctx, person)
	if err != nil || len(asked) == 0 {
		return may, err
	}
	return slices.DeleteFunc(may, func(c string) bool { return !slices.Contains(asked, c) }), nil
}

func (d *Docket) item(ctx context.Context, l Listed) Item {
	out := Item{ID: l.Demand, Stream: demand.Stream(l.Stream), Compartment: l.Compartment, Status: demand.Status(l.Status), Due: l.Due}
	v, err := d.vaultOf(ctx, l.Demand)
	if err == nil {
		out.View, err = v.openRow(l.Demand, l.Row)
	}
	if err != nil {
		out.View, out.Problem = View{}, problem.Of(err)
	}
	return out
}
