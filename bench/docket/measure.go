package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"counterseal/bench/house"
	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

func (o options) measure(ctx context.Context, h *house.House, ids []demand.ID) error {
	size, files, err := folder(o.dir)
	if err != nil {
		return err
	}
	fmt.Println("| | p50 | p99 | worst | a second |")
	fmt.Println("|---|---|---|---|---|")
	general := []string{docket.General}
	pages := []struct {
		name string
		do   func() error
	}{
		{"first page of the queue", func() error {
			items, err := h.Queue(ctx, docket.QueryArgs{Compartments: general, Limit: o.page})
			return o.full(items, err)
		}},
		{"a page from anywhere in the queue", func() error {
			from := time.Now().Add(time.Duration(mathrand.IntN(300)-30) * 24 * time.Hour)
			items, err := h.Queue(ctx, docket.QueryArgs{Compartments: general, Due: from, Limit: o.page})
			return o.full(items, err)
		}},
		{"a demand under secrecy, 7 events", func() error {
			_, err := h.State(ctx, ids[mathrand.IntN(max(o.secrecy, 1))])
			return err
		}},
		{"any demand", func() error {
			_, err := h.State(ctx, ids[mathrand.IntN(len(ids))])
			return err
		}},
	}
	for _, p := range pages {
		err := o.row(p.name, o.users, p.do)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	err = o.passes(ctx, h)
	if err != nil {
		return err
	}
	fmt.Printf("\nThe folder has %d MiB in %d files.\n", size>>20, files)
	return nil
}

// full refuses an answer that would measure nothing.
func (o options) full(items []docket.Item, err error) error {
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Problem != nil {
			return i.Problem
		}
	}
	if len(items) == 0 {
		return errors.New("the queue is empty")
	}
	return nil
}

// row lets users do something one after the other, all at once, and prints how
// long it took.
func (o options) row(name string, users int, do func() error) error {
	var all sync.WaitGroup
	times, errs := make([][]time.Duration, users), make([]error, users)
	began := time.Now()
	for who := range users {
		all.Go(func() {
			for time.Since(began) < o.each {
				if o.think > 0 { // not all in step
					time.Sleep(o.think/2 + mathrand.N(o.think))
				}
				t := time.Now()
				if errs[who] = do(); errs[who] != nil {
					return
				}
				times[who] = append(times[who], time.Since(t))
			}
		})
	}
	all.Wait()
	lasted := time.Since(began)
	err := errors.Join(errs...)
	if err != nil {
		return err
	}
	print(name, slices.Concat(times...), lasted)
	return nil
}

func print(name string, t []time.Duration, lasted time.Duration) {
	slices.Sort(t)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }
	fmt.Printf("| %s | %s | %s | %s | %.0f |\n", name, ms(t[len(t)/2]), ms(t[len(t)*99/100]), ms(t[len(t)-1]), float64(len(t))/lasted.Seconds())
}

// passes measures the clerk's passes: first those that find letters to send,
// then one that finds nothing of its own to do.
func (o options) passes(ctx context.Context, h *house.House) error {
	c, err := clerk.New(clerk.Config{Docket: h.Docket, Composer: letters{}, Notifier: letters{}, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	var busy, idle []time.Duration
	done, alarms := 0, 0
	for len(idle) < 20 && len(busy) < 20 {
		t := time.Now()
		r, err := c.Pass(ctx, time.Now())
		if err != nil {
			return err
		}
		if r.Done > 0 {
			busy, done = append(busy, time.Since(t)), done+r.Done
		} else {
			idle, alarms = append(idle, time.Since(t)), len(r.Alarms)
		}
	}
	for len(idle) < 20 { // what is due has been done or lies behind the bound of a pass
		t := time.Now()
		r, err := c.Pass(ctx, time.Now().Add(-31*24*time.Hour))
		if err != nil {
			return err
		}
		idle, alarms = append(idle, time.Since(t)), len(r.Alarms)
	}
	if len(busy) > 0 {
		print(fmt.Sprintf("a clerk's pass that sends letters (%d in all)", done), busy, sum(busy))
	}
	print(fmt.Sprintf("a clerk's pass without letters (%d alarms)", alarms), idle, sum(idle))
	return nil
}

func sum(all []time.Duration) (total time.Duration) {
	for _, t := range all {
		total += t
	}
	return total
}

// letters composes and delivers nothing.
type letters struct{}

func (letters) Compose(_ context.Context, _ docket.Case, l clerk.Letter) ([]byte, error) {
	return []byte("to the holder of " + l.Account), nil
}

func (letters) Deliver(context.Context, clerk.Letter) (bool, error) { return false, nil }

func folder(dir string) (size int64, files int, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size, files = size+info.Size(), files+1
		return nil
	})
	return size, files, err
}
