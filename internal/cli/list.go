package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// lists are what can be listed: streams by what falls due first, what people have
// to do, and what lies in demands.
var lists = []string{"demands", "contests", "secrecy", "matters", "cases", "deadlines", "preservation", "notices"}

var listed = map[string]demand.Stream{"demands": demand.DemandStream, "contests": demand.ContestStream, "secrecy": demand.SecrecyStream, "matters": demand.MatterStream, "cases": demand.CaseStream}

// listFlags say which lines of a list are wanted.
type listFlags struct {
	seat, before, after, as string
	statuses                []string
	emergency               bool
	limit                   int
}

func (s *session) listCommand() *cobra.Command {
	var f listFlags
	c := &cobra.Command{
		Use:   "list [" + strings.Join(lists, "|") + "]",
		Short: "List demands or another register, by what falls due",
		Long: `Lists one register; without a word, the demands. What falls due first is on top.
deadlines is what people have to do, preservation the copies that are kept, notices the
letters that went to customers, each with its demand.

The list shows what the person of --as may see: what lies in a sealed case is there for
its members alone, and without --as it is not there.`,
		Example: "  counterseal list\n  counterseal list deadlines --due-before 2026-03-16 --seat counsel\n  counterseal list secrecy --status 'in force' --json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && !slices.Contains(lists, args[0]) {
				return usagef("one of these may follow: %s", strings.Join(lists, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			what := append(args, "demands")[0]
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error { return s.list(o.As(ctx, named(f.as)), o, what, f) })
		},
	}
	c.Flags().StringVar(&f.seat, "seat", "", "whose turn it is: reviewer, counsel, privacy, approver, clerk or court")
	c.Flags().StringArrayVar(&f.statuses, "status", nil, "how it stands, such as 'waiting for us', 'pending' or 'in force'; may be given more than once")
	c.Flags().BoolVar(&f.emergency, "emergency", false, "emergencies alone")
	c.Flags().StringVar(&f.before, "due-before", "", "what falls due before this day or time")
	c.Flags().StringVar(&f.after, "after", "", "the next page: what --json gave as next")
	c.Flags().IntVar(&f.limit, "limit", 25, "lines of a page, at most 200")
	addReader(c, &f.as)
	return c
}

func addReader(c *cobra.Command, as *string) {
	c.Flags().StringVar(as, "as", "", "who reads (or set COUNTERSEAL_AS); without it, what is sealed is not there")
}

// listRow is one line of a list. What is not known is left out.
type listRow struct {
	ID        demand.ID     `json:"id"`
	Due       *time.Time    `json:"due,omitempty"`
	Status    demand.Status `json:"status,omitempty"`
	Agency    string        `json:"agency,omitempty"`
	Title     string        `json:"title"`
	Stated    string        `json:"stated,omitempty"`
	Number    string        `json:"number,omitempty"`
	Duty      string        `json:"duty,omitempty"`
	About     string        `json:"about,omitempty"`
	Seat      string        `json:"seat,omitempty"`
	Emergency bool          `json:"emergency,omitempty"`
	Unread    bool          `json:"unread,omitempty"`
	Sealed    string        `json:"sealed_in,omitempty"`
	Ends      *time.Time    `json:"ends,omitempty"`
	Way       []string      `json:"obstacles,omitempty"`
}

func (s *session) list(ctx context.Context, o *app.Office, what string, f listFlags) error {
	q, err := f.query(o, what)
	if err != nil {
		return err
	}
	var rows []listRow
	next := ""
	switch {
	case what == "deadlines":
		rows, err = dueRows(ctx, o, f, q.Until)
	default:
		rows, next, err = queueRows(ctx, o, what, q)
	}
	if err != nil {
		return err
	}
	if rows == nil {
		rows = []listRow{}
	}
	return s.answer(map[string]any{"list": what, "rows": rows, "next": next}, func(w io.Writer) { s.listWords(w, what, rows, next) })
}

// query reads the flags.
func (f listFlags) query(o *app.Office, what string) (q docket.QueryArgs, err error) {
	kind, stream := listed[what]
	if !stream {
		kind = demand.DemandStream
	}
	q = docket.QueryArgs{Streams: []demand.Stream{kind}, Seat: f.seat, Emergency: f.emergency, Limit: f.limit}
	for _, x := range f.statuses {
		if !slices.Contains(docket.Statuses(kind), demand.Status(x)) {
			return q, problem.New(problem.Invalid, "cli.status", "nothing of this list has such a status").At("--status %.40q", x).Fix("one of %s", orList(statusesOf(kind)))
		}
		q.Statuses = append(q.Statuses, demand.Status(x))
	}
	if f.limit < 1 || f.limit > docket.MaxPage {
		return q, problem.New(problem.Invalid, "docket.query", "a page has 1 to %d lines", docket.MaxPage).At("--limit").Fix("write 25")
	}
	if q.Until, err = momentOf("--due-before", f.before, o.Zone()); err != nil || f.after == "" {
		return q, err
	}
	at, id, _ := strings.Cut(f.after, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !docket.ValidID(demand.ID(id)) {
		return q, problem.New(problem.Invalid, "cli.after", "this does not name the end of a page").At("--after %.40q", f.after).Fix("copy what --json gave as next")
	}
	q.Due, q.After = time.UnixMilli(ms).UTC(), demand.ID(id)
	return q, nil
}

func statusesOf(kind demand.Stream) (out []string) {
	for _, s := range docket.Statuses(kind) {
		out = append(out, string(s))
	}
	return out
}

// momentOf reads a day, at its first moment in the zone, or a time with its offset.
func momentOf(flag, s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return t, problem.New(problem.Invalid, "cli.time", "this is not a time").At("%s %.40s", flag, s).Fix("write 2026-03-16 or 2026-03-16T17:00:00+01:00")
	}
	return t.UTC(), nil
}

func queueRows(ctx context.Context, o *app.Office, what string, q docket.QueryArgs) (rows []listRow, next string, err error) {
	items, err := o.Docket.Queue(ctx, q)
	if err != nil {
		return nil, "", err
	}
	stated := o.Stated(ctx, items)
	for _, it := range items {
		if what != "preservation" && what != "notices" {
			r := itemRow(it)
			r.Stated = stated[it.ID]
			rows = append(rows, r)
			continue
		}
		more, err := inDemand(ctx, o, what, it)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, more...)
	}
	if len(items) == q.Limit {
		last := items[len(items)-1]
		next = fmt.Sprintf("%d %s", last.Due.UnixMilli(), last.ID)
	}
	return rows, next, nil
}

func itemRow(it docket.Item) listRow {
	v := it.View
	r := listRow{ID: it.ID, Status: it.Status, Agency: v.Agency, Title: v.Title, Number: v.Number, Duty: v.Duty, About: v.About, Seat: v.Seat, Emergency: v.Emergency, Unread: v.Unread}
	if !it.Due.Equal(docket.Never) {
		r.Due = &it.Due
	}
	if it.Compartment != docket.General {
		r.Sealed = it.Compartment
	}
	if !v.Ends.IsZero() {
		r.Ends = &v.Ends
	}
	for _, x := range v.Way {
		r.Way = append(r.Way, x.Code)
	}
	switch {
	case it.Problem != nil:
		r.Title, r.Way = "cannot be opened", []string{it.Problem.Code}
	case v.Unread:
		r.Title = "not read yet"
	}
	return r
}

// inDemand lists what lies in a demand: the copies that are kept, or the letters
// that went.
func inDemand(ctx context.Context, o *app.Office, what string, it docket.Item) (rows []listRow, err error) {
	c, err := o.Docket.State(ctx, it.ID)
	if p := problem.Of(err); p != nil && p.Kind != problem.Unavailable {
		return []listRow{{ID: it.ID, Title: "cannot be opened", Way: []string{p.Code}}}, nil
	}
	if err != nil {
		return nil, err
	}
	if what == "notices" {
		for _, n := range c.State.Notices {
			at := n.At
			rows = append(rows, listRow{ID: it.ID, Title: "told", About: string(n.Account), Number: n.Letter, Due: &at, Seat: n.To})
		}
		for _, n := range c.State.Corrections {
			at := n.At
			rows = append(rows, listRow{ID: it.ID, Title: "told that a package held too much", About: string(n.Account), Number: n.Letter, Due: &at, Seat: n.To})
		}
		return rows, nil
	}
	for _, k := range c.State.Copies {
		until := k.Until
		r := listRow{ID: it.ID, Title: "kept " + k.How + " in " + k.Region, About: k.ID, Ends: &until, Status: "kept"}
		if k.Ended > 0 {
			r.Status = demand.Status(k.End)
		} else {
			r.Due = &until
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// dueRows lists what people have to do.
func dueRows(ctx context.Context, o *app.Office, f listFlags, until time.Time) (rows []listRow, err error) {
	if until.IsZero() {
		until = docket.Never
	}
	duties, err := o.Docket.DueDuties(ctx, until, docket.MaxPage)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if f.seat != "" && d.Seat != f.seat || len(rows) == f.limit {
			continue
		}
		r := listRow{ID: d.ID, Duty: d.Kind, About: d.About, Seat: d.Seat, Due: &d.At, Title: ui.WordsFor("en").Of(ui.Duties, d.Kind)}
		if d.Problem != nil {
			r.Title, r.Way = "cannot be opened", []string{d.Problem.Code}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (s *session) listWords(w io.Writer, what string, rows []listRow, next string) {
	if len(rows) == 0 {
		fmt.Fprintln(w, emptyWords(what))
		return
	}
	words := ui.WordsFor("en")
	for _, r := range rows {
		due := "—"
		if r.Due != nil {
			due = s.told.Due(*r.Due).Distance
		}
		fmt.Fprintf(w, "%-14s %-10s %s\n", due, r.ID, strings.Join(r.words(s.told), " · "))
		for _, code := range r.Way[:min(len(r.Way), 1)] {
			fmt.Fprintf(w, "%-25s %s\n", "", words.Obstacle(code).Says)
		}
	}
	if next != "" {
		fmt.Fprintf(w, "\nMore: add --after '%s'\n", next)
	}
}

// words are the cells of a line that say something.
func (r listRow) words(told ui.Clock) []string {
	ends := ""
	if r.Ends != nil {
		ends = "until " + told.End(*r.Ends).Text
	}
	emergency, sealed := "", ""
	if r.Emergency {
		emergency = "emergency"
	}
	if r.Sealed != "" {
		sealed = "sealed in " + r.Sealed
	}
	stated := ""
	if r.Stated != "" {
		stated = "it says: " + r.Stated
	}
	return slices.DeleteFunc([]string{r.Agency, r.Title, stated, r.Number, emergency, r.About, ends, string(r.Status), r.Seat, sealed}, func(s string) bool { return s == "" })
}

func emptyWords(what string) string {
	if what == "demands" {
		return "The queue is empty. A demand comes in with: counterseal demand submit DOCUMENT"
	}
	return "Nothing is listed here."
}
