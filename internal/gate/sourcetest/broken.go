package sourcetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
)

// Broken reads a store through a line that breaks: once for each of some places in what
// the server says, where the line is closed or reset, and breaks once more on the next;
// and once with a server that is away for a while. Each time the source must give what it
// gives on a whole line; before the server has answered anything it may give a problem
// instead, and no item. Of most places it must tell that it took the line up: between two
// answers of HTTP the standard library does, and nobody notices. address is the server's,
// and open gives a source that asks the stated one. COUNTERSEAL_FAULTS=all takes many
// more places.
func Broken(t *testing.T, address string, open func(address string) (source.Source, source.Query)) {
	l := servers.NewLine(t, address)
	whole, told, err := through(t, l, open)
	total := l.Came()
	if err != nil || told != 0 || len(whole) < 3 || total < 1000 {
		t.Fatalf("on a whole line: %d items, %d bytes, taken up %d times: %v", len(whole), total, told, err)
	}
	points := int64(12)
	if os.Getenv("COUNTERSEAL_FAULTS") == "all" {
		points = 200
	}
	taken := 0
	for i := range points {
		at := 1 + total*i/points
		l.Cut(servers.Cuts[i%2], at, at+1+i*7919%2000)
		got, told, err := through(t, l, open)
		if err != nil && told == 0 && len(got) == 0 && problem.Code(err) == "source.unreadable" && at < total/3 {
			continue
		}
		if d := cmp.Diff(whole, got); d != "" || err != nil {
			t.Fatalf("after %d of %d bytes: taken up %d times: %v, %v; %s", at, total, told, err, errors.Unwrap(err), d)
		}
		if told > 0 {
			taken++
		}
	}
	if int64(taken) < points/2 {
		t.Errorf("of %d lines that broke %d were taken up", points, taken)
	}
	l.Cut("gone once", total/2)
	got, told, err := through(t, l, open)
	if d := cmp.Diff(whole, got); d != "" || told == 0 || err != nil {
		t.Errorf("while the server was away: taken up %d times: %v; %s", told, err, d)
	}
}

// through gives what the source gives, by id or place, and how often it took the line up.
func through(t *testing.T, l *servers.Line, open func(address string) (source.Source, source.Query)) (out map[string]string, told int, err error) {
	t.Helper()
	s, q := open(l.Address())
	q.TakenUp = func(why error) {
		told++
		if why == nil {
			t.Error("a line was taken up, and nothing says why it broke")
		}
	}
	out = map[string]string{}
	err = s.Items(t.Context(), q, func(it source.Item) error {
		b, err := read(it)
		if err != nil {
			return err
		}
		if _, twice := out[it.ID]; twice {
			t.Errorf("%s was given twice", it.ID)
		}
		out[it.ID] = fmt.Sprintf("%x %d %s %s %s %v", sha256.Sum256(b), it.Size, it.Name, it.Received, it.Sent, it.Participants)
		return nil
	}, func(g source.Gap) error {
		out[g.Place] = g.Reason
		return nil
	})
	return out, told, err
}
