package app

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// sheet is one register: read from rows alone where row is set, and else from
// demands that are opened for it.
type sheet struct {
	shows   []string
	columns []string
	args    func(show string) []docket.QueryArgs
	keep    func(it docket.Item, show string, now time.Time) bool
	row     func(v Staff, it docket.Item) []staff.Cell
	rows    func(v Staff, c docket.Case, show string) [][]staff.Cell
}

// maxOpened bounds the demands that are opened for one page of a register.
const maxOpened = 100

// Register implements staff.Registers. Code: docket.not_found for a view or a place
// that there is not.
func (v Staff) Register(ctx context.Context, reader string, ask staff.RegisterAsk) (staff.Register, error) {
	t, ok := tables[ask.Name]
	if !ok || ask.Show != "" && !slices.Contains(t.shows, ask.Show) {
		return staff.Register{}, docket.NotFound()
	}
	ctx = as(ctx, reader)
	out := staff.Register{Name: ask.Name, Shows: append([]string{""}, t.shows...), Columns: t.columns}
	p := part{args: t.args(ask.Show)}
	if t.keep != nil {
		now := v.Clock.Now()
		p.keep = func(it docket.Item) bool { return it.Problem != nil || t.keep(it, ask.Show, now) }
	}
	size := pageSize
	switch {
	case t.rows != nil:
		size = maxOpened
	case ask.Large:
		size = maxRead
	}
	items, _, next, err := v.walk(ctx, p, ask.After, size)
	if err != nil {
		return out, err
	}
	out.Next = next
	for _, it := range items {
		if t.rows == nil {
			out.Rows = append(out.Rows, v.registerRow(t, it))
			continue
		}
		if err := v.opened(ctx, t, it, ask.Show, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// registerRow tells a line that cannot be opened with its problem: one bad line does
// not hide the others.
func (v Staff) registerRow(t sheet, it docket.Item) []staff.Cell {
	if it.Problem == nil {
		return t.row(v, it)
	}
	out := make([]staff.Cell, len(t.columns))
	out[0] = staff.Cell{Text: string(it.ID), Href: addressOf(it.ID), Mono: true}
	out[len(out)-1] = staff.Cell{Text: "cannot be opened: " + it.Problem.Code, Now: true}
	return out
}

func (v Staff) opened(ctx context.Context, t sheet, it docket.Item, show string, out *staff.Register) error {
	c, err := v.Docket.State(ctx, it.ID)
	switch {
	case problem.Code(err) == "docket.not_found": // it was sealed since the rows were read
		return nil
	case err != nil && problem.Of(err).Kind == problem.Unavailable:
		return err
	case err != nil:
		out.Read, out.Unread = out.Read+1, out.Unread+1
		return nil
	}
	out.Read++
	out.Rows = append(out.Rows, t.rows(v, c, show)...)
	return nil
}

func id(it demand.ID) staff.Cell {
	return staff.Cell{Text: string(it), Href: addressOf(it), Mono: true}
}

func text(s string) staff.Cell { return staff.Cell{Text: s} }

// in asks for streams of some kinds and statuses.
func in(kinds []demand.Stream, statuses ...demand.Status) []docket.QueryArgs {
	return []docket.QueryArgs{{Streams: kinds, Statuses: statuses}}
}

func of(kind demand.Stream) []demand.Stream { return []demand.Stream{kind} }

// everywhere asks for all demands.
func everywhere(string) []docket.QueryArgs { return in(of(demand.DemandStream)) }

var tables = map[string]sheet{
	"duties": {
		shows: []string{"reviewer", "counsel", "privacy", "clerk", "overdue"}, columns: []string{"What", "Due", "Duty", "About", "For", "Of", "State"},
		args: func(show string) []docket.QueryArgs {
			a := docket.QueryArgs{Streams: []demand.Stream{demand.DemandStream, demand.ContestStream, demand.SecrecyStream}, Until: docket.Never}
			if slices.Contains(seatsOfDuties, show) {
				a.Seat = show
			}
			return []docket.QueryArgs{a}
		},
		keep: func(it docket.Item, show string, now time.Time) bool { return show != "overdue" || it.Due.Before(now) },
		row: func(v Staff, it docket.Item) []staff.Cell {
			return []staff.Cell{id(it.ID), {At: it.Due, Due: true}, text(words.Of(ui.Duties, it.View.Duty)), text(it.View.About), text(words.Of(ui.Seats, it.View.Seat)), text(v.agencyName(it.View.Agency)), text(words.Of(ui.Statuses, string(it.Status)))}
		},
	},
	"contests": {
		shows: []string{"pending", "stayed", "ended"}, columns: []string{"Contest", "Title", "Court", "No.", "Against", "Demands", "Instances", "Opened", "State"},
		args: func(show string) []docket.QueryArgs {
			switch show {
			case "pending":
				return in(of(demand.ContestStream), docket.StatusPending)
			case "ended":
				return in(of(demand.ContestStream), docket.StatusEnded)
			}
			return in(of(demand.ContestStream))
		},
		keep: func(it docket.Item, show string, _ time.Time) bool { return show != "stayed" || it.View.Stands },
		row: func(_ Staff, it docket.Item) []staff.Cell {
			state := words.Of(ui.Statuses, string(it.Status))
			if it.View.Stands {
				state += " · a stay is in force"
			}
			return []staff.Cell{id(it.ID), text(it.View.Title), text(it.View.Agency), text(it.View.Number), text(words.Choice("against", it.View.Kind)), text(number(it.View.Demands)), text(number(it.View.Instances)), {At: it.View.Received}, text(state)}
		},
	},
	"secrecy": {
		shows: []string{"in_force", "unsettled", "not_armed", "review", "ended"}, columns: []string{"Duty", "Rests on", "Authority", "No.", "Demands", "Ends", "Notice", "State"},
		args: func(show string) []docket.QueryArgs {
			switch show {
			case "in_force":
				return in(of(demand.SecrecyStream), docket.StatusInForce)
			case "unsettled":
				return in(of(demand.SecrecyStream), docket.StatusUnsettled)
			case "ended":
				return in(of(demand.SecrecyStream), docket.StatusEnded)
			}
			return in(of(demand.SecrecyStream))
		},
		keep: func(it docket.Item, show string, _ time.Time) bool {
			switch show {
			case "not_armed":
				return !it.View.Armed && !it.View.Ends.IsZero()
			case "review":
				return it.View.Ends.IsZero() && it.View.Stands
			}
			return true
		},
		row: func(_ Staff, it docket.Item) []staff.Cell {
			armed := staff.Cell{Text: "not armed", Now: true}
			if it.View.Armed {
				armed = text("armed")
			}
			ends := staff.Cell{At: it.View.Ends, End: true}
			if it.View.Ends.IsZero() {
				ends, armed = text("no end is stated"), text("")
			}
			return []staff.Cell{id(it.ID), text(it.View.Title), text(it.View.Agency), text(it.View.Number), text(number(it.View.Demands)), ends, armed, text(words.Of(ui.Statuses, string(it.Status)))}
		},
	},
	"matters": {
		columns: []string{"Matter", "Title", "Reference", "Demands", "Opened"}, args: func(string) []docket.QueryArgs { return in(of(demand.MatterStream)) },
		row: func(_ Staff, it docket.Item) []staff.Cell {
			return []staff.Cell{id(it.ID), text(it.View.Title), text(it.View.Number), text(number(it.View.Demands)), {At: it.View.Received}}
		},
	},
	"cases": {
		columns: []string{"Sealed case", "Why it is sealed", "Opened"}, args: func(string) []docket.QueryArgs { return in(of(demand.CaseStream)) },
		row: func(_ Staff, it docket.Item) []staff.Cell {
			return []staff.Cell{id(it.ID), text(it.View.Title), {At: it.View.Received}}
		},
	},
	"imports": {
		columns: []string{"Demand", "Received", "Who", "Title", "No.", "State"}, args: everywhere,
		keep: func(it docket.Item, _ string, _ time.Time) bool { return it.View.Channel == "import" },
		row: func(v Staff, it docket.Item) []staff.Cell {
			return []staff.Cell{id(it.ID), {At: it.View.Received}, text(v.agencyName(it.View.Agency)), text(it.View.Title), text(it.View.Number), text(words.Of(ui.Statuses, string(it.Status)))}
		},
	},
	"preservation": {
		shows: []string{"kept", "ended"}, columns: []string{"Demand", "Copy", "What", "Region", "Kept", "Since", "Until", "State"}, args: everywhere,
		rows: func(_ Staff, c docket.Case, show string) [][]staff.Cell { return copyRows(c, show) },
	},
	"notices": {
		shows: []string{"waiting", "ended"}, columns: []string{"Demand", "Account", "To", "Letter", "Sent", "Waiting ends"}, args: everywhere,
		rows: func(_ Staff, c docket.Case, show string) [][]staff.Cell { return noticeRows(c, show) },
	},
	"grants": {
		shows: []string{"waiting", "released", "by_hand"}, columns: []string{"Demand", "Grant", "Gives", "Region", "Drafted by", "Approvals", "Expires", "State"}, args: everywhere,
		rows: func(_ Staff, c docket.Case, show string) [][]staff.Cell { return grantRows(c, show) },
	},
}
