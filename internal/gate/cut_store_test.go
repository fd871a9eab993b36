package gate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

// newFarScene is a gate over a store, of which a release is about to begin.
func newFarScene(t *testing.T, f *far, src source.Source) *scene {
	t.Helper()
	s := &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), docket: &docket{}, log: &logged{}, sources: []source.Source{src}}
	allServices(s.World)
	s.open()
	s.charter()
	s.mustReady(f.asked(s.Grant(1)))
	return s
}

// halfway has something happen when the store gives an item, or while the item is read.
type halfway struct {
	source.Source
	at     int
	inside bool
	happen func()
}

func (h *halfway) Items(c context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	n := 0
	return h.Source.Items(c, q, func(it source.Item) error {
		if n++; n == h.at && !h.inside {
			h.happen()
		}
		if open := it.Open; n == h.at && h.inside {
			it.Open = func() (io.ReadCloser, error) {
				r, err := open()
				if err == nil {
					r = &interrupted{r, h.happen}
				}
				return r, err
			}
		}
		return item(it)
	}, gap)
}

type interrupted struct {
	io.ReadCloser
	happen func()
}

func (r *interrupted) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p[:min(len(p), 100)])
	if r.happen != nil {
		r.happen()
		r.happen = nil
	}
	return n, err
}

// dies is what can become of what serves the store, and how it serves again.
func (f *far) dies(what string) (happen, mend func()) {
	if f.server == nil {
		to := map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": syscall.SIGSTOP}[what]
		return func() {
			for _, pid := range servers.Running(f.Argv[0]) {
				_ = syscall.Kill(pid, to)
			}
		}, func() {}
	}
	if what == "killed" {
		return f.server.Kill, f.restart
	}
	return f.server.Freeze, f.server.Thaw
}

// A server that is killed, or hangs, at any item or within one: the store counts as not
// read to its end, unless the gate had all of it already; and when the server serves
// again, so does the gate.
func TestAServerThatDiesOrHangsHalfWayIsNeverAShorterPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes minutes under the race detector")
	}
	for name, make := range fars {
		if !served(name) && name != "program" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			f := make(t)
			if f.swell != nil {
				f.swell()
			}
			want := f.holds(t, storeAt(t, f.state(), patient))
			rounds, outcomes := 0, map[string]int{}
			places := howMany(1, 20)
			for at := range pick(places, f.planted) {
				for _, what := range []string{"killed", "frozen"} {
					for _, inside := range []bool{false, true} {
						if places == 1 && inside != (what == "killed") {
							continue // each once
						}
						happen, mend := f.dies(what)
						s := newFarScene(t, f, &halfway{storeAt(t, f.state(), impatient), at, inside, happen})
						_, err := s.gate.Release(ctx, "g-1")
						mend()
						s.gate.Close()
						s.sources = []source.Source{storeAt(t, f.state(), patient)}
						s.open()
						outcomes[what+": "+s.holdsFar(f, want, err == nil, true)]++
						rounds++
						s.gate.Close()
						if t.Failed() {
							t.Fatalf("%s at %d, inside %v: %v", what, at, inside, err)
						}
					}
				}
			}
			t.Logf("%d rounds: %v", rounds, outcomes)
		})
	}
}

// pick gives n of the numbers from 1 to most, spread over all of them; one is in the middle.
func pick(n, most int) func(func(int) bool) {
	return func(yield func(int) bool) {
		n := min(n, most)
		for i := range n {
			if !yield((2*i+1)*(most-1)/(2*n) + 1) {
				return
			}
		}
	}
}

// through is the store by way of a line.
func (f *far) through(t *testing.T, l *servers.Line, patience time.Duration) source.Source {
	t.Helper()
	p := f.place
	p.Address = l.Address()
	was, wasPort, err := net.SplitHostPort(f.Address)
	host, port, lerr := net.SplitHostPort(p.Address)
	if err := errors.Join(err, lerr); err != nil {
		t.Fatal(err)
	}
	p.Connection = strings.Replace(p.Connection, fmt.Sprintf("host=%s port=%s ", was, wasPort), fmt.Sprintf("host=%s port=%s ", host, port), 1)
	src, err := p.open(patience)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// tookUp holds that a release came to its end over a line that broke, and that log and
// custody say so. Between two answers of HTTP the standard library takes it up, and
// nobody notices.
func (s *scene) tookUp(f *far, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("the line broke for a moment: %v, %v", err, errors.Unwrap(err))
	}
	logged, told := strings.Contains(s.log.all(), "broke and was taken up"), strings.Contains(s.inBag(evidence.CustodyName), "taken up")
	if logged != told || !told && f.service == scope.Mail {
		s.t.Errorf("in the log %v, in the custody %v", logged, told)
	}
}

// The line to a server breaks after any number of bytes: the package is whole, or says
// what is missing, or there is none. Where the store can be asked again, it is whole
// unless the line stays broken.
func TestALineToAStoreThatBreaksIsNeverAShorterPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes minutes under the race detector")
	}
	for name, make := range fars {
		if !served(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			f := make(t)
			l := servers.NewLine(t, f.Address)
			want := f.holds(t, f.through(t, l, patient))
			whole := l.Came()
			rounds := int64(howMany(len(servers.Cuts), 500))
			outcomes := map[string]int{}
			for i := range rounds {
				how, after := servers.Cuts[i%int64(len(servers.Cuts))], whole*(i+1)/(rounds+1)
				s := newFarScene(t, f, f.through(t, l, impatient))
				l.Cut(how, after)
				_, err := s.gate.Release(ctx, "g-1")
				l.Mend()
				s.gate.Close()
				if f.again && strings.HasSuffix(how, "once") && after > whole/8 {
					s.tookUp(f, err)
				}
				s.sources = []source.Source{f.through(t, l, patient)}
				s.open()
				outcomes[how+": "+s.holdsFar(f, want, err == nil, true)]++
				s.gate.Close()
				if t.Failed() {
					t.Fatalf("%s after %d of %d bytes: %v", how, after, whole, err)
				}
			}
			t.Logf("%d rounds over %d bytes: %v", rounds, whole, outcomes)
		})
	}
}
