package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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

// AnswerKinds are the letters to authorities that a person can draft, in the order
// in which pages offer them.
var AnswerKinds = []string{"acknowledgement", "clarification-request", "no-records", "answer-in-part", "rejection", "redirect", "duplicate", "no-instrument", "call-back-failed",
	"preserved", "annex-three"}

// Answer is what a person adds to what the record says for a letter.
type Answer struct {
	Language string   // "": the agency's
	Says     []string // questions of a clarification; what an instrument would need; grounds beside the findings
	Channel  string   // redirect: treaty, customer, representative
	Contact  string   // redirect: where that channel is
	Reasons  []string // annex-three: codes of section D
	Kept     bool     // what was asked for is kept meanwhile
}

func orderOf(s *demand.State) notice.Order {
	return notice.Order{Instrument: cmp.Or(s.Instrument.Title, "—"), Received: s.Received.At, Reference: s.Instrument.Number}
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

// DraftAnswer writes a letter to the authority from the record: facts from the
// demand, grounds from its findings, each traceable to the rule. A person reads and
// may edit it before it goes. Codes: letter.kind, notice.field, and those of docket.
func (o *Office) DraftAnswer(ctx context.Context, reader string, id demand.ID, kind string, a Answer) (notice.Draft, error) {
	c, err := o.Docket.State(docket.For(ctx, demand.Person(reader)), id)
	if err != nil {
		return notice.Draft{}, err
	}
	agency, _ := o.Agencies.Agency(c.State.Instrument.Agency)
	h := o.authorityHead(c, agency)
	if a.Language != "" {
		h.Language = a.Language
	}
	l, err := o.answer(ctx, c, h, kind, a)
	if err != nil {
		return notice.Draft{}, err
	}
	return notice.Write(l)
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
		return &notice.NoRecords{Head: h, Order: order, Identifiers: unknownOf(s), Searched: allAsked(s), AsOf: c.Env.Now}, nil
	case "answer-in-part":
		return o.inPart(ctx, c, h, order, grounds)
	case "rejection":
		return &notice.Rejection{Head: h, Order: order, Reasons: grounds, Kept: a.Kept}, nil
	case "redirect":
		return &notice.Redirect{Head: h, Order: order, Channel: notice.Channel(a.Channel), Contact: a.Contact, Reasons: grounds, Kept: a.Kept}, nil
	case "duplicate":
		return o.duplicate(ctx, c, h, order)
	case "no-instrument":
		return &notice.NoInstrument{Head: h, Received: s.Received.At, Reference: s.Instrument.Number, Needed: grounds}, nil
	case "call-back-failed":
		return callBackFailed(s, h)
	case "preserved":
		return preserved(s, h, order)
	case "annex-three":
		l := &notice.AnnexThree{Head: h, Certificate: notice.EPOC, Authority: h.To, AuthorityFile: cmp.Or(s.Instrument.Number, "—"), Issued: s.Instrument.Signed, Received: s.Received.At,
			Addressee: o.Config.Provider, Explained: grounds, Kept: a.Kept}
		if s.Instrument.Kind == "epoc_pr" {
			l.Certificate = notice.EPOCPR
		}
		for _, r := range a.Reasons {
			l.Reasons = append(l.Reasons, notice.ReasonCode(r))
		}
		return l, nil
	}
	return nil, problem.New(problem.Invalid, "letter.kind", "there is no such letter to an authority").At("%.40q", kind).Fix("one of %s", strings.Join(AnswerKinds, ", "))
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
	i := slices.IndexFunc(c.State.Links, func(l demand.Link) bool { return l.Type == "duplicates" && l.From })
	if i < 0 {
		return nil, problem.New(problem.Refused, "letter.no_first", "no demand is named that this one repeats").Fix("link it to the first: demand link --type duplicates")
	}
	first, err := o.Docket.State(ctx, c.State.Links[i].Other)
	if err != nil {
		return nil, err
	}
	return &notice.Duplicate{Head: h, Order: order, First: string(first.ID), FirstReceived: first.State.Received.At}, nil
}

func callBackFailed(s *demand.State, h notice.Head) (notice.Letter, error) {
	if len(s.Callbacks) == 0 {
		return nil, problem.New(problem.Refused, "letter.no_call", "nobody has been called back").Fix("record the call-back first")
	}
	last := s.Callbacks[len(s.Callbacks)-1]
	return &notice.CallBackFailed{Head: h, Received: s.Received.At, Reference: s.Instrument.Number, Called: last.At, Denied: !last.Confirmed}, nil
}

func preserved(s *demand.State, h notice.Head, order notice.Order) (notice.Letter, error) {
	for _, k := range s.Copies {
		if k.Ended > 0 {
			continue
		}
		l := &notice.Preserved{Head: h, Order: order, Copied: k.From, Until: k.Until.Add(-time.Second)}
		for _, a := range k.Scope.Accounts() {
			l.Lines = append(l.Lines, selected(k.Scope, a)...)
		}
		return l, nil
	}
	return nil, problem.New(problem.Refused, "letter.nothing_kept", "nothing is kept for this demand").Fix("record the preservation first")
}

// SentAnswer is a letter that has gone by mail, or into the spool.
type SentAnswer struct {
	ID      string // of the dispatch
	Channel string // mail, post
	Number  int    // in the thread
	Text    []byte
}

// SendAnswer sends a drafted letter, with counsel's wording where one is given:
// the letter is kept as a document of the demand, stands in its thread, and goes by
// mail or lies in the spool. The difference to the draft is counsel's and is kept among the
// privileged notes. Sending the same number of the thread again sends nothing
// twice. Codes: those of DraftAnswer, notice.edit, and those of docket.Do.
func (o *Office) SendAnswer(ctx context.Context, reader string, id demand.ID, kind string, a Answer, wording string) (SentAnswer, error) {
	w, err := o.reader(reader)
	if err != nil {
		return SentAnswer{}, err
	}
	d, err := o.DraftAnswer(ctx, reader, id, kind, a)
	if err != nil {
		return SentAnswer{}, err
	}
	ctx = docket.For(ctx, demand.Person(reader))
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return SentAnswer{}, err
	}
	rendered, edit, err := o.worded(d, wording, reader)
	if err != nil {
		return SentAnswer{}, err
	}
	digest, err := o.Docket.KeepDocument(ctx, id, rendered.PDF, "application/pdf")
	if err != nil {
		return SentAnswer{}, err
	}
	out := SentAnswer{ID: answerID(id, kind, len(c.State.Thread)), Number: len(c.State.Thread) + 1, Text: rendered.Text}
	// First delivered, then recorded: what is recorded as sent has been sent. A
	// letter of this place in the thread that has gone already is not sent again.
	agency, _ := o.Agencies.Agency(c.State.Instrument.Agency)
	out.Channel, err = o.post.deliver(ctx, notice.Dispatch{ID: out.ID, To: agency.Mail, At: o.Clock.Now(), Letter: rendered})
	if err != nil {
		return SentAnswer{}, err
	}
	_, err = o.act(ctx, id, w.person, w.seats, "", demand.KeepMessage{Out: true, Party: cmp.Or(c.State.Instrument.Agency, "the sender"), Channel: out.Channel, Subject: kind,
		Document: digest, Letter: kind, Question: kind == "clarification-request"})
	if err != nil {
		return SentAnswer{}, err
	}
	if edit == "" || !slices.Contains(w.seats, "counsel") {
		return out, nil
	}
	_, err = o.act(ctx, demand.NotesOf(id), w.person, w.seats, "", demand.WriteNote{Text: edit})
	return out, err
}

// worded renders the draft, or counsel's wording of it, and says what was changed.
func (o *Office) worded(d notice.Draft, wording, by string) (notice.Rendered, string, error) {
	if wording == "" || wording == d.Wording {
		r, err := d.Render()
		return r, "", err
	}
	e, err := notice.NewEdit(d, wording, by, o.Clock.Now())
	if err != nil {
		return notice.Rendered{}, "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The letter %s was edited:\n", d.Kind)
	for _, c := range e.Diff() {
		if c.Op != notice.Same {
			fmt.Fprintf(&b, "%s %s\n", c.Op, c.Text)
		}
	}
	text := b.String()
	if len(text) > demand.MaxNote {
		text = text[:demand.MaxNote-4] + " …"
	}
	r, err := e.Render()
	return r, text, err
}

func answerID(id demand.ID, kind string, number int) string {
	s := sha256.Sum256(fmt.Appendf(nil, "counterseal-answer-v1\n%s\n%s\n%d", id, kind, number))
	return hex.EncodeToString(s[:16])
}
