package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"counterseal/internal/gate/source"
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
	ctx     context.Context
	client  *http.Client
	secret  string
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
	return problem.New(problem.Unavailable, "source.unreadable", "the store's server does not give what is asked").At("%s", p.shown(path)).Because(fmt.Errorf("status %d", res.StatusCode))
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
	b := &body{pass: p, file: f}
	it.Open = b.open
	err = p.item(it)
	b.end()
	return err
}

// A body gives one file's bytes while its callback runs.
type body struct {
	pass   *pass
	file   file
	res    *http.Response
	read   int64
	closed bool
	err    error
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed || b.res != nil {
		return nil, source.Overdue()
	}
	header := map[string]string{}
	if b.file.tag != "" && !strings.HasPrefix(b.file.tag, "W/") {
		header["If-Match"] = b.file.tag
	}
	res, err := b.pass.ask(http.MethodGet, b.file.path, "", "", header)
	if err != nil {
		return nil, err
	}
	b.res = res
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusPreconditionFailed || res.StatusCode == http.StatusGone:
		return nil, b.pass.changed(b.file.path)
	case res.StatusCode != http.StatusOK:
		return nil, b.pass.status(b.file.path, res)
	case b.file.tag != "" && res.Header.Get("ETag") != "" && res.Header.Get("ETag") != b.file.tag:
		return nil, b.pass.changed(b.file.path)
	case res.Header.Get("Content-Encoding") != "" && res.Header.Get("Content-Encoding") != "identity" && b.pass.cfg.Form == WebDAV:
		return nil, b.pass.protocol(b.file.path, "bytes in the coding %.40q", res.Header.Get("Content-Encoding"))
	case b.file.size >= 0 && res.ContentLength >= 0 && res.ContentLength != b.file.size:
		return nil, b.size()
	}
	if at, err := http.ParseTime(res.Header.Get("Last-Modified")); err == nil && !b.file.at.IsZero() && at.Unix() != b.file.at.Unix() {
		return nil, b.pass.changed(b.file.path)
	}
	return b, nil
}

func (b *body) size() error {
	return problem.New(problem.Unavailable, "source.size", "the store announced another number of bytes than it gives").At("%s", b.pass.shown(b.file.path))
}

// Read gives an error instead of the end where there are not as many bytes as were
// listed.
func (b *body) Read(to []byte) (int, error) {
	if b.closed {
		return 0, source.Overdue()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.res.Body.Read(to)
	b.read += int64(n)
	switch {
	case b.file.size >= 0 && (b.read > b.file.size || err == io.EOF && b.read < b.file.size):
		err = b.size()
	case err == io.EOF || err == nil:
	case b.pass.ctx.Err() != nil:
		err = b.pass.ctx.Err()
	default:
		err = problem.New(problem.Unavailable, "source.unreadable", "a file of the store cannot be read").At("%s", b.pass.shown(b.file.path)).Because(err)
	}
	b.err = err
	return n, err
}

// Close implements io.Closer; the answer is closed when the callback has ended.
func (b *body) Close() error { return nil }

func (b *body) end() {
	b.closed = true
	if b.res != nil {
		b.res.Body.Close()
	}
}

// limited reads a list, and says where it is too long for one.
func (p *pass) limited(path string, res *http.Response, read func(io.Reader) error) error {
	defer res.Body.Close()
	in := &io.LimitedReader{R: res.Body, N: maxPage}
	err := read(in)
	if err == nil {
		_, err = io.Copy(io.Discard, in) // so that the connection serves again
	}
	var timeout interface{ Timeout() bool }
	switch {
	case in.N == 0:
		return p.protocol(path, "a list of over %d bytes", maxPage)
	case err == nil || p.ctx.Err() != nil || problem.Of(err).Code != "internal.unexpected":
		return err
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, io.ErrUnexpectedEOF) && in.N > 0 && res.ContentLength >= 0:
		return p.cfg.Server.Unreachable(err)
	}
	return p.protocol(path, "%v", err)
}
