package app

import (
	"net/url"
	"slices"
	"strconv"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/grant"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

func (d desk) copies() []staff.Entry {
	var out []staff.Entry
	for _, c := range d.c.State.Copies {
		how := "by the store’s own means, which hold only as far as the store does"
		if c.How == "gate" {
			how = "by the gate, under a key that only a later grant opens"
		}
		e := staff.Entry{Title: c.ID, State: "kept", Texts: grant.InWords(c.Scope), Events: seq(c.Seq),
			Facts: slices.Concat(datum("Region", c.Region), datum("Kept", how), moment("Since", c.From, false), moment("Until", c.Until, c.Ended == 0))}
		if c.Ended > 0 {
			e.State, e.Events = words.Choice("end", c.End), append(e.Events, uint64(c.Ended))
		} else if c.How != "gate" {
			e.Acts = slices.Concat(d.link("preservation.extend", "copy", c.ID), d.link("preservation.end", "copy", c.ID))
		}
		out = append(out, e)
	}
	return append(out, d.keepings()...)
}

// keepings are the grants to keep that an approver may still have before them.
func (d desk) keepings() []staff.Entry {
	var out []staff.Entry
	s := d.c.State
	for _, k := range s.Keepings {
		done := slices.ContainsFunc(s.Copies, func(c demand.Copy) bool {
			return c.ID == k.ID || (c.ID == k.Longer && !c.Until.Before(k.Until))
		})
		if done || !d.c.Env.Now.Before(k.Expires) {
			continue
		}
		out = append(out, staff.Entry{Title: k.ID, State: "waits for an approval at the gate", Texts: grant.InWords(k.Scope), Events: seq(k.Seq),
			Facts: slices.Concat(datum("Region", k.Region), datum("Moves the end of", k.Longer), moment("To be kept until", k.Until, false), moment("The grant ends", k.Expires, true))})
	}
	return out
}

// previews are the grants to count. Whether one was run, and its table, is the gate's
// to say: the docket holds no number (decision 0024).
func (d desk) previews() []staff.Entry {
	var out []staff.Entry
	for _, p := range d.c.State.Previews {
		e := staff.Entry{Title: p.ID, State: "put before an approver; its table lies at the gate", Texts: grant.InWords(p.Scope), Events: seq(p.Seq),
			Facts: slices.Concat(datum("Region", p.Region), datum("Drafted by", string(p.Drafter)), moment("The grant ends", p.Expires, d.c.Env.Now.Before(p.Expires)),
				[]staff.Datum{{Name: "To count, or read", Text: "counterseal gate preview " + p.ID, Mono: true}})}
		out = append(out, e)
	}
	return out
}

func (d desk) holds() []staff.Entry {
	var out []staff.Entry
	for _, h := range d.c.State.Holds {
		e := staff.Entry{Title: h.Why, State: words.Choice("kind", h.Kind), Events: seq(h.Seq)}
		if h.Lifted > 0 {
			e.State, e.Events = "lifted", append(e.Events, uint64(h.Lifted))
		} else {
			e.Now = h.Kind == "action"
			e.Acts = d.link("hold.lift", "hold", strconv.FormatUint(uint64(h.Seq), 10))
		}
		out = append(out, e)
	}
	return out
}

func (d desk) links() []staff.Entry {
	var out []staff.Entry
	s := d.c.State
	if s.Matter != "" {
		out = append(out, staff.Entry{Title: "Matter " + string(s.Matter), Href: addressOf(s.Matter)})
	}
	for _, l := range s.Links {
		out = append(out, staff.Entry{Title: string(l.Other), Href: addressOf(l.Other), State: "this demand " + linkSays(l.Type, l.From), Events: seq(l.Seq)})
	}
	return out
}

func (d desk) seal() []staff.Entry {
	s := d.c.State
	if s.SealedIn == "" {
		return nil
	}
	return []staff.Entry{{Title: "Sealed case " + string(s.SealedIn), Href: addressOf(s.SealedIn), State: "open to its members alone"}}
}

func (d desk) thread() []staff.Entry {
	var out []staff.Entry
	for _, m := range d.c.State.Thread {
		no := strconv.Itoa(m.No)
		e := staff.Entry{ID: "message-" + no, Title: subjectOf(m.Letter, m.Subject), State: words.Choice("direction", direction(m.Out)), Events: seq(m.Seq),
			Facts: slices.Concat(datum("With", m.Party), datum("By", m.Channel), moment("On", m.At, false))}
		if m.Document != (demand.Digest{}) {
			e.Facts = append(e.Facts, staff.Datum{Name: "Document", Text: m.Document.String()[:12] + "…", Mono: true, Href: "/demand/" + string(d.c.ID) + "/document/" + m.Document.String()})
		}
		if m.Answers > 0 {
			e.Facts = append(e.Facts, staff.Datum{Name: "Answers", Text: "message " + strconv.Itoa(m.Answers), Href: "#message-" + strconv.Itoa(m.Answers)})
		}
		answered := slices.ContainsFunc(d.c.State.Thread, func(x demand.Message) bool { return x.Answers == m.No && x.Out != m.Out })
		if m.Question && !answered {
			e.State += " · waits for an answer"
			e.Now = !m.Out
			e.Acts = d.link("message.keep", "answers", no, "party", m.Party, "direction", direction(!m.Out))
		}
		out = append(out, e)
	}
	return out
}

// subjectOf is what a message is about: a letter of ours by its name.
func subjectOf(letter, subject string) string {
	if letter == "" {
		return subject
	}
	return words.Of(ui.Letters, letter)
}

// letters are ours in the thread.
func (d desk) letters() []staff.SentLetter {
	var out []staff.SentLetter
	for _, m := range d.c.State.Thread {
		if m.Out && m.Letter != "" {
			out = append(out, staff.SentLetter{Message: m.No, Kind: m.Letter, To: d.agencyName(m.Party), By: m.Channel})
		}
	}
	return out
}

// writes offers a letter to whoever demands.
func (d desk) writes() []staff.Link {
	if d.w.may(sendLetter, resourceOf(d.c)) != nil {
		return nil
	}
	return []staff.Link{{Act: "letter.write", Href: addressOf(d.c.ID) + "/letter"}}
}

func (d desk) tasks() []staff.Entry {
	var out []staff.Entry
	for _, t := range d.c.State.Tasks {
		e := staff.Entry{Title: t.What, State: "open", Now: d.w.holds(t.Seat) && t.Done == 0, Events: seq(t.Seq), Facts: slices.Concat(datum("For", words.Of(ui.Seats, t.Seat)), moment("By", t.Due, t.Done == 0))}
		if t.Done > 0 {
			e.State, e.Events = "done", append(e.Events, uint64(t.Done))
		} else {
			e.Acts = d.link("task.finish", "task", strconv.Itoa(t.No))
		}
		out = append(out, e)
	}
	return out
}

func (d desk) costs() []staff.Entry {
	var out []staff.Entry
	for _, c := range d.c.State.Costs {
		out = append(out, staff.Entry{Title: c.What, State: words.Choice("state", c.State), Events: seq(c.Seq), Facts: slices.Concat(datum("Amount", money(c.Minor, c.Currency)), datum("Provision", c.Basis)),
			Acts: d.link("cost.note", "what", c.What, "minor", strconv.FormatInt(c.Minor, 10), "currency", c.Currency)})
	}
	return out
}

// actsOfGrants adds what can be recorded of each production.
func (d desk) actsOfGrants(list []staff.Grant) {
	for i := range list {
		g := &list[i]
		if g.Outcome == "" && !g.Permitted && !g.Revoked && g.Asked.IsZero() {
			g.Acts = d.link("release.ask", "grant", g.ID)
		}
		if g.Outcome != string(demand.Released) {
			continue
		}
		if g.Received == 0 {
			g.Acts = d.link("release.acknowledge", "grant", g.ID)
		}
		if fetchable(d.c.State, d.c.State.Grants[i]) && d.w.may(makeLink, resourceOf(d.c)) == nil {
			g.Acts = append(g.Acts, staff.Link{Act: makeLink, Href: addressOf(d.c.ID) + "/link?grant=" + url.QueryEscape(g.ID)})
		}
		if g.Recalled == 0 {
			g.Acts = append(g.Acts, d.link("production.recall", "grant", g.ID)...)
		}
	}
}

// actsOfLines adds what can be named and decided of what it asks.
func (d desk) actsOfLines(out *staff.Demand) {
	s := d.c.State
	if s.Unread {
		return
	}
	out.States = d.w.may(stateFacts, resourceOf(d.c)) == nil
	if s.Kind == demand.ForData || s.Kind == demand.ForPreservation || s.Kind == demand.Private || s.Kind == demand.AboutUs {
		out.Asks = d.link("demand.ask")
	}
	for i := range out.Lines {
		if l := &out.Lines[i]; l.Decision != "" && l.Decision != string(demand.Superseded) {
			l.Acts = d.link("line.decide", "line", strconv.Itoa(l.No))
		}
	}
}

// factsView lists the facts as somebody stated them, in the order of the schema.
func factsView(s *demand.State) []staff.Datum {
	f, err := statedFacts(s)
	if err != nil {
		return nil
	}
	var out []staff.Datum
	for _, def := range fact.Schema() {
		value, known, err := f.Get(def.Name)
		if err != nil || !known {
			continue
		}
		out = append(out, staff.Datum{Name: def.Name, Text: factText(value)})
	}
	return out
}
