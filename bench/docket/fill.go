package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"counterseal/bench/house"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/scope"
)

// chunk is after how many demands the folder's own list of them is written. A
// run that is interrupted submits at most so many again, which changes nothing.
const chunk = 5000

// fill brings the folder up to the sizes that are asked for, and gives the ids in
// order. Those under secrecy come first, then those with letters.
func (o options) fill(ctx context.Context, h *house.House) (ids []demand.ID, err error) {
	list := filepath.Join(o.dir, "ids")
	if ids, err = readIDs(list); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(list, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	began, had := time.Now(), len(ids)
	for len(ids) < o.demands {
		more, err := o.submit(ctx, h, len(ids), min(chunk, o.demands-len(ids)))
		if err != nil {
			return nil, err
		}
		for _, id := range more {
			if _, err = fmt.Fprintln(f, id); err != nil {
				return nil, err
			}
		}
		ids = append(ids, more...)
		progress("submitted", len(ids), o.demands, had, began)
	}
	return ids[:o.demands], o.walk(ctx, h, ids)
}

func readIDs(path string) (ids []demand.ID, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if docket.ValidID(demand.ID(lines.Text())) { // the last line may be cut
			ids = append(ids, demand.ID(lines.Text()))
		}
	}
	return ids, lines.Err()
}

func (o options) submit(ctx context.Context, h *house.House, from, n int) ([]demand.ID, error) {
	ids := make([]demand.ID, n)
	return ids, o.spread(n, func(i int) error {
		a, err := h.Submit(ctx, house.Demand("filling", from+i, o.size))
		ids[i] = a.ID
		return err
	})
}

// spread does n things, several at once, until one fails.
func (o options) spread(n int, do func(i int) error) error {
	var all sync.WaitGroup
	var next, failed atomic.Int64
	errs := make([]error, o.atOnce)
	for who := range o.atOnce {
		all.Go(func() {
			for failed.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[who] = do(i); errs[who] != nil {
					failed.Store(1)
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// walk takes the first demands through what people do until the law's limits
// apply: genuine, resolved, checked, assessed, decided, and secret or not. The
// acts have fixed ids: done once, they are known.
func (o options) walk(ctx context.Context, h *house.House, ids []demand.ID) error {
	total := o.secrecy + o.letters
	path := filepath.Join(o.dir, "walked")
	walked := 0
	b, err := os.ReadFile(path)
	if err == nil {
		_, err = fmt.Sscan(string(b), &walked)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	began, had := time.Now(), walked
	for walked < total {
		n := min(chunk/5, total-walked)
		err := o.spread(n, func(i int) error { return o.decide(ctx, h, ids[walked+i], walked+i) })
		if err != nil {
			return err
		}
		walked += n
		if err = os.WriteFile(path, fmt.Append(nil, walked), 0o600); err != nil {
			return err
		}
		progress("decided", walked, total, had, began)
	}
	return nil
}

func (o options) decide(ctx context.Context, h *house.House, id demand.ID, n int) error {
	account := scope.AccountID(fmt.Sprintf("acct-%d", n))
	var resolved demand.Seq
	for i, act := range []struct {
		by demand.Person
		c  func() demand.Command
	}{
		{"ann", func() demand.Command {
			return demand.Authenticate{Genuine: true, How: "called the clerk of the court back"}
		}},
		{"ann", func() demand.Command { return demand.Resolve{Target: 1, Accounts: []scope.AccountID{account}} }},
		{"ben", func() demand.Command { return demand.Check{Target: 1, Resolution: resolved} }},
		{"ann", func() demand.Command { return demand.Assess{Packs: "packs", Facts: 1} }},
		{"ben", func() demand.Command { return demand.DecideLine{Line: 1, Decision: demand.Comply} }},
	} {
		name := sha256.Sum256(fmt.Appendf(nil, "filling %s %d", id, i))
		r, err := h.Do(ctx, docket.Act{ID: id, CommandID: [16]byte(name[:]), Actor: act.by, Seats: []string{"counsel", "reviewer"},
			Reason: "as the order says", Command: act.c()})
		if err != nil {
			return fmt.Errorf("act %d of demand %d: %w", i, n, err)
		}
		if i == 1 {
			resolved = r.Last
		}
	}
	return o.silence(ctx, h, id, n)
}

// silence puts a duty of secrecy on a demand, or says that there is none.
func (o options) silence(ctx context.Context, h *house.House, id demand.ID, n int) error {
	name := sha256.Sum256(fmt.Appendf(nil, "silencing %s", id))
	if n >= o.secrecy {
		_, err := h.Do(ctx, docket.Act{ID: id, CommandID: [16]byte(name[:]), Actor: "ben", Seats: []string{"counsel"}, Reason: "none is known", Command: demand.StateSecrecy{None: true}})
		return err
	}
	now := time.Now().UTC().Truncate(time.Hour)
	_, err := h.Open(ctx, docket.Opening{Stream: demand.SecrecyStream, CommandID: [16]byte(name[:]), Actor: "ben", Seats: []string{"counsel"}, Command: func(duty demand.ID) demand.Command {
		return demand.OpenSecrecy{ID: duty, Source: "order", Cite: "18 USC 2705(b)", Authority: "the court", Covers: []demand.Silence{{Demand: id}},
			Signed: now, Served: now, Until: now.Add(time.Duration(60+n%600) * 24 * time.Hour)}
	}})
	return err
}

// progress says on standard error how far filling is.
func progress(what string, have, want, had int, began time.Time) {
	rate := float64(have-had) / time.Since(began).Seconds()
	left := time.Duration(float64(want-have)/rate) * time.Second
	fmt.Fprintf(os.Stderr, "\r%s %d of %d, %.0f a second, %v left   ", what, have, want, rate, left.Round(time.Second))
	if have == want {
		fmt.Fprintln(os.Stderr)
	}
}
