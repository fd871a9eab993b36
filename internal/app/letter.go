package app

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// reader of a letter: whom it goes to, in which language and zone.
type reader struct {
	name, language string
	zone           *time.Location
	organisation   bool
}

// addressee is whom a letter about an account goes to: its holder, and of an
// organisation the one person who was named beforehand.
func (o *Office) addressee(a scope.AccountID) (reader, error) {
	e := o.Estate.Now()
	holder, ok := e.Holder(a)
	if !ok {
		return reader{}, problem.New(problem.Refused, "notice.no_holder", "nobody is named as the holder of this account").At("%s", a).Fix("add the customer to estate.toml")
	}
	zone, err := time.LoadLocation(holder.Zone)
	if err != nil {
		return reader{}, problem.New(problem.Invalid, "estate.customer", "the customer's time zone is not known").At("%s", a).Because(err)
	}
	r := reader{name: holder.Name, language: holder.Language, zone: zone}
	if rep, named := e.Representative(holder.ID); named {
		r.name, r.language, r.organisation = rep.Name+", "+holder.Name, rep.Language, true
	}
	return r, nil
}

func (o *Office) head(r reader, id demand.ID, at time.Time) notice.Head {
	return notice.Head{Language: r.language, Zone: r.zone, Provider: o.Config.Provider, Date: at, To: r.name, Demand: string(id), Ask: o.Config.Notice.Contact}
}

func (o *Office) opening(receipt docket.Accepted) notice.Opening {
	leaf := hex.EncodeToString(receipt.Journal.Digest[:])
	return notice.Opening{Log: o.policies["journal"].Policy().Origin(), Leaf: leaf, Opening: hex.EncodeToString(receipt.Journal.Salt[:]),
		Check: "counterseal ledger opened PROOF --digest " + leaf + " --trust trust.txt"}
}

func instrumentName(s *demand.State) string {
	if s.Instrument.Number == "" {
		return s.Instrument.Title
	}
	return s.Instrument.Title + ", No. " + s.Instrument.Number
}

// told is what a letter about an account says was asked, and what is given of it.
func askedAndGiven(s *demand.State, a scope.AccountID) (asked, given []notice.Line) {
	for _, line := range s.Lines {
		if !concerns(s, line, a) {
			continue
		}
		asked = append(asked, notice.Line{Service: line.Service, Category: line.Category, From: line.From, Until: line.Until, Basis: line.Basis})
		given = append(given, selected(line.Part, a)...)
	}
	return asked, given
}

// selected is what a part holds of one account.
func selected(part scope.Scope, a scope.AccountID) (out []notice.Line) {
	for _, sel := range part.Selectors() {
		if sel.Account == a {
			out = append(out, notice.Line{Service: sel.Service, Category: sel.Category, From: sel.From, Until: sel.Until, Basis: sel.Basis})
		}
	}
	return out
}

// notice tells whom an account belongs to of a demand: what was asked, by whom,
// what will be given or was given in an emergency, how to object, and the opening
// of its leaf.
func (o *Office) notice(c docket.Case, a scope.AccountID, receipt docket.Accepted, history []demand.Recorded) (notice.Letter, error) {
	s, at := c.State, c.Env.Now
	r, err := o.addressee(a)
	if err != nil {
		return nil, err
	}
	agency, _ := o.Agencies.Agency(s.Instrument.Agency)
	l := &notice.DemandNotice{Head: o.head(r, c.ID, at), Received: cameIn(s), Authority: agency.Name, Instrument: instrumentName(s), Outcome: notice.WillBeGiven,
		Opening: o.opening(receipt)}
	if r.organisation {
		l.Accounts = []string{string(a)}
	}
	l.Asked, l.Given = askedAndGiven(s, a)
	if made := productions(s, history, a); len(made) > 0 {
		last := made[len(made)-1]
		l.Outcome, l.GivenAt, l.Items, l.Emergency, l.Beyond = notice.WasGiven, last.At, last.Items, s.Emergency, s.MoreGiven(a)
		return l, nil
	}
	l.GivenAt = s.WaitingEnds(demand.Notice{At: at}, c.Env.Policy)
	if l.GivenAt.Before(at) {
		l.GivenAt = at
	}
	l.ObjectUntil = l.GivenAt
	return l, nil
}

// productions are what left about an account, with the time at which it did.
func productions(s *demand.State, history []demand.Recorded, a scope.AccountID) (out []notice.Production) {
	items := map[string]int64{}
	for _, h := range history {
		switch e := h.Event.(type) {
		case demand.ReleasePermitted:
			items[e.Grant] = e.Items
		case demand.ReleaseEnded:
			for _, g := range s.Grants {
				if lines := selected(g.Scope, a); g.ID == e.Grant && e.Outcome == demand.Released && len(lines) > 0 {
					out = append(out, notice.Production{At: h.At, Items: items[e.Grant], Lines: lines})
				}
			}
		}
	}
	return out
}

// noticeAfter tells of a demand that could not be told of before.
func (o *Office) noticeAfter(c docket.Case, a scope.AccountID, duties []*demand.SecrecyDuty, receipt docket.Accepted, history []demand.Recorded) (notice.Letter, error) {
	s := c.State
	r, err := o.addressee(a)
	if err != nil {
		return nil, err
	}
	agency, _ := o.Agencies.Agency(s.Instrument.Agency)
	opening := o.opening(receipt)
	l := &notice.SecrecyEnded{Head: o.head(r, c.ID, c.Env.Now), Received: cameIn(s), Authority: agency.Name, Instrument: instrumentName(s), Given: productions(s, history, a), Beyond: s.MoreGiven(a), Opening: &opening}
	if r.organisation {
		l.Accounts = []string{string(a)}
	}
	l.Asked, _ = askedAndGiven(s, a)
	for _, d := range duties {
		from := d.Opened.At
		if !d.Signed.IsZero() && d.Signed.Before(from) {
			from = d.Signed
		}
		l.Duties = append(l.Duties, notice.Secrecy{Source: d.Cite + ", " + d.Authority, From: from, Until: d.End().Add(-time.Second)})
	}
	return l, nil
}

// concerns reports whether the line's target stands for the account.
func concerns(s *demand.State, l demand.Line, a scope.AccountID) bool {
	for _, t := range s.Targets {
		if t.No == l.Target && slices.Contains(t.Accounts, a) {
			return true
		}
	}
	return false
}

// letters composes what clerk sends and hands it over.
type letters struct{ *Office }

// Compose implements clerk.Composer. Of a demand that was secret the letter says
// why it comes only now.
func (l letters) Compose(ctx context.Context, c docket.Case, to clerk.Letter) ([]byte, error) {
	receipt, err := l.Docket.Receipt(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	history, err := l.Docket.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if to.To == demand.Representative {
		r, err := l.addressee(to.Account)
		if err != nil {
			return nil, err
		}
		if !r.organisation {
			return nil, problem.New(problem.Refused, "notice.no_representative", "nobody is named as the representative of this account's customer").Fix("tell them by hand, and record it")
		}
	}
	var letter notice.Letter
	ended := slices.DeleteFunc(slices.Clone(c.State.DutiesOn(to.Account)), func(d *demand.SecrecyDuty) bool { return d.Stands(c.Env.Now) })
	switch {
	case to.Incident != (demand.Digest{}):
		letter, err = l.correction(c, to, history)
	case to.To == demand.Holder && len(ended) > 0:
		letter, err = l.noticeAfter(c, to.Account, ended, receipt, history)
	default:
		letter, err = l.notice(c, to.Account, receipt, history)
	}
	if err != nil {
		return nil, err
	}
	return notice.Encode(letter)
}

// Inquire implements clerk.Inquiries: does the duty continue?
func (l letters) Inquire(ctx context.Context, c docket.Case, _ int, _ string) ([]byte, error) {
	d := c.State.Duty
	first, err := l.Docket.State(ctx, d.Covers[0].Demand)
	if err != nil {
		return nil, err
	}
	s := first.State
	agency, _ := l.Agencies.Agency(s.Instrument.Agency)
	from := d.Opened.At
	if !d.Signed.IsZero() && d.Signed.Before(from) {
		from = d.Signed
	}
	return notice.Encode(&notice.SecrecyInquiry{Head: l.authorityHead(first, agency), Order: orderOf(s),
		Duty: notice.Secrecy{Source: d.Cite + ", " + d.Authority, From: from, Until: d.End().Add(-time.Second)}, TellOn: d.End()})
}

// Deliver implements clerk.Notifier. A letter's id follows from what it is about, so
// a conflict means that this letter has gone, as an earlier attempt worded it.
func (l letters) Deliver(ctx context.Context, letter clerk.Letter) (before bool, err error) {
	facts, err := notice.Decode(letter.Body)
	if err != nil {
		return false, err
	}
	rendered, err := notice.Render(facts)
	if err != nil {
		return false, err
	}
	to, err := l.mailboxOf(ctx, letter)
	if err != nil {
		return false, err
	}
	_, err = l.post.deliver(ctx, notice.Dispatch{ID: letter.ID, To: to, At: l.Clock.Now(), Letter: rendered})
	before = problem.Code(err) == "notice.conflict"
	if err != nil && !before {
		return false, err
	}
	if letter.Account == "" { // to an authority
		return before, nil
	}
	return before, l.putOnShelf(letter.Account, letter.ID, letter.Body)
}
