package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/law"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// Answer is what a person adds to what the record says for a letter.
type Answer struct {
	Language string   // "": the agency's
	Says     []string // questions of a clarification; what an instrument would need; grounds beside the findings
	Channel  string   // redirect: treaty, customer, representative
	Contact  string   // redirect: where that channel is
	Reasons  []string // annex-three: codes of section D
	Kept     bool     // what was asked for is kept meanwhile

	// Written is when the letter was written, where somebody read it before it goes:
	// the same record then gives the same letter. Zero: now.
	Written time.Time
}

// onThatDay reports whether a letter that was written then still bears the right
// day: it is not of tomorrow, nor of yesterday.
func (o *Office) onThatDay(written, now time.Time) bool {
	const day = "2006-01-02"
	return !written.After(now) && written.In(o.Zone()).Format(day) == now.In(o.Zone()).Format(day)
}

func orderOf(s *demand.State) notice.Order {
	return notice.Order{Instrument: cmp.Or(s.Instrument.Title, "—"), Received: cameIn(s), Reference: s.Instrument.Number}
}

// cameIn is when the demand reached the provider: as somebody recorded it of the
// first paper, where that is before the program took it in.
func cameIn(s *demand.State) time.Time {
	at := s.Received.At
	for _, p := range s.Papers[:min(1, len(s.Papers))] {
		for _, x := range p.Services {
			if !x.At.IsZero() && x.At.Before(at) {
				at = x.At
			}
		}
	}
	return at
}

// lookedUp is when a second person checked the last of the identifiers that stand for
// no account: what a letter says of them was so then.
func lookedUp(s *demand.State, history []demand.Recorded) time.Time {
	var at time.Time
	for _, t := range s.Targets {
		if t.Checked > 0 && len(t.Accounts) == 0 && history[t.Checked-1].At.After(at) {
			at = history[t.Checked-1].At
		}
	}
	return at
}

// authorityHead is the head of a letter to the agency that makes the demand.
func (o *Office) authorityHead(c docket.Case, agency authority.Agency) notice.Head {
	h := notice.Head{Language: cmp.Or(agency.Language, "en"), Zone: o.Zone(), Provider: o.Config.Provider, Date: c.Env.Now, To: cmp.Or(agency.Name, c.State.Instrument.Agency),
		Demand: string(c.ID), Ask: o.Config.Notice.Contact}
	if h.To == "" {
		h.To = "—"
	}
	return h
}

// languageOf is the language of a letter: the person's word, or the agency's.
func (o *Office) languageOf(s *demand.State, a Answer) string {
	agency, _ := o.Agencies.Agency(s.Instrument.Agency)
	return cmp.Or(a.Language, agency.Language, "en")
}

// DraftAnswer writes a letter to the authority from the record: facts from the
// demand, grounds from its findings, each traceable to the rule. A person reads and
// may edit it before it goes. Codes: letter.kind, notice.field, letter.stale (Written
// is of another day), letter.no_first, letter.no_call, letter.nothing_kept,
// letter.no_certificate, letter.no_conflict, and those of docket.
func (o *Office) DraftAnswer(ctx context.Context, reader string, id demand.ID, kind string, a Answer) (notice.Draft, error) {
	ctx = docket.For(ctx, demand.Person(reader))
	c, err := o.answered(ctx, id)
	if err != nil {
		return notice.Draft{}, err
	}
	return o.draftAnswer(ctx, c, kind, a)
}

func (o *Office) draftAnswer(ctx context.Context, c docket.Case, kind string, a Answer) (notice.Draft, error) {
	if !a.Written.IsZero() {
		if !o.onThatDay(a.Written, c.Env.Now) {
			return notice.Draft{}, problem.New(problem.Conflict, "letter.stale", "the letter was written on another day than it would go").Fix("write it again from the record")
		}
		c.Env.Now = a.Written
	}
	agency, _ := o.Agencies.Agency(c.State.Instrument.Agency)
	h := o.authorityHead(c, agency)
	h.Language = o.languageOf(c.State, a)
	l, err := o.answer(ctx, c, h, kind, a)
	if err != nil {
		return notice.Draft{}, err
	}
	d, err := notice.Write(l)
	return d, remedied(err)
}

// remedies say what supplies what a letter lacks, by the field of notice.field.
var remedies = map[string]string{
	"identifiers": "look the identifiers up; once a second person agrees that one is no account of ours, it stands in the letter",
	"searched":    "name what the demand asks for first",
	"questions":   "write one question at least, each a sentence of yours",
	"reasons":     "ask the rules, or write a ground of yours",
	"explained":   "ask the rules, or write the reasons in sentences of yours",
	"needed":      "write what an instrument would have to be, in sentences of yours",
	"given":       "decide which lines are given",
	"items":       "release what is given first",
	"withheld":    "decide which lines are not given, or only in part",
	"channel":     "choose treaty, customer or representative",
	"contact":     "say where that way is",
	"to":          "name the authority or the court that it goes to",
	"enforcing":   "name the enforcing authority",
	"grounds":     "tick a ground that Article 16(4) opens, or 16(5) for a preservation certificate",
	"answer by":   "the day to answer by has passed; set a deadline that has not",
}

// remedied says what to do where a letter lacks something.
func remedied(err error) error {
	p := problem.Of(err)
	if p == nil || p.Code != "notice.field" || p.Remedy != "" {
		return err
	}
	remedy, known := remedies[p.Field]
	if !known {
		remedy = "state it in the record, or in a sentence of yours"
	}
	return p.Fix("%s", remedy)
}

func (o *Office) answer(ctx context.Context, c docket.Case, h notice.Head, kind string, a Answer) (notice.Letter, error) {
	s, order := c.State, orderOf(c.State)
	grounds, err := o.grounds(s, h.Language)
	if err != nil {
		return nil, err
	}
	grounds = append(grounds, stated(a.Says, s)...)
	switch kind {
	case "acknowledgement":
		receipt, err := o.Docket.Receipt(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		original, _, err := o.Docket.Original(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		return &notice.Acknowledgement{Head: h, Order: order, Digest: s.Original.String(), Size: int64(len(original)), Opening: o.opening(receipt)}, nil
	case "clarification-request":
		return &notice.ClarificationRequest{Head: h, Order: order, Questions: stated(a.Says, s), AnswerBy: s.AnswerBy(), Kept: a.Kept}, nil
	case "no-records":
		history, err := o.Docket.History(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		return &notice.NoRecords{Head: h, Order: order, Identifiers: unknownOf(s), Searched: allAsked(s), AsOf: lookedUp(s, history)}, nil
	case "answer-in-part":
		return o.inPart(ctx, c, h, order, grounds)
	case "rejection":
		return &notice.Rejection{Head: h, Order: order, Reasons: grounds, Kept: a.Kept}, nil
	case "redirect":
		return &notice.Redirect{Head: h, Order: order, Channel: notice.Channel(a.Channel), Contact: a.Contact, Reasons: grounds, Kept: a.Kept}, nil
	case "duplicate":
		return o.duplicate(ctx, c, h, order)
	case "no-instrument":
		return &notice.NoInstrument{Head: h, Received: cameIn(s), Reference: s.Instrument.Number, Needed: grounds}, nil
	case "call-back-failed":
		return callBackFailed(s, h)
	case "preserved":
		return preserved(s, h, order)
	case "recall":
		return recall(s, h, order)
	case "annex-three":
		l := &notice.AnnexThree{Head: h, Certificate: notice.EPOC, Authority: h.To, AuthorityFile: cmp.Or(s.Instrument.Number, "—"), Issued: s.Instrument.Signed, Received: cameIn(s),
			Addressee: o.Config.Provider, Explained: grounds, Kept: a.Kept}
		if s.Instrument.Kind == "epoc_pr" {
			l.Certificate = notice.EPOCPR
		}
		for _, r := range a.Reasons {
			l.Reasons = append(l.Reasons, notice.ReasonCode(r))
		}
		return l, nil
	}
	return objection(s, h, order, kind, grounds, a)
}

// grounds are the sentences of the rules that are violated, in the letter's
// language.
func (o *Office) grounds(s *demand.State, language string) (out []notice.Sentence, err error) {
	engine, err := o.Law()
	if err != nil {
		return nil, err
	}
	rules := map[string]law.Rule{}
	for _, p := range engine.Packs() {
		for _, r := range p.Rules {
			rules[r.ID] = r
		}
	}
	for _, f := range s.Findings.All {
		r, known := rules[f.Rule]
		if f.Outcome != "violated" || f.Severity == "information" || !known || len(out) == notice.MaxSentences {
			continue
		}
		if text := r.Letter.In(language); text != "" {
			out = append(out, notice.Sentence{Text: text, Cite: f.Cite, Finding: f.Rule})
		}
	}
	return out, nil
}

// stated are a person's own sentences, which rest on the order itself.
func stated(says []string, s *demand.State) (out []notice.Sentence) {
	for _, x := range says {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, notice.Sentence{Text: x, Cite: cmp.Or(s.Instrument.Title, "—"), Finding: "stated"})
		}
	}
	return out
}

// unknownOf are the identifiers that stand for no account of ours.
func unknownOf(s *demand.State) (out []string) {
	for _, t := range s.Targets {
		if t.Checked > 0 && len(t.Accounts) == 0 {
			out = append(out, t.Stated)
		}
	}
	return out
}

func allAsked(s *demand.State) (out []notice.Line) {
	for _, l := range s.Lines {
		out = append(out, notice.Line{Service: l.Service, Category: l.Category, From: l.From, Until: l.Until, Basis: l.Basis})
	}
	return out
}

func (o *Office) inPart(ctx context.Context, c docket.Case, h notice.Head, order notice.Order, grounds []notice.Sentence) (notice.Letter, error) {
	history, err := o.Docket.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	l := &notice.AnswerInPart{Head: h, Order: order, Package: "package.tar.age"}
	part, _ := c.State.Compelled()
	for _, a := range part.Accounts() {
		l.Given = append(l.Given, selected(part, a)...)
	}
	for _, r := range history {
		if e, ok := r.Event.(demand.ReleasePermitted); ok {
			l.Items += e.Items
		}
	}
	for _, line := range c.State.Lines {
		if line.Decision == demand.Comply || line.Decision == demand.Undecided {
			continue
		}
		why := notice.Sentence{Text: history[line.Decided-1].Reason, Cite: order.Instrument, Finding: "stated"}
		if len(grounds) > 0 {
			why = grounds[0]
		}
		l.Withheld = append(l.Withheld, notice.Withheld{Line: notice.Line{Service: line.Service, Category: line.Category, From: line.From, Until: line.Until, Basis: line.Basis}, Why: why})
	}
	return l, nil
}

func (o *Office) duplicate(ctx context.Context, c docket.Case, h notice.Head, order notice.Order) (notice.Letter, error) {
	other, linked := repeats(c.State)
	if !linked {
		return nil, problem.New(problem.Refused, "letter.no_first", "no demand is named that this one repeats").Fix("link it to the first: demand link --type duplicates")
	}
	first, err := o.Docket.State(ctx, other)
	if err != nil {
		return nil, err
	}
	return &notice.Duplicate{Head: h, Order: order, First: string(first.ID), FirstReceived: first.State.Received.At}, nil
}

// repeats is the demand that this one is linked to as its duplicate.
func repeats(s *demand.State) (demand.ID, bool) {
	i := slices.IndexFunc(s.Links, func(l demand.Link) bool { return l.Type == "duplicates" && l.From })
	if i < 0 {
		return "", false
	}
	return s.Links[i].Other, true
}

func callBackFailed(s *demand.State, h notice.Head) (notice.Letter, error) {
	if len(s.Callbacks) == 0 {
		return nil, problem.New(problem.Refused, "letter.no_call", "nobody has been called back").Fix("record the call-back first")
	}
	last := s.Callbacks[len(s.Callbacks)-1]
	return &notice.CallBackFailed{Head: h, Received: cameIn(s), Reference: s.Instrument.Number, Called: last.At, Denied: !last.Confirmed}, nil
}

// recall asks back what the last package that held too much held too much of.
func recall(s *demand.State, h notice.Head, order notice.Order) (notice.Letter, error) {
	x, some := exceeded(s)
	i := slices.IndexFunc(s.Grants, func(g demand.Grant) bool { return g.ID == x.Grant })
	if !some || i < 0 {
		return nil, problem.New(problem.Refused, "letter.nothing_exceeded", "no package of this demand is known to have held more than was compelled").Fix("see: counterseal gate incident --help")
	}
	g := s.Grants[i]
	return &notice.Recall{Head: h, Order: order, Given: g.Left, Items: x.Items, Beyond: x.Outside, Digest: g.Release.String(), List: x.List.String()}, nil
}

func preserved(s *demand.State, h notice.Head, order notice.Order) (notice.Letter, error) {
	k, some := kept(s)
	if !some {
		return nil, problem.New(problem.Refused, "letter.nothing_kept", "nothing is kept for this demand").Fix("record the preservation first")
	}
	l := &notice.Preserved{Head: h, Order: order, Copied: k.From, Until: k.Until.Add(-time.Second)}
	for _, a := range k.Scope.Accounts() {
		l.Lines = append(l.Lines, selected(k.Scope, a)...)
	}
	return l, nil
}

// kept is the first copy of the demand that has not ended.
func kept(s *demand.State) (demand.Copy, bool) {
	i := slices.IndexFunc(s.Copies, func(k demand.Copy) bool { return k.Ended == 0 })
	if i < 0 {
		return demand.Copy{}, false
	}
	return s.Copies[i], true
}
