package gate

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"

	"counterseal/internal/gate/copyfile"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// outsideFile lists, beside a package in quarantine, what it holds and should not.
const outsideFile = "outside.jsonl"

// judgeAgain judges everything that was given a second time, before anything is signed:
// from what was written, by the text that people approved, in a pass that shares no
// state with the collection. An item outside, or one that is not in the index, ends the
// release; that it did is in the record before anything else happens.
func (a *attempt) judgeAgain(given int64) error {
	if a.index == nil {
		return nil
	}
	approved, err := grant.Parse(a.text)
	if err != nil {
		return err
	}
	from, err := a.index.facts()
	if err != nil {
		return err
	}
	out := outside{a: a, c: a.collection(nil), sum: sha256.New()}
	defer out.close()
	counts, err := copyfile.Read(from, a.id, func(it copyfile.Item, _ io.Reader) error {
		if a.ctx.Err() != nil {
			return canceled(a.ctx.Err())
		}
		v := approved.Scope.Judge(it.Item)
		if v == scope.Inside || v == scope.Split {
			return nil
		}
		return out.add(it.Item, v)
	}, func(copyfile.Withheld) error { return unusable(errors.New("an index that lists what was withheld")) })
	if problem.Code(err) == "copy.form" {
		return unusable(err)
	}
	if err != nil {
		return err
	}
	if out.n == 0 && counts.Items == given {
		return nil
	}
	return out.record(given - counts.Items)
}

// outsideRow is one line of outside.jsonl. Ref is that of the access file.
type outsideRow struct {
	Ref      string          `json:"ref"`
	Account  scope.AccountID `json:"account"`
	Service  scope.Service   `json:"service"`
	Category scope.Category  `json:"category"`
	Verdict  string          `json:"verdict"` // outside, near or undated
}

// outside is the exact list of what a package holds beyond its grant.
type outside struct {
	a   *attempt
	c   *collection // for its references
	f   *os.File
	w   *bufio.Writer
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	n int64
}

func (o *outside) open() error {
	f, err := os.OpenFile(o.a.staged(outsideFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unusable(err)
	}
	o.f, o.w = f, bufio.NewWriter(io.MultiWriter(f, o.sum))
	return nil
}

func (o *outside) add(it scope.Item, v scope.Verdict) error {
	if o.f == nil {
		if err := o.open(); err != nil {
			return err
		}
	}
	b, err := json.Marshal(outsideRow{o.c.ref(it.Account, it.Service, it.ID), it.Account, it.Service, it.Category, v.String()})
	if err == nil {
		_, err = o.w.Write(append(b, '\n'))
	}
	if err != nil {
		return unusable(err)
	}
	o.n++
	return nil
}

func (o *outside) close() {
	if o.f != nil {
		o.f.Close()
	}
}

// record makes the list durable, puts into the record that the release ends by it, and
// gives the refusal.
func (o *outside) record(unlisted int64) error {
	a := o.a
	if o.f == nil {
		if err := o.open(); err != nil {
			return err
		}
	}
	err := o.w.Flush()
	if err == nil {
		err = o.f.Sync()
	}
	if err != nil {
		return unusable(err)
	}
	if err := syncDir(a.staged("")); err != nil {
		return err
	}
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	if err := a.g.append(kindOverproduced, stepOverproduced{ID: a.id, Outside: o.n, Unlisted: unlisted, List: hex.EncodeToString(o.sum.Sum(nil))}); err != nil {
		return err
	}
	a.g.cfg.Log.Error("overproduced", "gate", a.g.cfg.ID, "id", a.id, "outside", o.n, "unlisted", unlisted)
	return overproduced()
}

func overproduced() *problem.Error {
	return refuse("gate.overproduced", "the package held what the approved scope does not ask for; nothing left, and it is kept apart").
		Fix("keep the gate's folder quarantine/ for the inquiry; release nothing by this gate until it is known why")
}

// quarantine keeps the package apart. mu is held, or the gate is opening.
func (g *Gate) quarantine(id string) error {
	err := os.Rename(g.path("staging", id), g.path("quarantine", id))
	if err != nil && !os.IsNotExist(err) { // it was moved before a crash
		return unusable(err)
	}
	g.hook("quarantined")
	if err := syncDir(g.path("quarantine")); err != nil {
		return err
	}
	return syncDir(g.path("staging"))
}
