package objects

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// A body gives one file's bytes while its callback runs. Where the line breaks, a bucket
// is asked for the rest of the object whose entity tag is that of the list: there a tag
// says which bytes they are. WebDAV's often say no more than a time and a length, so a
// file is asked for anew from its first byte, and goes on only if what had been given
// comes again.
type body struct {
	pass   *pass
	file   file
	res    *http.Response
	read   int64
	sum    hash.Hash // of what was given
	asked  bool
	closed bool
	err    error
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed || b.asked {
		return nil, source.Overdue()
	}
	b.asked = true
	err := b.pass.try(b.ask)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// strong reports whether the file's entity tag says which bytes it has (RFC 9110 §8.8.1).
func (b *body) strong() bool { return b.file.tag != "" && !strings.HasPrefix(b.file.tag, "W/") }

// ask asks for the file, and reads up to where it was.
func (b *body) ask() error {
	header := map[string]string{}
	if b.strong() {
		header["If-Match"] = b.file.tag
	}
	rest := b.read > 0 && b.read < b.file.size && b.strong() && b.pass.cfg.Form == S3
	if rest {
		header["Range"] = fmt.Sprintf("bytes=%d-", b.read)
	}
	res, err := b.pass.ask(http.MethodGet, b.file.path, "", "", header)
	if err != nil {
		return err
	}
	b.end()
	b.res = res
	rest = rest && res.StatusCode == http.StatusPartialContent
	err = b.answered(res, rest)
	if err != nil || rest {
		return err
	}
	return b.same()
}

// answered holds an answer to what was listed. rest says that it goes on where the file was.
func (b *body) answered(res *http.Response, rest bool) error {
	length := b.file.size
	if rest {
		length -= b.read
	}
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusPreconditionFailed || res.StatusCode == http.StatusGone:
		return b.pass.changed(b.file.path)
	case !rest && res.StatusCode != http.StatusOK:
		return b.pass.status(b.file.path, res)
	case b.file.tag != "" && res.Header.Get("ETag") != b.file.tag && (rest || res.Header.Get("ETag") != ""):
		return b.pass.changed(b.file.path)
	case rest && res.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", b.read, b.file.size-1, b.file.size):
		return b.pass.protocol(b.file.path, "the range %.60q", res.Header.Get("Content-Range"))
	case res.Header.Get("Content-Encoding") != "" && res.Header.Get("Content-Encoding") != "identity" && b.pass.cfg.Form == WebDAV:
		return b.pass.protocol(b.file.path, "bytes in the coding %.40q", res.Header.Get("Content-Encoding"))
	case length >= 0 && res.ContentLength >= 0 && res.ContentLength != length:
		return b.size()
	case length < 0 && res.ContentLength < 0 && len(res.TransferEncoding) == 0: // a line that broke would be its end
		return b.pass.protocol(b.file.path, "bytes of which nothing says where they end")
	}
	if at, err := http.ParseTime(res.Header.Get("Last-Modified")); err == nil && !b.file.at.IsZero() && at.Unix() != b.file.at.Unix() {
		return b.pass.changed(b.file.path)
	}
	return nil
}

// same reads what was given before, and holds it to that.
func (b *body) same() error {
	h := sha256.New()
	n, err := io.CopyN(h, b.res.Body, b.read)
	switch {
	case err == io.EOF:
		return b.size()
	case err != nil:
		return b.unreadable(err)
	case n > 0 && !bytes.Equal(h.Sum(nil), b.sum.Sum(nil)):
		return b.pass.changed(b.file.path)
	}
	return nil
}

func (b *body) size() error {
	return problem.New(problem.Unavailable, "source.size", "the store announced another number of bytes than it gives").At("%s", b.pass.shown(b.file.path))
}

func (b *body) unreadable(err error) error {
	if b.pass.ctx.Err() != nil {
		return b.pass.ctx.Err()
	}
	return problem.New(problem.Unavailable, "source.unreadable", "a file of the store cannot be read").At("%s", b.pass.shown(b.file.path)).Because(err)
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
	if n > 0 {
		b.read += int64(n)
		b.sum.Write(to[:n])
		b.pass.breaks.Came()
	}
	switch {
	case b.file.size >= 0 && (b.read > b.file.size || err == io.EOF && b.read < b.file.size):
		err = b.size()
	case err == io.EOF || err == nil:
	default:
		err = b.resume(b.unreadable(err))
	}
	b.err = err
	return n, err
}

// resume asks again, and goes on.
func (b *body) resume(why error) error {
	for {
		why = b.pass.breaks.Again(b.pass.ctx, why)
		if why != nil {
			return why
		}
		why = b.ask()
		if why == nil {
			return nil
		}
	}
}

// Close implements io.Closer; the answer is closed when the callback has ended.
func (b *body) Close() error { return nil }

func (b *body) end() {
	if b.res != nil {
		b.res.Body.Close()
	}
}
