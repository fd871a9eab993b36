package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

const (
	insertLedgerEntry = `INSERT INTO ledger_entries (id, log, urgent, hash, salt, digest, leaf)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	sameLedgerEntry = `SELECT count(*) FROM ledger_entries WHERE id = $1 AND log = $2 AND urgent = $3 AND hash = $4`
	claimLedger     = `UPDATE ledger_logs SET epoch = epoch + 1 WHERE log = $1 RETURNING epoch`
	ledgerSize      = `SELECT size FROM ledger_logs WHERE log = $1`
	ledgerLeaves    = `SELECT leaf FROM ledger_leaves WHERE log = $1 AND seq >= $2 ORDER BY seq LIMIT $3`
	ledgerColumns   = `SELECT id, log, urgent, salt, digest, leaf, seq, place FROM ledger_entries `
	pendingEntries  = ledgerColumns + `WHERE log = $1 AND seq IS NULL ORDER BY urgent DESC, number LIMIT $2`
	entryByID       = ledgerColumns + `WHERE id = $1`
	// json_each is the one way to give a statement a list of any length.
	entriesByID    = ledgerColumns + `WHERE id IN (SELECT unhex(value) FROM json_each($1))`
	entryByHash    = ledgerColumns + `WHERE hash = $1`
	growLedger     = `UPDATE ledger_logs SET size = size + $1 WHERE log = $2 AND epoch = $3 AND size = $4`
	ledgerEpoch    = `SELECT epoch FROM ledger_logs WHERE log = $1`
	insertLeaf     = `INSERT INTO ledger_leaves (log, seq, leaf, secret) VALUES ($1, $2, $3, $4)`
	placeEntry     = `UPDATE ledger_entries SET seq = $1, place = $2 WHERE id = $3 AND log = $4 AND seq IS NULL`
	intervalLeaf   = `SELECT leaf, secret FROM ledger_leaves WHERE log = $1 AND seq = $2`
	intervalEvents = `SELECT place, hash FROM ledger_entries WHERE log = $1 AND seq = $2 ORDER BY place`
)

// InsertEntry puts an entry into the ledger's outbox, in the transaction of the
// event that it is about. The same entry again changes nothing. Problems:
// ledger.entry (not an entry), ledger.entry_conflict (another one has its id or
// its hash), store.unavailable.
func InsertEntry(ctx context.Context, tx *sql.Tx, e ledger.Entry) error {
	if err := e.Validate(); err != nil {
		return err
	}
	hash := e.Hash()
	var salt, digest []byte
	if e.Log == ledger.InJournal {
		salt, digest = e.Event.Salt[:], e.Event.Digest[:]
	}
	done, err := tx.ExecContext(ctx, insertLedgerEntry, e.ID[:], e.Log, e.Urgent, hash[:], salt, digest, e.Leaf)
	if err != nil {
		return unavailable(err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return unavailable(err)
	}
	if n == 1 {
		return nil
	}
	var same int
	if err = tx.QueryRowContext(ctx, sameLedgerEntry, e.ID[:], e.Log, e.Urgent, hash[:]).Scan(&same); err != nil {
		return unavailable(err)
	}
	if same != 1 {
		return problem.New(problem.Conflict, "ledger.entry_conflict", "another entry has this id or content")
	}
	return nil
}

// Ledger is the store as ledger.Outbox and ledger.Placements. Safe for
// concurrent use.
type Ledger struct{ db *DB }

// Ledger gives the part of the store that the public logs are written from.
func (db *DB) Ledger() Ledger { return Ledger{db} }

// Insert is InsertEntry in a transaction of its own.
func (l Ledger) Insert(ctx context.Context, e ledger.Entry) error {
	return l.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return InsertEntry(ctx, tx, e) })
}

// Claim implements ledger.Outbox.
func (l Ledger) Claim(ctx context.Context, log ledger.Log) (epoch uint64, err error) {
	err = l.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return orUnknownEntry(tx.QueryRowContext(ctx, claimLedger, log).Scan(&epoch))
	})
	return epoch, err
}

// Size implements ledger.Outbox.
func (l Ledger) Size(ctx context.Context, log ledger.Log) (size uint64, err error) {
	err = l.db.look(ctx, func(ctx context.Context, tx asking) error {
		return orUnknownEntry(tx.QueryRowContext(ctx, ledgerSize, log).Scan(&size))
	})
	return size, err
}

// Leaves implements ledger.Outbox.
func (l Ledger) Leaves(ctx context.Context, log ledger.Log, from uint64, limit int) (out [][]byte, err error) {
	err = l.db.look(ctx, func(ctx context.Context, tx asking) error {
		return eachLedgerRow(ctx, tx, func(rows *sql.Rows) error {
			var leaf []byte
			err := rows.Scan(&leaf)
			out = append(out, leaf)
			return err
		}, ledgerLeaves, log, from, limit)
	})
	return out, err
}

// Pending implements ledger.Outbox.
func (l Ledger) Pending(ctx context.Context, log ledger.Log, limit int) (out []ledger.Entry, err error) {
	err = l.db.look(ctx, func(ctx context.Context, tx asking) error {
		return eachLedgerRow(ctx, tx, func(rows *sql.Rows) error {
			p, err := scanPlacement(rows.Scan)
			out = append(out, p.Entry)
			return err
		}, pendingEntries, log, limit)
	})
	return out, err
}

// Sequence implements ledger.Outbox.
func (l Ledger) Sequence(ctx context.Context, b ledger.Batch) error {
	return l.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		grown, err := ledgerChanges(ctx, tx, growLedger, len(b.Leaves), b.Log, b.Epoch, b.First)
		if err != nil {
			return err
		}
		if !grown {
			return whyNotGrown(ctx, tx, b)
		}
		for i, leaf := range b.Leaves {
			secret := leaf.Key
			if b.Log == ledger.InRegister {
				secret = leaf.Padding
			}
			if _, err = tx.ExecContext(ctx, insertLeaf, b.Log, b.First+uint64(i), leaf.Bytes, secret); err != nil {
				return unavailable(err)
			}
		}
		for _, p := range b.Places {
			placed, err := ledgerChanges(ctx, tx, placeEntry, p.Sequence, p.Position, p.Entry[:], b.Log)
			if err != nil {
				return err
			}
			if !placed {
				return ledger.Mismatch("an entry cannot be placed")
			}
		}
		return nil
	})
}

func whyNotGrown(ctx context.Context, tx *sql.Tx, b ledger.Batch) error {
	var epoch uint64
	if err := tx.QueryRowContext(ctx, ledgerEpoch, b.Log).Scan(&epoch); err != nil {
		return unavailable(err)
	}
	if epoch != b.Epoch {
		return ledger.Fenced()
	}
	return ledger.Mismatch("the database has another size")
}

// Find implements ledger.Placements.
func (l Ledger) Find(ctx context.Context, id ledger.ID) (ledger.Placement, error) {
	return l.find(ctx, entryByID, id[:])
}

// FindAll gives those of the entries that there are, as they stood at one moment.
// Problem: store.unavailable.
func (l Ledger) FindAll(ctx context.Context, ids []ledger.ID) (map[ledger.ID]ledger.Placement, error) {
	list := make([]byte, 0, len(ids)*(2*len(ledger.ID{})+3)+2)
	list = append(list, '[')
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = fmt.Appendf(list, `"%x"`, id)
	}
	list = append(list, ']')
	out := make(map[ledger.ID]ledger.Placement, len(ids))
	err := l.db.look(ctx, func(ctx context.Context, tx asking) error {
		return eachLedgerRow(ctx, tx, func(rows *sql.Rows) error {
			p, err := scanPlacement(rows.Scan)
			out[p.Entry.ID] = p
			return err
		}, entriesByID, string(list))
	})
	return out, err
}

// FindHash implements ledger.Placements.
func (l Ledger) FindHash(ctx context.Context, hash proof.Hash) (ledger.Placement, error) {
	return l.find(ctx, entryByHash, hash[:])
}

func (l Ledger) find(ctx context.Context, query string, key []byte) (p ledger.Placement, err error) {
	err = l.db.look(ctx, func(ctx context.Context, tx asking) error {
		var err error
		p, err = scanPlacement(tx.QueryRowContext(ctx, query, key).Scan)
		return orUnknownEntry(err)
	})
	return p, err
}

// Interval implements ledger.Placements.
func (l Ledger) Interval(ctx context.Context, sequence uint64) (in ledger.Interval, err error) {
	err = l.db.view(ctx, func(ctx context.Context, tx asking) error {
		var key []byte
		err := tx.QueryRowContext(ctx, intervalLeaf, ledger.InJournal, sequence).Scan(&in.Leaf, &key)
		if err != nil {
			return orUnknownEntry(err)
		}
		copy(in.Key[:], key)
		return eachLedgerRow(ctx, tx, func(rows *sql.Rows) error {
			var e proof.Placed
			var hash []byte
			err := rows.Scan(&e.Position, &hash)
			copy(e.Event[:], hash)
			in.Events = append(in.Events, e)
			return err
		}, intervalEvents, ledger.InJournal, sequence)
	})
	return in, err
}

func scanPlacement(scan func(...any) error) (ledger.Placement, error) {
	var p ledger.Placement
	var id, salt, digest []byte
	var seq, place sql.NullInt64
	err := scan(&id, &p.Entry.Log, &p.Entry.Urgent, &salt, &digest, &p.Entry.Leaf, &seq, &place)
	copy(p.Entry.ID[:], id)
	copy(p.Entry.Event.Salt[:], salt)
	copy(p.Entry.Event.Digest[:], digest)
	p.Sequenced, p.Sequence, p.Position = seq.Valid, uint64(seq.Int64), uint16(place.Int64)
	return p, err
}

// eachLedgerRow calls row for every row of a query.
func eachLedgerRow(ctx context.Context, tx asking, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err = row(rows); err != nil {
			return unavailable(err)
		}
	}
	if err = rows.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// ledgerChanges runs a statement that changes one row or none.
func ledgerChanges(ctx context.Context, tx *sql.Tx, query string, args ...any) (bool, error) {
	done, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, unavailable(err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return false, unavailable(err)
	}
	return n == 1, nil
}

// orUnknownEntry renders the error of reading one row of the ledger.
func orUnknownEntry(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ledger.Unknown()
	}
	return unavailable(err)
}
