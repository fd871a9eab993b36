package gatehttp

import (
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"counterseal/internal/problem"
)

// busyFor is after how long who was refused for want of room may try again.
const busyFor = 5 * time.Second

func busy() error {
	return problem.New(problem.Unavailable, "gatehttp.busy", "too much is being sent here just now").Fix("send it again in a minute")
}

// askLater is for a refusal with busy.
func askLater(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(int(busyFor/time.Second)))
}

// Bounded holds the bodies of all requests under way below a total of bytes. Each counts
// as far as it has come, so that who announces much and sends nothing takes nothing from
// others, and up to a mebibyte: what is larger has places of its own. Where there is no
// room left, reading a body fails with gatehttp.busy: who had to wait would hold what he
// has sent. Requests to the path apart, unless "", have as much for themselves.
func Bounded(total int64, apart string, next http.Handler) http.Handler {
	var most, ofApart atomic.Int64
	most.Store(total)
	ofApart.Store(total)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &counted{ReadCloser: r.Body, answer: w, room: &most}
			if apart != "" && r.URL.Path == apart {
				b.room = &ofApart
			}
			defer b.free()
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

// counted is a body that takes room as it comes, until its request is over.
type counted struct {
	io.ReadCloser
	answer http.ResponseWriter
	room   *atomic.Int64 // bytes that are left of it
	taken  int64
	err    error
}

func (c *counted) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.ReadCloser.Read(p)
	more := min(int64(n), maxBody-c.taken)
	c.taken += more
	if c.room.Add(-more) >= 0 || more == 0 {
		return n, err
	}
	c.free()
	c.err = busy()
	askLater(c.answer)
	return 0, c.err
}

func (c *counted) free() {
	c.room.Add(c.taken)
	c.taken = 0
}
