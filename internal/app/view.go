package app

import (
	"context"
	"strconv"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
)

// Staff shows the docket to staff: one view for the pages and the command line.
// It implements staff.Docket.
type Staff struct{ *Office }

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
	ctx = as(ctx, reader)
	c, err := v.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return staff.Demand{}, err
	}
	if c.State.Stream != demand.DemandStream {
		return staff.Demand{}, docket.NotFound()
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
	d := staff.Demand{ID: id, Sealed: c.Compartment != docket.General, Kind: string(s.Kind), Emergency: s.Emergency, Unread: s.Unread, Status: string(s.Status(c.Env.Now)), Due: s.AnswerBy(), Why: why(s), Next: v.next(demand.ID(id), c, w),
		Last: uint64(s.Last), OnRoster: len(w.seats) > 0, Offers: v.offers(c, w),
		Instrument: staff.Instrument{Kind: s.Instrument.Kind, Title: s.Instrument.Title, Number: s.Instrument.Number, Agency: v.agencyName(s.Instrument.Agency),
			Officer: s.Instrument.Officer, Signed: s.Instrument.Signed, Channel: channel(s.Channel), Received: s.Received.At,
			Original: s.Original.String(), Checked: s.Authentic.How, Genuine: s.Authentic.Genuine, CheckedAt: uint64(s.Authentic.Seq)},
		Secrecy: staff.Secrecy{Stated: s.Secrecy.Seq > 0, Duties: len(s.Duties()), None: s.Secrecy.None, Source: s.Secrecy.Source, Until: s.Secrecy.Until, Event: uint64(s.Secrecy.Seq)}}
	by := persons(history)
	d.Targets, d.Lines, d.Findings = targetsView(s, by), linesView(s, history), findingsView(s, by)
	d.Others, err = v.otherwise(s, history)
	if err != nil {
		return d, err
	}
	x := desk{v, w, c, history}
	d.Grants, d.Notices = grantsView(s, c.Env, history), noticesView(s)
	for i := range d.Grants {
		v.stamping.show(&d.Grants[i])
	}
	v.moving(ctx, d.Grants)
	x.actsOfGrants(d.Grants)
	x.actsOfLines(&d)
	d.Tracks = tracks(s, history, c.Env)
	d.History = v.historyView(history)
	d.Stated = factsView(s)
	for _, a := range c.Amiss {
		d.Silent = append(d.Silent, staff.Obstacle{Code: a.Problem.Code, About: string(a.ID)})
	}
	d.Letters = x.letters()
	d.Sections, d.Record, err = x.sections(ctx)
	if err == nil {
		d.Document, err = v.onPage(ctx, id, s)
	}
	return d, err
}

func (o *Office) historyView(history []demand.Recorded) []staff.Event {
	in := o.teller()
	var out []staff.Event
	for _, r := range history {
		out = append(out, staff.Event{Seq: uint64(r.Seq), At: r.At, By: whose(r.By), Kind: demand.KindOf(r.Event), Says: in.says(r.Event), Reason: r.Reason})
	}
	return out
}

func why(s *demand.State) string {
	due := s.AnswerBy()
	for _, d := range s.Deadlines {
		if d.Kind == "answer" && d.Met == 0 && d.Suspended == 0 && d.Latest.Equal(due) && !due.IsZero() {
			return d.Says
		}
	}
	if due.IsZero() {
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
			Checked: f.Checked, Missing: f.Missing, LeavesOut: f.LeavesOut}
		for _, a := range s.Findings.Answers {
			if a.Rule == f.Rule {
				w.AnsweredBy, w.SecondedBy = string(a.By), string(a.Second)
			}
		}
		out = append(out, w)
	}
	return out
}

func grantsView(s *demand.State, e demand.Env, history []demand.Recorded) []staff.Grant {
	var out []staff.Grant
	for _, g := range s.Grants {
		w := staff.Grant{ID: g.ID, Digest: g.Digest.String(), Gives: grant.InWords(g.Scope), Region: g.Region, Recipient: g.Recipient, Drafter: string(g.Drafter),
			Needed: e.Policy.Approvals, Expires: g.Expires, Revoked: g.Revoked > 0, Outcome: string(g.Outcome), Permitted: g.Permitted > 0,
			Received: uint64(g.Received), Recalled: uint64(g.Recalled), ByHand: g.ByHand(), Production: g.Production, Emergency: g.Emergency}
		for _, x := range s.Incidents {
			if x.Grant == g.ID {
				w.Exceeded = append(w.Exceeded, staff.Exceeded{Event: uint64(x.Seq), At: x.At, Outside: int(x.Outside), Items: int(x.Items), Apart: x.Kind == demand.KeptApart, Digest: x.Digest.String(), Whose: whoseView(s, x, e)})
			}
		}
		if g.Permitted == 0 && g.Revoked == 0 && g.Asked.Seq > 0 {
			w.Asked, w.AskedBy, w.Goes = g.Asked.At, string(g.Asked.By), s.NotBefore(g.Scope)
		}
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
	for _, n := range s.Corrections {
		out = append(out, staff.Notice{Account: string(n.Account), At: n.At, Event: uint64(n.Seq), Correction: true})
	}
	return out
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
		if x.In != "" {
			w.In = addressOf(x.In)
		}
		out = append(out, w)
	}
	return out
}
