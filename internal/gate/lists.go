package gate

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"filippo.io/age"

	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// defaultLists is how long the gate keeps the index of what left, and the list of an
// incident: a judgement on an order comes late.
const defaultLists = 731 * 24 * time.Hour

// heldList is a list that the gate keeps, encrypted under a key of its own: the index of
// a release, or what of it was not compelled. Its end never moves.
type heldList struct {
	cipher string // SHA-256 of the encrypted file
	until  time.Time
	ended  time.Time // when its key was destroyed
}

func (l *heldList) over(now time.Time) bool { return !l.ended.IsZero() || !now.Before(l.until) }

func indexList(id string) string           { return "index-" + id }
func incidentList(statement string) string { return "incident-" + statement }

func listChanged(err error) *problem.Error {
	return problem.New(problem.Unverified, "gate.list_changed", "the kept list or its key is not as the gate wrote it, so nothing is told from it").
		Fix("find out who changed the gate's folder; a recall needs no list").Because(err)
}

// listed notes the index of a release that has left.
func (s *state) listed(r *run) {
	if r.last == kindVisible && r.sealed.Index != "" {
		s.lists[indexList(r.ID)] = &heldList{cipher: r.sealed.Index, until: r.sealed.IndexUntil}
	}
}

func (s *state) applyListEnded(l record.Line) error {
	var b stepListEnded
	return with(l, &b, func() error {
		x := s.lists[b.List]
		if x == nil || !x.ended.IsZero() {
			return errOutOfTurn
		}
		x.ended = l.At
		return nil
	})
}

// writeList writes a list under a fresh key, durably, and gives the digest of the
// encrypted file. What a crash leaves of it the next start removes, unless the record
// knows it.
func (g *Gate) writeList(name string, fill func(io.Writer) error) (grant.Digest, error) {
	if err := g.dropList(name); err != nil { // left by an attempt that failed
		return grant.Digest{}, err
	}
	identity, err := g.makeKey(listKeys, name)
	if err != nil {
		return grant.Digest{}, err
	}
	f, err := os.OpenFile(g.path("lists", name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return grant.Digest{}, unusable(err)
	}
	defer f.Close()
	sum := &summing{to: f, h: sha256.New()}
	buffered := bufio.NewWriterSize(sum, 64<<10)
	sealed, err := age.Encrypt(buffered, identity.Recipient())
	if err != nil {
		return grant.Digest{}, unusable(err)
	}
	if err := fill(sealed); err != nil {
		return grant.Digest{}, err
	}
	err = sealed.Close()
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return grant.Digest{}, unusable(err)
	}
	return grant.Digest(sum.h.Sum(nil)), syncDir(g.path("lists"))
}

// dropList removes a list that the record does not hold as kept.
func (g *Gate) dropList(name string) error {
	if err := g.shred(listKeys, name); err != nil {
		return err
	}
	_, err := removeIfThere(g.path("lists", name))
	return err
}

// openedList reads a list; mu is not held. The file was held to its digest before
// anything of it is given.
type openedList struct {
	io.Reader
	f *os.File
}

func (o *openedList) Close() error { return o.f.Close() }

func (g *Gate) openList(name string) (*openedList, error) {
	g.mu.RLock()
	held := g.lists[name]
	now := g.latestTime()
	g.mu.RUnlock()
	switch {
	case held == nil:
		return nil, problem.New(problem.Missing, "gate.index_missing", "no index of this release is kept: it is older than indexes, was collected by hand, or the gate's key is of another kind").
			Fix("ask the production back: production.recall; access/ in the gate's folder has a reference for each item that was read")
	case held.over(now):
		return nil, refuse("gate.index_ended", "the time for which the index of this release was kept is over; its key is destroyed").Fix("ask the production back: production.recall")
	}
	f, err := os.OpenFile(g.path("lists", name), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, listChanged(err)
	}
	o, err := g.decryptList(name, held.cipher, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

func (g *Gate) decryptList(name, want string, f *os.File) (*openedList, error) {
	sum := sha256.New()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil {
		_, err = io.Copy(sum, f)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil || grant.Digest(sum.Sum(nil)).String() != want {
		return nil, listChanged(err)
	}
	key, err := g.unwrap(listKeys, name)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(bufio.NewReaderSize(f, 64<<10), key)
	if err != nil {
		return nil, listChanged(err)
	}
	return &openedList{bufio.NewReaderSize(plain, 64<<10), f}, nil
}

// loadLists removes what the record does not hold as kept: what a crash left in the
// making, what has ended and came back from a backup, what was planted.
func (g *Gate) loadLists() error {
	for _, dir := range []string{listKeys.dir, "lists"} {
		entries, err := os.ReadDir(g.path(dir))
		if err != nil {
			return unusable(err)
		}
		for _, e := range entries {
			if l := g.lists[e.Name()]; l != nil && l.ended.IsZero() {
				continue
			}
			if err := g.dropList(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepLists destroys the keys of lists whose end has come. It goes by the journal's
// time, as what is destroyed does not come back. An end never moves, so a folder from a
// backup knows it as well and needs to ask nobody.
func (g *Gate) sweepLists(ctx context.Context) error {
	due := g.dueLists()
	if len(due) == 0 {
		return nil
	}
	if err := g.timeAgrees(ctx, due); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range due {
		if l := g.lists[name]; !l.ended.IsZero() || !l.over(g.latestTime()) {
			continue
		}
		if err := g.append(kindListEnded, stepListEnded{name}); err != nil {
			return err
		}
		if err := g.dropList(name); err != nil {
			return err
		}
		kind, _, _ := strings.Cut(name, "-")
		g.cfg.Log.Info("list ended", "gate", g.cfg.ID, "kind", kind)
	}
	return nil
}

func (g *Gate) dueLists() (due []string) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	now := g.latestTime()
	for name, l := range g.lists {
		if l.ended.IsZero() && l.over(now) {
			due = append(due, name)
		}
	}
	slices.Sort(due)
	return due
}
