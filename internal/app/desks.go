package app

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// desks are the gates of several regions behind one desk. A grant or an export
// names its gate; a stop and a charter statement go to every one; what is known by
// its id alone is asked of each until one knows it.
type desks []regionDesk

type regionDesk struct {
	ID, Region string
	gate.Desk
}

// at gives the gate of an id.
func (d desks) at(id string) (gate.Desk, error) {
	for _, x := range d {
		if x.ID == id {
			return x.Desk, nil
		}
	}
	return nil, problem.New(problem.Missing, "gate.unknown_gate", "no gate of this id is connected").At("%.64q", id).Fix("see [[region]] in counterseal.toml")
}

// unknown tells the answers of a gate that has never heard of what it was asked
// about.
func unknown(err error) bool {
	p := problem.Of(err)
	return p != nil && p.Kind == problem.Missing
}

// down tells the answer of a gate that cannot be reached from all others: it may be
// the one that knows.
func down(err error) bool { return problem.Code(err) == "gate.unreachable" }

// ask asks each gate until one knows the answer. Where none does, the answer is what
// the gate which knows the grant misses of it (a file, a package); else that of a gate
// which is down, since it may have known; else the last "never heard".
func ask[T any](ctx context.Context, d desks, f func(gate.Desk) (T, error)) (out T, err error) {
	err = d.first(ctx, func(g gate.Desk) (e error) { out, e = f(g); return e })
	return out, err
}

// first is what ask does, once for all types.
func (d desks) first(ctx context.Context, f func(gate.Desk) error) (err error) {
	looking, leave := context.WithCancel(ctx)
	defer leave()
	said := d.said(looking)
	var gone, misses error
	for range d {
		x := <-said
		err = x.err
		if !down(err) {
			err = f(x.Desk)
		}
		switch {
		case err == nil || !unknown(err) && !down(err):
			return err
		case down(err):
			gone = problem.Of(err).At("gate %s", x.ID)
		case problem.Code(err) != "gate.unknown":
			misses = err
		}
	}
	return cmp.Or(misses, gone, err)
}

// An answering gate has said something, or err is why it has not.
type answering struct {
	regionDesk
	err error
}

// inTurn is how long the gates that answer are waited for, after one did, to be asked in
// their order.
const inTurn = 250 * time.Millisecond

// said gives the gates that answer, in their order, and after them those that take longer.
// An act has minutes, so one that is silent must not be asked to do it before another that
// would.
func (d desks) said(ctx context.Context) <-chan answering {
	said, came := make(chan answering, len(d)), make(chan int, len(d))
	errs := make([]error, len(d))
	if len(d) == 1 {
		said <- answering{d[0], nil}
		return said
	}
	for i, x := range d {
		go func() {
			_, errs[i] = x.CharterHead(ctx)
			came <- i
		}()
	}
	go func() {
		got := []int{<-came}
		for late := time.After(inTurn); late != nil && len(got) < len(d); {
			select {
			case i := <-came:
				got = append(got, i)
			case <-late:
				late = nil
			}
		}
		slices.Sort(got)
		for _, i := range got {
			said <- answering{d[i], errs[i]}
		}
		for range len(d) - len(got) {
			i := <-came
			said <- answering{d[i], errs[i]}
		}
	}()
	return said
}

// all asks every gate and puts the answers behind each other. One gate that is
// down hides no other's answer: it is reported beside them.
func all[T any](d desks, f func(gate.Desk) ([]T, error)) ([]T, error) {
	some := make([][]T, len(d))
	err := d.each(func(i int, g gate.Desk) (err error) {
		some[i], err = f(g)
		return err
	})
	if err != nil {
		return slices.Concat(some...), problem.Of(err)
	}
	return slices.Concat(some...), nil
}

// each asks every gate, all at once, and puts what went wrong together: a stop reaches
// the others while one is silent.
func (d desks) each(f func(i int, g gate.Desk) error) error {
	said := make([]error, len(d))
	var work sync.WaitGroup
	for i, x := range d {
		work.Go(func() { said[i] = f(i, x.Desk) })
	}
	work.Wait()
	var wrong, gone []error // what a gate answers comes first: it is not hidden by one that does not
	for i, err := range said {
		if down(err) {
			gone = append(gone, problem.Of(err).At("gate %s", d[i].ID))
		} else {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(append(wrong, gone...)...)
}

// CharterHead is that of the gate which is furthest behind, of those that answer. One
// that is down is told of beside it.
func (d desks) CharterHead(ctx context.Context) (gate.CharterHead, error) {
	heads := make([]*gate.CharterHead, len(d))
	err := d.each(func(i int, g gate.Desk) error {
		h, err := g.CharterHead(ctx)
		if err == nil {
			heads[i] = &h
		}
		return err
	})
	return behind(heads), untold(err, 0)
}

// behind is the lowest of the heads that are there.
func behind(heads []*gate.CharterHead) (low gate.CharterHead) {
	first := true
	for _, h := range heads {
		if h != nil && (first || h.Number < low.Number) {
			low, first = *h, false
		}
	}
	return low
}

// ExtendCharter gives a statement to every gate that has not got it, at once: each
// waits for its own disk. One that is down keeps it from no other: whoever is taken off
// the roster is so where it is known.
func (d desks) ExtendCharter(ctx context.Context, text []byte, signatures [][]byte) (gate.CharterHead, error) {
	st, err := grant.ParseStatement(text)
	if err != nil {
		return gate.CharterHead{}, err
	}
	heads := make([]*gate.CharterHead, len(d))
	err = d.each(func(i int, g gate.Desk) error {
		h, err := g.CharterHead(ctx)
		if err == nil && h.Number < st.Number {
			h, err = g.ExtendCharter(ctx, text, signatures)
		}
		if err == nil {
			heads[i] = &h
		}
		return err
	})
	told := 0
	for _, h := range heads {
		if h != nil {
			told++
		}
	}
	return behind(heads), untold(err, told)
}

func (d desks) Offer(ctx context.Context, o gate.Offer) (gate.Status, error) {
	g, err := grant.Parse(o.Text)
	if err != nil {
		return gate.Status{}, err
	}
	x, err := d.at(g.Gate)
	if err != nil {
		return gate.Status{}, err
	}
	return x.Offer(ctx, o)
}

func (d desks) AnnounceExport(ctx context.Context, manifest grant.Signed) (gate.Export, error) {
	m, err := grant.ParseExport(manifest.Text)
	if err != nil {
		return gate.Export{}, err
	}
	x, err := d.at(m.Gate)
	if err != nil {
		return gate.Export{}, err
	}
	return x.AnnounceExport(ctx, manifest)
}

// BringExport goes to the gate that was told of the export: asking another one
// would read the stream for nothing.
func (d desks) BringExport(ctx context.Context, export string, files io.Reader) (gate.Export, error) {
	for _, x := range d {
		list, err := x.Exports(ctx)
		if down(err) {
			continue
		}
		if err != nil {
			return gate.Export{}, err
		}
		if slices.ContainsFunc(list, func(e gate.Export) bool { return e.Export == export }) {
			return x.BringExport(ctx, export, files)
		}
	}
	return ask(ctx, d, func(g gate.Desk) (gate.Export, error) { return g.BringExport(ctx, export, files) })
}

func (d desks) Exports(ctx context.Context) ([]gate.Export, error) {
	return all(d, func(g gate.Desk) ([]gate.Export, error) { return g.Exports(ctx) })
}

func (d desks) ExportText(ctx context.Context, export string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.ExportText(ctx, export) })
}

// every tells each gate. One that does not answer is told of, and the others have it
// all the same: to tell them again changes nothing.
func every[T any](d desks, f func(gate.Desk) (T, error)) (out T, err error) {
	held := make([]*T, len(d))
	err = d.each(func(i int, g gate.Desk) error {
		h, err := f(g)
		if err == nil {
			held[i] = &h
		}
		return err
	})
	told := 0
	for _, h := range held {
		if h != nil {
			out = *h
			told++
		}
	}
	return out, untold(err, told)
}

// untold is what is said of the gates that were not told.
func untold(err error, told int) error {
	if err == nil {
		return nil
	}
	p := problem.Of(err)
	if told > 0 && down(p) {
		p = p.Fix("%d gates have it; say it again once this one answers", told)
	}
	return p
}

// either asks for what every gate has been told, of the first that answers.
func either[T any](ctx context.Context, d desks, f func(gate.Desk) (T, error)) (out T, err error) {
	looking, leave := context.WithCancel(ctx)
	defer leave()
	said := d.said(looking)
	for range d {
		x := <-said
		err = x.err
		if !down(err) {
			out, err = f(x.Desk)
		}
		if !down(err) {
			return out, err
		}
	}
	return out, err
}

// Called tells every gate: which one the grant will name is not known yet.
func (d desks) Called(ctx context.Context, s grant.Signed) (gate.HeldCall, error) {
	return every(d, func(g gate.Desk) (gate.HeldCall, error) { return g.Called(ctx, s) })
}

func (d desks) Calls(ctx context.Context, demand string) ([]gate.HeldCall, error) {
	return either(ctx, d, func(g gate.Desk) ([]gate.HeldCall, error) { return g.Calls(ctx, demand) })
}

func (d desks) CallText(ctx context.Context, call string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.CallText(ctx, call) })
}

func (d desks) Text(ctx context.Context, id string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.Text(ctx, id) })
}

func (d desks) Document(ctx context.Context, id string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.Document(ctx, id) })
}

func (d desks) Approve(ctx context.Context, id string, armored []byte) (gate.Status, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Status, error) { return g.Approve(ctx, id, armored) })
}

// Stop reaches every gate that can be reached.
func (d desks) Stop(ctx context.Context, s grant.Signed) (gate.HeldStop, error) {
	return every(d, func(g gate.Desk) (gate.HeldStop, error) { return g.Stop(ctx, s) })
}

func (d desks) InForce(ctx context.Context, s grant.Signed) (gate.Status, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Status, error) { return g.InForce(ctx, s) })
}

func (d desks) Release(ctx context.Context, id string) (gate.Outcome, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Outcome, error) { return g.Release(ctx, id) })
}

func (d desks) Keep(ctx context.Context, id string) (gate.Copy, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Copy, error) { return g.Keep(ctx, id) })
}

func (d desks) Preview(ctx context.Context, id string) (gate.Preview, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Preview, error) { return g.Preview(ctx, id) })
}

func (d desks) Copies(ctx context.Context) ([]gate.Copy, error) {
	return all(d, func(g gate.Desk) ([]gate.Copy, error) { return g.Copies(ctx) })
}

func (d desks) CopyText(ctx context.Context, id string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.CopyText(ctx, id) })
}

func (d desks) Status(ctx context.Context, id string) (gate.Status, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Status, error) { return g.Status(ctx, id) })
}

func (d desks) List(ctx context.Context) ([]gate.Status, error) {
	return all(d, func(g gate.Desk) ([]gate.Status, error) { return g.List(ctx) })
}

func (d desks) Stops(ctx context.Context) ([]gate.HeldStop, error) {
	return either(ctx, d, func(g gate.Desk) ([]gate.HeldStop, error) { return g.Stops(ctx) })
}

func (d desks) Interrupted(ctx context.Context) ([]gate.Interruption, error) {
	return all(d, func(g gate.Desk) ([]gate.Interruption, error) { return g.Interrupted(ctx) })
}

func (d desks) Stores(ctx context.Context) ([]gate.Store, error) {
	return all(d, func(g gate.Desk) ([]gate.Store, error) { return g.Stores(ctx) })
}

func (d desks) Walls(ctx context.Context) ([]gate.Wall, error) {
	return all(d, func(g gate.Desk) ([]gate.Wall, error) { return g.Walls(ctx) })
}

func (d desks) Declare(ctx context.Context, id string, s grant.Signed) (gate.Declared, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Declared, error) { return g.Declare(ctx, id, s) })
}

func (d desks) Link(ctx context.Context, id, by string) (gate.Link, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Link, error) { return g.Link(ctx, id, by) })
}

// ReportIncident goes to the gate that the statement names.
func (d desks) ReportIncident(ctx context.Context, s grant.Signed) (gate.Incident, error) {
	i, err := grant.ParseIncident(s.Text)
	if err != nil {
		return gate.Incident{}, err
	}
	x, err := d.at(i.Gate)
	if err != nil {
		return gate.Incident{}, err
	}
	return x.ReportIncident(ctx, s)
}

func (d desks) Incidents(ctx context.Context) ([]gate.Incident, error) {
	return all(d, func(g gate.Desk) ([]gate.Incident, error) { return g.Incidents(ctx) })
}

func (d desks) IncidentText(ctx context.Context, id string) ([]byte, error) {
	return ask(ctx, d, func(g gate.Desk) ([]byte, error) { return g.IncidentText(ctx, id) })
}

func (d desks) ReadIncident(ctx context.Context, s grant.Signed) (io.ReadCloser, int64, error) {
	r, err := grant.ParseListRead(s.Text)
	if err != nil {
		return nil, 0, err
	}
	x, err := d.at(r.Gate)
	if err != nil {
		return nil, 0, err
	}
	return x.ReadIncident(ctx, s)
}

// TellPassphrase goes to the gate that the text names.
func (d desks) TellPassphrase(ctx context.Context, s grant.Signed) (gate.Told, error) {
	t, err := grant.ParseTelling(s.Text)
	if err != nil {
		return gate.Told{}, err
	}
	x, err := d.at(t.Gate)
	if err != nil {
		return gate.Told{}, err
	}
	return x.TellPassphrase(ctx, s)
}

func (d desks) PassphraseReached(ctx context.Context, s grant.Signed) (gate.Status, error) {
	r, err := grant.ParseReached(s.Text)
	if err != nil {
		return gate.Status{}, err
	}
	x, err := d.at(r.Gate)
	if err != nil {
		return gate.Status{}, err
	}
	return x.PassphraseReached(ctx, s)
}

func (d desks) Stamp(ctx context.Context, id string, answer []byte) (gate.Status, error) {
	return ask(ctx, d, func(g gate.Desk) (gate.Status, error) { return g.Stamp(ctx, id, answer) })
}

type fetched struct {
	io.ReadCloser
	size int64
}

func (d desks) Fetch(ctx context.Context, id, file, by string) (io.ReadCloser, int64, error) {
	f, err := ask(ctx, d, func(g gate.Desk) (fetched, error) {
		r, size, err := g.Fetch(ctx, id, file, by)
		return fetched{r, size}, err
	})
	return f.ReadCloser, f.size, err
}
