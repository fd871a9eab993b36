package app

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"counterseal/internal/act"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// desk is one demand before one reader, laid out in sections.
type desk struct {
	Staff
	w       who
	c       docket.Case
	history []demand.Recorded
}

// addressOf is the page of a stream.
func addressOf(id demand.ID) string {
	switch kind := demand.StreamOf(id); kind {
	case demand.DemandStream, demand.ContestStream, demand.SecrecyStream, demand.MatterStream, demand.CaseStream:
		return "/" + string(kind) + "/" + string(id)
	}
	return ""
}

// link offers an act of a page with some of its fields filled in, where the
// reader may do it.
func (w who) link(at policy.Resource, page demand.ID, name, about string, fill ...string) []staff.Link {
	_, ok := act.Find(name)
	if !ok || w.may(name, at) != nil {
		return nil
	}
	q := url.Values{}
	for i := 0; i+1 < len(fill); i += 2 {
		q.Add(fill[i], fill[i+1])
	}
	l := staff.Link{Act: name, About: about, Href: addressOf(page) + "/act/" + name}
	if len(q) > 0 {
		l.Href += "?" + q.Encode()
	}
	return []staff.Link{l}
}

func (d desk) link(name string, fill ...string) []staff.Link {
	return d.w.link(resourceOf(d.c), d.c.ID, name, "", fill...)
}

func seq(s demand.Seq) []uint64 {
	if s == 0 {
		return nil
	}
	return []uint64{uint64(s)}
}

func datum(name, text string) []staff.Datum {
	if text == "" {
		return nil
	}
	return []staff.Datum{{Name: name, Text: text}}
}

func moment(name string, t time.Time, due bool) []staff.Datum {
	if t.IsZero() {
		return nil
	}
	return []staff.Datum{{Name: name, At: t, Due: due}}
}

// dayOf is a day that a paper or a court states, without an hour.
func dayOf(name string, t time.Time) []staff.Datum {
	if t.IsZero() {
		return nil
	}
	return []staff.Datum{{Name: name, At: t, Day: true}}
}

// endOf is when something ends.
func endOf(name string, t time.Time) []staff.Datum {
	if t.IsZero() {
		return nil
	}
	return []staff.Datum{{Name: name, At: t, End: true}}
}

// beginners are the acts that begin a section, beside those that its entries offer.
var beginners = []struct {
	part string
	acts []string
}{
	{"papers", []string{"paper.add", "service.record"}}, {"callbacks", []string{"callback.record"}}, {"parties", []string{"party.name"}},
	{"deadlines", []string{"deadline.set"}}, {"contests", []string{"contest.open", "contest.widen", "stay.record"}}, {"secrecy", []string{"secrecy.open", "silence.ask"}},
	{"preservation", []string{"preservation.make"}}, {"previews", nil}, {"holds", []string{"hold.place"}}, {"links", []string{"demand.link", "matter.file", "matter.open"}},
	{"seal", []string{"case.seal", "case.open"}}, {"thread", []string{"message.keep"}}, {"tasks", []string{"task.set"}}, {"costs", []string{"cost.note"}}, {"notes", []string{"note.write"}},
}

// sections are the parts of which there is something, and, apart from them, what
// begins the others.
func (d desk) sections(ctx context.Context) (there, absent []staff.Section, err error) {
	notes, err := d.notes(ctx)
	if err != nil {
		return nil, nil, err
	}
	entries := map[string][]staff.Entry{
		"papers": d.papers(), "callbacks": d.callbacks(), "parties": d.parties(), "deadlines": d.deadlines(), "contests": d.contests(), "secrecy": d.secrecy(), "preservation": d.copies(), "previews": d.previews(),
		"holds": d.holds(), "links": d.links(), "seal": d.seal(), "thread": d.thread(), "tasks": d.tasks(), "costs": d.costs(), "notes": notes,
	}
	for _, b := range beginners {
		s := staff.Section{Part: b.part, Entries: entries[b.part]}
		for _, name := range b.acts {
			if d.possible(name) {
				s.Acts = append(s.Acts, d.link(name)...)
			}
		}
		if b.part == "thread" {
			s.Acts = append(d.writes(), s.Acts...)
		}
		switch {
		case len(s.Entries) > 0:
			there = append(there, s)
		case len(s.Acts) > 0:
			absent = append(absent, s)
		}
	}
	if ends := d.ends(); len(ends) > 0 {
		absent = append(absent, staff.Section{Part: "end", Acts: ends})
	}
	return there, absent, nil
}

// possible hides what would be refused whatever is stated.
func (d desk) possible(name string) bool {
	s := d.c.State
	resolved := slices.ContainsFunc(s.Targets, func(t demand.Target) bool { return len(t.Accounts) > 0 })
	switch name {
	case "stay.record":
		return resolved
	case "preservation.make":
		return resolved && s.Closed == 0
	case "paper.add":
		return s.Closed == 0
	case "silence.ask":
		return s.Silence.IsZero()
	case "case.seal":
		return len(s.Touching()) == 0
	}
	return true
}

func (d desk) ends() []staff.Link {
	s := d.c.State
	if s.Closed > 0 || s.Unread {
		return nil
	}
	var out []staff.Link
	if len(s.Lines) == 0 && s.Conclusion.Seq == 0 {
		out = d.link("demand.conclude")
	}
	if len(demand.MayClose(s, d.c.Env)) == 0 {
		out = append(out, d.link("demand.close")...)
	}
	return out
}

func (d desk) papers() []staff.Entry {
	s := d.c.State
	if len(s.Papers) < 2 && (len(s.Papers) == 0 || len(s.Papers[0].Services) == 0) {
		return nil
	}
	var out []staff.Entry
	for _, p := range s.Papers {
		genuine := p.Authentic
		if p.No == 1 {
			genuine = s.Authentic
		}
		no := strconv.Itoa(p.No)
		e := staff.Entry{ID: "paper-" + no, Title: fmt.Sprintf("Paper %d: %s", p.No, p.On.Title), State: "not checked", Events: seq(p.Seq), Now: genuine.Seq == 0,
			Facts: slices.Concat(datum("No.", p.On.Number), datum("From", d.agencyName(p.On.Agency)), dayOf("Signed", p.On.Signed), moment("By when", p.On.Due, true),
				[]staff.Datum{{Name: "Document", Text: p.Document.String()[:12] + "…", Mono: true, Href: "/demand/" + string(d.c.ID) + "/document/" + p.Document.String()}})}
		if genuine.Seq > 0 {
			e.State = "genuine"
			if !genuine.Genuine {
				e.State, e.Now = "not genuine", true
			}
			e.Texts = append(e.Texts, genuine.How)
		}
		if p.Amends > 0 {
			e.Facts = append(e.Facts, staff.Datum{Name: "Amends", Text: fmt.Sprintf("paper %d", p.Amends), Href: fmt.Sprintf("#paper-%d", p.Amends)})
		}
		for _, v := range p.Services {
			e.Facts = append(e.Facts, staff.Datum{Name: "Served", Text: sentence("on "+v.Entity, v.Manner), At: v.At})
		}
		e.Acts = slices.Concat(d.link("paper.authenticate", "paper", no), d.link("service.record", "paper", no), d.link("demand.ask", "paper", no))
		out = append(out, e)
	}
	return out
}

func (d desk) callbacks() []staff.Entry {
	var out []staff.Entry
	for _, c := range d.c.State.Callbacks {
		state := "it is not theirs"
		if c.Confirmed {
			state = "confirmed"
		}
		out = append(out, staff.Entry{Title: c.Contact, State: state, Now: !c.Confirmed, Events: seq(c.Seq), Facts: slices.Concat(datum("Answered", c.Reached), moment("At", c.At, false), datum("Called by", string(c.Caller)))})
	}
	return out
}

func (d desk) parties() []staff.Entry {
	var out []staff.Entry
	for _, p := range d.c.State.Parties {
		e := staff.Entry{Title: p.Name, State: words.Choice("role", p.Role), Events: seq(p.Seq)}
		if p.Note != "" {
			e.Texts = []string{p.Note}
		}
		out = append(out, e)
	}
	return out
}

func (d desk) deadlines() []staff.Entry {
	var out []staff.Entry
	for _, x := range d.c.State.Deadlines {
		e := staff.Entry{ID: "deadline-" + x.ID, Title: title(words.Of(ui.Deadlines, x.Kind)), State: "runs", Texts: []string{x.Says}, Events: seq(x.Seq),
			Facts: slices.Concat(moment("Not before", x.NotBefore, false), moment("Last day", x.Latest, x.Met == 0 && x.Suspended == 0), datum("Provision", x.Cite), datum("Rule", x.Rule), datum("Counted in", x.Zone), datum("Calendar", x.Calendar))}
		if len(x.Lines) > 0 {
			e.Facts = append(e.Facts, datum("Lines", numbers(x.Lines))...)
		}
		switch {
		case x.Met > 0:
			e.State, e.Events = "met", append(e.Events, uint64(x.Met))
		case x.Suspended > 0:
			e.State, e.Events = "suspended", append(e.Events, uint64(x.Suspended))
			e.Acts = d.link("deadline.resume", "deadline", x.ID)
		default:
			e.Acts = slices.Concat(d.link("deadline.meet", "deadline", x.ID), d.link("deadline.suspend", "deadline", x.ID))
		}
		if x.Cleared > 0 {
			e.Texts, e.Events = append(e.Texts, "Whoever the first day waits for has agreed."), append(e.Events, uint64(x.Cleared))
		} else if !x.NotBefore.IsZero() && x.Met == 0 {
			e.Acts = append(e.Acts, d.link("deadline.clear", "deadline", x.ID)...)
		}
		out = append(out, e)
	}
	return out
}

func numbers(list []int) string {
	out := ""
	for i, n := range list {
		if i > 0 {
			out += ", "
		}
		out += strconv.Itoa(n)
	}
	return out
}

// title gives a word its capital.
func title(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func (d desk) contests() []staff.Entry {
	var out []staff.Entry
	s, now := d.c.State, d.c.Env.Now
	for _, st := range s.Stays {
		e := staff.Entry{Title: "Stay: " + st.Source, State: stayState(st.Lifted, st.Until, now), Texts: grant.InWords(st.Reach), Facts: endOf("Until", st.Until), Events: seq(st.Seq)}
		if st.Lifted == 0 {
			e.Acts = d.link("stay.lift", "stay", strconv.FormatUint(uint64(st.Seq), 10))
		} else {
			e.Events = append(e.Events, uint64(st.Lifted))
		}
		out = append(out, e)
	}
	for _, c := range s.Contests() {
		i := c.Current()
		e := staff.Entry{ID: "stream-" + string(c.ID), Title: c.Title, Href: addressOf(c.ID), State: contestState(c),
			Facts: slices.Concat(datum("Before", sentence(i.Court, i.Number)), dayOf("Filed", i.Filed), datum("Ruling", words.Of(ui.Rulings, i.Ruling)), datum("Against", words.Choice("against", c.Against)))}
		for _, st := range c.Stays {
			if reach, here := st.Reach[s.ID]; here {
				e.Texts = append(e.Texts, "Stay, "+stayState(st.Lifted, st.Until, now)+": "+st.Source)
				e.Texts = append(e.Texts, grant.InWords(reach)...)
			}
		}
		if c.Pending() && len(c.Stays) == 0 {
			e.Texts = append(e.Texts, "Contesting stops nothing by itself: no stay is recorded.")
		}
		out = append(out, e)
	}
	return out
}

func stayState(lifted demand.Seq, until, now time.Time) string {
	switch {
	case lifted > 0:
		return "lifted"
	case !until.IsZero() && !now.Before(until):
		return "over"
	}
	return "in force"
}

func contestState(c *demand.Contest) string {
	if c.Pending() {
		return "pending"
	}
	return "ended: " + words.Choice("how", c.How)
}

func (d desk) secrecy() []staff.Entry {
	var out []staff.Entry
	s, now := d.c.State, d.c.Env.Now
	for _, y := range s.Duties() {
		e := staff.Entry{ID: "stream-" + string(y.ID), Title: y.Cite, Href: addressOf(y.ID), State: dutyState(y, now), Now: y.Open() || !y.Stands(now) && !y.ArmedFor(),
			Facts: slices.Concat(datum("Rests on", words.Of(ui.Secrecies, y.Source)), datum("Ended by", y.Authority), endOf("Ends", y.End()), moment("Review", reviewOf(y), true))}
		for _, c := range y.Covers {
			if c.Demand == s.ID && len(c.Accounts) > 0 {
				e.Facts = append(e.Facts, datum("Accounts", join(c.Accounts))...)
			}
		}
		e.Facts = append(e.Facts, datum("Notice", armedSays(y))...)
		out = append(out, e)
	}
	if !s.Silence.IsZero() {
		out = append(out, staff.Entry{Title: "A bare request for silence", State: "binds nobody", Texts: []string{"Notice waits a published short time for an order."}, Facts: endOf("Notice waits until", s.Silence)})
	}
	return out
}

func reviewOf(y *demand.SecrecyDuty) time.Time {
	if !y.End().IsZero() {
		return time.Time{}
	}
	return y.Review
}

func dutyState(y *demand.SecrecyDuty, now time.Time) string {
	switch {
	case y.Open():
		return "a late renewal is to be settled"
	case y.Stands(now):
		return "in force"
	case y.Lifted > 0:
		return "lifted"
	}
	return "ended"
}

func armedSays(y *demand.SecrecyDuty) string {
	switch {
	case y.ArmedFor():
		return "armed by " + string(y.Armed.By)
	case y.End().IsZero():
		return ""
	case y.Armed.Seq > 0:
		return "armed for another end; to be armed anew"
	}
	return "not armed"
}

// notes are counsel's. Who holds another seat gets what a demand without notes
// gives.
func (d desk) notes(ctx context.Context) ([]staff.Entry, error) {
	n, err := d.Docket.State(ctx, demand.NotesOf(d.c.ID))
	if problem.Code(err) == "docket.not_found" {
		return nil, nil
	}
	if err != nil {
		if problem.Of(err).Kind == problem.Unavailable {
			return nil, err
		}
		return []staff.Entry{{Title: "The notes cannot be read", State: problem.Code(err), Now: true}}, nil
	}
	var out []staff.Entry
	for _, x := range n.State.Notes {
		out = append(out, staff.Entry{Title: string(x.By), Texts: []string{x.Text}, Facts: moment("", x.At, false)})
	}
	return out, nil
}
