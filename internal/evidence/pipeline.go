package evidence

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

// The pipeline: the caller's goroutine reads an item; the binder frames and
// hashes it; the encryptor encrypts full blocks and writes them out. Each stage
// is about as dear as the next, and two cores are enough to overlap them.
const (
	blockSize  = 256 << 10 // four age chunks
	blocks     = 4
	itemsAhead = 8
)

// framed is an item that the binder shall put into the bag.
type framed struct {
	row  ItemRow
	body *spool
}

// encryptor takes blocks through its channel and returns them through free. It
// ends the age file only if the channel was closed and the context is alive.
type encryptor struct {
	ctx    context.Context
	fail   context.CancelCauseFunc
	full   chan []byte
	free   chan []byte
	block  []byte
	done   chan struct{}
	out    *counter
	header [sha256.Size]byte
}

// counter counts bytes and keeps the first ones, where age's header is.
type counter struct {
	w    io.Writer
	n    int64
	head []byte
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if len(c.head) < 4096 {
		c.head = append(c.head, p[:n]...)
	}
	return n, err
}

func startEncryptor(ctx context.Context, fail context.CancelCauseFunc, w io.Writer, to age.Recipient) (*encryptor, error) {
	e := &encryptor{ctx: ctx, fail: fail, full: make(chan []byte, blocks), free: make(chan []byte, blocks), done: make(chan struct{}), out: &counter{w: w}}
	sealed, err := age.Encrypt(e.out, to)
	if err != nil {
		return nil, writeFailed(err)
	}
	e.header, _, err = release.AgeHeader(bytes.NewReader(e.out.head))
	if err != nil {
		return nil, err
	}
	for range blocks {
		e.free <- make([]byte, 0, blockSize)
	}
	go e.run(sealed)
	return e, nil
}

func (e *encryptor) run(sealed io.WriteCloser) {
	defer close(e.done)
	for {
		select {
		case <-e.ctx.Done():
			return
		case b, more := <-e.full:
			if e.ctx.Err() != nil { // both were ready: stopping wins
				return
			}
			if !more {
				err := sealed.Close()
				if err != nil {
					e.fail(writeFailed(err))
				}
				return
			}
			_, err := sealed.Write(b)
			if err != nil {
				e.fail(writeFailed(err))
				return
			}
			e.free <- b[:0]
		}
	}
}

// Write collects plaintext into blocks. One goroutine at a time.
func (e *encryptor) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if e.block == nil {
			select {
			case e.block = <-e.free:
			case <-e.ctx.Done():
				return 0, context.Cause(e.ctx)
			}
		}
		n := min(len(rest), blockSize-len(e.block))
		e.block = append(e.block, rest[:n]...)
		rest = rest[n:]
		if len(e.block) == blockSize {
			err := e.send()
			if err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (e *encryptor) send() error {
	b := e.block
	e.block = nil
	select {
	case e.full <- b:
		return nil
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
}

// finish ends the age file and waits for it.
func (e *encryptor) finish() error {
	if len(e.block) > 0 {
		err := e.send()
		if err != nil {
			return err
		}
	}
	close(e.full)
	<-e.done
	return context.Cause(e.ctx)
}

// binder writes the tar and keeps the manifest. While items come, its own
// goroutine drives it; Close takes over when that has ended.
type binder struct {
	out      *encryptor
	tar      *tar.Writer
	heads    *ustar
	mtime    time.Time
	manifest *spool
	rows     *spool
	copybuf  []byte
	line     []byte
}

func (b *binder) run(ctx context.Context, fail context.CancelCauseFunc, items <-chan framed, free chan<- *spool, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-ctx.Done():
			return
		case f, more := <-items:
			if !more {
				return
			}
			err := b.item(f)
			if err != nil {
				f.body.close()
				fail(err)
				return
			}
			free <- f.body
		}
	}
}

func (b *binder) item(f framed) error {
	sum, err := b.file(f.row.Path, f.body)
	if err != nil {
		return err
	}
	b.line = manifestLine(b.line[:0], sum, f.row.Path)
	_, err = b.manifest.Write(b.line)
	if err != nil {
		return err
	}
	b.line = append(f.row.appendTo(b.line[:0]), '\n')
	_, err = b.rows.Write(b.line)
	return err
}

// manifestLine is one line of a manifest as RFC 8493 §2.1.3 and sha256sum have it.
func manifestLine(to []byte, sum [sha256.Size]byte, path string) []byte {
	to = hex.AppendEncode(to, sum[:])
	to = append(to, "  "...)
	to = append(to, path...)
	return append(to, '\n')
}

// file puts one file into the tar. What a header says depends on path, size and
// the package's time alone.
func (b *binder) file(path string, body *spool) (sum [sha256.Size]byte, err error) {
	r, err := body.reader()
	if err != nil {
		return sum, err
	}
	to, err := b.begin(path, body.size)
	if err != nil {
		return sum, tarFailed(err)
	}
	if body.file == nil { // in memory: no copy between
		sum = sha256.Sum256(body.mem)
		_, err = to.Write(body.mem)
	} else {
		h := sha256.New()
		var n int64
		n, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(to, h)}, struct{ io.Reader }{r}, b.copybuf)
		if err == nil && n != body.size {
			err = io.ErrUnexpectedEOF
		}
		sum = [sha256.Size]byte(h.Sum(nil))
	}
	if err == nil && to == io.Writer(b.out) {
		_, err = b.out.Write(padding(body.size))
	}
	if err != nil {
		return sum, tarFailed(err)
	}
	return sum, nil
}

// begin writes a file's header and gives the writer of its content: the output
// itself, or the tar writer for a file that needs a longer header.
func (b *binder) begin(path string, size int64) (io.Writer, error) {
	err := b.tar.Flush() // the padding of a file before
	if err != nil {
		return nil, err
	}
	block := b.heads.header(Base+"/"+path, size)
	if block == nil {
		return b.tar, b.tar.WriteHeader(fileHeader(Base+"/"+path, size, b.mtime))
	}
	_, err = b.out.Write(block)
	return b.out, err
}

func tarFailed(err error) error {
	if p := problem.Of(err); p.Code != "internal.unexpected" {
		return err
	}
	return problem.New(problem.Unavailable, "evidence.write", "the package could not be written").Because(err)
}

func writeFailed(err error) error {
	return problem.New(problem.Unavailable, "evidence.write", "the package could not be written").
		Fix("make room and collect again; what was written is useless and can go").Because(err)
}
