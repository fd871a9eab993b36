package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/act"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// Stream implements staff.Streams.
func (v Staff) Stream(ctx context.Context, reader, id string) (staff.Stream, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Stream{}, err
	}
	ctx = as(ctx, reader)
	c, err := v.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return staff.Stream{}, err
	}
	h, err := v.Docket.History(ctx, demand.ID(id))
	if err != nil {
		return staff.Stream{}, err
	}
	s := c.State
	out := staff.Stream{ID: id, Kind: string(s.Stream), Title: titleOf(s), Sealed: c.Compartment != docket.General, OnRoster: len(w.seats) > 0, History: v.historyView(h), Acts: actsOf(c, w)}
	if len(h) > 0 {
		out.Begun = h[0].At
	}
	x := desk{v, w, c, h}
	switch s.Stream {
	case demand.ContestStream:
		x.contestPage(&out)
	case demand.SecrecyStream:
		x.dutyPage(&out)
	case demand.MatterStream:
		out.State = "open"
		out.Facts = datum("The authority’s reference", s.About.Ref)
		out.Sections = []staff.Section{{Part: "demands", Entries: x.covers(s.About.Demands)}}
	case demand.CaseStream:
		err = x.casePage(ctx, &out)
	default:
		return staff.Stream{}, docket.NotFound()
	}
	return out, err
}

// actsOf are the acts of a stream's own page that nothing on it begins.
func actsOf(c docket.Case, w who) []staff.Link {
	s := c.State
	var out []staff.Link
	for _, a := range act.Offered(s.Stream) {
		if canNow(s, a.Name) {
			out = append(out, w.link(resourceOf(c), c.ID, a.Name, "")...)
		}
	}
	return out
}

// canNow hides what would be refused whatever is stated.
func canNow(s *demand.State, name string) bool {
	pending := s.Contest.Pending()
	switch name {
	case "contest.move", "contest.end":
		return pending
	case "contest.lift_stay", "secrecy.settle":
		return false // offered at the stay, at the renewal
	case "contest.stay":
		return slices.ContainsFunc(s.Contest.Covers, func(c demand.Cover) bool { return len(c.Reach) > 0 })
	case "secrecy.renew", "secrecy.ease", "secrecy.lift":
		return s.Duty.Lifted == 0
	case "secrecy.review":
		return s.Duty.End().IsZero()
	case "secrecy.arm":
		return !s.Duty.End().IsZero() && !s.Duty.ArmedFor() && !s.Duty.Open()
	case "secrecy.disarm":
		return s.Duty.Armed.Seq > 0
	}
	return true
}

func (d desk) contestPage(out *staff.Stream) {
	c, now := &d.c.State.Contest, d.c.Env.Now
	out.State = contestState(c)
	out.Facts = slices.Concat(datum("Against", words.Choice("against", c.Against)), dayOf("Ended on", c.EndedOn))
	stands := false
	var stays, instances []staff.Entry
	for _, st := range c.Stays {
		e := staff.Entry{ID: "stay-" + strconv.FormatUint(uint64(st.Seq), 10), Title: st.Source, State: stayState(st.Lifted, st.Until, now), Facts: slices.Concat(dayOf("Ordered", st.On), endOf("Until", st.Until)), Events: seq(st.Seq)}
		for _, id := range sorted(st.Reach) {
			e.Facts = append(e.Facts, staff.Datum{Name: "Stops", Text: string(id) + ": " + strings.Join(grant.InWords(st.Reach[id]), "; "), Href: addressOf(id)})
		}
		if st.Lifted == 0 {
			stands = stands || e.State == "in force"
			e.Acts = d.link("contest.lift_stay", "stay", strconv.FormatUint(uint64(st.Seq), 10))
		} else {
			e.Events = append(e.Events, uint64(st.Lifted))
		}
		stays = append(stays, e)
	}
	if c.Pending() && !stands {
		out.Notes = append(out.Notes, "No stay is in force. Contesting stops no deadline and no release by itself.")
	}
	if c.Ended > 0 && stands {
		out.Notes = append(out.Notes, "The contest has ended, and a stay still stands until a court lifts it.")
	}
	for _, i := range c.Instances {
		e := staff.Entry{Title: sentence(i.Court, i.Number), State: words.Of(ui.Rulings, i.Ruling), Facts: slices.Concat(dayOf("Filed", i.Filed), dayOf("Ruled", i.RuledOn)), Events: seq(i.Ruled)}
		if i.Says != "" {
			e.Texts = []string{i.Says}
		}
		instances = append(instances, e)
	}
	out.Sections = append(out.Sections, staff.Section{Part: "instances", Entries: instances})
	sections(out, "stays", stays)
	d.restOfContest(out)
	out.Tracks = contestTracks(c, now)
}

func (d desk) restOfContest(out *staff.Stream) {
	c := &d.c.State.Contest
	var contempts, filings, unsealed, covers []staff.Entry
	for _, x := range c.Contempts {
		contempts = append(contempts, staff.Entry{Title: x.Court, Texts: []string{x.Terms}, Facts: dayOf("On", x.On), Events: seq(x.Seq)})
	}
	for _, x := range c.Filings {
		filings = append(filings, staff.Entry{Title: x.Who, Texts: []string{x.What}, Facts: dayOf("On", x.On), Events: seq(x.Seq)})
	}
	for _, x := range c.Unsealed {
		unsealed = append(unsealed, staff.Entry{Title: x.What, Facts: dayOf("On", x.On), Events: seq(x.Seq)})
	}
	for _, x := range c.Covers {
		e := staff.Entry{Title: string(x.Demand), Href: addressOf(x.Demand), State: "about secrecy alone"}
		if len(x.Reach) > 0 {
			e.State = plural(len(x.Reach), "part")
		}
		covers = append(covers, e)
	}
	for _, id := range c.Duties {
		covers = append(covers, staff.Entry{Title: string(id), Href: addressOf(id), State: "a duty of secrecy that is contested"})
	}
	sections(out, "contempt", contempts)
	sections(out, "filings", filings)
	sections(out, "unsealed", unsealed)
	sections(out, "covers", covers)
}

func sections(out *staff.Stream, part string, entries []staff.Entry) {
	if len(entries) > 0 {
		out.Sections = append(out.Sections, staff.Section{Part: part, Entries: entries})
	}
}

func sorted[V any](m map[demand.ID]V) []demand.ID {
	var out []demand.ID
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (d desk) covers(ids []demand.ID) []staff.Entry {
	var out []staff.Entry
	for _, id := range ids {
		out = append(out, staff.Entry{Title: string(id), Href: addressOf(id)})
	}
	return out
}

func (d desk) dutyPage(out *staff.Stream) {
	y, now := &d.c.State.Duty, d.c.Env.Now
	out.State = dutyState(y, now)
	out.Facts = slices.Concat(datum("Rests on", words.Of(ui.Secrecies, y.Source)), datum("Can be ended by", y.Authority), datum("No.", y.Number), datum("Reasons given", words.Choice("reasons", y.Reasons)),
		datum("May not be told", choicesOf("binds", y.Binds)), dayOf("Signed", y.Signed), moment("Served", y.Served, false), moment("In force from", y.Effective, false), endOf("Ends", y.End()),
		moment("Look again", reviewOf(y), true), datum("Notice at its end", armedSays(y)), moment("Channels read through", y.Drained, false))
	switch {
	case y.Open():
		out.Notes = append(out.Notes, "A renewal was signed before the end and served after it. Until counsel has settled whether it binds, nobody is told.")
	case y.End().IsZero():
		out.Notes = append(out.Notes, "No end is stated. A person looks again whether it still stands, and that is how it ends.")
	case !y.ArmedFor():
		out.Notes = append(out.Notes, "Nobody has armed the notice for this end. Not armed in time, it is escalated and no letter goes.")
	}
	var covers, renewals, telling, asked []staff.Entry
	for _, c := range y.Covers {
		e := staff.Entry{Title: string(c.Demand), Href: addressOf(c.Demand), State: "all of it"}
		if len(c.Accounts) > 0 {
			e.State = join(c.Accounts)
		}
		covers = append(covers, e)
	}
	for _, r := range y.Renewals {
		e := staff.Entry{Title: "Renewal " + r.Number, State: "binds", Facts: slices.Concat(dayOf("Signed", r.Signed), moment("Served", r.Served, false), endOf("Until", r.Until)), Events: seq(r.Seq)}
		switch {
		case r.Settled == 0:
			e.State, e.Now = "to be settled", true
			e.Acts = d.link("secrecy.settle", "renewal", strconv.FormatUint(uint64(r.Seq), 10))
		case !r.Binds:
			e.State = "does not bind"
		}
		renewals = append(renewals, e)
	}
	for _, t := range y.MayTell {
		telling = append(telling, staff.Entry{Title: t.Who, Texts: []string{t.Source}, Events: seq(t.Seq)})
	}
	for _, a := range y.Asked {
		asked = append(asked, staff.Entry{Title: strconv.Itoa(a.Days) + " days before the end", State: a.Letter, Facts: slices.Concat(moment("Asked", a.At, false), endOf("About the end on", a.End)), Events: seq(a.Seq)})
	}
	sections(out, "covers", covers)
	sections(out, "renewals", renewals)
	sections(out, "telling", telling)
	sections(out, "asked", asked)
	sections(out, "contests", d.covers(y.Contests))
	out.Tracks = dutyTracks(y, now)
}

func choicesOf(field string, values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, words.Choice(field, v))
	}
	return strings.Join(out, "; ")
}

// casePage lists the members, and what lies in the case as its members may see it.
func (d desk) casePage(ctx context.Context, out *staff.Stream) error {
	out.State = "open to its members alone"
	var members, inside []staff.Entry
	for _, p := range d.c.State.Case.Members {
		members = append(members, staff.Entry{Title: string(p), Acts: d.link("case.member", "person", string(p), "change", "remove")})
	}
	items, err := d.Docket.Queue(ctx, docket.QueryArgs{Streams: []demand.Stream{demand.DemandStream, demand.ContestStream, demand.SecrecyStream, demand.MatterStream}, Compartments: []string{string(d.c.ID)}, Limit: docket.MaxPage})
	if err != nil {
		return err
	}
	for _, it := range items {
		e := staff.Entry{Title: sentence(d.agencyName(it.View.Agency), it.View.Title), Href: addressOf(it.ID), State: words.Of(ui.Statuses, string(it.Status)), Facts: []staff.Datum{{Name: words.Of(ui.Kinds, string(it.Stream)), Text: string(it.ID), Mono: true}}}
		if it.Problem != nil {
			e.Title, e.State, e.Now = string(it.ID), it.Problem.Code, true
		}
		inside = append(inside, e)
	}
	out.Sections = []staff.Section{{Part: "members", Entries: members}}
	sections(out, "covers", inside)
	return nil
}
