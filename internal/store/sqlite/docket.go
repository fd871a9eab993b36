package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/ledger"
)

const (
	createStream = `INSERT INTO streams (demand, last, head) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	moveStream   = `UPDATE streams SET last = $1, head = $2 WHERE demand = $3 AND last = $4`
	insertEvent  = `INSERT INTO events (demand, seq, chain, sealed) VALUES ($1, $2, $3, $4)`
	insertMark   = `INSERT INTO commands (token, request, demand, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	requestOf    = `SELECT request FROM commands WHERE token = $1`
	putRow       = `INSERT INTO queue (demand, stream, compartment, status, seat, emergency, due, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (demand) DO UPDATE SET stream = excluded.stream, compartment = excluded.compartment, status = excluded.status,
			seat = excluded.seat, emergency = excluded.emergency, due = excluded.due, sealed = excluded.sealed`
	lastOf      = `SELECT last FROM streams WHERE demand = $1`
	dropMembers = `DELETE FROM members WHERE demand = $1`
	putMember   = `INSERT INTO members (token, demand) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	putDocument = `INSERT INTO documents (demand, token, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	countOfDocs = `SELECT count(*) FROM documents WHERE demand = $1`
	dutyTokens  = `SELECT token FROM duties WHERE demand = $1`
	dropDuty    = `DELETE FROM duties WHERE demand = $1 AND token = $2`
	putDuty     = `INSERT INTO duties (demand, token, clerk, kind, seat, due, sealed, alarm) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (demand, token) DO UPDATE SET clerk = excluded.clerk, kind = excluded.kind, seat = excluded.seat,
			due = excluded.due, sealed = excluded.sealed,
			alarm = CASE WHEN duties.due = excluded.due THEN duties.alarm ELSE excluded.alarm END`
	putReceipt = `INSERT INTO receipts (demand, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	setClock   = `INSERT INTO clock (one, highest, seal) VALUES (1, $1, $2)
		ON CONFLICT (one) DO UPDATE SET highest = excluded.highest, seal = excluded.seal`
)

// Docket is the store as docket.Store. Safe for concurrent use.
type Docket struct{ db *DB }

// Docket gives the part of the store that demands are kept in.
func (db *DB) Docket() Docket { return Docket{db} }

// Update implements docket.Store.
func (d Docket) Update(ctx context.Context, do func(context.Context, docket.Tx) error) error {
	return d.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return do(ctx, docketTx{tx}) })
}

type docketTx struct{ tx *sql.Tx }

// changed runs a statement and says whether it changed a row.
func (t docketTx) changed(ctx context.Context, query string, args ...any) (bool, error) {
	done, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, unavailable(err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return false, unavailable(err)
	}
	return n > 0, nil
}

func (t docketTx) Once(ctx context.Context, m docket.Mark) error {
	first, err := t.changed(ctx, insertMark, m.Token[:], m.Request[:], m.Demand, m.Sealed)
	if err != nil || first {
		return err
	}
	var request []byte
	if err = t.tx.QueryRowContext(ctx, requestOf, m.Token[:]).Scan(&request); err != nil {
		return unavailable(err)
	}
	if string(request) != string(m.Request[:]) {
		return docket.ErrReused
	}
	return docket.ErrDone
}

func (t docketTx) Append(ctx context.Context, id demand.ID, after demand.Seq, rs []docket.Record) error {
	if len(rs) == 0 {
		return nil
	}
	last := rs[len(rs)-1]
	moved, err := false, error(nil)
	if after == 0 {
		moved, err = t.changed(ctx, createStream, id, last.Seq, last.Chain[:])
	} else {
		moved, err = t.changed(ctx, moveStream, last.Seq, last.Chain[:], id, after)
	}
	if err != nil {
		return err
	}
	if !moved {
		return docket.ErrStale
	}
	for _, r := range rs {
		if _, err = t.changed(ctx, insertEvent, id, r.Seq, r.Chain[:], r.Sealed); err != nil {
			return err
		}
	}
	return nil
}

// Expect implements docket.Tx. The transaction began immediate: nobody else
// writes until it ends, so looking is enough.
func (t docketTx) Expect(ctx context.Context, id demand.ID, last demand.Seq) error {
	var at demand.Seq
	absent, err := none(t.tx.QueryRowContext(ctx, lastOf, id).Scan(&at))
	if err != nil {
		return err
	}
	if absent || at != last {
		return docket.ErrStale
	}
	return nil
}

func (t docketTx) PutMembers(ctx context.Context, id demand.ID, tokens []docket.Digest) error {
	if _, err := t.changed(ctx, dropMembers, id); err != nil {
		return err
	}
	for _, token := range tokens {
		if _, err := t.changed(ctx, putMember, token[:], id); err != nil {
			return err
		}
	}
	return nil
}

func (t docketTx) PutDocument(ctx context.Context, id demand.ID, doc docket.Document, most int) error {
	added, err := t.changed(ctx, putDocument, id, doc.Token[:], doc.Sealed)
	if err != nil || !added {
		return err
	}
	var n int
	if err = t.tx.QueryRowContext(ctx, countOfDocs, id).Scan(&n); err != nil {
		return unavailable(err)
	}
	if n > most {
		return docket.ErrFull
	}
	return nil
}

func (t docketTx) Put(ctx context.Context, id demand.ID, row docket.Row, duties []docket.Duty, entries []ledger.Entry) error {
	if _, err := t.changed(ctx, putRow, id, row.Stream, row.Compartment, row.Status, row.Seat, row.Emergency, row.Due.UnixMilli(), row.Sealed); err != nil {
		return err
	}
	if err := t.dropDuties(ctx, id, duties); err != nil {
		return err
	}
	for _, y := range duties {
		if _, err := t.changed(ctx, putDuty, id, y.Token[:], y.Clerk, y.Kind, y.Seat, y.Due.UnixMilli(), y.Sealed, docket.FirstAlarm(y.Due).UnixMilli()); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if err := InsertEntry(ctx, t.tx, e); err != nil {
			return err
		}
	}
	return nil
}

// dropDuties removes the duties that are not among those to keep.
func (t docketTx) dropDuties(ctx context.Context, id demand.ID, keep []docket.Duty) error {
	kept := make(map[string]bool, len(keep))
	for _, y := range keep {
		kept[string(y.Token[:])] = true
	}
	var gone [][]byte
	err := each(ctx, t.tx, func(scan func(...any) error) error {
		var token []byte
		err := scan(&token)
		if !kept[string(token)] {
			gone = append(gone, token)
		}
		return err
	}, dutyTokens, id)
	if err != nil {
		return err
	}
	for _, token := range gone {
		if _, err = t.changed(ctx, dropDuty, id, token); err != nil {
			return err
		}
	}
	return nil
}

func (t docketTx) PutReceipt(ctx context.Context, id demand.ID, sealed []byte) error {
	first, err := t.changed(ctx, putReceipt, id, sealed)
	if err == nil && !first {
		return docket.ErrStale
	}
	return err
}

func (t docketTx) SetClock(ctx context.Context, m docket.ClockMark) error {
	_, err := t.changed(ctx, setClock, m.Highest.UnixMilli(), m.Seal[:])
	return err
}

// each runs a query and hands its rows over one by one.
func each(ctx context.Context, tx asking, row func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err = row(rows.Scan); err != nil {
			return unavailable(err)
		}
	}
	if err = rows.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// digest fills a digest from a column. One of another length stays zero, which
// no keyed digest is: whoever compares it finds it wrong.
func digest(b []byte) (d docket.Digest) {
	if len(b) == len(d) {
		copy(d[:], b)
	}
	return d
}

func millis(n int64) time.Time { return time.UnixMilli(n).UTC() }

// none reports whether a single row was not there; other errors are the store's.
func none(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, unavailable(err)
	}
	return false, nil
}
