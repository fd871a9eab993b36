package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// maxGroup bounds how many callers' transactions share one sync.
const maxGroup = 256

// job is one caller's transaction. err is set when its group has been run.
type job struct {
	ctx context.Context
	do  func(context.Context, *sql.Tx) error
	err error
}

// update runs do in a transaction that is on disk when update returns nil. An
// error of do is returned as it is, and nothing of do remains. do gets a context
// that cannot be cancelled: SQLite rolls back the whole group when a statement
// is interrupted. do may be called once at most, and must not keep tx. The
// problem store.unavailable means that nothing was changed, or that the sync
// failed and the outcome is open: every caller's act is idempotent.
func (db *DB) update(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	mine := &job{ctx: ctx, do: do}
	db.queue.Do(mine, db.runGroup)
	return mine.err
}

func fit(waiting []*job) int { return min(len(waiting), maxGroup) }

var errAbandoned = errors.New("the group of transactions was abandoned")

// runGroup runs every job. Results count only after the commit.
func (db *DB) runGroup(group []*job) {
	db.writing.Lock()
	defer db.writing.Unlock()
	committed := errAbandoned
	defer func() {
		for _, j := range group {
			if committed != nil && j.err == nil {
				j.err = unavailable(committed)
			}
		}
	}()
	committed = db.commitGroup(group)
}

func (db *DB) commitGroup(group []*job) error {
	ctx := context.WithoutCancel(group[0].ctx)
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if len(group) == 1 {
		return commitAlone(ctx, tx, group[0])
	}
	for _, j := range group {
		if err = j.ctx.Err(); err != nil {
			j.err = unavailable(err)
			continue
		}
		if err = runJob(ctx, tx, j); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// commitAlone runs the one job of a group, which needs no savepoint: where it fails,
// the transaction is given up with it.
func commitAlone(ctx context.Context, tx *sql.Tx, j *job) error {
	if err := j.ctx.Err(); err != nil {
		j.err = unavailable(err)
		return nil
	}
	j.err = j.do(ctx, tx)
	if j.err != nil {
		return nil
	}
	return tx.Commit()
}

// runJob runs one job in its savepoint. Its error means that the transaction
// itself is lost; SQLite ends one by itself when the disk is full.
func runJob(ctx context.Context, tx *sql.Tx, j *job) error {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	j.err = j.do(ctx, tx)
	if j.err != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT one")
	return err
}

// view runs do in one read-only snapshot, on a connection of its own: the transactions
// of database/sql take a goroutine for each, and another for each statement in them. Of
// waiting and interrupting, what look says holds.
func (db *DB) view(ctx context.Context, do func(context.Context, asking) error) error {
	return db.lookOn(ctx, func(ctx context.Context, c *sql.Conn) (err error) {
		if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
			return unavailable(err)
		}
		defer func() {
			if _, failed := c.ExecContext(ctx, "ROLLBACK"); failed != nil {
				_ = c.Raw(func(any) error { return driver.ErrBadConn }) // nobody gets it with our snapshot
			}
		}()
		return do(ctx, c)
	})
}

// asking is what can be asked: a transaction, or a connection for one statement.
type asking interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// look lets do ask one statement, which is a snapshot by itself and needs no
// transaction around it. Whoever asks two takes view. Waiting for a connection ends
// with ctx; the statement, which is short, is not interrupted, as that takes a goroutine.
func (db *DB) look(ctx context.Context, do func(context.Context, asking) error) error {
	return db.lookOn(ctx, func(ctx context.Context, c *sql.Conn) error { return do(ctx, c) })
}

func (db *DB) lookOn(ctx context.Context, do func(context.Context, *sql.Conn) error) error {
	c, err := db.reader.Conn(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer c.Close()
	return do(context.WithoutCancel(ctx), c)
}
