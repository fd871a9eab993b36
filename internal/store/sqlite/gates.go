package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

const (
	entryByDigest = `SELECT id FROM ledger_entries WHERE log = $1 AND digest = $2 ORDER BY number LIMIT 1`
	gateCounter   = `SELECT counter, digest FROM gate_counters WHERE gate = $1`
	raiseCounter  = `INSERT INTO gate_counters (gate, counter, digest) VALUES ($1, $2, $3)
		ON CONFLICT (gate) DO UPDATE SET counter = excluded.counter, digest = excluded.digest
		WHERE excluded.counter = gate_counters.counter + 1`
)

// FindDigest gives the first journal entry whose subject has this digest.
// Problem: ledger.unknown.
func (l Ledger) FindDigest(ctx context.Context, digest [32]byte) (id ledger.ID, err error) {
	err = l.db.view(ctx, func(ctx context.Context, tx asking) error {
		var b []byte
		err := tx.QueryRowContext(ctx, entryByDigest, ledger.InJournal, digest[:]).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return ledger.Unknown()
		}
		if err != nil {
			return unavailable(err)
		}
		copy(id[:], b)
		return nil
	})
	return id, err
}

// GateCounter gives the last counter that a gate committed; 0 before the first.
func (l Ledger) GateCounter(ctx context.Context, gate string) (n uint64, digest [32]byte, err error) {
	err = l.db.view(ctx, func(ctx context.Context, tx asking) error {
		var b []byte
		err := tx.QueryRowContext(ctx, gateCounter, gate).Scan(&n, &b)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return unavailable(err)
		}
		copy(digest[:], b)
		return nil
	})
	return n, digest, err
}

// CommitCounter raises a gate's counter by one and puts its journal entry into
// the outbox, in one transaction. The same counter with the same digest again
// changes nothing. Problem: ledger.counter (not the next one).
func (l Ledger) CommitCounter(ctx context.Context, gate string, n uint64, e ledger.Entry) error {
	return l.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var have uint64
		var digest []byte
		err := tx.QueryRowContext(ctx, gateCounter, gate).Scan(&have, &digest)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return unavailable(err)
		}
		if have == n && string(digest) == string(e.Event.Digest[:]) {
			return nil
		}
		if n != have+1 {
			return problem.New(problem.Conflict, "ledger.counter", "the gate's counter and the journal's do not follow each other")
		}
		done, err := tx.ExecContext(ctx, raiseCounter, gate, n, e.Event.Digest[:])
		if err != nil {
			return unavailable(err)
		}
		if rows, err := done.RowsAffected(); err != nil || rows != 1 {
			return problem.New(problem.Conflict, "ledger.counter", "the gate's counter has moved").Because(err)
		}
		return InsertEntry(ctx, tx, e)
	})
}
