package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

const (
	streamOf   = `SELECT last, head FROM streams WHERE demand = $1`
	eventsOf   = `SELECT seq, chain, sealed FROM events WHERE demand = $1 ORDER BY seq`
	marksOf    = `SELECT token, request, demand, sealed FROM commands WHERE demand = $1`
	markOf     = `SELECT token, request, demand, sealed FROM commands WHERE token = $1`
	receiptOf  = `SELECT sealed FROM receipts WHERE demand = $1`
	rowOf      = `SELECT ` + rowColumns + ` FROM queue WHERE demand = $1`
	dutiesOf   = `SELECT token, clerk, kind, seat, due, sealed FROM duties WHERE demand = $1 ORDER BY token`
	readClock  = `SELECT highest, seal FROM clock WHERE one = 1`
	dueColumns = `demand, token, clerk, kind, seat, due, sealed, tries`
	dueDuties  = `SELECT ` + dueColumns + ` FROM duties WHERE clerk = $1 AND due <= $2 ORDER BY due, demand, token LIMIT $3`
	// The outer WHERE repeats the inner one: where two claim at once, the second
	// finds the row changed.
	claimDuties = `UPDATE duties SET leased = $1, holder = $2, tries = tries + 1
		WHERE (demand, token) IN (
			SELECT demand, token FROM duties
			WHERE clerk = $6 AND due <= $3 AND (leased <= $3 OR leased > $4) AND ($7 = '' OR kind = $7)
			ORDER BY due, demand, token LIMIT $5)
		AND clerk = $6 AND due <= $3 AND (leased <= $3 OR leased > $4)
		RETURNING ` + dueColumns
	deferDuty = `UPDATE duties SET leased = $1, holder = NULL WHERE demand = $2 AND token = $3 AND holder = $4`
)

// Load implements docket.Store.
func (d Docket) Load(ctx context.Context, id demand.ID) (s docket.Stream, err error) {
	err = d.db.view(ctx, func(ctx context.Context, tx asking) error {
		s = docket.Stream{ID: id}
		var head []byte
		absent, err := none(tx.QueryRowContext(ctx, streamOf, id).Scan(&s.Last, &head))
		if err != nil || absent {
			return err
		}
		s.Head = digest(head)
		return loadParts(ctx, tx, &s)
	})
	return s, err
}

func loadParts(ctx context.Context, tx asking, s *docket.Stream) error {
	err := each(ctx, tx, func(scan func(...any) error) error {
		var r docket.Record
		var chain []byte
		err := scan(&r.Seq, &chain, &r.Sealed)
		r.Chain = digest(chain)
		s.Records = append(s.Records, r)
		return err
	}, eventsOf, s.ID)
	if err != nil {
		return err
	}
	err = each(ctx, tx, func(scan func(...any) error) error {
		m, err := scanMark(scan)
		s.Marks = append(s.Marks, m)
		return err
	}, marksOf, s.ID)
	if err != nil {
		return err
	}
	err = each(ctx, tx, func(scan func(...any) error) error {
		var y docket.DueDuty
		var token []byte
		var due int64
		err := scan(&token, &y.Clerk, &y.Kind, &y.Seat, &due, &y.Sealed)
		y.Token, y.Due = digest(token), millis(due)
		s.Duties = append(s.Duties, y.Duty)
		return err
	}, dutiesOf, s.ID)
	if err != nil {
		return err
	}
	if _, err = none(tx.QueryRowContext(ctx, receiptOf, s.ID).Scan(&s.Receipt)); err != nil {
		return err
	}
	row, err := scanRow(tx.QueryRowContext(ctx, rowOf, s.ID).Scan)
	if _, err = none(err); err != nil {
		return err
	}
	s.Row = row
	return nil
}

func scanMark(scan func(...any) error) (m docket.Mark, err error) {
	var token, request []byte
	err = scan(&token, &request, &m.Demand, &m.Sealed)
	m.Token, m.Request = digest(token), digest(request)
	return m, err
}

// Done implements docket.Store.
func (d Docket) Done(ctx context.Context, token docket.Digest) (m docket.Mark, found bool, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		m, err = scanMark(tx.QueryRowContext(ctx, markOf, token[:]).Scan)
		absent, err := none(err)
		found = err == nil && !absent
		return err
	})
	return m, found, err
}

// Clock implements docket.Store.
func (d Docket) Clock(ctx context.Context) (m docket.ClockMark, found bool, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		var highest int64
		var seal []byte
		absent, err := none(tx.QueryRowContext(ctx, readClock).Scan(&highest, &seal))
		found = err == nil && !absent
		m = docket.ClockMark{Highest: millis(highest), Seal: digest(seal)}
		return err
	})
	return m, found, err
}

// Due implements docket.Store.
func (d Docket) Due(ctx context.Context, clerk bool, now time.Time, limit int) (out []docket.DueDuty, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		out, err = scanDue(ctx, tx, dueDuties, clerk, now.UnixMilli(), limit)
		return err
	})
	return out, err
}

// Claim implements docket.Store.
func (d Docket) Claim(ctx context.Context, c docket.Claim) (out []docket.DueDuty, err error) {
	beyond := c.Now.Add(docket.MaxLease).UnixMilli()
	err = d.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out, err = scanDue(ctx, tx, claimDuties, min(c.Until.UnixMilli(), beyond), c.Holder[:], c.Now.UnixMilli(), beyond, c.Limit, true, c.Kind)
		return err
	})
	if err != nil {
		return nil, err
	}
	// RETURNING promises no order.
	slices.SortFunc(out, func(a, b docket.DueDuty) int { return a.Due.Compare(b.Due) })
	return out, nil
}

// Defer implements docket.Store.
func (d Docket) Defer(ctx context.Context, id demand.ID, token docket.Digest, holder [16]byte, until time.Time) error {
	return d.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := docketTx{tx}.changed(ctx, deferDuty, until.UnixMilli(), id, token[:], holder[:])
		return err
	})
}

func scanDue(ctx context.Context, tx asking, query string, args ...any) (out []docket.DueDuty, err error) {
	err = each(ctx, tx, func(scan func(...any) error) error {
		y, err := scanOneDue(scan)
		out = append(out, y)
		return err
	}, query, args...)
	return out, err
}

func scanOneDue(scan func(...any) error) (y docket.DueDuty, err error) {
	var token []byte
	var due int64
	err = scan(&y.Demand, &token, &y.Clerk, &y.Kind, &y.Seat, &due, &y.Sealed, &y.Tries)
	y.Token, y.Due = digest(token), millis(due)
	return y, err
}
