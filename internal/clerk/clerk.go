package clerk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Docket is what the clerk needs of package docket.
type Docket interface {
	Beat(ctx context.Context) (sound bool, err error)
	Claim(ctx context.Context, c docket.Claim) ([]docket.Due, error)
	Defer(ctx context.Context, y docket.Due, holder [16]byte, until time.Time) error
	DueDuties(ctx context.Context, now time.Time, limit int) ([]docket.Due, error)
	State(ctx context.Context, id demand.ID) (docket.Case, error)
	Do(ctx context.Context, a docket.Act) (docket.Result, error)
}

// Letter is what one account's holder is told.
type Letter struct {
	ID      string // 32 hexadecimal digits; the same for each attempt
	Demand  demand.ID
	Account scope.AccountID
	Body    []byte // in the form that composer and notifier agree on
}

// Composer writes letters. It must not change anything outside.
type Composer interface {
	Compose(ctx context.Context, c docket.Case, account scope.AccountID, id string) ([]byte, error)
}

// Notifier hands letters over. Deliver returns nil only when the letter is
// certainly on its way; a letter of an id that was delivered before is not sent
// again, and is no error.
type Notifier interface {
	Deliver(ctx context.Context, l Letter) error
}

// Config is what a clerk needs of the world.
type Config struct {
	Docket   Docket
	Composer Composer
	Notifier Notifier
	Rand     io.Reader // for the holder's id
	Log      *slog.Logger
	Batch    int           // duties of a pass; 0 means 64
	Lease    time.Duration // how long a duty is held; 0 means 5 minutes
	Retry    time.Duration // after a failure, doubled each time up to an hour; 0 means 1 minute
	Ahead    time.Duration // how long before a person's duty the alarm begins; 0 means 24 hours
	MaxAlarm int           // alarms of a pass; 0 means 200
}

// Clerk does duties. It is safe for concurrent use; two clerks share the work.
type Clerk struct {
	Config
	holder [16]byte
}

// Actor is the person under whose name the clerk acts by rule.
const Actor demand.Person = "clerk"

// New makes a clerk. Problem: clerk.randomness.
func New(c Config) (*Clerk, error) {
	c.Batch, c.MaxAlarm = orInt(c.Batch, 64), orInt(c.MaxAlarm, 200)
	c.Lease, c.Retry, c.Ahead = or(c.Lease, 5*time.Minute), or(c.Retry, time.Minute), or(c.Ahead, 24*time.Hour)
	k := &Clerk{Config: c}
	if _, err := io.ReadFull(c.Rand, k.holder[:]); err != nil {
		return nil, problem.New(problem.Unavailable, "clerk.randomness", "the source of randomness failed").Because(err)
	}
	return k, nil
}

func or(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

func orInt(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

// Alarm is a duty that a person has to see to.
type Alarm struct {
	docket.Due
	Late    time.Duration  // negative: so long until it is due
	Problem *problem.Error // why the clerk could not do it; nil for a person's own duty
}

// Report says what a pass did.
type Report struct {
	Done   int
	Alarms []Alarm // the clerk's failures first, then people's duties, oldest first
	More   bool    // there is more than one pass can do or show: pass again
}

// Pass does what is due at now, and reports what people must see to. Failures of
// single duties are alarms; the error is for what stops the pass as a whole
// (clerk.clock, and those of the docket), and then the report holds what was
// found until then.
func (k *Clerk) Pass(ctx context.Context, now time.Time) (r Report, err error) {
	sound, err := k.Docket.Beat(ctx)
	if err != nil {
		return r, err
	}
	if sound {
		if err = k.work(ctx, now, &r); err != nil {
			return r, err
		}
	}
	if err = k.remind(ctx, now, &r); err != nil {
		return r, err
	}
	if !sound {
		return r, problem.New(problem.Refused, "clerk.clock", "the clock has jumped; nothing is sent until a person has set it right")
	}
	return r, nil
}

// work claims a batch and does it, one duty after the other.
func (k *Clerk) work(ctx context.Context, now time.Time, r *Report) error {
	due, err := k.Docket.Claim(ctx, docket.Claim{Holder: k.holder, Now: now, Until: now.Add(k.Lease), Limit: k.Batch})
	if err != nil {
		return err
	}
	r.More = len(due) == k.Batch
	for _, y := range due {
		err := k.do(ctx, y)
		if err == nil {
			r.Done++
			continue
		}
		k.escalate(ctx, y, now, err, r)
	}
	return nil
}

// escalate makes a failed duty an alarm and gives it back for another try. If
// even that fails, the lease runs out by itself.
func (k *Clerk) escalate(ctx context.Context, y docket.Due, now time.Time, err error, r *Report) {
	p := problem.Of(err)
	r.Alarms = append(r.Alarms, Alarm{Due: y, Late: now.Sub(y.At), Problem: p})
	k.Log.LogAttrs(ctx, slog.LevelError, "escalated", slog.String("duty", y.Kind), slog.String("demand", string(y.ID)),
		slog.String("code", p.Code), slog.Int("tries", y.Tries))
	wait := min(k.Retry<<min(max(y.Tries-1, 0), 10), max(time.Hour, k.Retry))
	_ = k.Docket.Defer(ctx, y, k.holder, now.Add(wait))
}

// remind lists what people have to do soon, or should have done.
func (k *Clerk) remind(ctx context.Context, now time.Time, r *Report) error {
	due, err := k.Docket.DueDuties(ctx, now.Add(k.Ahead), k.MaxAlarm+1)
	if err != nil {
		return err
	}
	if len(due) > k.MaxAlarm {
		due, r.More = due[:k.MaxAlarm], true
	}
	for _, y := range due {
		r.Alarms = append(r.Alarms, Alarm{Due: y, Late: now.Sub(y.At), Problem: y.Problem})
	}
	return nil
}

// do does one duty. nil means that it needs no more work.
func (k *Clerk) do(ctx context.Context, y docket.Due) error {
	if y.Problem != nil {
		return y.Problem
	}
	if y.Kind != "notice.send" {
		return problem.New(problem.Internal, "clerk.duty", "there is no rule for this duty; a person has to do it").At("%.40q", y.Kind)
	}
	return k.notify(ctx, y.ID, scope.AccountID(y.About))
}

// notify tells one account's holder: compose, deliver, record.
func (k *Clerk) notify(ctx context.Context, id demand.ID, account scope.AccountID) error {
	c, err := k.mayNotify(ctx, id, account)
	if err != nil {
		return err
	}
	l := Letter{ID: letterID(id, account), Demand: id, Account: account}
	if l.Body, err = k.Composer.Compose(ctx, c, account, l.ID); err != nil {
		return err
	}
	if _, err = k.mayNotify(ctx, id, account); err != nil {
		return err
	}
	if err = k.Notifier.Deliver(ctx, l); err != nil {
		return err
	}
	_, err = k.Docket.Do(ctx, docket.Act{ID: id, CommandID: commandID(l.ID), Actor: Actor, Seats: []string{"clerk"},
		Reason: "the notice fell due", Command: demand.SendNotice{Account: account, Letter: l.ID}})
	if problem.Code(err) == "notice.sent" {
		return nil // somebody else has recorded it
	}
	if problem.Of(err) != nil && problem.Of(err).Kind == problem.Refused {
		return problem.New(problem.Refused, "clerk.unrecorded", "a letter went out and could not be recorded; counsel has to look at it now").Because(err)
	}
	return err
}

func (k *Clerk) mayNotify(ctx context.Context, id demand.ID, account scope.AccountID) (docket.Case, error) {
	c, err := k.Docket.State(ctx, id)
	if err != nil {
		return c, err
	}
	if blocked := demand.MayNotify(c.State, account, c.Env); len(blocked) > 0 {
		return c, blocked.Problem()
	}
	return c, nil
}

// letterID names the one letter that an account's holder gets about a demand.
func letterID(id demand.ID, account scope.AccountID) string {
	s := sha256.Sum256([]byte("counterseal-letter-v1\n" + string(id) + "\n" + string(account)))
	return hex.EncodeToString(s[:16])
}

func commandID(letter string) [16]byte {
	s := sha256.Sum256([]byte("counterseal-notice-command-v1\n" + letter))
	return [16]byte(s[:])
}
