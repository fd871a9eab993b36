package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// unread is a demand that came as bytes alone.
func unread(t *testing.T) *dossier {
	d := silent(t)
	s := demand.NewState("u7wq-93")
	s.Apply(demand.Recorded{Meta: demand.Meta{Seq: 1, At: start, By: "door"}, Event: demand.Received{Channel: "mail", Original: digestO, Unread: true}})
	d.all["u7wq-93"] = s
	return d
}

func TestAPaperIsRefusedForEachReason(t *testing.T) {
	const bytes = demand.ID("u7wq-93")
	order := demand.Instrument{Kind: "us.warrant", Title: "Amended warrant", Agency: "agency-7"}
	line := func(no, target int) demand.StatedLine {
		return demand.StatedLine{No: no, Target: target, Service: scope.Mail, Category: scope.Content, From: april, Until: endMay, Basis: scope.Received}
	}
	paper := func(f func(*demand.AddPaper)) demand.Command {
		c := demand.AddPaper{Amends: 1, Document: digestR, Instrument: order, Targets: []demand.StatedTarget{{No: 4, Kind: "address", Stated: "p4@example.com"}}, Lines: []demand.StatedLine{line(4, 4)}, Supersedes: []int{1, 3}}
		if f != nil {
			f(&c)
		}
		return c
	}
	reading := func(f func(*demand.ReadDemand)) demand.Command {
		r := received()
		c := demand.ReadDemand{Kind: demand.ForData, Instrument: r.Instrument, Facts: r.Facts, Targets: r.Targets, Lines: r.Lines}
		if f != nil {
			f(&c)
		}
		return c
	}
	added := []given{{theDemand, paper(nil)}}
	letter := []given{{bytes, reading(func(c *demand.ReadDemand) { c.Kind, c.Targets, c.Lines = demand.Informal, nil, nil })}}
	asked := demand.AddAsked{Paper: 1, Lines: []demand.StatedLine{line(4, 3)}}
	deadline := func(f func(*demand.SetDeadline)) demand.Command {
		c := demand.SetDeadline{ID: "art10", Kind: "answer", Lines: []int{1, 3}, NotBefore: later, Latest: later.Add(time.Hour), Rule: "eu.x", Says: "ten days"}
		if f != nil {
			f(&c)
		}
		return c
	}
	set := []given{{theDemand, deadline(nil)}}
	after := func(c ...demand.Command) []given {
		out := set[:1:1]
		for _, x := range c {
			out = append(out, given{theDemand, x})
		}
		return out
	}
	suspended, met := demand.SuspendDeadline{ID: "art10", Source: "Art. 10(6)"}, demand.MeetDeadline{ID: "art10", How: "answered"}
	service := demand.RecordService{Paper: 1, Entity: "Nordwind Cloud Inc.", Manner: "by hand", At: later}
	call := demand.RecordCallback{Contact: "on file", Reached: "the clerk", At: later, Confirmed: true}

	ask(t, unread, []askCase{
		{name: "read", on: bytes, cmd: reading(nil)},
		{name: "read without names", on: bytes, cmd: reading(func(c *demand.ReadDemand) { c.Targets, c.Lines = nil, nil })},
		{name: "read twice", before: []given{{bytes, reading(nil)}}, on: bytes, cmd: reading(nil), code: "demand.read"},
		{name: "read what came read", on: theDemand, cmd: reading(nil), code: "demand.read"},
		{name: "read no kind", on: bytes, cmd: reading(func(c *demand.ReadDemand) { c.Kind = "" }), code: "demand.kind"},
		{name: "read no agency", on: bytes, cmd: reading(func(c *demand.ReadDemand) { c.Instrument.Agency = "" }), code: "demand.instrument"},
		{name: "the last target read misnumbered", on: bytes, cmd: reading(func(c *demand.ReadDemand) { c.Targets[2].No = 4 }), code: "demand.targets"},
		{name: "the last line read of no target", on: bytes, cmd: reading(func(c *demand.ReadDemand) { c.Lines[2].Target = 4 }), code: "demand.lines"},
		{name: "decide what nobody has read", on: bytes, cmd: demand.DecideLine{Line: 1, Decision: demand.Comply}, code: "demand.line"},
		{name: "refuse what nobody has read", on: bytes, cmd: demand.Conclude{How: "refused"}},

		{name: "ask more", on: theDemand, cmd: asked},
		{name: "ask more of no paper", on: theDemand, cmd: demand.AddAsked{Paper: 2, Lines: asked.Lines}, code: "paper.missing"},
		{name: "ask more of paper 0", on: theDemand, cmd: demand.AddAsked{Lines: asked.Lines}, code: "paper.missing"},
		{name: "ask more of what nobody has read", on: bytes, cmd: asked, code: "demand.unread"},
		{name: "ask data of a letter", before: letter, on: bytes, cmd: asked, code: "demand.not_stored_data"},
		{name: "the last line added misnumbered", on: theDemand, cmd: demand.AddAsked{Paper: 1, Lines: []demand.StatedLine{line(4, 3), line(4, 3)}}, code: "demand.lines"},
		{name: "the last target added misnumbered", on: theDemand, cmd: demand.AddAsked{Paper: 1, Targets: []demand.StatedTarget{{No: 4, Kind: "a", Stated: "b"}, {No: 6, Kind: "a", Stated: "b"}}}, code: "demand.targets"},
		{name: "too many targets added", on: theDemand, cmd: demand.AddAsked{Paper: 1, Targets: make([]demand.StatedTarget, demand.MaxTargets-2)}, code: "demand.targets"},
		{name: "too many lines added", on: theDemand, cmd: demand.AddAsked{Paper: 1, Lines: make([]demand.StatedLine, demand.MaxLines-2)}, code: "demand.lines"},

		{name: "amend", on: theDemand, cmd: paper(nil)},
		{name: "a second order of its own", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Amends = 0 })},
		{name: "amend no paper", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Amends = 2 }), code: "paper.missing"},
		{name: "amend a paper below the first", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Amends = -1 }), code: "paper.missing"},
		{name: "amend without a document", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Document = demand.Digest{} }), code: "demand.original"},
		{name: "amend by nobody", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Instrument.Agency = "" }), code: "demand.instrument"},
		{name: "the last line replaced is none", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Supersedes = []int{1, 9} }), code: "demand.line"},
		{name: "the last line was replaced before", before: added, on: theDemand, cmd: demand.AddPaper{Document: digestR, Instrument: order, Supersedes: []int{2, 3}}, code: "line.superseded"},
		{name: "the new target misnumbered", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Targets[0].No = 1 }), code: "demand.targets"},
		{name: "the new line misnumbered", on: theDemand, cmd: paper(func(c *demand.AddPaper) { c.Lines[0].No = 1 }), code: "demand.lines"},
		{name: "amend what nobody has read", on: bytes, cmd: demand.AddPaper{Document: digestR, Instrument: order}, code: "demand.unread"},
		{name: "data by a further letter", before: letter, on: bytes, cmd: demand.AddPaper{Document: digestR, Instrument: order, Targets: []demand.StatedTarget{{No: 1, Kind: "a", Stated: "b"}}, Lines: []demand.StatedLine{line(1, 1)}}, code: "demand.not_stored_data"},
		{name: "decide a line that was replaced", before: added, on: theDemand, cmd: demand.DecideLine{Line: 3, Decision: demand.Reject}, code: "line.superseded"},
		{name: "reject the line that replaced it", before: added, on: theDemand, cmd: demand.DecideLine{Line: 4, Decision: demand.Reject}},
		{name: "decide a line that was replaced, resolved again", before: append(added[:1:1], given{theDemand, demand.Resolve{Target: 3, Accounts: []scope.AccountID{"acc-four"}}}), on: theDemand, cmd: demand.DecideLine{Line: 3, Decision: demand.Reject}, code: "line.superseded"},

		{name: "authenticate the second", before: added, on: theDemand, cmd: demand.AuthenticatePaper{Paper: 2, Genuine: true, How: "call"}},
		{name: "authenticate the first beside its own act", before: added, on: theDemand, cmd: demand.AuthenticatePaper{Paper: 1, Genuine: true, How: "call"}, code: "paper.missing"},
		{name: "authenticate a third of two", before: added, on: theDemand, cmd: demand.AuthenticatePaper{Paper: 3, Genuine: true, How: "call"}, code: "paper.missing"},
		{name: "authenticate the second somehow", before: added, on: theDemand, cmd: demand.AuthenticatePaper{Paper: 2, Genuine: true}, code: "demand.how"},

		{name: "service", on: theDemand, cmd: service},
		{name: "service of no paper", on: theDemand, cmd: demand.RecordService{Paper: 2, Entity: "N", Manner: "m", At: later}, code: "paper.missing"},
		{name: "service on nobody", on: theDemand, cmd: demand.RecordService{Paper: 1, Manner: "m", At: later}, code: "service.form"},
		{name: "service in no manner", on: theDemand, cmd: demand.RecordService{Paper: 1, Entity: "N", At: later}, code: "service.form"},
		{name: "service at no time", on: theDemand, cmd: demand.RecordService{Paper: 1, Entity: "N", Manner: "m"}, code: "service.form"},
		{name: "service to come", on: theDemand, cmd: demand.RecordService{Paper: 1, Entity: "N", Manner: "m", At: later.Add(time.Second)}, code: "service.form"},

		{name: "party", on: theDemand, cmd: demand.NameParty{Role: "issuing", Name: "Magistrate"}},
		{name: "party of no role", on: theDemand, cmd: demand.NameParty{Role: "friend", Name: "Magistrate"}, code: "party.form"},
		{name: "party of no name", on: theDemand, cmd: demand.NameParty{Role: "issuing"}, code: "party.form"},
		{name: "party with a long note", on: theDemand, cmd: demand.NameParty{Role: "issuing", Name: "M", Note: big}, code: "party.form"},
		{name: "call", on: theDemand, cmd: call},
		{name: "call to nobody", on: theDemand, cmd: demand.RecordCallback{Reached: "the clerk", At: later}, code: "callback.form"},
		{name: "call that reached nobody", on: theDemand, cmd: demand.RecordCallback{Contact: "on file", At: later}, code: "callback.form"},
		{name: "call at no time", on: theDemand, cmd: demand.RecordCallback{Contact: "on file", Reached: "the clerk"}, code: "callback.form"},
		{name: "call to come", on: theDemand, cmd: demand.RecordCallback{Contact: "on file", Reached: "the clerk", At: later.Add(time.Second)}, code: "callback.form"},

		{name: "deadline", on: theDemand, cmd: deadline(nil)},
		{name: "deadline moved", before: set, on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Latest = later.Add(2 * time.Hour) })},
		{name: "deadline without an id", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.ID = "" }), code: "deadline.form"},
		{name: "deadline without a rule", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Rule = "" }), code: "deadline.form"},
		{name: "deadline without its reckoning", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Says = "" }), code: "deadline.form"},
		{name: "deadline with a long citation", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Cite = big }), code: "deadline.form"},
		{name: "deadline with a long zone", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Zone = big }), code: "deadline.form"},
		{name: "deadline with a long calendar", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Calendar = big }), code: "deadline.form"},
		{name: "deadline for nothing known", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Kind = "lunch" }), code: "deadline.form"},
		{name: "deadline at no time", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.NotBefore, c.Latest = time.Time{}, time.Time{} }), code: "deadline.form"},
		{name: "deadline that ends before it begins", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Latest = later.Add(-time.Second) }), code: "deadline.form"},
		{name: "deadline on one day", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Latest = later })},
		{name: "deadline with a first day alone", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Latest = time.Time{} })},
		{name: "the last line of a deadline is none", on: theDemand, cmd: deadline(func(c *demand.SetDeadline) { c.Lines = []int{1, 9} }), code: "demand.line"},
		{name: "move after it was met", before: after(met), on: theDemand, cmd: deadline(nil), code: "deadline.met"},

		{name: "suspend", before: set, on: theDemand, cmd: suspended},
		{name: "suspend nothing", on: theDemand, cmd: suspended, code: "deadline.missing"},
		{name: "suspend for a contest's sake", before: set, on: theDemand, cmd: demand.SuspendDeadline{ID: "art10"}, code: "deadline.source"},
		{name: "suspend twice", before: after(suspended), on: theDemand, cmd: suspended, code: "deadline.suspended"},
		{name: "suspend the met", before: after(met), on: theDemand, cmd: suspended, code: "deadline.met"},
		{name: "suspend the moved", before: after(suspended, deadline(nil)), on: theDemand, cmd: suspended, code: "deadline.suspended"},
		{name: "resume", before: after(suspended), on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Latest: later, Says: "five more"}},
		{name: "resume what runs", before: set, on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Latest: later, Says: "five more"}, code: "deadline.suspended"},
		{name: "resume without an end", before: after(suspended), on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Says: "five more"}, code: "deadline.form"},
		{name: "resume without its reckoning", before: after(suspended), on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Latest: later}, code: "deadline.form"},
		{name: "resume to before its first day", before: after(suspended), on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Latest: later.Add(-time.Second), Says: "five more"}, code: "deadline.form"},
		{name: "resume nothing", on: theDemand, cmd: demand.ResumeDeadline{ID: "art10", Latest: later, Says: "five more"}, code: "deadline.missing"},
		{name: "meet", before: set, on: theDemand, cmd: met},
		{name: "meet twice", before: after(met), on: theDemand, cmd: met, code: "deadline.met"},
		{name: "meet somehow", before: set, on: theDemand, cmd: demand.MeetDeadline{ID: "art10"}, code: "deadline.how"},
		{name: "meet nothing", on: theDemand, cmd: met, code: "deadline.missing"},
		{name: "clear", before: set, on: theDemand, cmd: demand.ClearDeadline{ID: "art10", Source: "the authority"}},
		{name: "clear by nobody", before: set, on: theDemand, cmd: demand.ClearDeadline{ID: "art10"}, code: "deadline.source"},
		{name: "clear twice", before: after(demand.ClearDeadline{ID: "art10", Source: "the authority"}), on: theDemand, cmd: demand.ClearDeadline{ID: "art10", Source: "the authority"}, code: "deadline.source"},
		{name: "clear what has no first day", before: []given{{theDemand, deadline(func(c *demand.SetDeadline) { c.NotBefore = time.Time{} })}}, on: theDemand, cmd: demand.ClearDeadline{ID: "art10", Source: "the authority"}, code: "deadline.source"},
		{name: "clear nothing", on: theDemand, cmd: demand.ClearDeadline{ID: "art10", Source: "the authority"}, code: "deadline.missing"},
	})
}
