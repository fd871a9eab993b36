package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	firstWait  = 100 * time.Millisecond
	widestWait = 5 * time.Second
	maxBreaks  = 100 // of one run: a line that breaks more often is none
)

// ErrEnded says that a server ended the line in the words of its protocol.
var ErrEnded = errors.New("the server ended the line")

// Breaks says, for one run, whether a line that broke is tried again: for as long as
// the server's patience, from when it broke until something new comes. Nobody is asked
// again who has not answered yet in this run. It is used from one goroutine at a time.
type Breaks struct {
	server *Server
	told   func(error) // of each line that was taken up, why it broke
	heard  bool
	count  int
	broke  error     // since nothing new has come
	until  time.Time // when the patience for that ends
	wait   time.Duration
}

// Breaks begins a run. told may be nil.
func (s *Server) Breaks(told func(error)) *Breaks {
	if told == nil {
		told = func(error) {}
	}
	return &Breaks{server: s, told: told}
}

// Came says that something new has come.
func (b *Breaks) Came() {
	b.heard = true
	if b.broke == nil {
		return
	}
	b.told(b.broke)
	b.broke, b.wait = nil, 0
}

// Again waits until the server may be asked again, and returns nil then. Where err does
// not say that the line broke, where there is no more patience, or where it broke too
// often, it returns err at once.
func (b *Breaks) Again(ctx context.Context, err error) error {
	if !b.heard || !broken(err) || ctx.Err() != nil {
		return err
	}
	if b.broke == nil {
		b.broke, b.until = err, time.Now().Add(b.server.Patience)
		b.count++
	}
	b.wait = min(max(2*b.wait, firstWait), widestWait)
	wait := b.wait
	if a := asked(err); a != nil {
		wait = max(wait, a.after)
	}
	if b.count > maxBreaks || time.Now().Add(wait).After(b.until) {
		return err
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return err
	case <-t.C:
		return nil
	}
}

// broken reports whether an error says that the line is gone, or the server for now.
// A server that is silent for as long as its patience is not asked again, nor one that
// is another than its certificate says.
func broken(err error) bool {
	for _, is := range [...]error{io.EOF, io.ErrUnexpectedEOF, ErrEnded, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED,
		syscall.ECONNREFUSED, syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ETIMEDOUT} {
		if errors.Is(err, is) {
			return true
		}
	}
	var name *net.DNSError
	return asked(err) != nil || errors.As(err, &name) && name.IsTemporary
}

// A busy server asks to be asked again.
type busy struct {
	status int
	after  time.Duration
}

func (b *busy) Error() string { return fmt.Sprintf("status %d", b.status) }

func asked(err error) *busy {
	var b *busy
	if errors.As(err, &b) {
		return b
	}
	return nil
}

// Status gives a status of HTTP as an error. That of a server which cannot answer now
// (RFC 9110 §15.6.3 to .5, RFC 6585 §4), or one of those further ones, is one after which
// it is asked again; not before it says so (RFC 9110 §10.2.3).
func Status(res *http.Response, further ...int) error {
	again := false
	for _, s := range append([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, further...) {
		again = again || s == res.StatusCode
	}
	if !again {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	b := &busy{status: res.StatusCode}
	after := strings.TrimSpace(res.Header.Get("Retry-After"))
	if n, err := strconv.Atoi(after); err == nil && n >= 0 {
		b.after = time.Duration(min(n, int(longest/time.Second))) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		b.after = max(time.Until(at), 0)
	}
	return b
}
