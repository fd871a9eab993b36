package clerk

import (
	"context"
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
	Escalate(ctx context.Context, now time.Time, limit int) (out []docket.Escalation, more bool, err error)
	State(ctx context.Context, id demand.ID) (docket.Case, error)
	Do(ctx context.Context, a docket.Act) (docket.Result, error)
	Rebuild(ctx context.Context, id demand.ID) error
}

// Config is what a clerk needs of the world.
type Config struct {
	Docket    Docket
	Composer  Composer
	Notifier  Notifier
	Inquiries Inquiries // nil: a person asks the authorities
	Channels  Channels  // nil: a person says that the channels were read
	Rand      io.Reader // for the holder's id
	Log       *slog.Logger
	Batch     int           // duties that are claimed at once; 0 means 64
	Most      int           // duties of a pass; 0 means 16 batches
	Lease     time.Duration // how long a duty is held; 0 means 5 minutes
	Soon      time.Duration // until what waits for a channel is looked at again; 0 means 5 seconds
	Retry     time.Duration // after a failure, doubled each time up to an hour; 0 means 1 minute
	Ahead     time.Duration // how long before a person's duty the alarm begins; 0 means 24 hours
	MaxAlarm  int           // alarms of a pass; 0 means 200
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
	c.Most = orInt(c.Most, 16*c.Batch)
	c.Lease, c.Soon = or(c.Lease, 5*time.Minute), or(c.Soon, 5*time.Second)
	c.Retry, c.Ahead = or(c.Retry, time.Minute), or(c.Ahead, 24*time.Hour)
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
	Done        int
	Alarms      []Alarm      // the clerk's failures first, then people's duties, oldest first
	Escalations []Escalation // people's duties that have just come to a step, each step once
	More        bool         // there is more than one pass can do or show: pass again
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
		if err = k.climb(ctx, now, &r); err != nil {
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

// work claims batches and does them, one duty after the other. That channels were
// read is recorded first: notices of the same moment wait for it.
func (k *Clerk) work(ctx context.Context, now time.Time, r *Report) error {
	taken := 0
	for _, kind := range []string{drain, ""} {
		for {
			limit := min(k.Batch, k.Most-taken)
			if limit == 0 {
				r.More = true
				return nil
			}
			due, err := k.Docket.Claim(ctx, docket.Claim{Holder: k.holder, Now: now, Until: now.Add(k.Lease), Limit: limit, Kind: kind})
			if err != nil {
				return err
			}
			taken += len(due)
			for _, y := range due {
				k.doOrGiveBack(ctx, y, now, r)
			}
			if len(due) < limit {
				break
			}
		}
	}
	return nil
}

func (k *Clerk) doOrGiveBack(ctx context.Context, y docket.Due, now time.Time, r *Report) {
	err := k.do(ctx, y)
	switch {
	case err == nil:
		r.Done++
	case waits(err) && now.Sub(y.At) < patience:
		_ = k.Docket.Defer(ctx, y, k.holder, now.Add(k.Soon))
	default:
		k.escalate(ctx, y, now, err, r)
	}
}

// patience is how long after its time a duty may wait for a channel to be read
// before a person hears of it.
const patience = 5 * time.Minute

// waits tells what a channel that is read to its end will settle by itself.
func waits(err error) bool {
	code := problem.Code(err)
	return code == "notice.not_drained" || code == "clerk.undrained"
}

// escalate makes a failed duty an alarm and gives it back for another try. If
// even that fails, the lease runs out by itself.
func (k *Clerk) escalate(ctx context.Context, y docket.Due, now time.Time, err error, r *Report) {
	p := problem.Of(err)
	r.Alarms = append(r.Alarms, Alarm{Due: y, Late: now.Sub(y.At), Problem: p})
	k.Log.LogAttrs(ctx, slog.LevelError, "escalated", slog.String("duty", y.Kind), slog.String("demand", string(y.ID)),
		slog.String("code", p.Code), slog.Int("tries", y.Tries))
	wait := k.Soon
	if !waits(err) {
		wait = min(k.Retry<<min(max(y.Tries-1, 0), 10), max(time.Hour, k.Retry))
	}
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
	switch y.Kind {
	case "notice.send":
		return k.notify(ctx, y.ID, scope.AccountID(y.About))
	case "notice.correct":
		return k.correct(ctx, y.ID, scope.AccountID(y.About))
	case "secrecy.ask_30":
		return k.ask(ctx, y.ID, 30)
	case "secrecy.ask_7":
		return k.ask(ctx, y.ID, 7)
	case drain:
		return k.drain(ctx, y.ID)
	case "look.again":
		return k.Docket.Rebuild(ctx, y.ID)
	}
	return noRule().At("%.40q", y.Kind)
}

func noRule() *problem.Error {
	return problem.New(problem.Internal, "clerk.duty", "there is no rule for this duty; a person has to do it")
}
