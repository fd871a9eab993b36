package gate

import (
	"bufio"
	"crypto/sha256"
	"io"
	"os"
	"syscall"

	"filippo.io/age"

	"counterseal/internal/gate/copyfile"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// checkCopy: the copy that the grant names is kept here, has not ended, and is what the
// grant says that it is. A release takes no more from it than it covers: what it does
// not hold was not looked for.
func checkCopy(a *attempt) error {
	if a.grant.Purpose == grant.ToKeep {
		return a.g.ableToKeep()
	}
	if a.grant.Copy == (grant.CopyFacts{}) {
		return nil
	}
	k, c, err := a.g.alive(a.grant.Copy.Statement)
	if err != nil {
		return err
	}
	switch {
	case a.grant.Copy.Demand != k.Demand:
		return refuse("gate.copy_other_demand", "this copy is kept for another demand than the grant says").At("%s", k.Demand)
	case !a.grant.Copy.Made.Equal(k.At) || a.grant.Region != k.Region:
		return refuse("gate.copy_differs", "the grant says something else of the copy than the gate does").Fix("draft the grant again")
	case a.grant.Purpose == grant.FromCopy && !k.Covers.Contains(a.grant.Scope):
		return refuse("gate.copy_scope", "the grant collects more than the copy covers").Fix("draft one grant for what the copy covers, and another for the rest")
	case a.grant.Purpose == grant.ToKeepLonger:
		return keptLonger(a, k, c)
	}
	return nil
}

// keptLonger: a copy is kept longer for its own demand, whole, until later than before,
// and no longer than the policy says.
func keptLonger(a *attempt, k grant.Kept, c *heldCopy) error {
	longest := k.At.Add(a.charter.Policy.KeepAtMost())
	switch {
	case a.grant.Demand != k.Demand:
		return refuse("gate.copy_other_demand", "a copy is kept longer for the demand for which it was made").At("%s", k.Demand)
	case !a.grant.Scope.Equal(k.Covers):
		return refuse("gate.copy_scope", "the grant names something else than the copy covers").Fix("draft the grant again")
	case !a.grant.Until.After(c.until):
		return refuse("gate.copy_until", "the copy is kept as long already").Fix("state a later end")
	case a.grant.Until.After(longest):
		return refuse("gate.copy_too_long", "with its renewals a copy ends %s at the latest", longest.Format("2 January 2006 15:04")+" UTC").Fix("state an earlier end")
	}
	return nil
}

// checkCopyWhole: the copy's file is, byte for byte, what the gate wrote, and its key is
// there. It is read before a release, not for each status; collecting reads it again.
func checkCopyWhole(a *attempt) error { return a.copied }

// checkCopyEnd: the journal does not know that this copy's key was destroyed. A folder
// that was restored would not know it.
func checkCopyEnd(a *attempt) error {
	if a.grant.Copy == (grant.CopyFacts{}) {
		return nil
	}
	ended, err := a.g.saidEnded(a.ctx, a.grant.Copy.Statement)
	if err == nil && ended {
		err = refuse("gate.copy_ended", "this copy has ended; its key is destroyed").Fix("release from the stores")
	}
	return err
}

// copyOpen finds the file of the copy that the grant names.
func (a *attempt) copyOpen() (grant.Kept, string, *os.File, error) {
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	k, c, err := a.g.alive(a.grant.Copy.Statement)
	if err != nil {
		return k, "", nil, err
	}
	f, err := os.OpenFile(a.g.copyFile(c.id, copyData), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return k, c.id, nil, unwrappable(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() != k.Size {
		f.Close()
		return k, c.id, nil, unwrappable(err)
	}
	return k, c.id, f, nil
}

// rehashCopy reads the whole file, and unwraps its key. mu is not held: a stop must not
// wait for it.
func (a *attempt) rehashCopy() error {
	k, id, f, err := a.copyOpen()
	if err != nil {
		return err
	}
	defer f.Close()
	key, err := a.g.unwrap(copyKeys, id)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, &watched{ReadCloser: f, look: func() error { return a.ctx.Err() }})
	if a.ctx.Err() != nil {
		return canceled(a.ctx.Err())
	}
	if err != nil || n != k.Size || grant.Digest(sum.Sum(nil)) != k.Cipher || key.Recipient().String() != k.Key {
		return unwrappable(err)
	}
	return nil
}

// opened takes the items from the copy. Each is judged again, by this grant's scope;
// the file is held to its digest once more, so that what is in the package is what was
// kept.
func (c *collection) opened() error {
	k, id, f, err := c.a.copyOpen()
	if err != nil {
		return err
	}
	defer f.Close()
	key, err := c.a.g.unwrap(copyKeys, id)
	if err != nil {
		return err
	}
	sum := &summed{ReadCloser: f, h: sha256.New()}
	plain, err := age.Decrypt(bufio.NewReaderSize(sum, 256<<10), key)
	if err != nil {
		return unwrappable(err)
	}
	begun := c.a.g.cfg.Now()
	counts, err := copyfile.Read(bufio.NewReaderSize(plain, 256<<10), id, c.fromCopy, c.notInCopy)
	switch {
	case c.fatal != nil:
		return c.fatal
	case problem.Code(err) == "copy.form":
		return unwrappable(err)
	case err != nil:
		return err
	case sum.n != k.Size || grant.Digest(sum.h.Sum(nil)) != k.Cipher || counts != (copyfile.Counts{Items: k.Items, Bytes: k.Payload, Withheld: k.Withheld}):
		return unwrappable(nil)
	}
	c.a.copyRead(begun, c.a.g.cfg.Now())
	return nil
}

func (c *collection) fromCopy(it copyfile.Item, from io.Reader) error {
	return c.note(c.item(it.Service, source.Query{Account: it.Account}, source.Item{Item: it.Item, Size: it.Size, Undated: it.Undated, Name: it.Name, Filename: it.Filename, Key: it.Key,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(from), nil }}))
}

// notInCopy lists what was found when the copy was made and is not in it, where the
// grant asks for that account and service.
func (c *collection) notInCopy(x copyfile.Withheld) error {
	if err := c.look(); err != nil {
		return err
	}
	for _, sel := range c.a.grant.Scope.Selectors() {
		if sel.Account == x.Account && sel.Service == x.Service {
			return c.note(c.withhold(withheldReason(x.Reason), x.Account, x.Service, x.Ref, plainWords(x.Detail)))
		}
	}
	return nil
}

// withheldReason keeps to the words that a package knows.
func withheldReason(s string) string {
	switch s {
	case scope.Near.String(), scope.Undated.String():
		return s
	}
	return "unreadable"
}
