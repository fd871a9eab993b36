package docket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Keys keeps the data keys; package keystest is its contract. Problems:
// keys.exists, keys.missing and others.
type Keys interface {
	Create(ctx context.Context, id string) error
	Key(ctx context.Context, id string) ([32]byte, error)
}

// Originals keeps sealed documents under their SHA-256; package blobtest is its
// contract.
type Originals interface {
	Put(ctx context.Context, b []byte) ([32]byte, error)
	Get(ctx context.Context, address [32]byte) ([]byte, error)
	Remove(ctx context.Context, address [32]byte) error
}

// Journal tells what has become of entries of the outbox.
type Journal interface {
	// FindAll gives those of the entries that there are, as they stood at one moment.
	FindAll(ctx context.Context, ids []ledger.ID) (map[ledger.ID]ledger.Placement, error)
	// Published is the number of the journal's leaves under a checkpoint that
	// verified under the policy: below it, a proof is at hand. emergency is the number
	// below which one under the emergency policy is, for an emergency.
	Published(ctx context.Context) (ordinary, emergency uint64, err error)
}

// Bounds say how far the clock may stray (invariant 21).
type Bounds struct {
	Back  time.Duration // below the highest time ever recorded; 0 means 10 s
	Ahead time.Duration // above it, as after a standstill; 0 means 7 days
	Drift time.Duration // between wall clock and steady clock while running; 0 means 1 h
}

// Config is what a docket needs of the world. Everything is required but where
// it says otherwise.
type Config struct {
	Store     Store
	Keys      Keys
	Originals Originals
	Journal   Journal
	Clock     func() time.Time     // wall clock
	Steady    func() time.Duration // a clock that nobody sets; nil: the process's own
	Bounds    Bounds
	Rand      io.Reader // cryptographic
	Policy    demand.Policy
	// Fields says how a demand counts in the register, as far as it is known at
	// receipt.
	Fields func(demand.Receive) (proof.Fields, error)
	// MayRead says whether somebody may read a stream, by what the docket found of it;
	// nil: nobody but the program may read anything.
	MayRead func(ctx context.Context, a Asked) bool
	Log     *slog.Logger
}

// Docket is the only writer of demands and of the other streams. It is safe for concurrent use.
type Docket struct {
	Config
	index *vault // keyed names that span demands

	members  members
	readings readings
	turn     sync.RWMutex // held alone by an act that others have come before too often

	timing sync.Mutex // guards wall and steady
	wall   time.Time
	steady time.Duration
}

// indexKey is the id of the data key behind index; no case number looks like it.
const indexKey = "docket.index"

// New opens the docket. On an empty store it makes the key of its index; on any
// other a missing one refuses to start, as without it no second delivery would be
// recognised. Problems: keys.missing and others of Keys, store.unavailable,
// docket.tampered (the clock mark).
func New(ctx context.Context, c Config) (*Docket, error) {
	if c.Steady == nil {
		began := time.Now()
		c.Steady = func() time.Duration { return time.Since(began) }
	}
	c.Bounds = c.Bounds.orDefault()
	d := &Docket{Config: c, wall: c.Clock(), steady: c.Steady()}
	_, begun, err := c.Store.Clock(ctx)
	if err != nil {
		return nil, err
	}
	key, err := c.Keys.Key(ctx, indexKey)
	if problem.Code(err) == "keys.missing" && !begun {
		if err = c.Keys.Create(ctx, indexKey); err != nil {
			return nil, err
		}
		key, err = c.Keys.Key(ctx, indexKey)
	}
	if err != nil {
		return nil, err
	}
	if d.index, err = newVault(key); err != nil {
		return nil, err
	}
	if !begun {
		return d, d.TrustClock(ctx)
	}
	_, err = d.highest(ctx)
	return d, err
}

// NotFound is the one answer for a demand that does not exist and for one that
// is not for this reader (invariant 16).
func NotFound() *problem.Error {
	return problem.New(problem.Missing, "docket.not_found", "there is no such demand, or it is not for you")
}

// vaultOf opens the vault of a demand. The key of a demand that is stored must
// be there: a missing one is keys.missing.
func (d *Docket) vaultOf(ctx context.Context, id demand.ID) (*vault, error) {
	key, err := d.Keys.Key(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return newVault(key)
}

// refused writes the one log entry of a refusal: the demand and the code, and
// nothing that anybody has written.
func (d *Docket) refused(ctx context.Context, act string, id demand.ID, err error) {
	if err == nil {
		return
	}
	if !ValidID(id) {
		id = ""
	}
	p := problem.Of(err)
	level := slog.LevelInfo
	if p.Kind == problem.Internal || p.Kind == problem.Unverified || p.Kind == problem.Unavailable {
		level = slog.LevelError
	}
	d.Log.LogAttrs(ctx, level, "refused", slog.String("act", act), slog.String("demand", string(id)), slog.String("code", p.Code))
}

func isStale(err error) bool { return errors.Is(err, ErrStale) }
