package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// The files of one letter.
const (
	messageFile  = "message.eml"
	paperFile    = notice.PDFFile // what is attached to it
	acceptedFile = "accepted.json"
	sendingFile  = "sending" // an attempt that has no outcome yet
	sentFile     = "sent.json"
	resolvedFile = "resolved.json" // the last resolution
	lockFile     = "lock"
)

type accepted struct {
	At     time.Time `json:"at"`
	To     string    `json:"to"`
	Digest string    `json:"digest"` // of what is sent, the time aside
}

type record struct {
	At     time.Time `json:"at"`
	Answer string    `json:"answer,omitempty"` // the server's
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Sent   bool      `json:"sent"`
}

// Deliver sends the letter and returns when the server has taken it, which is
// noted durably before and after. The same letter under the same id again is no
// error and is not sent again; a letter that the server refused may be delivered
// again, changed or not. Codes: notice.id, notice.dispatch, notice.address,
// notice.conflict (another letter was sent under this id), notice.unknown (an
// attempt has no certain outcome; see Resolve), notice.mail (not sent).
func (c *Channel) Deliver(ctx context.Context, d notice.Dispatch) error {
	err := d.Check()
	if err != nil {
		return err
	}
	err = addressed(d.To)
	if err != nil {
		return err
	}
	unlock, err := c.lock(ctx, d.ID, true)
	if err != nil {
		return failed(err)
	}
	defer unlock()
	return c.deliver(ctx, d)
}

// deliver is called under the letter's lock.
func (c *Channel) deliver(ctx context.Context, d notice.Dispatch) error {
	path := func(name string) string { return filepath.Join(c.dir, d.ID, name) }
	note := accepted{At: d.At.UTC(), To: d.To, Digest: digest(d)}
	state, err := c.state(d.ID)
	switch {
	case err != nil:
		return failed(err)
	case state.sent && state.accepted.Digest == note.Digest:
		return nil
	case state.sent:
		return problem.New(problem.Conflict, "notice.conflict", "another letter was delivered under this id").
			Fix("compare the two; a corrected letter needs an id of its own")
	case state.sending:
		return uncertain(nil)
	case !state.accepted.At.IsZero() && state.accepted.At.Before(note.At):
		note.At = state.accepted.At // it waits since then
	}
	m, content, err := c.message(d)
	if err != nil {
		return problem.New(problem.Internal, "notice.template", "the letter could not be written").Because(err)
	}
	err = errors.Join(put(path(messageFile), content), put(path(paperFile), d.Letter.PDF), putJSON(path(acceptedFile), note), ctx.Err())
	if err != nil {
		return failed(err)
	}
	err = put(path(sendingFile), nil) // from here on a crash leaves an unknown outcome
	if err != nil {
		return failed(err)
	}
	what, answer, cause := c.send(ctx, m)
	switch what {
	case sent:
		err = putJSON(path(sentFile), record{At: c.now().UTC(), Answer: answer, Sent: true})
		if err != nil {
			return uncertain(err)
		}
		return nil
	case unknown:
		return uncertain(cause)
	}
	err = errors.Join(os.Remove(path(sendingFile)), syncDir(filepath.Join(c.dir, d.ID)))
	return failed(errors.Join(cause, err))
}

// Tried says to whom a letter was handed, or may have been; "": to nobody.
// Codes: notice.id, notice.mail.
func (c *Channel) Tried(id string) (to string, err error) {
	err = notice.CheckID(id)
	if err != nil {
		return "", err
	}
	s, err := c.state(id)
	if err != nil {
		return "", failed(err)
	}
	if s.sent || s.sending {
		return s.accepted.To, nil
	}
	return "", nil
}

// Paper is the PDF of a letter that was sent. Codes: notice.id, notice.mail.
func (c *Channel) Paper(id string) ([]byte, error) {
	err := notice.CheckID(id)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(c.dir, id, paperFile))
	if err != nil {
		return nil, failed(err)
	}
	return b, nil
}

// Resolve notes what a person found out about an attempt without a certain
// outcome: whether the letter went. If not, it can be delivered again. Codes:
// notice.id, notice.resolution (no person or reason), notice.no_attempt (nothing
// is uncertain), notice.mail.
func (c *Channel) Resolve(ctx context.Context, id string, went bool, by, reason string) error {
	err := notice.CheckID(id)
	if err != nil {
		return err
	}
	if by == "" || reason == "" {
		return problem.New(problem.Invalid, "notice.resolution", "say who found out what became of the letter, and how")
	}
	unlock, err := c.lock(ctx, id, false)
	if errors.Is(err, os.ErrNotExist) {
		return nothing()
	}
	if err != nil {
		return failed(err)
	}
	defer unlock()
	path := func(name string) string { return filepath.Join(c.dir, id, name) }
	state, err := c.state(id)
	if err != nil {
		return failed(err)
	}
	if state.sent || !state.sending {
		return nothing()
	}
	r := record{At: c.now().UTC(), By: by, Reason: reason, Sent: went}
	err = putJSON(path(resolvedFile), r)
	if err == nil && went {
		err = putJSON(path(sentFile), r)
	}
	if err == nil && !went {
		err = errors.Join(os.Remove(path(sendingFile)), syncDir(filepath.Join(c.dir, id)))
	}
	if err != nil {
		return failed(err)
	}
	return nil
}

// Unsent lists the ids of letters that were accepted before a time and are not
// certainly sent, in order: those that the server refused, and those whose
// outcome is unknown. Code: notice.mail.
func (c *Channel) Unsent(ctx context.Context, before time.Time) (ids []string, err error) {
	return c.list(ctx, func(s state) bool { return s.accepted.At.Before(before) })
}

// Unknown lists the ids of letters that a person has to resolve. One that is
// being sent at this moment is among them. Code: notice.mail.
func (c *Channel) Unknown(ctx context.Context) ([]string, error) {
	return c.list(ctx, func(s state) bool { return s.sending })
}

func (c *Channel) list(ctx context.Context, which func(state) bool) (ids []string, err error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, failed(err)
	}
	for _, e := range entries {
		s, err := c.state(e.Name())
		err = errors.Join(err, ctx.Err())
		if err != nil {
			return nil, failed(err)
		}
		if !s.sent && !s.accepted.At.IsZero() && which(s) {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// state is what is noted of one letter.
type state struct {
	accepted      accepted // zero: never accepted, so nothing was tried
	sending, sent bool
}

// state reads the notes. What cannot be read is an error, never "not there".
func (c *Channel) state(id string) (s state, err error) {
	dir := filepath.Join(c.dir, id)
	s.sent, err = there(filepath.Join(dir, sentFile))
	if err != nil {
		return s, err
	}
	s.sending, err = there(filepath.Join(dir, sendingFile))
	if err != nil {
		return s, err
	}
	err = read(filepath.Join(dir, acceptedFile), &s.accepted)
	if errors.Is(err, os.ErrNotExist) && !s.sent && !s.sending {
		err = nil
	}
	return s, err
}

func digest(d notice.Dispatch) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(d.To), []byte(notice.Subject(d.Letter)), d.Letter.Text, d.Letter.PDF} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// lock makes the letter this caller's alone, among the machine's processes. A
// process that dies lets go of it.
func (c *Channel) lock(ctx context.Context, id string, create bool) (unlock func(), err error) {
	dir := filepath.Join(c.dir, id)
	if create {
		err = os.Mkdir(dir, 0o700)
		if err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
	}
	if err = ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func there(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func read(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func putJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return put(path, append(b, '\n'))
}

// put writes a file whole and durably, or not at all.
func put(path string, content []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func failed(err error) error {
	return problem.New(problem.Unavailable, "notice.mail", "the letter was not sent").
		Fix("see the cause in the log, and the address; delivering again is safe").Because(err)
}

func uncertain(err error) error {
	return problem.New(problem.Conflict, "notice.unknown", "it is not certain whether the letter went; it is not sent again by itself").
		Fix("find out from the server's log or the reader by the Message-ID, and resolve it").Because(err)
}

func nothing() error {
	return problem.New(problem.Conflict, "notice.no_attempt", "no attempt to send a letter under this id is without an outcome")
}
