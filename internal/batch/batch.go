// Package batch lets callers that come at the same time be served together: many
// writes, one sync.
//
// Its words. A *queue* holds the jobs that wait; who finds nobody serving leads,
// and serves a *group*: the first jobs of the queue, its own among them. When
// that group is done, the first that still waits leads the next one. Nobody
// serves more than one group, and whose job is done returns at once, without
// waiting for a lock.
//
// It imports the standard library alone.
package batch

import "sync"

// Queue is a queue of jobs. It is safe for concurrent use; the zero Queue is
// empty and takes every job of the queue into one group.
type Queue[T any] struct {
	// Fit says how many of the waiting jobs may share a group, at least 1. It is
	// called with the queue locked. nil means all.
	Fit func(waiting []T) int

	mu      sync.Mutex
	waiting []T
	turns   []chan bool // of the waiting jobs: true to lead, false when done
	serving bool
}

// Do hands a job in and returns when a call of some caller's serve, with the job
// in its group, has returned. Calls of serve never overlap. A serve that panics
// leaves the other jobs of its group as they are and lets their callers go on.
func (q *Queue[T]) Do(job T, serve func(group []T)) {
	q.mu.Lock()
	q.waiting = append(q.waiting, job)
	turn := make(chan bool, 1)
	q.turns = append(q.turns, turn)
	if q.serving {
		q.mu.Unlock()
		if lead := <-turn; !lead {
			return
		}
		q.mu.Lock()
	}
	q.serving = true
	n := len(q.waiting)
	if q.Fit != nil {
		n = min(max(q.Fit(q.waiting), 1), n)
	}
	group, turns := q.waiting[:n:n], q.turns[:n:n]
	q.waiting, q.turns = q.waiting[n:], q.turns[n:]
	q.mu.Unlock()
	defer q.next(turns)
	serve(group)
}

// next lets the callers of a group go, and the first that waits lead. A leader's
// own job is the first of its group: nobody who came before it waits any more.
func (q *Queue[T]) next(done []chan bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.serving = len(q.turns) > 0
	if q.serving {
		q.turns[0] <- true
	} else {
		q.waiting, q.turns = nil, nil
	}
	for _, turn := range done[1:] {
		turn <- false
	}
}
