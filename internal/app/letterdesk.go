package app

import (
	"context"
	"slices"
	"strings"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// LetterKinds implements staff.Letters.
func (v Staff) LetterKinds(ctx context.Context, reader, id string) (staff.LetterKinds, error) {
	c, err := v.answered(as(ctx, reader), demand.ID(id))
	if err != nil {
		return staff.LetterKinds{}, err
	}
	out := staff.LetterKinds{Title: titleOf(c.State)}
	for _, k := range answerKinds {
		x := staff.LetterKind{Kind: k.name, Why: k.fits(c.State)}
		if m, sent := sentLetter(c.State, k.name); sent { // not proposed again
			x.Why, x.Sent, x.Message = "", m.At, m.No
		}
		if x.Why != "" {
			out.Fit = append(out.Fit, x)
		} else {
			out.Other = append(out.Other, x)
		}
	}
	return out, nil
}

// Letter implements staff.Letters. Codes: docket.not_found, app.no_letter, and others
// of docket.
func (v Staff) Letter(ctx context.Context, reader string, x staff.LetterAsked) (staff.Letter, error) {
	ctx = as(ctx, reader)
	c, err := v.answered(ctx, demand.ID(x.Demand))
	if err != nil {
		return staff.Letter{}, err
	}
	if !slices.Contains(AnswerKinds, x.Kind) {
		return staff.Letter{}, problem.New(problem.Missing, "app.no_letter", "there is no such letter to an authority")
	}
	w, err := v.reader(reader)
	if err != nil {
		return staff.Letter{}, err
	}
	history, err := v.Docket.History(ctx, c.ID)
	if err != nil {
		return staff.Letter{}, err
	}
	a := answerOf(x)
	a.Language = v.languageOf(c.State, a)
	out := staff.Letter{Kind: x.Kind, Title: titleOf(c.State), To: v.addressee(c.State), Language: a.Language, Seen: uint64(c.State.Last), Written: a.Written, Fields: answerFields(c.State, x, a), Wording: x.Wording,
		MaySend: w.may(sendLetter, resourceOf(c)) == nil, Counsel: w.holds("counsel"), History: v.historyView(history)}
	if m, sent := sentLetter(c.State, x.Kind); sent {
		out.Sent, out.Message = m.At, m.No
	}
	if x.Wording == "" {
		out.Written = c.Env.Now
	}
	if !v.onThatDay(out.Written, c.Env.Now) {
		a.Written = c.Env.Now // it is shown as of now, and refused when it is sent
	} else {
		a.Written = out.Written
	}
	d, err := v.draftAnswer(ctx, c, x.Kind, a)
	if err != nil {
		return lacking(out, err)
	}
	return v.laidOut(out, d, c.State, string(w.person))
}

// lacking is a letter that the record is not enough for. What keeps it from being
// read at all is no lack.
func lacking(out staff.Letter, err error) (staff.Letter, error) {
	switch k := problem.Of(err).Kind; k {
	case problem.Invalid, problem.Refused, problem.Conflict:
		out.Lacks = err
		return out, nil
	}
	return staff.Letter{}, err
}

// laidOut shows a draft, or the reader's own wording of it, and what it rests on.
func (v Staff) laidOut(out staff.Letter, d notice.Draft, s *demand.State, reader string) (staff.Letter, error) {
	shown := d
	if out.Wording == "" {
		out.Wording = d.Wording
	} else {
		e, err := notice.NewEdit(d, out.Wording, reader, v.Clock.Now())
		if err != nil {
			out.Wrong = err
			return out, nil
		}
		shown.Wording = e.Wording
	}
	for _, b := range shown.Blocks() {
		x := staff.LetterBlock{Heading: b.Heading, Text: b.Text, List: b.List}
		if b.Title {
			x.Title, x.Heading = b.Heading, ""
		}
		out.Blocks = append(out.Blocks, x)
	}
	out.Grounds = groundsOf(d, s.ID)
	return out, nil
}

// groundsOf leads from each sentence back to the record: to its finding, or to the
// order where a person stated it.
func groundsOf(d notice.Draft, id demand.ID) []staff.Ground {
	var out []staff.Ground
	for _, x := range d.Sentences {
		g := staff.Ground{Text: x.Text, Cite: x.Cite, Rule: x.Finding, Href: "/demand/" + string(id) + "#" + staff.Finding{Rule: x.Finding}.Key()}
		if x.Finding == notice.Stated {
			g.Rule, g.Href = "", "/demand/"+string(id)+"#document"
		}
		if !slices.Contains(out, g) { // a line each may rest on the same one
			out = append(out, g)
		}
	}
	return out
}

// SendLetter implements staff.Letters. Codes: those of Send.
func (v Staff) SendLetter(ctx context.Context, reader string, x staff.LetterSending) (int, error) {
	if !slices.Contains(AnswerKinds, x.Kind) {
		return 0, docket.NotFound()
	}
	sent, err := v.Send(ctx, reader, AnswerSending{Demand: demand.ID(x.Demand), Kind: x.Kind, Answer: answerOf(x.LetterAsked), Wording: x.Wording, Seen: demand.Seq(x.Seen), Command: x.Command})
	return sent.Number, err
}

// addressee is who a letter goes to.
func (v Staff) addressee(s *demand.State) string {
	if s.Instrument.Agency == "" {
		return "the sender"
	}
	return v.agencyName(s.Instrument.Agency)
}

// answerOf reads what a person adds, field by field.
func answerOf(x staff.LetterAsked) Answer {
	a := Answer{Language: first(x.Stated["language"]), Channel: first(x.Stated["channel"]), Contact: canon.Text(first(x.Stated["contact"])), Reasons: x.Stated["ground"], Kept: len(x.Stated["kept"]) > 0, Written: x.Written}
	for _, text := range x.Stated["say"] {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				a.Says = append(a.Says, canon.Text(line))
			}
		}
	}
	return a
}

// answerFields lays out what a letter takes, with what was typed, and else with what
// the record proposes.
func answerFields(s *demand.State, x staff.LetterAsked, a Answer) []staff.Field {
	var out []staff.Field
	for _, t := range AnswerTakes(x.Kind) {
		f := staff.Field{Name: t.Name, Required: t.Required, Values: x.Stated[t.Name]}
		switch t.Name {
		case "language":
			f.Kind, f.Required, f.Values = "choice", true, []string{a.Language}
			for _, l := range notice.Languages {
				f.Choices = append(f.Choices, staff.Option{Value: l, Says: words.Of(ui.Languages, l)})
			}
		case "say":
			f.Kind = "text"
		case "channel":
			f.Kind = "choice"
			for _, c := range []notice.Channel{notice.TreatyChannel, notice.CustomerChannel, notice.RepresentativeChannel} {
				f.Choices = append(f.Choices, staff.Option{Value: string(c), Says: words.Choice("channel", string(c))})
			}
			if len(f.Values) == 0 {
				f.Values = proposedChannel(s)
			}
		case "contact":
			f.Kind = "line"
		case "ground":
			f.Kind, f.Many = "choice", true
			for _, c := range notice.ReasonCodes() {
				f.Choices = append(f.Choices, staff.Option{Value: string(c), Says: c.Sentence("en")})
			}
		case "kept":
			f.Kind = "yes"
		}
		out = append(out, f)
	}
	return out
}

// proposedChannel is the way that a finding proposes.
func proposedChannel(s *demand.State) []string {
	switch {
	case proposedBy(s, "redirect_treaty") != "":
		return []string{string(notice.TreatyChannel)}
	case proposedBy(s, "redirect_enterprise") != "":
		return []string{string(notice.CustomerChannel)}
	}
	return nil
}
