package app

import (
	"context"
	"io"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/store/sqlite"
)

// journal is what a gate and the docket see of the public journal: rows go into
// the outbox, proofs come out of the published log. It holds no key.
type journal struct {
	rows   sqlite.Ledger
	reader *ledger.Reader
	random io.Reader
	hurry  func(context.Context) error // nil: whoever waits for a proof waits for the tick
}

// entry makes an outbox row for a subject under a fresh salt.
func (j journal) entry(digest [32]byte, urgent bool) (ledger.Entry, error) {
	e := ledger.Entry{Log: ledger.InJournal, Urgent: urgent, Event: proof.Opening{Digest: digest}}
	for _, b := range [][]byte{e.ID[:], e.Event.Salt[:]} {
		if _, err := io.ReadFull(j.random, b); err != nil {
			return e, problem.New(problem.Internal, "app.random", "no randomness could be had").Because(err)
		}
	}
	return e, nil
}

// Commit implements gate.Journal.
func (j journal) Commit(ctx context.Context, digest [32]byte, urgent bool) error {
	_, err := j.rows.FindDigest(ctx, digest)
	if problem.Code(err) != "ledger.unknown" {
		return err
	}
	e, err := j.entry(digest, urgent)
	if err != nil {
		return err
	}
	return j.rows.Insert(ctx, e)
}

// Proof implements gate.Journal.
func (j journal) Proof(ctx context.Context, digest [32]byte) ([]byte, error) {
	p, err := j.await(ctx, digest)
	if err != nil {
		return nil, err
	}
	return p.Marshal(), nil
}

// Checkpoint implements gate.Journal.
func (j journal) Checkpoint(ctx context.Context) ([]byte, error) {
	head, err := j.reader.Latest(ctx)
	return head.Text, err
}

// Consistency implements gate.Journal.
func (j journal) Consistency(ctx context.Context, from, to uint64) ([][32]byte, error) {
	hashes, err := j.reader.Consistency(ctx, from, to)
	if err != nil {
		return nil, err
	}
	out := make([][32]byte, len(hashes))
	for i, h := range hashes {
		out[i] = h
	}
	return out, nil
}

// Counter implements gate.Journal.
func (j journal) Counter(ctx context.Context, gate string) (uint64, [32]byte, error) {
	return j.rows.GateCounter(ctx, gate)
}

// CommitCounter implements gate.Journal.
func (j journal) CommitCounter(ctx context.Context, gate string, n uint64, digest [32]byte) error {
	e, err := j.entry(digest, true)
	if err != nil {
		return err
	}
	return j.rows.CommitCounter(ctx, gate, n, e)
}
