package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/web/staff"
)

// The queue is read from rows alone: no history is opened, and no document but those
// that nobody has read. A view that rows are
// not sorted by is sought among a thousand of them at a time.
const (
	pageSize = 25
	maxRead  = 1000
)

// as lets somebody read in their own name: what lies in a sealed case is there for
// its members alone.
func as(ctx context.Context, reader string) context.Context {
	return docket.For(ctx, demand.Person(reader))
}

// seatsOfDuties are those that can have a duty.
var seatsOfDuties = []string{"reviewer", "counsel", "privacy", "clerk"}

// part is a saved view: the stretches of the queue that it joins, and what of them
// it keeps.
type part struct {
	args []docket.QueryArgs
	keep func(docket.Item) bool // nil: all
}

// partOf gives a saved view. ctx names the reader.
func (v Staff) partOf(ctx context.Context, w who, show string) (part, error) {
	open := docket.QueryArgs{Until: docket.Never} // whatever is open has a duty (invariant 24)
	switch show {
	case "yours", "others":
		var p part
		for _, seat := range seatsOfDuties {
			if slices.Contains(w.seats, seat) == (show == "yours") {
				p.args = append(p.args, docket.QueryArgs{Until: docket.Never, Seat: seat})
			}
		}
		return p, nil
	case "emergency":
		open.Emergency = true
	case "unread":
		open.Statuses = []demand.Status{demand.StatusReceived}
		return part{[]docket.QueryArgs{open}, func(it docket.Item) bool { return it.View.Unread || it.Problem != nil }}, nil
	case "authority":
		open.Statuses = []demand.Status{demand.StatusForYou}
	case "held":
		open.Statuses = []demand.Status{demand.StatusOnHold}
	case "closed":
		return part{args: []docket.QueryArgs{{Statuses: []demand.Status{demand.StatusClosed}}}}, nil
	case "sealed":
		cases, err := v.Docket.List(ctx, demand.CaseStream, docket.QueryArgs{Limit: docket.MaxPage})
		if err != nil || len(cases) == 0 {
			return part{}, err
		}
		for _, c := range cases {
			open.Compartments = append(open.Compartments, string(c.ID))
		}
	}
	return part{args: []docket.QueryArgs{open}}, nil
}

// Queue implements staff.Docket.
func (v Staff) Queue(ctx context.Context, reader string, ask staff.Ask) (staff.Queue, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Queue{}, err
	}
	ctx = as(ctx, reader)
	p, err := v.partOf(ctx, w, ask.Show)
	if err != nil {
		return staff.Queue{}, err
	}
	items, read, next, err := v.walk(ctx, p, ask.After, pageSize)
	if err != nil {
		return staff.Queue{}, err
	}
	q := staff.Queue{Read: read, Next: next}
	stated := v.Stated(ctx, items)
	for _, it := range items {
		row := v.row(it, w)
		row.Stated = stated[it.ID]
		q.Rows = append(q.Rows, row)
	}
	q.Views, err = v.views(ctx, w)
	return q, err
}

// walk reads a page of a view, from the place where the page before ended.
func (v Staff) walk(ctx context.Context, p part, after string, size int) (out []docket.Item, read int, next string, err error) {
	at, err := placeAfter(after)
	if err != nil {
		return nil, 0, "", err
	}
	limit := min(size+1, docket.MaxPage)
	if p.keep != nil {
		limit = docket.MaxPage
	}
	for {
		items, err := v.stretch(ctx, p.args, at, limit)
		if err != nil {
			return nil, 0, "", err
		}
		for _, it := range items {
			if len(out) == size || read == maxRead {
				return out, read, at.String(), nil
			}
			if p.keep == nil || p.keep(it) {
				out = append(out, it)
			}
			at, read = place{it.Due, it.ID}, read+1
		}
		if len(items) < limit {
			return out, read, "", nil
		}
	}
}

// stretch joins the stretches of a view.
func (v Staff) stretch(ctx context.Context, args []docket.QueryArgs, at place, limit int) ([]docket.Item, error) {
	var all []docket.Item
	for _, a := range args {
		a.Due, a.After, a.Limit = at.due, at.id, limit
		items, err := v.Docket.Queue(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	slices.SortFunc(all, func(a, b docket.Item) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), limit)], nil
}

// place is the last line that was read.
type place struct {
	due time.Time
	id  demand.ID
}

func (p place) String() string { return fmt.Sprintf("%d %s", p.due.UnixMilli(), p.id) }

func placeAfter(s string) (place, error) {
	if s == "" {
		return place{}, nil
	}
	at, id, ok := strings.Cut(s, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok || !docket.ValidID(demand.ID(id)) {
		return place{}, docket.NotFound()
	}
	return place{time.UnixMilli(ms).UTC(), demand.ID(id)}, nil
}

// views counts the saved views, each up to docket.MaxCount.
func (v Staff) views(ctx context.Context, w who) ([]staff.View, error) {
	var out []staff.View
	for _, show := range staff.Shows {
		p, err := v.partOf(ctx, w, show)
		if err != nil {
			return nil, err
		}
		if p.keep != nil {
			view, err := v.counted(ctx, show, p)
			if err != nil {
				return nil, err
			}
			out = append(out, view)
			continue
		}
		view := staff.View{Show: show}
		for _, a := range p.args {
			if view.Least {
				break
			}
			n, err := v.Docket.Count(ctx, a)
			if err != nil {
				return nil, err
			}
			view.Count = min(view.Count+n, docket.MaxCount)
			view.Least = view.Count == docket.MaxCount
		}
		out = append(out, view)
	}
	return out, nil
}

// counted counts a view of which rows alone do not say what is in it, where so few
// rows come into question that they can be read.
func (v Staff) counted(ctx context.Context, show string, p part) (staff.View, error) {
	items, err := v.stretch(ctx, p.args, place{}, pageSize+1)
	if err != nil {
		return staff.View{}, err
	}
	view := staff.View{Show: show, Unknown: len(items) > pageSize}
	for _, it := range items {
		if p.keep(it) {
			view.Count++
		}
	}
	return view, nil
}

// row tells a line of the queue from what is stored beside the demand.
func (v Staff) row(it docket.Item, w who) staff.Row {
	row := staff.Row{ID: string(it.ID), Agency: v.agencyName(it.View.Agency), Title: it.View.Title, Status: string(it.Status), Duty: it.View.Duty, About: it.View.About, Seat: it.View.Seat,
		Asks: asksOf(it.View), Sealed: it.Compartment != docket.General, Emergency: it.View.Emergency, Unread: it.View.Unread, Yours: slices.Contains(w.seats, it.View.Seat)}
	if !it.Due.Equal(docket.Never) {
		row.Due = it.Due
	}
	if it.Problem != nil {
		row.Problem = it.Problem.Code
		return row
	}
	row.Way = obstacles(it.View.InTheWay(v.Clock.Now()))
	return row
}

func asksOf(view docket.View) string {
	if view.Unread {
		return "nobody has read yet what it asks"
	}
	out := []string{words.Of("kind", view.Kind)}
	if view.Targets > 0 {
		out = append(out, plural(view.Targets, "target"))
	}
	if len(view.Categories) > 0 {
		out = append(out, strings.Join(view.Categories, ", "))
	}
	return strings.Join(out, " · ")
}
