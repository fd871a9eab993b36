package docket_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

// BenchmarkIntake measures durable intake: original, key, events, duties, outbox
// and receipt on disk. ns/op is for one demand.
func BenchmarkIntake(b *testing.B) {
	for _, givers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("givers=%d", givers), func(b *testing.B) {
			h := build(b)
			var n atomic.Int64
			b.SetParallelism((givers + 1) / 2) // times GOMAXPROCS, 2 where this was measured
			b.ReportAllocs()
			if givers == 1 {
				for b.Loop() {
					h.submit(fmt.Sprint(n.Add(1)))
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "demands/s")
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := h.Submit(context.Background(), submission(fmt.Sprint(n.Add(1)))); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "demands/s")
		})
	}
}

// BenchmarkState opens and verifies a demand of 14 events.
func BenchmarkState(b *testing.B) {
	h := build(b)
	a := h.submit("one")
	h.ready(a.ID)
	for b.Loop() {
		h.state(a.ID)
	}
}

// BenchmarkDo appends one event to a demand of its own each time.
func BenchmarkDo(b *testing.B) {
	h := build(b)
	var ids []demand.ID
	for i := range 200 {
		ids = append(ids, h.submit(fmt.Sprint(i)).ID)
	}
	n := 0
	for b.Loop() {
		h.do(ids[n%len(ids)], "ann", demand.StateFacts{Facts: []byte{1, 0}})
		n++
	}
}

// BenchmarkQueue gives a page of 50.
func BenchmarkQueue(b *testing.B) {
	h := build(b)
	for i := range 300 {
		h.submit(fmt.Sprint(i))
	}
	for b.Loop() {
		items, err := h.Queue(context.Background(), docket.QueryArgs{Compartments: []string{docket.General}, Limit: 50})
		if err != nil || len(items) != 50 {
			b.Fatal(len(items), err)
		}
	}
}
