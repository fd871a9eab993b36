package ledger

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/ledger/proof"
)

// Register is the one writer of a register. Safe for concurrent use.
type Register struct{ w *writer }

// BatchSizes are the sizes a register batch can have. A day's batch takes the
// smallest that holds all pending entries; what exceeds the largest waits.
func BatchSizes() []int { return []int{256, 1024, 4096} }

// OpenRegister is OpenJournal for the register.
func OpenRegister(ctx context.Context, c Config) (*Register, error) {
	w, err := openWriter(ctx, c, InRegister, bundle)
	if err != nil {
		return nil, err
	}
	return &Register{w: w}, nil
}

// Batch writes one batch now: all pending entries in random order among padding
// that nobody can tell apart, persisted whole before the first leaf is
// appended. An empty day gives a batch too. Problems as for Journal.Tick,
// without ledger.clock.
func (r *Register) Batch(ctx context.Context) error { return r.batch(ctx, time.Time{}) }

// Run writes a batch at each multiple of the period until ctx ends (then nil)
// or the register must stop.
func (r *Register) Run(ctx context.Context) error { return r.w.run(ctx, r.batch) }

// Take is Journal.Take.
func (r *Register) Take(policy, emergency proof.Policy, witnesses []WitnessAt) error {
	return r.w.take(policy, emergency, witnesses)
}

// Close waits for the work in progress and gives the directory back.
func (r *Register) Close() error { return r.w.close() }

func (r *Register) batch(ctx context.Context, _ time.Time) error {
	w := r.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(ctx); err != nil {
		return err
	}
	sizes := BatchSizes()
	entries, err := w.Outbox.Pending(ctx, InRegister, sizes[len(sizes)-1])
	if err != nil {
		return err
	}
	size := sizes[0]
	for _, s := range sizes {
		if size < len(entries) {
			size = s
		}
	}
	leaves, places, err := r.compose(entries, size)
	if err != nil {
		return err
	}
	return w.commit(ctx, leaves, places)
}

func (r *Register) compose(entries []Entry, size int) ([]Leaf, []Place, error) {
	order, err := permutation(r.w.Random, size)
	if err != nil {
		return nil, nil, err
	}
	leaves := make([]Leaf, size)
	var places []Place
	for i, at := range order[:len(entries)] {
		leaves[at] = Leaf{Bytes: entries[i].Leaf}
		places = append(places, Place{Entry: entries[i].ID, Sequence: r.w.size + uint64(at)})
	}
	padding, err := r.padding(size - len(entries))
	if err != nil {
		return nil, nil, err
	}
	for i, at := range order[len(entries):] {
		leaves[at] = padding[i]
	}
	return leaves, places, nil
}

// padding draws n leaves of padding one after the other and computes their
// commitments, which take most of a batch's time, on all cores but one: nobody waits
// for them.
func (r *Register) padding(n int) ([]Leaf, error) {
	out := make([]Leaf, n)
	var g errgroup.Group
	g.SetLimit(max(runtime.GOMAXPROCS(0)-1, 1))
	for i := range out {
		opening, err := proof.NewPadding(r.w.Random)
		if err != nil {
			_ = g.Wait() // the first error counts
			return nil, err
		}
		g.Go(func() error {
			leaf, err := opening.PaddingLeaf()
			out[i] = Leaf{Bytes: leaf.Marshal(), Padding: opening.Marshal()}
			return err
		})
	}
	return out, g.Wait()
}
