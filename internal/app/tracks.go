package app

import (
	"fmt"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// Shapes of a span, as the time line draws them.
const (
	done    = "done"
	running = "running"
	stopped = "stopped"
	ahead   = "ahead"
)

// tracks tells each state machine of a demand as stretches of time.
func tracks(s *demand.State, history []demand.Recorded, e demand.Env) []staff.Track {
	at := func(q demand.Seq) time.Time {
		if q == 0 || int(q) > len(history) {
			return time.Time{}
		}
		return history[q-1].At
	}
	begin := s.Received.At
	out := []staff.Track{authenticityTrack(s, begin, at), reviewTrack(s, begin, at)}
	if len(s.Duties()) == 0 || s.Secrecy.Seq > 0 {
		out = append(out, secrecyTrack(s, at))
	}
	for _, y := range s.Duties() {
		out = append(out, dutyTracks(y, e.Now)...)
	}
	for _, c := range s.Contests() {
		out = append(out, contestTracks(c, e.Now)...)
	}
	for _, st := range s.Stays {
		t := staff.Track{Name: "stay", About: st.Source, State: "in force", Spans: []staff.Span{{From: at(st.Seq), Until: st.Until, Shape: stopped, Says: st.Source}}}
		if st.Lifted > 0 {
			t.State, t.Spans[0].Until, t.Spans[0].Shape = "lifted", at(st.Lifted), done
		}
		out = append(out, t)
	}
	for _, c := range s.Copies {
		t := staff.Track{Name: "preservation", About: c.ID, State: "kept", Spans: []staff.Span{{From: c.From, Until: c.Until, Shape: running, Says: "kept in " + c.Region}}}
		if c.Ended > 0 {
			t.State, t.Spans[0].Until, t.Spans[0].Shape = words.Choice("end", c.End), at(c.Ended), done
		}
		out = append(out, t)
	}
	for _, d := range s.Deadlines {
		out = append(out, deadlineTrack(d, begin, at))
	}
	for _, n := range s.Notices {
		until := s.WaitingEnds(n, e.Policy)
		t := staff.Track{Name: "notice", About: string(n.Account), State: "told; waiting period", Spans: []staff.Span{
			{From: n.At, Until: until, Shape: running, Says: "waiting period"}}}
		if !e.Now.Before(until) {
			t.State, t.Spans[0].Shape = "told", done
		}
		out = append(out, t)
	}
	for _, g := range s.Grants {
		out = append(out, releaseTrack(g, history, at))
	}
	return out
}

func authenticityTrack(s *demand.State, begin time.Time, at func(demand.Seq) time.Time) staff.Track {
	t := staff.Track{Name: "authenticity", State: "not checked", Spans: []staff.Span{{From: begin, Shape: running, Says: "to be checked"}}}
	if s.Authentic.Seq > 0 {
		t.State, t.Spans[0].Until, t.Spans[0].Shape, t.Spans[0].Says = "genuine", at(s.Authentic.Seq), done, s.Authentic.How
		if !s.Authentic.Genuine {
			t.State, t.Spans[0].Shape = "not genuine", stopped
		}
	}
	return t
}

func reviewTrack(s *demand.State, begin time.Time, at func(demand.Seq) time.Time) staff.Track {
	decided, last := 0, demand.Seq(0)
	for _, l := range s.Lines {
		if l.Decision != demand.Undecided {
			decided, last = decided+1, max(last, l.Decided)
		}
	}
	t := staff.Track{Name: "review", State: fmt.Sprintf("%d of %d lines decided", decided, len(s.Lines)), Spans: []staff.Span{{From: begin, Shape: running, Says: "review"}}}
	if len(s.Lines) == 0 {
		t.State = "no line to decide yet"
		return t
	}
	if decided == len(s.Lines) {
		t.Spans[0].Until, t.Spans[0].Shape = at(last), done
	}
	return t
}

func secrecyTrack(s *demand.State, at func(demand.Seq) time.Time) staff.Track {
	t := staff.Track{Name: "secrecy", State: "not stated"}
	switch {
	case s.Secrecy.Seq == 0:
	case s.Secrecy.None:
		t.State = "none"
	default:
		t.State = "in force"
		t.Spans = []staff.Span{{From: at(s.Secrecy.Seq), Until: s.Secrecy.Until, Shape: stopped, Says: "silence rests on " + words.Of(ui.Secrecies, s.Secrecy.Source)}}
	}
	return t
}

func releaseTrack(g demand.Grant, history []demand.Recorded, at func(demand.Seq) time.Time) staff.Track {
	t := staff.Track{Name: "release", About: g.ID, State: "with the approvers", Spans: []staff.Span{{From: at(g.Seq), Until: g.Expires, Shape: running, Says: "the grant's life"}}}
	for _, r := range history {
		if e, ok := r.Event.(demand.ReleaseEnded); ok && e.Grant == g.ID {
			t.State, t.Spans[0].Until, t.Spans[0].Shape = words.Of(ui.Releases, string(e.Outcome)), r.At, done
			if e.Outcome == demand.Unknown {
				t.Spans[0].Shape = stopped
			}
		}
	}
	if g.Revoked > 0 {
		t.State, t.Spans[0].Until, t.Spans[0].Shape = "taken back", at(g.Revoked), stopped
	}
	return t
}

// contestTracks are its instances and its stays.
func contestTracks(c *demand.Contest, now time.Time) []staff.Track {
	var out []staff.Track
	for _, i := range c.Instances {
		t := staff.Track{Name: "contest", About: i.Court, State: words.Of(ui.Rulings, i.Ruling), Spans: []staff.Span{{From: i.Filed, Until: i.RuledOn, Shape: running, Says: c.Title}}}
		if !i.RuledOn.IsZero() {
			t.Spans[0].Shape = done
		} else if c.Ended > 0 {
			t.State, t.Spans[0].Until, t.Spans[0].Shape = words.Choice("how", c.How), c.EndedOn, done
		}
		out = append(out, t)
	}
	for _, st := range c.Stays {
		state := stayState(st.Lifted, st.Until, now)
		t := staff.Track{Name: "stay", About: st.Source, State: state, Spans: []staff.Span{{From: st.On, Until: st.Until, Shape: stopped, Says: "stayed"}}}
		if state != "in force" {
			t.Spans[0].Shape = done
		}
		if st.Lifted > 0 {
			t.Spans[0].Until = st.LiftedOn
		}
		out = append(out, t)
	}
	return out
}

// dutyTracks is a duty of secrecy with its renewals.
func dutyTracks(y *demand.SecrecyDuty, now time.Time) []staff.Track {
	begin := y.Effective
	for _, t := range []time.Time{y.Served, y.Signed, y.Opened.At} {
		if begin.IsZero() {
			begin = t
		}
	}
	t := staff.Track{Name: "secrecy", About: y.Cite, State: dutyState(y, now)}
	says := "silence rests on " + words.Of(ui.Secrecies, y.Source)
	for _, r := range y.Renewals {
		if r.Binds {
			t.Spans = append(t.Spans, staff.Span{From: begin, Until: r.Served, Shape: stopped, Says: says})
			begin, says = r.Served, "renewed by "+r.Number
		}
	}
	last := staff.Span{From: begin, Until: y.End(), Shape: stopped, Says: says}
	if !y.Stands(now) {
		last.Shape = done
	}
	t.Spans = append(t.Spans, last)
	return []staff.Track{t}
}

func deadlineTrack(d demand.Deadline, begin time.Time, at func(demand.Seq) time.Time) staff.Track {
	t := staff.Track{Name: "deadline", About: words.Of(ui.Deadlines, d.Kind), State: "runs"}
	if !d.Start.IsZero() {
		begin = d.Start
	}
	switch {
	case d.Met > 0:
		t.State, t.Spans = "met", []staff.Span{{From: begin, Until: at(d.Met), Shape: done, Says: d.Says}}
		return t
	case d.Suspended > 0:
		t.State, t.Spans = "suspended", []staff.Span{{From: at(d.Suspended), Shape: stopped, Says: "suspended"}}
		return t
	}
	if !d.NotBefore.IsZero() && d.Cleared == 0 {
		t.Spans = append(t.Spans, staff.Span{From: begin, Until: d.NotBefore, Shape: stopped, Says: "not before"})
		begin = d.NotBefore
	}
	if !d.Latest.IsZero() {
		t.Spans = append(t.Spans, staff.Span{From: begin, Until: d.Latest, Shape: ahead, Says: d.Says})
	}
	return t
}
