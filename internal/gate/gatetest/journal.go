// Package gatetest is a small world for tests of the gate: a journal that lives
// in memory and can be told to misbehave, and a provider with persons, keys,
// charter and accounts. The persons and companies are invented.
//
// It is imported by tests alone. It imports grant, scope, signature,
// ledger/proof, problem, age and what signs notes; not the gate, so that the
// gate's own tests can use it.
package gatetest

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Journal is a whole journal with three witnesses, one leaf for each commitment.
// Fields may be changed between calls, under Lock where calls run beside.
type Journal struct {
	sync.Mutex
	Now func() time.Time

	Cosigners int                         // how many witnesses sign; all three at first
	Hang      bool                        // every call waits for its context
	Refuse    error                       // every call fails with it
	Hide      func(digest [32]byte) bool  // such digests never appear
	Serve     *Journal                    // proofs and checkpoints come from another journal
	Tick      func(time.Time) time.Time   // the leaf's time, made from the clock's
	Cosigned  []func(time.Time) time.Time // each witness's own time, made from the clock's
	Calls     map[string]int
	Withhold  bool     // its keeper says that the witnesses are silent, who are not
	Other     *Journal // what is shown under the emergency policy, of whatever is asked
	Stale     []byte   // the newest checkpoint under it
	Hurried   bool     // an outage's keeper says at once that the witnesses are silent; else whoever asks waits

	only      []int  // in an outage: the witnesses that answer; nil: no outage
	published []byte // in an outage: the last checkpoint that enough had cosigned
	size      int64  // its leaves
	shown     []byte // in its place, to whoever asks for the newest one
	log       note.Signer
	witnesses []*cosigner
	policy    proof.Policy
	tree      tlogTree
	entries   map[[32]byte]entry
	counters  map[string][][32]byte
}

type entry struct {
	index   uint64
	path    proof.Path
	place   uint16
	opening proof.Opening
	leaf    proof.JournalLeaf
}

var empty = sync.OnceValue(func() *proof.Tree { return must(proof.NewTree([32]byte{1}, nil)) })

// tlogTree keeps the hashes that golang.org/x/mod/sumdb/tlog asks for.
type tlogTree struct {
	size   int64
	hashes []tlog.Hash
}

func (t *tlogTree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = t.hashes[x]
	}
	return out, nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// NewJournal makes a journal under a policy of three witnesses, of which two are needed.
func NewJournal(now func() time.Time) *Journal {
	j := &Journal{Now: now, Cosigners: 3, Cosigned: make([]func(time.Time) time.Time, 3), Calls: map[string]int{}, entries: map[[32]byte]entry{}, counters: map[string][][32]byte{}}
	skey, vkey, err := note.GenerateKey(rand.Reader, "ledger.example/journal")
	if err != nil {
		panic(err)
	}
	j.log = must(note.NewSigner(skey))
	var witnesses []string
	for _, name := range []string{"witness-1.example", "witness-2.example", "witness-3.example"} {
		w := newCosigner(name)
		j.witnesses = append(j.witnesses, w)
		witnesses = append(witnesses, w.vkey())
	}
	j.policy = must(proof.NewPolicy(vkey, witnesses, 2))
	return j
}

// PolicyLines is the policy as a charter states it.
func (j *Journal) PolicyLines() []string {
	return strings.Split(strings.TrimSuffix(string(j.policy.Marshal()), "\n"), "\n")
}

// Policy is the policy.
func (j *Journal) Policy() proof.Policy { return j.policy }

// Spare is an emergency policy beside Policy: one of the two witnesses that are not the
// provider's own, which is the first.
func (j *Journal) Spare() proof.Policy {
	return must(proof.NewPolicy(j.policy.LogKey(), j.policy.Witnesses()[1:], 1))
}

// SpareLines is that policy as a charter states it.
func (j *Journal) SpareLines() []string {
	return strings.Split(strings.TrimSuffix(string(j.Spare().Marshal()), "\n"), "\n")
}

// Outage begins: of the witnesses only these answer, by their index. What enough of them
// cosigned before stays published.
func (j *Journal) Outage(only ...int) {
	j.Lock()
	defer j.Unlock()
	if j.only == nil {
		j.published, j.size = j.checkpoint(len(j.witnesses)), j.tree.size
	}
	j.only = append([]int{}, only...)
}

// Show gives, to whoever asks for the newest checkpoint in an outage, one of the other
// journal, which all have cosigned.
func (j *Journal) Show(other *Journal) {
	j.Lock()
	defer j.Unlock()
	j.shown = other.checkpoint(len(other.witnesses))
}

// Over ends the outage.
func (j *Journal) Over() {
	j.Lock()
	defer j.Unlock()
	j.only, j.published, j.shown = nil, nil, nil
}

// Size is the number of leaves.
func (j *Journal) Size() int64 {
	j.Lock()
	defer j.Unlock()
	return j.tree.size
}

// Holds reports whether the digest was committed.
func (j *Journal) Holds(digest [32]byte) bool {
	j.Lock()
	defer j.Unlock()
	_, ok := j.entries[digest]
	return ok
}

// Copy is a second journal of the same keys that begins where this one stands.
func (j *Journal) Copy() *Journal {
	j.Lock()
	defer j.Unlock()
	c := &Journal{Now: j.Now, Cosigners: j.Cosigners, Cosigned: slices.Clone(j.Cosigned), Calls: map[string]int{}, log: j.log, witnesses: j.witnesses, policy: j.policy,
		tree: tlogTree{j.tree.size, slices.Clone(j.tree.hashes)}, entries: map[[32]byte]entry{}, counters: map[string][][32]byte{}}
	for k, v := range j.entries {
		c.entries[k] = v
	}
	for k, v := range j.counters {
		c.counters[k] = slices.Clone(v)
	}
	return c
}

// Forget makes the journal's keeper believe in an earlier counter of the gate.
func (j *Journal) Forget(gate string, n int) { j.counters[gate] = j.counters[gate][:n] }

func (j *Journal) enter(ctx context.Context, call string) (func(), error) {
	j.Lock()
	j.Calls[call]++
	hang, refuse := j.Hang, j.Refuse
	if hang {
		j.Unlock()
		<-ctx.Done()
		return nil, pending(ctx.Err())
	}
	if refuse != nil {
		j.Unlock()
		return nil, refuse
	}
	if ctx.Err() != nil {
		j.Unlock()
		return nil, pending(ctx.Err())
	}
	return j.Unlock, nil
}

func pending(err error) error {
	return problem.New(problem.Unavailable, "ledger.pending", "the entry is not yet in a witnessed checkpoint").Because(err)
}

func (j *Journal) Commit(ctx context.Context, digest [32]byte, _ bool) error {
	leave, err := j.enter(ctx, "Commit")
	if err != nil {
		return err
	}
	defer leave()
	j.served().add(digest)
	return nil
}

// Add puts a digest into the log.
func (j *Journal) Add(digest [32]byte) {
	j.Lock()
	defer j.Unlock()
	j.add(digest)
}

// IsCounter reports whether the digest is that of a gate's counter. For Hide.
func (j *Journal) IsCounter(digest [32]byte) bool {
	for _, all := range j.counters {
		if slices.Contains(all, digest) {
			return true
		}
	}
	return false
}

func (j *Journal) add(digest [32]byte) {
	if _, ok := j.entries[digest]; ok {
		return
	}
	e := entry{index: uint64(j.tree.size), opening: proof.Opening{Digest: digest}}
	rand.Read(e.opening.Salt[:])
	var place [2]byte
	rand.Read(place[:])
	e.place = (uint16(place[0])<<8 | uint16(place[1])) % proof.Places
	// One event to a tick: its siblings are the fillers of an empty tree, which
	// is built once for all ticks because that takes longest.
	e.path = must(empty().Path(e.place))
	at := j.Now()
	if j.Tick != nil {
		at = j.Tick(at)
	}
	e.leaf = proof.JournalLeaf{TickMillis: at.UnixMilli(), Root: e.path.Root(e.place, e.opening.EventHash())}
	j.Leaf(e.leaf.Marshal())
	j.entries[digest] = e
}

// Leaf appends any leaf.
func (j *Journal) Leaf(leaf []byte) {
	j.tree.hashes = append(j.tree.hashes, must(tlog.StoredHashes(j.tree.size, leaf, &j.tree))...)
	j.tree.size++
}

func (j *Journal) served() *Journal {
	if j.Serve != nil {
		return j.Serve
	}
	return j
}

func (j *Journal) Proof(ctx context.Context, digest [32]byte) ([]byte, error) {
	leave, err := j.enter(ctx, "Proof")
	if err != nil {
		return nil, err
	}
	if j.Withhold {
		return nil, j.silent(ctx, leave)
	}
	if j.only != nil {
		if e, ok := j.entries[digest]; !ok || int64(e.index) >= j.size {
			return nil, j.silent(ctx, leave)
		}
		return j.proof(ctx, j, j.size, digest, leave, j.published)
	}
	s := j.served()
	return j.proof(ctx, s, s.tree.size, digest, leave, s.checkpoint(j.Cosigners))
}

// silent is how the keeper of a journal answers whose witnesses do not.
func (j *Journal) silent(ctx context.Context, leave func()) error {
	hurried := j.Hurried
	leave()
	if !hurried {
		<-ctx.Done()
	}
	return pending(ctx.Err())
}

// EmergencyProof is Proof under the checkpoint that whoever answers has cosigned.
func (j *Journal) EmergencyProof(ctx context.Context, digest [32]byte) ([]byte, error) {
	leave, err := j.enter(ctx, "EmergencyProof")
	if err != nil {
		return nil, err
	}
	s := j.served()
	if j.Other != nil {
		s = j.Other
		s.add(digest)
	}
	return j.proof(ctx, s, s.tree.size, digest, leave, j.spare(s))
}

// EmergencyCheckpoint is the checkpoint that whoever answers has cosigned.
func (j *Journal) EmergencyCheckpoint(ctx context.Context) ([]byte, error) {
	leave, err := j.enter(ctx, "EmergencyCheckpoint")
	if err != nil {
		return nil, err
	}
	defer leave()
	if j.Stale != nil {
		return j.Stale, nil
	}
	if j.Other != nil {
		return j.spare(j.Other), nil
	}
	return j.spare(j.served()), nil
}

func (j *Journal) spare(s *Journal) []byte {
	if j.only == nil {
		return s.checkpoint(j.Cosigners)
	}
	return s.cosigned(j.only)
}

func (j *Journal) proof(ctx context.Context, s *Journal, size int64, digest [32]byte, leave func(), checkpoint []byte) ([]byte, error) {
	hide := j.Hide
	e, ok := s.entries[digest]
	if ok && hide != nil && hide(digest) {
		leave()
		<-ctx.Done()
		return nil, pending(ctx.Err())
	}
	defer leave()
	if !ok {
		return nil, problem.New(problem.Missing, "ledger.unknown", "the ledger does not know this entry")
	}
	p := proof.Proof{Position: e.place, Opening: e.opening, Leaf: e.leaf, Path: e.path}
	p.Index, p.Checkpoint = e.index, checkpoint
	p.Hashes = must(tlog.ProveRecord(size, int64(e.index), &s.tree))
	return p.Marshal(), nil
}

func (j *Journal) Checkpoint(ctx context.Context) ([]byte, error) {
	leave, err := j.enter(ctx, "Checkpoint")
	if err != nil {
		return nil, err
	}
	defer leave()
	if j.shown != nil {
		return j.shown, nil
	}
	if j.only != nil {
		return j.published, nil
	}
	return j.served().checkpoint(j.Cosigners), nil
}

func (j *Journal) checkpoint(cosigners int) []byte {
	all := make([]int, cosigners)
	for i := range all {
		all[i] = i
	}
	return j.cosigned(all)
}

func (j *Journal) cosigned(by []int) []byte {
	root := proof.EmptyRoot()
	if j.tree.size > 0 {
		root = must(tlog.TreeHash(j.tree.size, &j.tree))
	}
	text := proof.Checkpoint{Origin: j.policy.Origin(), Size: uint64(j.tree.size), Root: root}
	body := text.Origin + "\n" + itoa(text.Size) + "\n" + tlog.Hash(root).String() + "\n"
	signers := []note.Signer{j.log}
	for _, i := range by {
		w := j.witnesses[i]
		at := j.Now()
		if own := j.Cosigned[i]; own != nil {
			at = own(at)
		}
		signers = append(signers, cosignerAt{w, at})
	}
	return must(note.Sign(&note.Note{Text: body}, signers...))
}

func itoa(n uint64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (j *Journal) Consistency(ctx context.Context, from, to uint64) ([][32]byte, error) {
	leave, err := j.enter(ctx, "Consistency")
	if err != nil {
		return nil, err
	}
	defer leave()
	s := j.served()
	if from > to || int64(to) > s.tree.size {
		return nil, problem.New(problem.Invalid, "ledger.range", "the log has no such pair of sizes")
	}
	if from == 0 || from == to {
		return nil, nil
	}
	var out [][32]byte
	for _, h := range must(tlog.ProveTree(int64(to), int64(from), &s.tree)) {
		out = append(out, h)
	}
	return out, nil
}

func (j *Journal) Counter(ctx context.Context, gate string) (n uint64, digest [32]byte, err error) {
	leave, err := j.enter(ctx, "Counter")
	if err != nil {
		return 0, digest, err
	}
	defer leave()
	all := j.counters[gate]
	if len(all) > 0 {
		digest = all[len(all)-1]
	}
	return uint64(len(all)), digest, nil
}

func (j *Journal) CommitCounter(ctx context.Context, gate string, n uint64, digest [32]byte) error {
	leave, err := j.enter(ctx, "CommitCounter")
	if err != nil {
		return err
	}
	defer leave()
	all := j.counters[gate]
	if n == uint64(len(all)) && n > 0 && all[n-1] == digest {
		return nil
	}
	if n != uint64(len(all))+1 {
		return problem.New(problem.Conflict, "ledger.counter", "the gate's counter and the journal's do not follow each other")
	}
	j.counters[gate] = append(all, digest)
	j.served().add(digest)
	return nil
}
