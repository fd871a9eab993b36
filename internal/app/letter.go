package app

import (
	"context"
	"encoding/hex"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// letter tells one account's holder of a demand: what was asked, by whom, what
// will be given and when, how to object, and the opening of its leaf.
func (o *Office) letter(c docket.Case, a scope.AccountID, receipt docket.Accepted, at time.Time) (*notice.DemandNotice, error) {
	s := c.State
	holder, ok := o.Estate.Now().Holder(a)
	if !ok {
		return nil, problem.New(problem.Refused, "notice.no_holder", "nobody is named as the holder of this account").At("%s", a).Fix("add the customer to estate.toml")
	}
	zone, err := time.LoadLocation(holder.Zone)
	if err != nil {
		return nil, problem.New(problem.Invalid, "estate.customer", "the customer's time zone is not known").At("%s", a).Because(err)
	}
	agency, _ := o.Agencies.Agency(s.Instrument.Agency)
	given := s.WaitingEnds(demand.Notice{At: at}, c.Env.Policy)
	if given.Before(at) {
		given = at
	}
	l := &notice.DemandNotice{
		Head:     notice.Head{Language: holder.Language, Zone: zone, Provider: o.Config.Provider, Date: at, To: holder.Name, Demand: string(c.ID), Ask: o.Config.Notice.Contact},
		Received: s.Received.At, Authority: agency.Name, Instrument: s.Instrument.Title + ", No. " + s.Instrument.Number,
		Outcome: notice.WillBeGiven, GivenAt: given, ObjectUntil: given,
		Opening: notice.Opening{Log: o.policies["journal"].Origin(), Leaf: hex.EncodeToString(receipt.Journal.Digest[:]), Opening: hex.EncodeToString(receipt.Journal.Salt[:]),
			Check: "counterseal ledger opened PROOF --trust trust.txt"},
	}
	for _, line := range s.Lines {
		if !concerns(s, line, a) {
			continue
		}
		l.Asked = append(l.Asked, notice.Line{Service: line.Service, Category: line.Category, From: line.From, Until: line.Until, Basis: line.Basis})
		for _, sel := range line.Part.Selectors() {
			if sel.Account == a {
				l.Given = append(l.Given, notice.Line{Service: sel.Service, Category: sel.Category, From: sel.From, Until: sel.Until, Basis: sel.Basis})
			}
		}
	}
	return l, nil
}

// concerns reports whether the line's target stands for the account.
func concerns(s *demand.State, l demand.Line, a scope.AccountID) bool {
	for _, t := range s.Targets {
		if t.No != l.Target {
			continue
		}
		for _, b := range t.Accounts {
			if a == b {
				return true
			}
		}
	}
	return false
}

// letters composes what clerk sends and hands it to the spool.
type letters struct {
	*Office
	spool *notice.Spool
}

// Compose implements clerk.Composer.
func (l letters) Compose(ctx context.Context, c docket.Case, to clerk.Letter) ([]byte, error) {
	if to.To != demand.Holder {
		return nil, problem.New(problem.Refused, "notice.no_representative", "nobody is named as the representative of this account's customer").Fix("tell them by hand, and record it")
	}
	receipt, err := l.Docket.Receipt(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	letter, err := l.letter(c, to.Account, receipt, c.Env.Now)
	if err != nil {
		return nil, err
	}
	return notice.Encode(letter)
}

// Deliver implements clerk.Notifier. A letter's id follows from demand and
// account, so a conflict means that this customer has this demand's letter, with
// the date of an earlier attempt.
func (l letters) Deliver(ctx context.Context, letter clerk.Letter) error {
	facts, err := notice.Decode(letter.Body)
	if err != nil {
		return err
	}
	rendered, err := notice.Render(facts)
	if err != nil {
		return err
	}
	err = l.spool.Deliver(ctx, notice.Dispatch{ID: letter.ID, At: l.Clock.Now(), Letter: rendered})
	if problem.Code(err) == "notice.conflict" {
		return nil
	}
	return err
}
