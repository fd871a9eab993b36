package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/act"
	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// What the page of a stream offers to choose from.

func lineOptions(s *demand.State) []staff.Option {
	var out []staff.Option
	for _, l := range s.Lines {
		if l.Decision == demand.Superseded {
			continue
		}
		stated := ""
		if l.Target >= 1 && l.Target <= len(s.Targets) {
			stated = s.Targets[l.Target-1].Stated
		}
		out = append(out, staff.Option{Value: strconv.Itoa(l.No), Says: fmt.Sprintf("Line %d: %s, %s of %s", l.No, words.Of(ui.Services, string(l.Service)), words.Of(ui.Categories, string(l.Category)), stated),
			Quiet: words.Of(ui.Decisions, string(l.Decision))})
	}
	return out
}

func accountOptions(s *demand.State) []staff.Option {
	var ids []scope.AccountID
	for _, t := range s.Targets {
		ids = append(ids, t.Accounts...)
	}
	for _, c := range s.Duty.Covers {
		ids = append(ids, c.Accounts...)
	}
	slices.Sort(ids)
	var out []staff.Option
	for _, id := range slices.Compact(ids) {
		out = append(out, staff.Option{Value: string(id), Says: string(id)})
	}
	return out
}

func paperOptions(s *demand.State) []staff.Option {
	var out []staff.Option
	for _, p := range s.Papers {
		out = append(out, staff.Option{Value: strconv.Itoa(p.No), Says: fmt.Sprintf("Paper %d: %s", p.No, p.On.Title), Quiet: p.On.Number})
	}
	return out
}

func stayOptions(s *demand.State) []staff.Option {
	var out []staff.Option
	for _, st := range s.Stays {
		if st.Lifted == 0 {
			out = append(out, option(uint64(st.Seq), st.Source))
		}
	}
	for _, st := range s.Contest.Stays {
		if st.Lifted == 0 {
			out = append(out, option(uint64(st.Seq), st.Source))
		}
	}
	return out
}

// ownOptions are the things of a stream that an act can be about. Nil where the
// field names something new.
func (x choices) ownOptions(s *demand.State, act, field string) []staff.Option {
	out := []staff.Option{}
	add := func(ok bool, n uint64, says string) {
		if ok {
			out = append(out, option(n, says))
		}
	}
	switch field {
	case "hold":
		for _, h := range s.Holds {
			add(h.Lifted == 0, uint64(h.Seq), h.Why)
		}
	case "task":
		for _, t := range s.Tasks {
			add(t.Done == 0, uint64(t.No), t.What)
		}
	case "renewal":
		for _, r := range s.Duty.Renewals {
			add(r.Settled == 0, uint64(r.Seq), sentence(r.Number, "served "+x.Told().At(r.Served).Text))
		}
	case "answers":
		for _, m := range s.Thread {
			add(true, uint64(m.No), m.Subject)
		}
	case "instance":
		for _, i := range s.Contest.Instances {
			add(true, uint64(i.No), i.Court)
		}
	case "grant":
		for _, g := range s.Grants {
			waits := g.Permitted == 0 && g.Revoked == 0 && g.Asked.Seq == 0
			if act == "release.ask" && waits || act != "release.ask" && g.Outcome == demand.Released {
				out = append(out, staff.Option{Value: g.ID, Says: g.ID})
			}
		}
	case "deadline":
		if act == "deadline.set" {
			return nil
		}
		for _, d := range s.Deadlines {
			if d.Met == 0 {
				out = append(out, staff.Option{Value: d.ID, Says: sentence(d.ID, words.Of(ui.Deadlines, d.Kind))})
			}
		}
	case "copy":
		if act == "preservation.make" {
			return nil
		}
		for _, c := range s.Copies {
			if c.Ended == 0 && c.How != "gate" { // what becomes of that, the gate says
				out = append(out, staff.Option{Value: c.ID, Says: c.ID})
			}
		}
	}
	return out
}

func (x choices) agencies() []staff.Option {
	var out []staff.Option
	for _, a := range x.Agencies.All() {
		out = append(out, staff.Option{Value: a.ID, Says: a.Name, Quiet: a.Country})
	}
	return out
}

func instrumentOptions() []staff.Option {
	var out []staff.Option
	for _, w := range fact.Instrument.Def().Values {
		out = append(out, staff.Option{Value: w, Says: strings.ReplaceAll(w, "_", " ")})
	}
	return out
}

func dutyOptions(s *demand.State) []staff.Option {
	var out []staff.Option
	for _, d := range s.Duties() {
		out = append(out, staff.Option{Value: string(d.ID), Says: d.Cite, Quiet: string(d.ID)})
	}
	return out
}

func coverOptions(s *demand.State) []staff.Option {
	var out []staff.Option
	for _, id := range s.Covered() {
		out = append(out, staff.Option{Value: string(id), Says: string(id)})
	}
	return out
}

// endOptions is the one end that a notice can be armed for.
func (x choices) endOptions(s *demand.State) []staff.Option {
	end := s.Duty.End()
	if end.IsZero() {
		return nil
	}
	return []staff.Option{{Value: end.UTC().Format(time.RFC3339Nano), Says: x.Told().End(end).Text}}
}

// lookAt is what a person should have before them while they give an act.
func (x choices) lookAt(a act.Act) []staff.Datum {
	s := x.page
	switch a.Name {
	case "demand.read":
		return x.proposed()
	case "callback.record":
		agency, ok := x.Agencies.Agency(s.Instrument.Agency)
		if !ok {
			return datum("Contact on file", "none is on file")
		}
		out := datum("Contact on file", agency.Contact+" ("+agency.Source+")")
		for _, c := range agency.Callbacks {
			says := c.Contact + " (" + c.Source + ")"
			if c.Emergency {
				says += ", answered at any hour"
			}
			out = append(out, datum("Contact on file", says)...)
		}
		return out
	case "secrecy.arm":
		return slices.Concat(datum("Duty", s.Duty.Cite), endOf("Ends", s.Duty.End()), datum("Covers", strings.Join(covered(s), ", ")))
	case "contest.stay":
		var out []staff.Datum
		for _, c := range s.Contest.Covers {
			if len(c.Reach) > 0 {
				out = append(out, staff.Datum{Name: "Can be stopped", Text: string(c.Demand) + ", " + plural(len(c.Reach), "part"), Href: addressOf(c.Demand)})
			}
		}
		return out
	}
	return nil
}

func covered(s *demand.State) []string {
	var out []string
	for _, id := range s.Covered() {
		out = append(out, string(id))
	}
	return out
}
