package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

const (
	rowColumns    = `stream, compartment, status, seat, emergency, due, sealed`
	compartmentOf = `SELECT compartment FROM queue WHERE demand = $1`
	memberOf      = `SELECT 1 FROM members WHERE token = $1 AND demand = $2`
	casesOf       = `SELECT demand FROM members WHERE token = $1 ORDER BY demand`
	sealedCases   = `SELECT demand FROM queue WHERE demand > $1 AND demand < $2 ORDER BY demand LIMIT $3`
	membersOf     = `SELECT token FROM members WHERE demand = $1 ORDER BY token`
	documentsOf   = `SELECT token, sealed FROM documents WHERE demand = $1 ORDER BY token`
	documentOf    = `SELECT token, sealed FROM documents WHERE demand = $1 AND token = $2`
	alarmsAt      = `SELECT ` + dueColumns + `, alarm FROM duties WHERE clerk = FALSE AND alarm <= $1 ORDER BY alarm, demand, token LIMIT $2`
	moveAlarm     = `UPDATE duties SET alarm = $1 WHERE demand = $2 AND token = $3 AND alarm = $4`
)

// Compartment implements docket.Store.
func (d Docket) Compartment(ctx context.Context, id demand.ID) (c string, found bool, err error) {
	found, err = d.lookUp(ctx, compartmentOf, []any{id}, &c)
	return c, found, err
}

// Head implements docket.Store.
func (d Docket) Head(ctx context.Context, id demand.ID) (last demand.Seq, head docket.Digest, err error) {
	var b []byte
	_, err = d.lookUp(ctx, streamOf, []any{id}, &last, &b)
	return last, digest(b), err
}

// Member implements docket.Store.
func (d Docket) Member(ctx context.Context, token docket.Digest, id demand.ID) (bool, error) {
	var one int
	return d.lookUp(ctx, memberOf, []any{token[:], id}, &one)
}

// lookUp reads one row.
func (d Docket) lookUp(ctx context.Context, query string, args []any, into ...any) (found bool, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		absent, err := none(tx.QueryRowContext(ctx, query, args...).Scan(into...))
		found = err == nil && !absent
		return err
	})
	return found, err
}

// Cases implements docket.Store.
func (d Docket) Cases(ctx context.Context, token docket.Digest) (out []demand.ID, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var id demand.ID
			err := scan(&id)
			out = append(out, id)
			return err
		}, casesOf, token[:])
	})
	return out, err
}

// SealedCases implements docket.Store. The ids of cases are those with a prefix of
// their own, so they are a stretch of the primary key.
func (d Docket) SealedCases(ctx context.Context, after demand.ID, limit int) (out []demand.ID, err error) {
	prefix := demand.Prefix(demand.CaseStream)
	end := prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1)
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var id demand.ID
			err := scan(&id)
			out = append(out, id)
			return err
		}, sealedCases, max(string(after), prefix), end, limit)
	})
	return out, err
}

// Members implements docket.Store.
func (d Docket) Members(ctx context.Context, id demand.ID) (out []docket.Digest, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var token []byte
			err := scan(&token)
			out = append(out, digest(token))
			return err
		}, membersOf, id)
	})
	return out, err
}

// Documents implements docket.Store.
func (d Docket) Documents(ctx context.Context, id demand.ID) (out []docket.Document, err error) {
	err = d.db.look(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var token []byte
			var doc docket.Document
			err := scan(&token, &doc.Sealed)
			doc.Token = digest(token)
			out = append(out, doc)
			return err
		}, documentsOf, id)
	})
	return out, err
}

// Document implements docket.Store.
func (d Docket) Document(ctx context.Context, id demand.ID, token docket.Digest) (doc docket.Document, found bool, err error) {
	var name []byte
	found, err = d.lookUp(ctx, documentOf, []any{id, token[:]}, &name, &doc.Sealed)
	doc.Token = digest(name)
	return doc, found, err
}

// pageWhere writes the condition of a page, so that each index serves the views
// that it is for.
func pageWhere(p docket.Page) (string, []any) {
	args := []any{p.Compartment, p.Stream, p.Due.UnixMilli(), p.After}
	where := []string{"compartment = $1", "stream = $2", "(due, demand) > ($3, $4)"}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if p.Status != "" {
		add("status = $%d", p.Status)
	}
	if p.Seat != "" {
		add("seat = $%d", p.Seat)
	}
	if p.Emergency {
		where = append(where, "emergency = 1")
	}
	if !p.Until.IsZero() {
		add("due < $%d", p.Until.UnixMilli())
	}
	args = append(args, p.Limit)
	return strings.Join(where, " AND "), args
}

// Queue implements docket.Store.
func (d Docket) Queue(ctx context.Context, p docket.Page) (out []docket.Listed, err error) {
	where, args := pageWhere(p)
	query := fmt.Sprintf(`SELECT %s, demand FROM queue WHERE %s ORDER BY due, demand LIMIT $%d`, rowColumns, where, len(args))
	err = d.db.view(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var l docket.Listed
			row, err := scanRow(func(into ...any) error { return scan(append(into, &l.Demand)...) })
			l.Row = row
			out = append(out, l)
			return err
		}, query, args...)
	})
	return out, err
}

// Count implements docket.Store.
func (d Docket) Count(ctx context.Context, p docket.Page) (n int, err error) {
	where, args := pageWhere(p)
	query := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM queue WHERE %s LIMIT $%d)`, where, len(args))
	_, err = d.lookUp(ctx, query, args, &n)
	return n, err
}

func scanRow(scan func(...any) error) (r docket.Row, err error) {
	var due int64
	err = scan(&r.Stream, &r.Compartment, &r.Status, &r.Seat, &r.Emergency, &due, &r.Sealed)
	r.Due = millis(due)
	return r, err
}

// Alarms implements docket.Store.
func (d Docket) Alarms(ctx context.Context, now time.Time, limit int) (out []docket.Alarm, err error) {
	err = d.db.view(ctx, func(ctx context.Context, tx asking) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var a docket.Alarm
			var at int64
			y, err := scanOneDue(func(into ...any) error { return scan(append(into, &at)...) })
			a.DueDuty, a.At = y, millis(at)
			out = append(out, a)
			return err
		}, alarmsAt, now.UnixMilli(), limit)
	})
	return out, err
}

// MoveAlarms implements docket.Store.
func (d Docket) MoveAlarms(ctx context.Context, moves []docket.AlarmMove) (out []docket.AlarmMove, err error) {
	err = d.db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, m := range moves {
			moved, err := docketTx{tx}.changed(ctx, moveAlarm, m.To.UnixMilli(), m.Demand, m.Token[:], m.At.UnixMilli())
			if err != nil {
				return err
			}
			if moved {
				out = append(out, m)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
