package imap

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// A body gives one message's bytes while its callback runs: straight from the
// connection, on which nothing else is asked meanwhile. Where the line breaks, the
// message is asked for anew from its first byte, and goes on only if what had been
// given comes again: all its bytes are those of one answer.
type body struct {
	pass   *pass
	folder *folder
	want   entry
	shown  string
	got    message
	given  int64
	sum    hash.Hash // of what was given
	asked  bool
	whole  bool
	closed bool
	err    error
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed || b.asked {
		return nil, source.Overdue()
	}
	b.asked = true
	b.err = b.ask()
	if b.err != nil {
		b.err = b.resume(b.err)
	}
	if b.err != nil {
		return nil, b.err
	}
	return b, nil
}

// ask sends the question and reads up to the message's first byte.
func (b *body) ask() error {
	p := b.pass
	err := p.send(fmt.Sprintf("UID FETCH %d (UID BODY.PEEK[])", b.want.uid))
	for err == nil {
		var a answer
		a, err = p.next()
		switch {
		case err != nil:
		case a.tag == "*" && a.name == "FETCH":
			b.got = message{}
			var ended bool
			var n int64
			n, ended, err = p.attributes(&b.got, false)
			if err != nil || ended {
				continue
			}
			if n != b.want.size {
				return problem.New(problem.Unavailable, "source.size", "the store announced another number of bytes than it gives").At("%s", b.shown)
			}
			return nil
		case a.tag == p.tag && a.name == "OK":
			return changed("a message is gone", "%s", b.shown)
		default:
			var text string
			text, err = p.line()
			if err == nil && (a.tag != "*" || a.name == "BYE") {
				err = refused(a, text)
			}
		}
	}
	return b.failed(err)
}

// resume asks anew on another line, and reads up to where the message was.
func (b *body) resume(why error) error {
	for {
		why = b.pass.takeUp(b.folder, why)
		if why != nil {
			return b.failed(why)
		}
		why = b.ask()
		if why == nil {
			why = b.same()
		}
		if why == nil {
			return nil
		}
	}
}

// same reads what was given before, and holds it to that.
func (b *body) same() error {
	h := sha256.New()
	_, err := io.CopyN(h, b.pass.section, b.given)
	if err != nil {
		return b.failed(unexpected(err))
	}
	if !bytes.Equal(h.Sum(nil), b.sum.Sum(nil)) {
		return changed("a message has other bytes than before the line broke", "%s", b.shown)
	}
	return nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *body) failed(err error) error {
	if b.pass.ctx.Err() != nil {
		return b.pass.ctx.Err()
	}
	return b.pass.failed(b.shown, err)
}

// Read gives an error instead of the end where the answer does not end well.
func (b *body) Read(to []byte) (int, error) {
	for b.err == nil && !b.closed && len(to) > 0 {
		n, err := b.read(to)
		if err != nil {
			b.err = b.resume(err)
		}
		if n > 0 {
			return n, b.err
		}
	}
	if b.closed {
		return 0, source.Overdue()
	}
	return 0, b.err
}

// read gives bytes, or no error and none when the answer has ended well.
func (b *body) read(to []byte) (int, error) {
	if b.given == b.want.size {
		err := b.finish()
		if err == nil {
			b.err, b.whole = io.EOF, true
			b.pass.breaks.Came()
		}
		return 0, err
	}
	n, err := b.pass.section.Read(to[:min(int64(len(to)), b.want.size-b.given)])
	if n > 0 {
		b.sum.Write(to[:n])
		b.given += int64(n)
		b.pass.breaks.Came()
	}
	if err != nil && b.given < b.want.size {
		return n, b.failed(unexpected(err))
	}
	return n, nil
}

// finish reads the rest of the answer after the message's last byte.
func (b *body) finish() error {
	p := b.pass
	_, ended, err := p.attributes(&b.got, true)
	if err == nil && (!ended || b.got.uid != b.want.uid) {
		err = fmt.Errorf("%w: another message than was asked for", errForm)
	}
	if err == nil {
		_, err = p.finish(func(a answer) (bool, error) {
			if a.name != "FETCH" {
				return false, nil
			}
			_, ended, err := p.attributes(&message{}, false)
			if err == nil && !ended {
				err = fmt.Errorf("%w: a message twice", errForm)
			}
			return true, err
		})
	}
	return b.failed(err)
}

// Close implements io.Closer; what was not read is read when the callback has ended.
func (b *body) Close() error { return nil }

// end reads what the callback left, so that the connection is ready for the next.
func (b *body) end() error {
	if !b.asked || b.whole {
		b.closed = true
		return nil
	}
	_, err := io.Copy(io.Discard, b)
	b.closed = true
	return err
}
