package app

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// Staff shows the docket to staff: one view for the pages and the command line.
// It implements staff.Docket.
type Staff struct{ *Office }

// Each demand that is read for the queue is opened and folded, to say what stands
// in its way: a page has 25, and looking for what a filter wants ends at 200.
const (
	pageSize = 25
	maxRead  = 200
)

// Queue implements staff.Docket.
func (v Staff) Queue(ctx context.Context, reader string, ask staff.Ask) (staff.Queue, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Queue{}, err
	}
	args, err := begin(ask)
	if err != nil {
		return staff.Queue{}, err
	}
	var q staff.Queue
	for {
		items, err := v.Docket.Queue(ctx, args)
		if err != nil {
			return staff.Queue{}, err
		}
		for _, it := range items {
			if ask.Show != "closed" && over(it) {
				items = nil // what has ended comes last
				break
			}
			if len(q.Rows) == pageSize || q.Read == maxRead {
				q.Next = cursor(args)
				return q, nil
			}
			row, err := v.row(ctx, it, w)
			if err != nil {
				return staff.Queue{}, err
			}
			count(&q, row, ask.Show)
			args.Due, args.After = it.Due, it.ID
		}
		if len(items) < args.Limit {
			q.Whole = ask.After == "" && ask.Show != "closed"
			return q, nil
		}
	}
}

// over reports whether nothing is left of a demand that would fall due.
func over(it docket.Item) bool {
	return it.Status == demand.StatusClosed && it.Due.Equal(docket.Never)
}

func count(q *staff.Queue, row staff.Row, show string) {
	q.Read++
	wanted := show == "" || show == "closed"
	if row.Yours {
		q.Yours++
		wanted = wanted || show == "yours"
	} else {
		q.Others++
		wanted = wanted || show == "others"
	}
	if wanted {
		q.Rows = append(q.Rows, row)
	}
}

// begin says where a page of the queue begins.
func begin(ask staff.Ask) (docket.QueryArgs, error) {
	args := docket.QueryArgs{Compartments: []string{docket.General}, Limit: pageSize + 1}
	if ask.Show == "closed" {
		args.Due = docket.Never
	}
	if ask.After == "" {
		return args, nil
	}
	at, after, ok := strings.Cut(ask.After, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok || !docket.ValidID(demand.ID(after)) {
		return args, docket.NotFound()
	}
	args.Due, args.After = time.UnixMilli(ms).UTC(), demand.ID(after)
	return args, nil
}

// cursor names the last demand that was read.
func cursor(args docket.QueryArgs) string {
	return fmt.Sprintf("%d %s", args.Due.UnixMilli(), args.After)
}

func (v Staff) row(ctx context.Context, it docket.Item, w who) (staff.Row, error) {
	row := staff.Row{ID: string(it.ID), Agency: v.agencyName(it.View.Agency), Title: it.View.Title, Status: string(it.Status), Duty: it.View.Duty,
		Asks: plural(it.View.Lines, "line")}
	if !it.Due.Equal(docket.Never) {
		row.Due = it.Due
	}
	if it.Problem != nil {
		row.Title, row.Way = "cannot be opened", []staff.Obstacle{{Code: it.Problem.Code}}
		return row, nil
	}
	c, err := v.Docket.State(ctx, it.ID)
	if e := problem.Of(err); e != nil {
		if e.Kind == problem.Unavailable {
			return row, err
		}
		row.Way = []staff.Obstacle{{Code: e.Code}} // one that cannot be read does not hide the others
		return row, nil
	}
	n := v.next(it.ID, c, w)
	row.Asks, row.Act, row.Yours, row.Way = asks(c.State), n.Act, n.Yours, n.Way
	return row, nil
}

func asks(s *demand.State) string {
	var categories []string
	for _, l := range s.Lines {
		if !slices.Contains(categories, string(l.Category)) {
			categories = append(categories, string(l.Category))
		}
	}
	return plural(len(s.Targets), "target") + " · " + strings.Join(categories, ", ")
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

func (v Staff) agencyName(id string) string {
	if a, ok := v.Agencies.Agency(id); ok {
		return a.Name
	}
	return id
}

// Demand implements staff.Docket.
func (v Staff) Demand(ctx context.Context, reader, id string) (staff.Demand, error) {
	if !docket.ValidID(demand.ID(id)) {
		return staff.Demand{}, docket.NotFound()
	}
	c, err := v.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return staff.Demand{}, err
	}
	history, err := v.Docket.History(ctx, demand.ID(id))
	if err != nil {
		return staff.Demand{}, err
	}
	w, err := v.reader(reader)
	if err != nil {
		return staff.Demand{}, err
	}
	s := c.State
	d := staff.Demand{ID: id, Status: string(s.Status(c.Env.Now)), Due: s.Instrument.Due, Why: why(s), Next: v.next(demand.ID(id), c, w),
		Last: uint64(s.Last), OnRoster: len(w.seats) > 0, Offers: v.offers(c, w),
		Instrument: staff.Instrument{Kind: s.Instrument.Kind, Title: s.Instrument.Title, Number: s.Instrument.Number, Agency: v.agencyName(s.Instrument.Agency),
			Officer: s.Instrument.Officer, Signed: s.Instrument.Signed, Channel: channel(s.Channel), Received: s.Received.At,
			Original: s.Original.String(), Checked: s.Authentic.How, Genuine: s.Authentic.Genuine, CheckedAt: uint64(s.Authentic.Seq)},
		Secrecy: staff.Secrecy{Stated: s.Secrecy.Seq > 0, None: s.Secrecy.None, Source: s.Secrecy.Source, Until: s.Secrecy.Until, Event: uint64(s.Secrecy.Seq)}}
	by := persons(history)
	d.Targets, d.Lines, d.Findings = targetsView(s, by), linesView(s, history), findingsView(s, by)
	d.Grants, d.Notices = grantsView(s, c.Env.Policy, history), noticesView(s)
	d.Tracks = tracks(s, history, c.Env)
	for _, r := range history {
		d.History = append(d.History, staff.Event{Seq: uint64(r.Seq), At: r.At, By: whose(r.By), Kind: demand.KindOf(r.Event), Says: says(r.Event), Reason: r.Reason})
	}
	return d, nil
}

func why(s *demand.State) string {
	if s.Instrument.Due.IsZero() {
		return "The paper names no day; the provider's own limits apply."
	}
	return "The day on the instrument’s face. A day without a zone is over where it ends first on earth."
}

// channels says how a demand came.
var channels = map[string]string{"portal": "through the portal", "mail": "by mail", "files": "as files", "post": "by post", "api": "through the API"}

func channel(c string) string {
	if w, ok := channels[c]; ok {
		return w
	}
	return c
}

// whose names who made an event: a person by id, the program's parts in words.
func whose(p demand.Person) string {
	if c, door := strings.CutPrefix(string(p), "door:"); door {
		return "the door, " + channel(c)
	}
	switch p {
	case "clerk":
		return "the program, by rule"
	case "gate":
		return "the gate"
	}
	return string(p)
}

// persons says who made each event.
func persons(history []demand.Recorded) map[demand.Seq]string {
	out := map[demand.Seq]string{}
	for _, r := range history {
		out[r.Seq] = string(r.By)
	}
	return out
}

func targetsView(s *demand.State, by map[demand.Seq]string) []staff.Target {
	var out []staff.Target
	for _, t := range s.Targets {
		w := staff.Target{No: t.No, Kind: t.Kind, Stated: t.Stated, Resolved: uint64(t.Resolved), By: by[t.Resolved], Checked: uint64(t.Checked), Second: by[t.Checked]}
		for _, a := range t.Accounts {
			w.Accounts = append(w.Accounts, string(a))
		}
		out = append(out, w)
	}
	return out
}

func linesView(s *demand.State, history []demand.Recorded) []staff.Line {
	var out []staff.Line
	for _, l := range s.Lines {
		w := staff.Line{No: l.No, Target: l.Target, Service: string(l.Service), Category: string(l.Category), From: l.From, Until: l.Until, Basis: string(l.Basis),
			Participants: l.Participants, Decision: string(l.Decision), Decided: uint64(l.Decided)}
		if l.Decided > 0 {
			w.Reason = history[l.Decided-1].Reason
		}
		if !l.Part.Empty() {
			w.Gives = grant.InWords(l.Part)
		}
		out = append(out, w)
	}
	return out
}

func findingsView(s *demand.State, by map[demand.Seq]string) []staff.Finding {
	var out []staff.Finding
	for _, f := range s.Findings.All {
		w := staff.Finding{Rule: f.Rule, Outcome: f.Outcome, Severity: f.Severity, Respond: strings.Split(f.Respond, ", "), Cite: f.Cite, Quote: f.Quote,
			Checked: f.Checked, Missing: f.Missing}
		for _, a := range s.Findings.Answers {
			if a.Rule == f.Rule {
				w.AnsweredBy, w.SecondedBy = string(a.By), string(a.Second)
			}
		}
		out = append(out, w)
	}
	return out
}

func grantsView(s *demand.State, p demand.Policy, history []demand.Recorded) []staff.Grant {
	var out []staff.Grant
	for _, g := range s.Grants {
		w := staff.Grant{ID: g.ID, Digest: g.Digest.String(), Gives: grant.InWords(g.Scope), Region: g.Region, Recipient: g.Recipient, Drafter: string(g.Drafter),
			Needed: p.Approvals, Expires: g.Expires, Revoked: g.Revoked > 0, Outcome: string(g.Outcome), Permitted: g.Permitted > 0,
			ByHand: g.ByHand(), Production: g.Production, Emergency: g.Emergency}
		for _, r := range history {
			if a, ok := r.Event.(demand.ApprovalSeen); ok && a.Grant == g.ID {
				w.Approvals = append(w.Approvals, staff.Approval{Person: string(a.Person), At: r.At})
			}
		}
		out = append(out, w)
	}
	return out
}

func noticesView(s *demand.State) []staff.Notice {
	var out []staff.Notice
	for _, n := range s.Notices {
		out = append(out, staff.Notice{Account: string(n.Account), At: n.At, Event: uint64(n.Seq)})
	}
	return out
}

var words = ui.WordsFor("en")

// says puts an event's content into one sentence.
func says(e demand.Event) string {
	switch e := e.(type) {
	case demand.Received:
		return fmt.Sprintf("%s and %s; original %s…", plural(len(e.Targets), "target"), plural(len(e.Lines), "line"), hex.EncodeToString(e.Original[:6]))
	case demand.Authenticated:
		return e.How
	case demand.Assessed:
		return plural(len(e.Findings), "finding")
	case demand.Answered:
		return e.Rule
	case demand.Resolved:
		if len(e.Accounts) == 0 {
			return fmt.Sprintf("target %d is no account of ours", e.Target)
		}
		return fmt.Sprintf("target %d is %s", e.Target, join(e.Accounts))
	case demand.Checked:
		return fmt.Sprintf("target %d, as looked up in event %d", e.Target, e.Resolution)
	case demand.LineDecided:
		return fmt.Sprintf("line %d: %s", e.Line, words.Of(ui.Decisions, string(e.Decision)))
	case demand.SecrecyStated:
		if e.None {
			return "no duty of secrecy: the customer may be told"
		}
		return "silence rests on " + words.Of(ui.Secrecies, e.Source)
	case demand.NoticeSent:
		return "the holder of " + string(e.Account)
	case demand.Stayed:
		return e.Source
	case demand.GrantDrafted:
		said := e.Grant + " for " + plural(len(e.Scope), "selector")
		if e.Collection == "by-hand" {
			said += ", by hand, not gate-filtered"
		}
		return said
	case demand.ApprovalSeen:
		return e.Grant + " by " + string(e.Person)
	case demand.GrantRevoked:
		return e.Grant
	case demand.ReleasePermitted:
		return fmt.Sprintf("%s, %s", e.Grant, plural(int(e.Items), "item"))
	case demand.ReleaseEnded:
		return e.Grant + ": " + words.Of(ui.Releases, string(e.Outcome))
	}
	return ""
}

func join(accounts []scope.AccountID) string {
	out := make([]string, len(accounts))
	for i, a := range accounts {
		out[i] = string(a)
	}
	return strings.Join(out, ", ")
}

func obstacles(b demand.Blocked) []staff.Obstacle {
	var out []staff.Obstacle
	for _, x := range b {
		w := staff.Obstacle{Code: x.Code, About: x.About, Seat: x.Seat, Until: x.Until}
		for _, s := range x.Because {
			w.Because = append(w.Because, uint64(s))
		}
		out = append(out, w)
	}
	return out
}
