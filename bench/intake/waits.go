package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"counterseal/bench/house"
	"counterseal/internal/docket"
)

// waits adds up how long submitters wait for each thing that they wait for.
type waits struct{ key, originals, look, store wait }

type wait struct{ total, calls atomic.Int64 }

func (w *wait) since(t time.Time) {
	w.total.Add(int64(time.Since(t)))
	w.calls.Add(1)
}

func (w *waits) around() house.Around {
	return house.Around{
		Store:     func(s docket.Store) docket.Store { return timedStore{s, w} },
		Keys:      func(k docket.Keys) docket.Keys { return timedKeys{k, w} },
		Originals: func(o docket.Originals) docket.Originals { return timedOriginals{o, w} },
	}
}

func (w *waits) report(demands int) {
	for _, each := range []struct {
		name string
		*wait
	}{{"a key", &w.key}, {"document and form", &w.originals}, {"looking for what is known", &w.look}, {"the transaction", &w.store}} {
		fmt.Printf("- %s: %.1f ms\n", each.name, float64(each.total.Load())/1e6/float64(demands))
	}
}

type timedStore struct {
	docket.Store
	w *waits
}

func (s timedStore) Update(ctx context.Context, do func(context.Context, docket.Tx) error) error {
	defer s.w.store.since(time.Now())
	return s.Store.Update(ctx, do)
}

func (s timedStore) Done(ctx context.Context, token docket.Digest) (docket.Mark, bool, error) {
	defer s.w.look.since(time.Now())
	return s.Store.Done(ctx, token)
}

func (s timedStore) Clock(ctx context.Context) (docket.ClockMark, bool, error) {
	defer s.w.look.since(time.Now())
	return s.Store.Clock(ctx)
}

type timedKeys struct {
	docket.Keys
	w *waits
}

func (k timedKeys) Create(ctx context.Context, id string) error {
	defer k.w.key.since(time.Now())
	return k.Keys.Create(ctx, id)
}

type timedOriginals struct {
	docket.Originals
	w *waits
}

func (o timedOriginals) Put(ctx context.Context, b []byte) ([32]byte, error) {
	defer o.w.originals.since(time.Now())
	return o.Originals.Put(ctx, b)
}
