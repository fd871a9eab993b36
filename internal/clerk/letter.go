package clerk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Letter is what the holder of an account, or the representative of the customer
// whose account it is, is told; or what an authority is asked.
type Letter struct {
	ID       string          // 32 hexadecimal digits; the same for each attempt
	Demand   demand.ID       // of an inquiry: the duty of secrecy
	Account  scope.AccountID // "" for an inquiry
	To       string          // demand.Holder, demand.Representative or Authority
	Incident demand.Digest   // of a correction: what it tells of
	Body     []byte          // in the form that composer and notifier agree on
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
// again, and is no error. Before says that the one that went then was not this one to
// the byte.
type Notifier interface {
	Deliver(ctx context.Context, l Letter) (before bool, err error)
}

// notify tells whoever may be told of one account: compose, deliver, record.
func (k *Clerk) notify(ctx context.Context, id demand.ID, account scope.AccountID) error {
	t := telling{may: demand.MayTell, what: "notice", reason: "the notice fell due", recorded: "notice.sent"}
	c, to, err := k.mayTell(ctx, id, account, t.may)
	if err != nil {
		return err
	}
	t.letter = Letter{ID: letterID(id, account, to), Demand: id, Account: account, To: to}
	t.record = func(knew demand.Seq) demand.Command {
		return demand.SendNotice{Account: account, Letter: t.letter.ID, To: to, Knew: knew}
	}
	return k.tell(ctx, c, t)
}

// correct tells whoever was told of an account before what has come to light since,
// incident by incident.
func (k *Clerk) correct(ctx context.Context, id demand.ID, account scope.AccountID) error {
	t := telling{may: demand.MayCorrect, what: "correction", reason: "the correction fell due", recorded: "notice.corrected"}
	c, to, err := k.mayTell(ctx, id, account, t.may)
	if err != nil {
		return err
	}
	for _, x := range c.State.Uncorrected(account) {
		t.letter = Letter{ID: correctionID(id, account, x.Digest), Demand: id, Account: account, To: to, Incident: x.Digest}
		t.record = func(demand.Seq) demand.Command {
			return demand.SendCorrection{Incident: x.Digest, Account: account, Letter: t.letter.ID, To: to}
		}
		if err := k.tell(ctx, c, t); err != nil {
			return err
		}
	}
	return nil
}

// telling is one letter to a customer, what lets it go, and how it is recorded.
type telling struct {
	letter       Letter
	may          func(*demand.State, scope.AccountID, string, demand.Env) demand.Blocked
	record       func(knew demand.Seq) demand.Command
	what, reason string
	recorded     string // the code by which the docket says that somebody else has recorded it
}

func (k *Clerk) tell(ctx context.Context, c docket.Case, t telling) (err error) {
	l, knew := t.letter, c.State.Last
	if l.Body, err = k.Composer.Compose(ctx, c, l); err != nil {
		return err
	}
	if c, err = k.Docket.State(ctx, l.Demand); err != nil {
		return err
	}
	if blocked := t.may(c.State, l.Account, l.To, c.Env); len(blocked) > 0 {
		return blocked.Problem()
	}
	before, err := k.Notifier.Deliver(ctx, l)
	if err != nil {
		return err
	}
	if before {
		knew = 1 // what an earlier attempt knew, nobody remembers: no more than that the demand came
	}
	_, err = k.Docket.Do(ctx, docket.Act{ID: l.Demand, CommandID: commandID(t.what, fmt.Sprintf("%s\n%d", l.ID, knew)), Actor: Actor, Seats: []string{"clerk"},
		Reason: t.reason, Command: t.record(knew)})
	if problem.Code(err) == t.recorded {
		return nil
	}
	if problem.Of(err) != nil && problem.Of(err).Kind == problem.Refused {
		return problem.New(problem.Refused, "clerk.unrecorded", "a letter went out and could not be recorded; counsel has to look at it now").Because(err)
	}
	return err
}

// mayTell says who may be told of an account now: its holder, or, where a duty of
// secrecy lets only them be told, the customer's representative.
func (k *Clerk) mayTell(ctx context.Context, id demand.ID, account scope.AccountID, may func(*demand.State, scope.AccountID, string, demand.Env) demand.Blocked) (docket.Case, string, error) {
	c, err := k.Docket.State(ctx, id)
	if err != nil {
		return c, "", err
	}
	blocked := may(c.State, account, demand.Holder, c.Env)
	if len(blocked) == 0 {
		return c, demand.Holder, nil
	}
	if len(may(c.State, account, demand.Representative, c.Env)) == 0 {
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

// correctionID names the one letter about an account and an incident, whoever gets it.
func correctionID(id demand.ID, account scope.AccountID, incident demand.Digest) string {
	s := sha256.Sum256([]byte("counterseal-correction-v1\n" + string(id) + "\n" + string(account) + "\n" + incident.String()))
	return hex.EncodeToString(s[:16])
}

func commandID(what, letter string) [16]byte {
	s := sha256.Sum256([]byte("counterseal-" + what + "-command-v1\n" + letter))
	return [16]byte(s[:])
}
