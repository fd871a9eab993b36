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
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// The pipeline: the caller's goroutine lays items into blocks, each behind room
// for its header; the binder fills in the headers and hashes; the encryptor
// encrypts the blocks and writes them out. What is handed on is always a block,
// never an item: most items are a few kilobytes, and two cores overlap the
// stages only if the hand-offs cost nothing.
const (
	blockSize   = 256 << 10 // four age chunks; small enough to stay in a core's cache
	blocksAhead = 2
	blocks      = blocksAhead + 6 // the caller holds up to two, the binder two, the encryptor one
	largeAhead  = 2               // items that outgrow a block, on their way
)

// A block is a stretch of the tar, or stands for one item that no block can hold.
type block struct {
	buf   []byte
	text  []byte // the names of its items
	items []framed
	large *spool // the content of its only item; buf is empty
}

// framed is an item in its block. Unknown times are zero.
type framed struct {
	at                    int // of its header in buf
	from, to              int // of its name in text
	size                  int64
	id, called, verdict   string
	category              scope.Category
	received, until, sent time.Time
	keyed                 bool
	form                  string
}

func (b *block) reset() { b.buf, b.text, b.items, b.large = b.buf[:0], b.text[:0], b.items[:0], nil }

// name is the item's name in the tar.
func (b *block) name(f *framed) []byte { return b.text[f.from:f.to] }

// encryptor takes blocks through its channel and returns them through free. It
// ends the age file only if the channel was closed and the context is alive.
type encryptor struct {
	ctx    context.Context
	fail   context.CancelCauseFunc
	full   chan *block
	free   chan *block
	block  *block // what Write collects into
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

func startEncryptor(ctx context.Context, fail context.CancelCauseFunc, w io.Writer, to Recipient, o Options) (*encryptor, error) {
	e := &encryptor{ctx: ctx, fail: fail, full: make(chan *block, blocks), free: make(chan *block, blocks), done: make(chan struct{}), out: &counter{w: w}}
	sealed, err := e.begin(to, o)
	if err != nil {
		return nil, err
	}
	for range blocks {
		e.free <- &block{buf: make([]byte, 0, blockSize)}
	}
	go e.run(sealed)
	return e, nil
}

// begin writes the header and gives what encrypts.
func (e *encryptor) begin(to Recipient, o Options) (io.WriteCloser, error) {
	switch to := to.(type) {
	case *age.X25519Recipient:
		sealed, err := age.Encrypt(e.out, to)
		if err != nil {
			return nil, writeFailed(err)
		}
		e.header, _, err = release.AgeHeader(bytes.NewReader(e.out.head))
		return sealed, err
	case *openpgp.Certificate:
		head := sha256.New()
		sealed, err := to.Encrypt(e.out, io.MultiWriter(e.out, head), o.Now(), o.Rand)
		e.header = [sha256.Size]byte(head.Sum(nil))
		return sealed, err
	case *sealedzip.Recipient:
		sealed, err := sealedzip.NewWriter(e.out, o.Rand, to.Passphrase, sealedzip.Inside, o.Now())
		if err != nil {
			return nil, writeFailed(err)
		}
		e.header = sha256.Sum256(sealed.Head())
		return sealed, nil
	}
	return nil, problem.New(problem.Invalid, "evidence.header", "a package cannot begin like this: there is no such kind of recipient").At("recipient")
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
			_, err := sealed.Write(b.buf)
			if err != nil {
				e.fail(writeFailed(err))
				return
			}
			b.reset()
			e.free <- b
		}
	}
}

// take gives an empty block.
func (e *encryptor) take() (*block, error) {
	select {
	case b := <-e.free:
		return b, nil
	case <-e.ctx.Done():
		return nil, context.Cause(e.ctx)
	}
}

// Write collects plaintext into blocks. One goroutine at a time.
func (e *encryptor) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if e.block == nil {
			b, err := e.take()
			if err != nil {
				return 0, err
			}
			e.block = b
		}
		n := min(len(rest), blockSize-len(e.block.buf))
		e.block.buf = append(e.block.buf, rest[:n]...)
		rest = rest[n:]
		if len(e.block.buf) == blockSize {
			err := e.flush()
			if err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

// flush sends what Write has collected.
func (e *encryptor) flush() error {
	if e.block == nil {
		return nil
	}
	b := e.block
	e.block = nil
	return e.send(b)
}

func (e *encryptor) send(b *block) error {
	select {
	case e.full <- b:
		return nil
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
}

// finish ends the age file and waits for it.
func (e *encryptor) finish() error {
	err := e.flush()
	if err != nil {
		return err
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
	packed   func(int64, [sha256.Size]byte) error
	mtime    time.Time
	manifest *spool
	rows     *spool
	copybuf  []byte
	lines    []byte // of the manifest, of one block
	list     []byte // rows of one block
}

func (b *binder) run(ctx context.Context, fail context.CancelCauseFunc, full <-chan *block, free chan<- *spool, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-ctx.Done():
			return
		case k, more := <-full:
			if !more {
				return
			}
			err := b.bind(k, free)
			if err != nil {
				fail(err)
				return
			}
		}
	}
}

// bind puts a block's items into the bag.
func (b *binder) bind(k *block, free chan<- *spool) error {
	b.lines, b.list = b.lines[:0], b.list[:0]
	if k.large != nil {
		f := &k.items[0]
		sum, err := b.file(k.name(f), k.large)
		free <- k.large
		if err != nil {
			return err
		}
		err = b.note(k.name(f), f, sum)
		if err != nil {
			return err
		}
		k.reset()
		b.out.free <- k
		return b.keep()
	}
	for i := range k.items {
		f := &k.items[i]
		if !b.heads.put(k.buf[f.at:], k.name(f), f.size) {
			return tarFailed(tar.ErrFieldTooLong) // no payload path is that long
		}
		err := b.note(k.name(f), f, sha256.Sum256(k.buf[f.at+headerSize:][:f.size]))
		if err != nil {
			return err
		}
	}
	err := b.out.flush()
	if err != nil {
		return err
	}
	err = b.out.send(k)
	if err != nil {
		return err
	}
	return b.keep()
}

// note writes an item's line and row; name is its name in the tar.
func (b *binder) note(name []byte, f *framed, sum [sha256.Size]byte) error {
	path := name[len(Base)+1:]
	b.lines = manifestLine(b.lines, sum, path)
	b.list = append(f.appendRow(b.list, path), '\n')
	if b.packed == nil {
		return nil
	}
	return b.packed(f.size, sum)
}

// keep spools the lines and rows of a block.
func (b *binder) keep() error {
	_, err := b.manifest.Write(b.lines)
	if err != nil {
		return err
	}
	_, err = b.rows.Write(b.list)
	return err
}

// manifestLine is one line of a manifest as RFC 8493 §2.1.3 and sha256sum have it.
func manifestLine(to []byte, sum [sha256.Size]byte, path []byte) []byte {
	to = hex.AppendEncode(to, sum[:])
	to = append(to, "  "...)
	to = append(to, path...)
	return append(to, '\n')
}

// file puts one file into the tar under its name there. What a header says
// depends on name, size and the package's time alone.
func (b *binder) file(name []byte, body *spool) (sum [sha256.Size]byte, err error) {
	r, err := body.reader()
	if err != nil {
		return sum, err
	}
	to, err := b.begin(name, body.size)
	if err != nil {
		return sum, tarFailed(err)
	}
	h := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(to, h)}, struct{ io.Reader }{r}, b.copybuf)
	if err == nil && n != body.size {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && to == io.Writer(b.out) {
		_, err = b.out.Write(padding(body.size))
	}
	if err != nil {
		return sum, tarFailed(err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// begin writes a file's header and gives the writer of its content: the output
// itself, or the tar writer for a file that needs a longer header.
func (b *binder) begin(name []byte, size int64) (io.Writer, error) {
	err := b.tar.Flush() // the padding of a file before
	if err != nil {
		return nil, err
	}
	var head [headerSize]byte
	if !b.heads.put(head[:], name, size) {
		return b.tar, b.tar.WriteHeader(fileHeader(string(name), size, b.mtime))
	}
	_, err = b.out.Write(head[:])
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
