package clerk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Letter is what the holder of an account, or the representative of the customer
// whose account it is, is told; or what an authority is asked.
type Letter struct {
	ID      string          // 32 hexadecimal digits; the same for each attempt
	Demand  demand.ID       // of an inquiry: the duty of secrecy
	Account scope.AccountID // "" for an inquiry
	To      string          // demand.Holder, demand.Representative or Authority
	Body    []byte          // in the form that composer and notifier agree on
}

// Authority is to whom an inquiry goes: the one that the duty names.
const Authority = "authority"

// Composer writes letters. It finds whom l.To stands for and must not change
// anything outside.
type Composer interface {
	Compose(ctx context.Context, c docket.Case, l Letter) ([]byte, error)
}

// Notifier hands letters over. Deliver returns nil only when the letter is
// certainly on its way; a letter of an id that was delivered before is not sent
// again, and is no error.
type Notifier interface {
	Deliver(ctx context.Context, l Letter) error
}

// notify tells whoever may be told of one account: compose, deliver, record.
func (k *Clerk) notify(ctx context.Context, id demand.ID, account scope.AccountID) error {
	c, to, err := k.mayTell(ctx, id, account)
	if err != nil {
		return err
	}
	l := Letter{ID: letterID(id, account, to), Demand: id, Account: account, To: to}
	if l.Body, err = k.Composer.Compose(ctx, c, l); err != nil {
		return err
	}
	if c, err = k.Docket.State(ctx, id); err != nil {
		return err
	}
	if blocked := demand.MayTell(c.State, account, to, c.Env); len(blocked) > 0 {
		return blocked.Problem()
	}
	if err = k.Notifier.Deliver(ctx, l); err != nil {
		return err
	}
	_, err = k.Docket.Do(ctx, docket.Act{ID: id, CommandID: commandID("notice", l.ID), Actor: Actor, Seats: []string{"clerk"},
		Reason: "the notice fell due", Command: demand.SendNotice{Account: account, Letter: l.ID, To: to}})
	if problem.Code(err) == "notice.sent" {
		return nil // somebody else has recorded it
	}
	if problem.Of(err) != nil && problem.Of(err).Kind == problem.Refused {
		return problem.New(problem.Refused, "clerk.unrecorded", "a letter went out and could not be recorded; counsel has to look at it now").Because(err)
	}
	return err
}

// mayTell says who may be told of an account now: its holder, or, where a duty of
// secrecy lets only them be told, the customer's representative.
func (k *Clerk) mayTell(ctx context.Context, id demand.ID, account scope.AccountID) (docket.Case, string, error) {
	c, err := k.Docket.State(ctx, id)
	if err != nil {
		return c, "", err
	}
	blocked := demand.MayTell(c.State, account, demand.Holder, c.Env)
	if len(blocked) == 0 {
		return c, demand.Holder, nil
	}
	if len(demand.MayTell(c.State, account, demand.Representative, c.Env)) == 0 {
		return c, demand.Representative, nil
	}
	return c, "", blocked.Problem()
}

// letterID names the one letter that somebody gets about an account and a demand.
func letterID(id demand.ID, account scope.AccountID, to string) string {
	text := "counterseal-letter-v1\n" + string(id) + "\n" + string(account)
	if to != demand.Holder {
		text += "\n" + to
	}
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:16])
}

func commandID(what, letter string) [16]byte {
	s := sha256.Sum256([]byte("counterseal-" + what + "-command-v1\n" + letter))
	return [16]byte(s[:])
}
