package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// maxStatements bounds the statements that a connection keeps compiled. The
// store's texts are constants, far fewer.
const maxStatements = 256

// compiling is a connector whose connections compile each text once: a third of
// the time of a small transaction is spent on parsing otherwise.
type compiling struct{ driver.Connector }

// Connect implements driver.Connector.
func (c compiling) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	all, ok := inner.(connection)
	if !ok {
		inner.Close()
		return nil, fmt.Errorf("the driver's connection is a %T", inner)
	}
	return &compiled{connection: all, statements: make(map[string]*statement)}, nil
}

// connection is what database/sql uses of the driver's.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// compiled is a connection with its statements. database/sql lets one goroutine
// use it at a time.
type compiled struct {
	connection
	statements map[string]*statement
}

type statement struct {
	driver.Stmt
	reading bool // rows of it are open
}

// statement gives the compiled text, or nil where the text must go the long way:
// while its rows are being read, or when there are too many.
func (c *compiled) statement(ctx context.Context, text string) (*statement, error) {
	s := c.statements[text]
	if s != nil && s.reading || s == nil && len(c.statements) == maxStatements {
		return nil, nil
	}
	if s == nil {
		inner, err := c.connection.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		s = &statement{Stmt: inner}
		c.statements[text] = s
	}
	return s, nil
}

// ExecContext implements driver.ExecerContext.
func (c *compiled) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if e, ok := s.Stmt.(driver.StmtExecContext); ok {
			return e.ExecContext(ctx, args)
		}
	}
	return c.connection.ExecContext(ctx, text, args)
}

// QueryContext implements driver.QueryerContext.
func (c *compiled) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
			rows, err := q.QueryContext(ctx, args)
			if err != nil {
				return nil, err
			}
			s.reading = true
			return &reading{Rows: rows, of: s}, nil
		}
	}
	return c.connection.QueryContext(ctx, text, args)
}

// Close implements driver.Conn.
func (c *compiled) Close() error {
	for _, s := range c.statements {
		s.Stmt.Close()
	}
	clear(c.statements)
	return c.connection.Close()
}

// reading are open rows of a compiled statement.
type reading struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r *reading) Close() error {
	r.of.reading = false
	return r.Rows.Close()
}
