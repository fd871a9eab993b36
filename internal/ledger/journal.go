package ledger

import (
	"context"
	"io"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Journal is the one writer of a journal. Safe for concurrent use.
type Journal struct {
	w    *writer
	last int64 // tick of the last leaf, Unix milliseconds; guarded by w.mu
}

// OpenJournal takes the journal's directory, reconciles it with the database
// and replays what it lacks. Problems: ledger.config, ledger.busy,
// ledger.mismatch, ledger.directory, ledger.unreadable, ledger.append, and
// those of the outbox.
func OpenJournal(ctx context.Context, c Config) (*Journal, error) {
	w, err := openWriter(ctx, c, InJournal, 1)
	if err != nil {
		return nil, err
	}
	j := &Journal{w: w, last: -1}
	if w.size > 0 {
		if err := j.readLast(ctx); err != nil {
			w.close()
			return nil, err
		}
	}
	return j, nil
}

func (j *Journal) readLast(ctx context.Context) error {
	leaves, err := j.w.Outbox.Leaves(ctx, InJournal, j.w.size-1, 1)
	if err != nil {
		return err
	}
	if len(leaves) != 1 {
		return Mismatch("the database lacks leaves that it counts")
	}
	leaf, err := proof.ParseJournalLeaf(leaves[0])
	if err != nil {
		return Mismatch("a leaf in the database is damaged").Because(err)
	}
	j.last = leaf.TickMillis
	return nil
}

// Tick writes the leaf of the tick in which the clock stands: the clock's time
// cut down to a multiple of the period. When it returns without error, the leaf
// is in the database and in the log; a checkpoint follows. Problems:
// ledger.clock (the tick is not after the last one), ledger.randomness, and
// those of OpenJournal. After ledger.mismatch and ledger.busy the journal stays
// stopped; after others a later tick makes up for what was left half done.
func (j *Journal) Tick(ctx context.Context) error {
	return j.tick(ctx, j.w.Now().Truncate(j.w.Period))
}

// Run ticks until ctx ends (then nil) or the journal must stop (ledger.busy,
// ledger.mismatch, ledger.closed).
func (j *Journal) Run(ctx context.Context) error { return j.w.run(ctx, j.tick) }

// Take goes on under another witness policy, and the emergency policy beside it, and asks
// these witnesses from now on. Problem: ledger.config, and then nothing has changed.
func (j *Journal) Take(policy, emergency proof.Policy, witnesses []WitnessAt) error {
	return j.w.take(policy, emergency, witnesses)
}

// Close waits for the work in progress and gives the directory back.
func (j *Journal) Close() error { return j.w.close() }

// Begin is Tick in two halves, for whoever has something else to do while the leaf is
// made and written: what stands in this tick, and under which time, is settled when it
// returns; finish, which must be called, once, writes it, and its error is Tick's.
// Until then no other tick begins.
func (j *Journal) Begin(ctx context.Context) (finish func(context.Context) error, err error) {
	return j.begin(ctx, j.w.Now().Truncate(j.w.Period))
}

func (j *Journal) tick(ctx context.Context, at time.Time) error {
	finish, err := j.begin(ctx, at)
	if err != nil {
		return err
	}
	return finish(ctx)
}

// begin leaves the writer locked for finish, unless it fails.
func (j *Journal) begin(ctx context.Context, at time.Time) (finish func(context.Context) error, err error) {
	w := j.w
	w.mu.Lock()
	defer func() {
		if err != nil {
			w.mu.Unlock()
		}
	}()
	if err := w.ready(ctx); err != nil {
		return nil, err
	}
	if at.UnixMilli() <= j.last {
		return nil, problem.New(problem.Unavailable, "ledger.clock", "the clock is not past the last tick").Fix("check the machine's clock")
	}
	entries, err := w.Outbox.Pending(ctx, InJournal, proof.Places)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		defer w.mu.Unlock()
		leaf, places, err := j.compose(at, entries)
		if err != nil {
			return err
		}
		// Set before the commit: if its outcome is unknown, this tick is spent.
		j.last = at.UnixMilli()
		return w.commit(ctx, []Leaf{leaf}, places)
	}, nil
}

// compose draws key and places and computes the leaf.
func (j *Journal) compose(at time.Time, entries []Entry) (Leaf, []Place, error) {
	var key [32]byte
	if _, err := io.ReadFull(j.w.Random, key[:]); err != nil {
		return Leaf{}, nil, problem.New(problem.Unavailable, "ledger.randomness", "the source of randomness failed").Because(err)
	}
	at16, err := positions(j.w.Random, len(entries))
	if err != nil {
		return Leaf{}, nil, err
	}
	places := make([]Place, len(entries))
	placed := make([]proof.Placed, len(entries))
	for i, e := range entries {
		places[i] = Place{Entry: e.ID, Sequence: j.w.size, Position: at16[i]}
		placed[i] = proof.Placed{Position: at16[i], Event: e.Event.EventHash()}
	}
	root, err := j.root(key, placed)
	if err != nil {
		return Leaf{}, nil, err
	}
	leaf := proof.JournalLeaf{TickMillis: at.UnixMilli(), Root: root}
	return Leaf{Bytes: leaf.Marshal(), Key: key[:]}, places, nil
}

// root is that of the tick's tree, which is kept where somebody may ask for a proof.
func (j *Journal) root(key [32]byte, placed []proof.Placed) (proof.Hash, error) {
	trees := j.w.Trees
	if len(placed) == 0 {
		trees = nil
	}
	tree, err := trees.tree(key, placed)
	if err != nil {
		return proof.Hash{}, err
	}
	return tree.Root(), nil
}
