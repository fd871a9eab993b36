package objects

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const (
	maxName    = 4096
	maxPage    = 64 << 20 // bytes of one answer that lists
	maxEntries = 1 << 20  // of one folder
	maxDepth   = 200
	maxFolders = 1 << 20 // of one account
	maxPages   = 1 << 14
)

// Reasons for a gap.
const (
	gapName = "source.name_form"    // a name that cannot be asked for
	gapDeep = "source.too_deep"     // a folder below maxDepth; nothing of it was looked at
	gapList = "source.entry_failed" // the server lists it and says that it cannot tell of it
)

var errForm = errors.New("an answer that is not of the protocol")

// A pass is one reading of an account's folder for one query.
type pass struct {
	cfg     *Config
	limits  limits
	ctx     context.Context
	client  *http.Client
	secret  string
	breaks  *wire.Breaks
	failing []int // further statuses after which the server is asked again
	query   source.Query
	item    func(source.Item) error
	gap     func(source.Gap) error
	ids     *source.IDs
	folders int
}

// A file is what the server lists.
type file struct {
	path string    // on the server
	name string    // below the account's folder
	size int64     // -1 where it is not stated
	at   time.Time // zero where it is not stated
	tag  string
}

func (p *pass) shown(path string) string {
	return source.Escape(strings.TrimPrefix(path, "/"), 500)
}

func (p *pass) protocol(path string, why string, args ...any) error {
	return problem.New(problem.Unavailable, "source.protocol", "the store's server gives an answer that cannot be read").At("%s", p.shown(path)).Because(fmt.Errorf("%w: "+why, append([]any{errForm}, args...)...))
}

func (p *pass) changed(path string) error {
	return problem.New(problem.Conflict, "source.changed", "the file changed while it was read").At("%s", p.shown(path)).Fix("collect again, from a snapshot if the store is always busy")
}

func (p *pass) status(path string, res *http.Response) error {
	return problem.New(problem.Unavailable, "source.unreadable", "the store's server does not give what is asked").At("%s", p.shown(path)).Because(wire.Status(res, p.failing...))
}

// askable reports whether a name has no segment that is resolved on the way.
func askable(name string) bool {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == "." || part == ".." {
			return false
		}
	}
	return name != "" && !strings.Contains(name, "\x00")
}

// give gives one file, unless it was certainly last changed outside the query.
func (p *pass) give(f file) error {
	err := p.ctx.Err()
	if err != nil {
		return err
	}
	last := f.name[strings.LastIndexByte(f.name, '/')+1:]
	it := source.Item{Item: scope.Item{Account: p.query.Account, Service: scope.Files, Category: scope.Content},
		Size: max(f.size, 0), Name: source.Escape(f.name, maxName), Filename: source.Plain(last)}
	if at := f.at.UTC().Truncate(time.Second); !f.at.IsZero() && at.Unix() >= 0 && at.Year() < 2100 {
		if !p.query.From.IsZero() && at.Before(p.query.From.Truncate(time.Second)) || !p.query.Until.IsZero() && at.After(p.query.Until) {
			return nil
		}
		it.Received, it.Sent = at, at
	} else {
		it.Undated = "received:no_date sent:no_date"
	}
	it.ID, err = p.ids.Of(string(p.query.Account), f.name)
	if err != nil {
		return err
	}
	b := &body{pass: p, file: f, sum: sha256.New()}
	it.Open = b.open
	err = p.item(it)
	b.closed = true
	b.end()
	return err
}

// try asks, and asks again where the line broke or the server was busy
// (docs/decisions/0042-a-line-that-breaks.md). What ask gives counts only when it came to its end.
func (p *pass) try(ask func() error) error {
	for {
		err := ask()
		if err == nil {
			p.breaks.Came()
			return nil
		}
		err = p.breaks.Again(p.ctx, err)
		if err != nil {
			return err
		}
	}
}

// A heard reader keeps an error of the line apart from one of what was read.
type heard struct {
	io.Reader
	err error
}

func (h *heard) Read(to []byte) (int, error) {
	n, err := h.Reader.Read(to)
	if err != nil && err != io.EOF {
		h.err = err
	}
	return n, err
}

// limited reads a list, and says where it is too long for one.
func (p *pass) limited(path string, res *http.Response, read func(io.Reader) error) error {
	defer res.Body.Close()
	line := &heard{Reader: res.Body}
	in := &io.LimitedReader{R: line, N: maxPage}
	err := read(in)
	if err == nil {
		_, err = io.Copy(io.Discard, in) // so that the connection serves again
	}
	switch {
	case in.N == 0:
		return p.protocol(path, "a list of over %d bytes", maxPage)
	case p.ctx.Err() != nil:
		return err
	case line.err != nil:
		return p.cfg.Server.Unreachable(line.err)
	case err == nil || problem.Of(err).Code != "internal.unexpected":
		return err
	}
	return p.protocol(path, "%v", err)
}
