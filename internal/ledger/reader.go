package ledger

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	"github.com/transparency-dev/tessera/client"
	"golang.org/x/sync/errgroup"
)

// Reader hands out proofs from a log's directory and the database. It needs no
// lock, never writes, and may run beside the writer in another process. Safe
// for concurrent use.
type Reader struct {
	log    Log
	tiles  client.FileFetcher
	places Placements
	under  *Under
	spare  bool // it gives what the emergency policy alone holds for, where that is newer
	trees  *Trees
	bell   *Bell
	last   *opened
}

// opened is the checkpoint that was opened last. What opening gives follows from its
// text and the policy, so the same text is not verified again.
type opened struct {
	mu     sync.Mutex
	policy *policies
	head   Head
}

// Under is what a log is read by: its policy, and the emergency policy beside it. It may
// change while somebody reads. Safe for concurrent use.
type Under struct{ now atomic.Pointer[policies] }

type policies struct{ policy, emergency proof.Policy }

// NewUnder begins with these.
func NewUnder(policy, emergency proof.Policy) *Under {
	u := &Under{}
	u.Set(policy, emergency)
	return u
}

// Set puts others in their place.
func (u *Under) Set(policy, emergency proof.Policy) { u.now.Store(&policies{policy, emergency}) }

// Policy is the log's policy.
func (u *Under) Policy() proof.Policy { return u.now.Load().policy }

// Emergency is the emergency policy; the zero Policy where there is none.
func (u *Under) Emergency() proof.Policy { return u.now.Load().emergency }

// open is Policy.OpenCheckpoint.
func (o *opened) open(under *Under, text []byte) (Head, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := under.now.Load()
	if o.head.Text != nil && o.policy == now && bytes.Equal(o.head.Text, text) {
		return o.head, nil
	}
	cp, err := now.policy.OpenCheckpoint(text)
	if err != nil {
		return Head{}, err
	}
	o.policy, o.head = now, Head{Checkpoint: cp, Text: text}
	return o.head, nil
}

// NewReader reads the log in dir under a policy: nothing is handed out that
// does not verify under it. places may be nil for a reader of Latest and
// Consistency alone.
func NewReader(dir string, log Log, places Placements, policy proof.Policy) *Reader {
	return NewReaderUnder(dir, log, places, NewUnder(policy, proof.Policy{}))
}

// NewReaderUnder is NewReader by what may change.
func NewReaderUnder(dir string, log Log, places Placements, under *Under) *Reader {
	return &Reader{log: log, tiles: client.FileFetcher{Root: dir}, places: places, under: under, last: &opened{}}
}

// InEmergency is the reader that also gives what the emergency policy alone holds for,
// where that is newer. Whoever asks it knows that it rests on fewer witnesses.
func (r *Reader) InEmergency() *Reader {
	with := *r
	with.spare = true
	return &with
}

// Sharing is the reader with the trees that a writer in this process makes, and with
// the bell that it rings.
func (r *Reader) Sharing(t *Trees, b *Bell) *Reader {
	with := *r
	with.trees, with.bell = t, b
	return &with
}

// Ref names an entry: by its id or by its hash.
type Ref struct {
	id   ID
	hash proof.Hash
	by   byte
}

// ByID names an entry by the id of its outbox row.
func ByID(id ID) Ref { return Ref{id: id, by: 'i'} }

// ByHash names an entry by Entry.Hash, which for an event is its event hash.
func ByHash(h proof.Hash) Ref { return Ref{hash: h, by: 'h'} }

// Head is a published checkpoint with its signed text.
type Head struct {
	proof.Checkpoint
	Text      []byte
	Emergency bool // the emergency policy alone holds for it
}

// Latest reads the published checkpoint. Problems: ledger.pending (none has
// enough cosignatures yet), ledger.unreadable, and those of
// proof.Policy.OpenCheckpoint.
func (r *Reader) Latest(ctx context.Context) (Head, error) {
	head, err := r.ordinary(ctx)
	if !r.spare {
		return head, err
	}
	return r.orNewer(head, err)
}

// Published is how many leaves stand under the published checkpoint, and how many under
// it or a newer one for which the emergency policy alone holds; 0 before there is one.
// Problems as for Latest.
func (r *Reader) Published(ctx context.Context) (ordinary, emergency uint64, err error) {
	head, err := r.ordinary(ctx)
	newer, errNewer := r.orNewer(head, err)
	for _, e := range []error{err, errNewer} {
		if e != nil && problem.Code(e) != "ledger.pending" {
			return 0, 0, e
		}
	}
	return head.Size, newer.Size, nil
}

// orNewer gives a newer checkpoint of the emergency policy, where there is one, in place
// of what was read.
func (r *Reader) orNewer(head Head, err error) (Head, error) {
	if r.under.Emergency().None() {
		return head, err
	}
	text, e := os.ReadFile(filepath.Join(r.tiles.Root, emergencyFile))
	if e != nil {
		return head, err
	}
	cp, e := r.under.Emergency().OpenCheckpoint(text)
	if e != nil || err == nil && cp.Size <= head.Size {
		return head, err
	}
	return Head{Checkpoint: cp, Text: text, Emergency: true}, nil
}

// verified holds what is handed out against the policy, or the emergency policy where
// that was asked for.
func (r *Reader) verified(holds func(proof.Policy) error) error {
	err := holds(r.under.Policy())
	if err != nil && r.spare && !r.under.Emergency().None() {
		return holds(r.under.Emergency())
	}
	return err
}

func (r *Reader) ordinary(ctx context.Context) (Head, error) {
	text, err := r.tiles.ReadCheckpoint(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return Head{}, pending()
	}
	if err != nil {
		return Head{}, unreadable(err)
	}
	head, err := r.last.open(r.under, text)
	if problem.Code(err) == "proof.too_few_witnesses" {
		return Head{}, pending().Because(err)
	}
	return head, err
}

// Prove gives the proof of a journal entry, already verified. Problems:
// ledger.unknown, ledger.pending (not yet in a witnessed checkpoint: try again
// after the next tick), ledger.mismatch (log and database disagree),
// ledger.unreadable.
func (r *Reader) Prove(ctx context.Context, ref Ref) (proof.Proof, error) {
	p, err := r.find(ctx, ref, InJournal)
	if err != nil {
		return proof.Proof{}, err
	}
	in, err := r.include(ctx, p.Sequence)
	if err != nil {
		return proof.Proof{}, err
	}
	interval, err := r.places.Interval(ctx, p.Sequence)
	if err != nil {
		return proof.Proof{}, err
	}
	tree, err := r.trees.tree(interval.Key, interval.Events)
	if err != nil {
		return proof.Proof{}, Mismatch("the database holds an impossible tick").Because(err)
	}
	leaf, err := proof.ParseJournalLeaf(interval.Leaf)
	if err != nil {
		return proof.Proof{}, Mismatch("a leaf in the database is damaged").Because(err)
	}
	path, err := tree.Path(p.Position)
	if err != nil {
		return proof.Proof{}, Mismatch("the database holds an impossible tick").Because(err)
	}
	out := proof.Proof{Position: p.Position, Opening: p.Entry.Event, Leaf: leaf, Path: path, Inclusion: in}
	err = r.verified(func(policy proof.Policy) error {
		_, err := proof.Verify(out, p.Entry.Event.Digest, policy)
		return err
	})
	if err != nil {
		return proof.Proof{}, Mismatch("the log does not hold what the database says").Because(err)
	}
	return out, nil
}

// ProveRegister gives the inclusion proof of a register entry. Problems as for
// Prove.
func (r *Reader) ProveRegister(ctx context.Context, ref Ref) (proof.RegisterProof, error) {
	p, err := r.find(ctx, ref, InRegister)
	if err != nil {
		return proof.RegisterProof{}, err
	}
	leaf, err := proof.ParseRegisterLeaf(p.Entry.Leaf)
	if err != nil {
		return proof.RegisterProof{}, Mismatch("a leaf in the database is damaged").Because(err)
	}
	in, err := r.include(ctx, p.Sequence)
	if err != nil {
		return proof.RegisterProof{}, err
	}
	out := proof.RegisterProof{Leaf: leaf, Inclusion: in}
	if _, err := out.Verify(r.under.Policy()); err != nil {
		return proof.RegisterProof{}, Mismatch("the log does not hold what the database says").Because(err)
	}
	return out, nil
}

// Await is Prove, patiently: it asks again until the proof exists or ctx ends
// (then ledger.pending, with the context's error as cause).
func (r *Reader) Await(ctx context.Context, ref Ref) (proof.Proof, error) {
	const often, seldom = 10 * time.Millisecond, 250 * time.Millisecond
	for wait := often; ; wait = min(wait+often/2, seldom) {
		rung := r.bell.Rung()
		p, err := r.Prove(ctx, ref)
		if problem.Code(err) != "ledger.pending" {
			return p, err
		}
		if err := Wait(ctx, rung, wait); err != nil {
			return proof.Proof{}, pending().Because(err)
		}
	}
}

// Consistency gives the hashes that lead from the log's first from leaves to
// its first to leaves, for proof.Consistent. It goes beyond the published checkpoint as
// far as the log has been written: a witness that is asked to cosign may want it.
// Problems: ledger.range (from > to, or to is larger than the log), those of Latest.
func (r *Reader) Consistency(ctx context.Context, from, to uint64) ([]proof.Hash, error) {
	head, err := r.Latest(ctx)
	if err != nil {
		return nil, err
	}
	beyond := problem.New(problem.Invalid, "ledger.range", "the log has no such pair of sizes")
	if from > to || to > head.Size && (from == 0 || from == to) {
		return nil, beyond
	}
	hashes, err := consistency(ctx, r.tiles.ReadTile, from, to)
	if to > head.Size && err != nil {
		return nil, beyond.Because(err)
	}
	return hashes, err
}

func (r *Reader) find(ctx context.Context, ref Ref, log Log) (Placement, error) {
	if r.log != log || r.places == nil {
		return Placement{}, Unknown()
	}
	var p Placement
	var err error
	switch ref.by {
	case 'i':
		p, err = r.places.Find(ctx, ref.id)
	case 'h':
		p, err = r.places.FindHash(ctx, ref.hash)
	default:
		return Placement{}, Unknown()
	}
	if err != nil {
		return Placement{}, err
	}
	if p.Entry.Log != log {
		return Placement{}, Unknown()
	}
	if !p.Sequenced {
		return Placement{}, pending()
	}
	return p, nil
}

// include proves a leaf under the published checkpoint.
func (r *Reader) include(ctx context.Context, sequence uint64) (proof.Inclusion, error) {
	head, err := r.Latest(ctx)
	if err != nil {
		return proof.Inclusion{}, err
	}
	if head.Size <= sequence {
		return proof.Inclusion{}, pending()
	}
	b, err := client.NewProofBuilder(ctx, head.Size, r.tiles.ReadTile)
	if err != nil {
		return proof.Inclusion{}, unreadable(err)
	}
	raw, err := b.InclusionProof(ctx, sequence)
	if err != nil {
		return proof.Inclusion{}, unreadable(err)
	}
	hashes, err := toHashes(raw)
	if err != nil {
		return proof.Inclusion{}, err
	}
	return proof.Inclusion{Index: sequence, Hashes: hashes, Checkpoint: head.Text}, nil
}

func toHashes(raw [][]byte) ([]proof.Hash, error) {
	var out []proof.Hash
	for _, h := range raw {
		if len(h) != len(proof.Hash{}) {
			return nil, Mismatch("a tile of the log is damaged")
		}
		out = append(out, proof.Hash(h))
	}
	return out, nil
}

func pending() *problem.Error {
	return problem.New(problem.Unavailable, "ledger.pending", "the entry is not yet in a witnessed checkpoint").Fix("ask again after the next tick")
}

// Whole holds the ticks from a sequence on, up to the published checkpoint,
// against the log: what the database names for a tick, and nothing else, is what
// the tick's leaf commits to, and the leaf is in the log. So an entry that was
// taken out of the database is missed. It rebuilds a tree for each tick, some
// milliseconds each. Problems: ledger.mismatch, and those of Latest.
func (r *Reader) Whole(ctx context.Context, from uint64) error {
	head, err := r.Latest(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for sequence := from; sequence < head.Size; sequence++ {
		g.Go(func() error { return r.wholeTick(ctx, sequence) })
	}
	return g.Wait()
}

func (r *Reader) wholeTick(ctx context.Context, sequence uint64) error {
	interval, err := r.places.Interval(ctx, sequence)
	if err != nil {
		return err
	}
	leaf, err := proof.ParseJournalLeaf(interval.Leaf)
	if err != nil {
		return Mismatch("a leaf in the database is damaged").Because(err)
	}
	root, err := r.trees.root(interval.Key, interval.Events)
	if err != nil {
		return Mismatch("the database holds an impossible tick").Because(err)
	}
	if root != leaf.Root {
		return Mismatch("the database does not name what a tick committed to")
	}
	in, err := r.include(ctx, sequence)
	if err != nil {
		return err
	}
	err = r.verified(func(policy proof.Policy) error { return in.VerifyLeaf(leaf, policy) })
	if err != nil {
		return Mismatch("the log does not hold what the database says").Because(err)
	}
	return nil
}
