package gate

import (
	"bufio"
	"context"
	"crypto/sha256"
	"hash"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"counterseal/internal/gate/copyfile"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Keep makes a copy, or keeps one longer: see Desk. It goes the way of a release, with
// the same checks; what appears at its end is a folder of the gate's own.
func (g *Gate) Keep(ctx context.Context, id string) (Copy, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Copy{}, err
	}
	defer leave()
	full, r, err := g.run(ctx, id, toKeep)
	if err != nil {
		return Copy{}, g.refused("keep", full, err)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	name := r.sealed.Release
	if r.Purpose == grant.ToKeepLonger {
		name = r.Copy
	}
	digest, err := grant.ParseDigest(name)
	if err != nil {
		return Copy{}, err
	}
	g.cfg.Log.Info("kept", "gate", g.cfg.ID, "id", r.ID, "copy", name)
	return g.tellCopy(digest)
}

// CopiesPerDay is how many copies of one account's data are begun within 24 hours, over
// all demands. One person approves a copy, and what the gate states of it has its number
// of items and its size: many small ones would tell what nobody has let out. One that a
// store broke off does not count, as what is asked to be kept must not be lost by it.
const CopiesPerDay = 5

func checkCopies(a *attempt) error {
	if a.grant.Purpose != grant.ToKeep {
		return nil
	}
	if _, account := a.g.begunSince(a.grant, a.now.Add(-24*time.Hour)); account >= CopiesPerDay {
		return refuse("gate.copies", "%d copies of an account have begun in the last 24 hours", CopiesPerDay).Fix("wait, or keep in one copy what was asked")
	}
	return nil
}

// keepLonger moves a copy's end, once the docket has been asked and if everything still
// stands.
func (a *attempt) keepLonger() error {
	a.release = a.grant.Copy.Statement
	if err := a.ask(atPermit); err != nil {
		return err
	}
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	if err := a.recheck(atSealed); err != nil {
		return err
	}
	return a.g.append(kindCopyExtended, stepCopyExtended{a.id, a.grant.Copy.Statement.String(), a.grant.Until})
}

// copying is a copy in the making.
type copying struct {
	w    *copyfile.Writer
	left int64 // bytes that the grant still allows
}

// copyAll collects into one file that is encrypted to a fresh key, and signs what the
// gate says about it.
func (a *attempt) copyAll(access *accessFile) (stepSealed, error) {
	identity, err := a.g.makeKey(copyKeys, a.id)
	if err != nil {
		return stepSealed{}, err
	}
	f, err := os.OpenFile(a.staged(copyData), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return stepSealed{}, unusable(err)
	}
	defer f.Close()
	sum := &summing{to: f, h: sha256.New()}
	counts, err := a.encrypted(access, sum, identity.Recipient())
	if err != nil {
		return stepSealed{}, err
	}
	if err := f.Sync(); err != nil {
		return stepSealed{}, unusable(err)
	}
	if err := a.judgeAgain(counts.Items); err != nil {
		return stepSealed{}, err
	}
	return stepSealed{Items: counts.Items, Bytes: counts.Bytes, Withheld: counts.Withheld}, a.state(identity.Recipient().String(), sum, counts)
}

func (a *attempt) encrypted(access *accessFile, to io.Writer, recipient age.Recipient) (copyfile.Counts, error) {
	buffered := bufio.NewWriterSize(to, 256<<10)
	sealed, err := age.Encrypt(buffered, recipient)
	if err != nil {
		return copyfile.Counts{}, unusable(err)
	}
	w, err := copyfile.NewWriter(sealed, a.id)
	if err != nil {
		return copyfile.Counts{}, unusable(err)
	}
	c := a.collection(access)
	c.copy = &copying{w, a.grant.ByteCap}
	if err := c.all(); err != nil {
		return copyfile.Counts{}, err
	}
	counts, err := w.Close()
	if err == nil {
		err = sealed.Close()
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return counts, unusable(err)
	}
	return counts, nil
}

// state writes the statement about the copy and signs it.
func (a *attempt) state(key string, sum *summing, counts copyfile.Counts) error {
	k := grant.Kept{Provider: a.charter.Provider, Demand: a.grant.Demand, Grant: a.digest, Region: a.grant.Region, Gate: a.g.cfg.ID, Covers: a.grant.Scope, Key: key,
		Cipher: grant.Digest(sum.h.Sum(nil)), Size: sum.n, Items: counts.Items, Payload: counts.Bytes, Withheld: counts.Withheld,
		At: a.g.cfg.Now().UTC().Truncate(time.Second), Until: a.grant.Until}
	text, err := k.Bytes()
	if err != nil {
		return err
	}
	a.release = sha256.Sum256(text)
	sig, err := signature.Sign(a.g.cfg.Key, signature.Copy, text)
	if err != nil {
		return err
	}
	if err := writeNew(a.staged(copyStatement), text); err != nil {
		return err
	}
	return writeNew(a.staged(copySignature), sig)
}

// summing hashes and counts what is written through it.
type summing struct {
	to io.Writer
	h  hash.Hash
	n  int64
}

func (s *summing) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.h.Write(p[:n])
	s.n += int64(n)
	return n, err
}

// keep puts one item into the copy. What its store cannot give is listed.
func (c *collection) keep(it source.Item, v scope.Verdict) error {
	if !utf8.ValidString(it.ID) || it.ID == "" || !utf8.ValidString(it.Name) {
		return c.withhold("unreadable", it.Account, it.Service, it.ID, "")
	}
	r, err := it.Open()
	if err != nil && lost(err) {
		return c.withhold("unreadable", it.Account, it.Service, it.ID, "")
	}
	if err != nil {
		return incomplete(err)
	}
	defer r.Close()
	facts := copyfile.Item{Item: it.Item, Size: it.Size, Undated: it.Undated, Name: it.Name, Filename: it.Filename, Key: it.Key || c.keyed && it.Category == scope.Content}
	whole, err := c.copy.w.Item(facts, &capped{&watched{ReadCloser: r, look: c.look}, &c.copy.left}, func(err error) bool { return c.fatal == nil && lost(err) })
	switch {
	case c.fatal != nil:
		return c.fatal
	case err != nil:
		return c.notKept(err)
	case !whole: // the copy itself says so
		return c.access.line(accessLine{Ref: c.ref(it.Account, it.Service, it.ID), Account: it.Account, Service: it.Service, Verdict: "unreadable"})
	}
	if err := c.indexed(it); err != nil {
		return err
	}
	c.moving.gave(it.Size)
	return c.access.line(accessLine{Ref: c.ref(it.Account, it.Service, it.ID), Account: it.Account, Service: it.Service, Verdict: v.String()})
}

// lost tells an item that its store cannot give from a store that changed while it was
// read, as a package does.
func lost(err error) bool {
	code := problem.Code(err)
	return code != "source.changed" && code != "source.outside" && code != "gate.cap"
}

func (c *collection) notKept(err error) error {
	switch code := problem.Code(err); code {
	case "gate.cap", "copy.too_large":
		return err
	case "source.changed", "source.outside":
		return incomplete(err)
	}
	return unusable(err)
}

// capped refuses more bytes than the grant allows.
type capped struct {
	from io.Reader
	left *int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	*c.left -= int64(n)
	if *c.left < 0 {
		return 0, refuse("gate.cap", "the items exceed the bytes that the grant allows").Fix("ask for a grant with a higher cap or a narrower scope")
	}
	return n, err
}
