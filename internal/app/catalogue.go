package app

import (
	"context"
	"slices"
	"strconv"

	"counterseal/internal/act"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

func noAct() error {
	return problem.New(problem.Missing, "app.no_act", "this page has no such act")
}

// Form implements staff.Catalogue. Codes: app.no_act, app.roster, app.seat,
// docket.not_found and others of docket.State.
func (v Staff) Form(ctx context.Context, reader, page, name string) (staff.Form, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Form{}, err
	}
	ctx = as(ctx, reader)
	f := staff.Form{Act: name, Page: page, Zone: v.Zone().String()}
	x := choices{Staff: v, ctx: ctx, w: w, page: &demand.State{}}
	if page != "" {
		c, err := v.Docket.State(ctx, demand.ID(page))
		if err != nil {
			return f, err
		}
		h, err := v.Docket.History(ctx, demand.ID(page))
		if err != nil {
			return f, err
		}
		x.page, x.at, f.History, f.Title = c.State, resourceOf(c), v.historyView(h), titleOf(c.State)
	}
	if name == stateFacts && page != "" && x.page.Stream == demand.DemandStream {
		f.Seen = uint64(x.page.Last)
		return factsForm(f, x.page, w, x.at)
	}
	a, ok := act.Find(name)
	if !ok || page == "" && a.NeedsPage() || page != "" && a.From != x.page.Stream {
		return f, noAct()
	}
	if err := w.may(a.Name, x.at); err != nil && !leftToDocket(err) {
		return f, err
	}
	if a.On == a.From {
		f.Seen = uint64(x.page.Last)
	}
	f.Fields, err = x.fields(a)
	f.Facts, f.Warns, f.Reason = x.lookAt(a), warns[name], slices.Contains(reasoned, name)
	return f, err
}

func titleOf(s *demand.State) string {
	switch s.Stream {
	case demand.ContestStream:
		return s.Contest.Title
	case demand.SecrecyStream:
		return s.Duty.Cite
	case demand.MatterStream:
		return s.About.Title
	case demand.CaseStream:
		return s.Case.Why
	}
	return s.Instrument.Title
}

// warns says of an act what cannot be taken back.
var warns = map[string]string{
	"secrecy.arm":         "The notice then goes by itself in the first minute after the end, and a letter cannot be taken back.",
	"secrecy.lift":        "Notice is no longer held back by this duty, and a letter cannot be taken back.",
	"preservation.end":    "What is destroyed or let go cannot be produced later.",
	"demand.close":        "A closed demand is not worked on again; what comes after it is a linked demand.",
	"production.recall":   "What is known cannot be unknown; the recall is on record, and a correction may follow.",
	"case.seal":           "From then on only members of the sealed case see this demand, on every page and in every register.",
	"contest.open":        "Contesting stops no deadline and no release by itself: only a recorded stay does, or the law.",
	"deadline.suspend":    "That somebody contests the demand suspends nothing: name the law or the order.",
	"silence.ask":         "It binds nobody. Notice waits a published short time, once.",
	"callback.record":     "Whoever makes this call does not approve what it confirms.",
	"contest.contempt":    "Who carries its terms decides knowingly.",
	"stay.lift":           "What was stayed can then be released.",
	"contest.lift_stay":   "What was stayed can then be released.",
	"line.decide":         "Nothing leaves by this: a grant and its approvals come after it.",
	"demand.read":         "It is read once. What it asks for is named after this.",
	"secrecy.settle":      "Until it is settled, notice waits.",
	"deadline.clear":      "The release no longer waits for this day.",
	"hold.lift":           "What was held can go on.",
	"hold.place":          "",
	"preservation.extend": "",
}

// reasoned are the acts that are not taken without a reason.
var reasoned = []string{"stay.lift", "hold.lift", "secrecy.settle", "secrecy.review", "secrecy.disarm", "production.recall", "demand.conclude"}

// Give implements staff.Catalogue. Codes: staff.changed, and those of Perform.
func (v Staff) Give(ctx context.Context, reader string, g staff.Given) (staff.Result, error) {
	if g.Act == stateFacts {
		return v.giveFacts(ctx, reader, g)
	}
	d := Deed{Act: g.Act, Page: demand.ID(g.Page), Command: g.Command, Seen: demand.Seq(g.Seen), Values: g.Values, Reason: g.Reason, Documents: map[string]Upload{}}
	for name, u := range g.Documents {
		d.Documents[name] = Upload{MediaType: u.MediaType, Bytes: u.Bytes}
	}
	for name, values := range d.Values {
		for i, s := range values {
			d.Values[name][i] = canon.Text(s)
		}
	}
	r, err := v.Perform(ctx, reader, d)
	if err != nil {
		return staff.Result{}, v.orChangedFor(as(ctx, reader), d.Page, g.Seen, err)
	}
	return staff.Result{Stream: string(r.ID), First: uint64(r.First), Last: uint64(r.Last)}, nil
}

func (v Staff) orChangedFor(ctx context.Context, page demand.ID, seen uint64, err error) error {
	if page == "" || seen == 0 {
		return err
	}
	return v.orChanged(ctx, page, seen, err)
}

// choices lays out the fields of an act before one reader.
type choices struct {
	Staff
	ctx  context.Context
	w    who
	page *demand.State
	at   policy.Resource // of the page
}

func (x choices) fields(a act.Act) ([]staff.Field, error) {
	var out []staff.Field
	if t := a.Target(); t != "" {
		streams, err := x.streams(demand.Stream(t))
		if err != nil {
			return nil, err
		}
		out = append(out, staff.Field{Name: t, Kind: "choice", Required: true, Choices: streams})
	}
	for _, f := range a.Fields {
		y := staff.Field{Name: f.Name, Kind: string(f.Kind), Required: f.Required, Many: f.Kind == act.Lines || f.Kind == act.Accounts || f.Kind == act.Words && len(f.Choices) > 0}
		for _, c := range f.Choices {
			y.Choices = append(y.Choices, staff.Option{Value: c, Says: words.Choice(f.Name, c)})
		}
		if err := x.known(a, &y); err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
}

// known offers what the page knows for a field, so that nobody copies numbers.
func (x choices) known(a act.Act, f *staff.Field) error {
	s := x.page
	switch f.Name {
	case "lines":
		if f.Kind == "numbers" {
			f.Many = true
		}
		f.Choices, f.Kind = lineOptions(s), "lines"
	case "supersedes":
		f.Choices, f.Many = lineOptions(s), true
	case "line":
		f.Choices, f.Kind = lineOptions(s), "choice"
	case "accounts":
		f.Choices = accountOptions(s)
	case "paper", "amends":
		f.Choices, f.Kind = paperOptions(s), "choice"
	case "stay":
		f.Choices, f.Kind = stayOptions(s), "choice"
	case "hold", "task", "renewal", "answers", "instance", "grant", "deadline", "copy":
		if opts := x.ownOptions(s, a.Name, f.Name); opts != nil {
			f.Choices, f.Kind = opts, "choice"
		}
	case "agency":
		f.Choices, f.Kind = x.agencies(), "choice"
	case "instrument":
		f.Choices, f.Kind = instrumentOptions(), "choice"
	case "duties":
		f.Choices, f.Many = dutyOptions(s), true
	case "demands", "demand":
		f.Choices, f.Many = coverOptions(s), true
	case "end":
		if a.Name == "secrecy.arm" {
			f.Choices, f.Kind = x.endOptions(s), "choice"
		}
	case "matter", "case":
		opts, err := x.streams(demand.Stream(f.Name))
		f.Choices, f.Kind = opts, "choice"
		return err
	case "person":
		for _, p := range s.Case.Members {
			f.Choices = append(f.Choices, staff.Option{Value: string(p), Says: string(p)})
		}
		f.Kind = "suggest"
	}
	if f.Kind == "choice" && len(f.Choices) == 1 && f.Required {
		f.Values = []string{f.Choices[0].Value}
	}
	if f.Kind == "lines" && len(f.Choices) == 1 {
		f.Values = []string{f.Choices[0].Value}
	}
	return nil
}

// streams are those of a kind that the reader may see: contests that a court may
// still rule on, matters, sealed cases.
func (x choices) streams(kind demand.Stream) ([]staff.Option, error) {
	items, err := x.Docket.List(x.ctx, kind, docket.QueryArgs{Limit: docket.MaxPage})
	if err != nil {
		return nil, err
	}
	var out []staff.Option
	for _, it := range items {
		if it.Problem != nil || it.Status == docket.StatusEnded {
			continue
		}
		out = append(out, staff.Option{Value: string(it.ID), Says: it.View.Title, Quiet: string(it.ID)})
	}
	return out, nil
}

func option(n uint64, says string) staff.Option {
	return staff.Option{Value: strconv.FormatUint(n, 10), Says: says}
}
