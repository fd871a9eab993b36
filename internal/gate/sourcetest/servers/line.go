package servers

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Line is the way to a server, which can be cut after any number of the server's bytes.
type Line struct {
	t  testing.TB
	to string

	mu    sync.Mutex
	at    net.Listener
	how   string
	after []int64 // of the bytes that came since Cut
	came  int64
	open  map[net.Conn]bool
	gone  sync.WaitGroup // while nobody listens
}

// Cuts are the ways in which a line is cut. One that is cut once carries everything
// that comes later; one that is gone is so for a while, and nobody listens.
var Cuts = []string{"reset once", "closed once", "gone once", "reset for good", "closed for good", "silent for good"}

// NewLine lays a line to a server's address.
func NewLine(t testing.TB, to string) *Line {
	t.Helper()
	l := &Line{t: t, to: to, open: map[net.Conn]bool{}}
	l.listen("127.0.0.1:0")
	t.Cleanup(func() {
		l.Mend()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.at.Close()
	})
	return l
}

func (l *Line) listen(address string) {
	at, err := net.Listen("tcp", address)
	for tries := 0; err != nil && tries < 50; tries++ { // somebody's way out may have that port for a moment
		time.Sleep(100 * time.Millisecond)
		at, err = net.Listen("tcp", address)
	}
	if err != nil {
		l.t.Errorf("the line cannot be laid: %v", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = at
	go func() {
		for {
			c, err := at.Accept()
			if err != nil {
				return
			}
			go l.carry(c.(*net.TCPConn))
		}
	}()
}

// Address is where the server is reached through the line.
func (l *Line) Address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at.Addr().String()
}

// Came says how many bytes have come since the line was mended or told to be cut.
func (l *Line) Came() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.came
}

// Mend ends what is open, and has everything come through; where nobody listens, it waits
// until somebody does.
func (l *Line) Mend() {
	l.Cut("")
	l.gone.Wait()
}

// Cut ends what is open, and has the line be cut, in one of Cuts, after so many bytes:
// where more than one number is given, once after each.
func (l *Line) Cut(how string, after ...int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.how, l.after, l.came = how, after, 0
	for c := range l.open {
		c.Close()
		delete(l.open, c)
	}
}

func (l *Line) carry(near *net.TCPConn) {
	c, err := net.Dial("tcp", l.to)
	if err != nil {
		near.Close()
		return
	}
	l.mu.Lock()
	l.open[near], l.open[c] = true, true
	l.mu.Unlock()
	go func() {
		_, _ = io.Copy(c, near)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		pass, how := l.pass(n)
		_, werr := near.Write(b[:pass])
		switch {
		case how == "" && werr == nil && err == nil:
			continue
		case strings.HasPrefix(how, "silent"): // it stays open until the line is mended
			return
		case strings.HasPrefix(how, "reset"):
			_ = near.SetLinger(0)
		case strings.HasPrefix(how, "gone"):
			l.leave(300 * time.Millisecond)
		}
		near.Close()
		c.Close()
		return
	}
}

// leave ends what is open, and has nobody listen for a while.
func (l *Line) leave(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	address := l.at.Addr().String()
	l.at.Close()
	for c := range l.open {
		c.Close()
		delete(l.open, c)
	}
	l.gone.Add(1)
	time.AfterFunc(d, func() {
		defer l.gone.Done()
		l.listen(address)
	})
}

// pass says how many of n bytes come through, and how the line is cut then.
func (l *Line) pass(n int) (through int, how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.came
	l.came += int64(n)
	if len(l.after) == 0 || l.came < l.after[0] {
		return n, ""
	}
	through = int(max(l.after[0]-before, 0))
	if strings.HasSuffix(l.how, "once") {
		l.after = l.after[1:]
	}
	return through, l.how
}
