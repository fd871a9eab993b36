package batch

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestEachJobIsServedOnceAndGroupsDoNotOverlap(t *testing.T) {
	q := Queue[int]{Fit: func(waiting []int) int { return min(len(waiting), 7) }}
	var within atomic.Int32
	var served []int // guarded by the promise itself: the race detector looks
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			mine := false
			q.Do(i, func(group []int) {
				if within.Add(1) != 1 || len(group) == 0 || len(group) > 7 {
					t.Errorf("a group of %d beside another", len(group))
				}
				served = append(served, group...)
				mine = slices.Contains(group, i)
				within.Add(-1)
				if !mine {
					t.Error("a leader's own job is not in its group")
				}
			})
		})
	}
	all.Wait()
	slices.Sort(served)
	for i, n := range served {
		if i != n {
			t.Fatalf("job %d was served twice or never", n)
		}
	}
	if len(served) != 500 {
		t.Fatalf("%d of 500 served", len(served))
	}
}

func TestWhoWaitsSharesTheNextGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue[int]
		var sizes []int
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				q.Do(i, func(group []int) {
					time.Sleep(time.Second) // a sync
					sizes = append(sizes, len(group))
				})
			})
		}
		began := time.Now()
		all.Wait()
		if !slices.Equal(sizes, []int{1, 9}) || time.Since(began) != 2*time.Second {
			t.Errorf("groups of %v in %v", sizes, time.Since(began))
		}
	})
}

func TestAPanicLetsTheOthersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue[int]
		var all sync.WaitGroup
		for i := range 3 {
			all.Go(func() {
				defer func() { _ = recover() }()
				q.Do(i, func([]int) {
					time.Sleep(time.Second)
					panic("a defect")
				})
			})
		}
		all.Wait()
		done := false
		q.Do(4, func([]int) { done = true })
		if !done {
			t.Error("nobody serves any more")
		}
	})
}
