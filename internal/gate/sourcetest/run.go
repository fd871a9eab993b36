package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Run holds a source to its contract.
func Run(t *testing.T, f Fixture) {
	t.Run("gives every message of the account, exactly as stored", f.exact)
	t.Run("attributes each message to its own account", f.attributed)
	t.Run("ids are unique and stay the same", f.ids)
	t.Run("the query narrows nothing that could matter", f.narrow)
	t.Run("an account without messages is empty, one that is not stated is not", f.empty)
	t.Run("writes nothing", f.readOnly)
	t.Run("an unreadable part is an error, also when only the last is", f.damaged)
	t.Run("a link out of the store is refused", f.linked)
	t.Run("a store that changes while it is read is an error", f.touched)
	t.Run("a callback's error stops it and comes back", f.stopped)
	t.Run("cancelling stops it", f.cancelled)
	t.Run("bytes cannot be had after the callback", f.closed)
	t.Run("memory does not grow with the store", f.memory)
}

// A given is an item with its bytes.
type given struct {
	source.Item
	bytes []byte
}

func (f Fixture) collect(t *testing.T, s source.Source, q source.Query) ([]given, []source.Gap, error) {
	t.Helper()
	var items []given
	var gaps []source.Gap
	err := s.Items(t.Context(), q, func(it source.Item) error {
		if f.aside(it) {
			return nil
		}
		b, err := read(it)
		if err != nil {
			return err
		}
		items = append(items, given{it, b})
		return nil
	}, func(g source.Gap) error {
		gaps = append(gaps, g)
		return nil
	})
	return items, gaps, err
}

// aside reports whether an item is of another category than what was planted.
func (f Fixture) aside(it source.Item) bool { return f.Category != "" && it.Category != f.Category }

func read(it source.Item) ([]byte, error) {
	r, err := it.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// own keeps the items of an account: a source may over-deliver.
func own(items []given, account scope.AccountID) []given {
	return slices.DeleteFunc(slices.Clone(items), func(g given) bool { return g.Account != account })
}

func (f Fixture) exact(t *testing.T) {
	all := f.mixed(40)
	all = append(all,
		f.plant(40, Alice, nil),
		f.plant(41, Alice, []byte("\n\n\nempty lines around\n")),
		f.plant(42, Alice, append(bytes.Repeat([]byte{0, 0xff, 'x', '\t'}, 1000), '\n')),
		f.plant(43, Alice, append(bytes.Repeat([]byte("a line of five million bytes "), 180_000), '\n')),
		f.plant(44, Alice, []byte("after the large one\n")),
	)
	s := f.Lay(t, t.TempDir(), all)
	items, gaps, err := f.collect(t, s, everything(Alice))
	if err != nil || len(gaps) > 0 {
		t.Fatalf("error %v, gaps %v", err, gaps)
	}
	got, want := own(items, Alice), of(Alice, all)
	if len(got) != len(want) {
		t.Fatalf("%d items, want %d", len(got), len(want))
	}
	for i, g := range got {
		compare(t, g, want[i], s.Service())
	}
}

func compare(t *testing.T, g given, want Planted, service scope.Service) {
	t.Helper()
	if !bytes.Equal(g.bytes, want.Bytes) {
		t.Errorf("item %s: %d bytes differ from the %d stored", g.ID, len(g.bytes), len(want.Bytes))
	}
	if g.Account != want.Account || g.Service != service || !slices.Contains(scope.Categories, g.Category) {
		t.Errorf("item %s is of %s, %s, %s", g.ID, g.Account, g.Service, g.Category)
	}
	if !g.Received.Equal(want.Received) || g.ReceivedSpread != 0 {
		t.Errorf("item %s received %v (spread %v), want %v", g.ID, g.Received, g.ReceivedSpread, want.Received)
	}
	for _, p := range want.Participants {
		if !slices.Contains(g.Participants, p) {
			t.Errorf("item %s lacks the participant %s: %v", g.ID, p, g.Participants)
		}
	}
	if len(g.Filename) == 0 || len(g.Filename) > 120 || strings.ContainsFunc(g.Filename, unplain) || g.Filename[0] == '.' {
		t.Errorf("filename %q is not plain", g.Filename)
	}
}

func unplain(r rune) bool { return r <= ' ' || r > '~' || r == '/' || r == '\\' || r == ':' }

func (f Fixture) attributed(t *testing.T) {
	all := f.mixed(30)
	s := f.Lay(t, t.TempDir(), all)
	for _, account := range []scope.AccountID{Alice, Bob} {
		items, _, err := f.collect(t, s, everything(account))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, g := range items {
			i := slices.IndexFunc(all, func(p Planted) bool { return bytes.Equal(p.Bytes, g.bytes) })
			if i < 0 || all[i].Account != g.Account {
				t.Errorf("asked for %s: an item says %s, but message %d is another's", account, g.Account, i)
			}
			if g.Account == account {
				found++
			}
		}
		if want := len(of(account, all)); found != want {
			t.Errorf("%s: %d of %d", account, found, want)
		}
	}
}

func (f Fixture) ids(t *testing.T) {
	all := f.mixed(9)
	all = append(all, all[3], all[3]) // the same message, three times
	s := f.Lay(t, t.TempDir(), all)
	var runs [2][]string
	for i := range runs {
		items, _, err := f.collect(t, s, everything(Alice))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range own(items, Alice) {
			if slices.Contains(runs[i], g.ID) {
				t.Errorf("id %s twice", g.ID)
			}
			runs[i] = append(runs[i], g.ID)
			_, err := scope.New(scope.Selector{Account: Alice, Service: s.Service(), Category: scope.Content,
				From: Start, Until: Start, Basis: scope.Received, Items: []string{g.ID}})
			if err != nil {
				t.Errorf("no scope can name id %q: %v", g.ID, err)
			}
		}
	}
	if !slices.Equal(runs[0], runs[1]) || len(runs[0]) != len(of(Alice, all)) {
		t.Errorf("ids %v, then %v", runs[0], runs[1])
	}
}

func (f Fixture) narrow(t *testing.T) {
	all := f.mixed(60)
	s := f.Lay(t, t.TempDir(), all)
	q := source.Query{Account: Alice, From: all[10].Received, Until: all[30].Received}
	items, _, err := f.collect(t, s, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range of(Alice, all) {
		inside := !p.Received.Before(q.From) && !p.Received.After(q.Until)
		if inside && !slices.ContainsFunc(items, func(g given) bool { return bytes.Equal(g.bytes, p.Bytes) }) {
			t.Errorf("the message of %v is missing", p.Received)
		}
	}
}

func (f Fixture) empty(t *testing.T) {
	all := f.mixed(6)
	s := f.Lay(t, t.TempDir(), of(Alice, all))
	items, gaps, err := f.collect(t, s, source.Query{Account: Alice, From: Start.AddDate(1, 0, 0), Until: Start.AddDate(2, 0, 0)})
	if err != nil || len(gaps) > 0 {
		t.Fatalf("nothing in the interval: error %v, gaps %v", err, gaps)
	}
	for _, g := range items {
		if g.Received.After(Start.AddDate(1, 0, 0)) {
			t.Errorf("an item of %v, which nobody planted", g.Received)
		}
	}
	items, _, err = f.collect(t, s, everything("acc-nobody-9"))
	if len(own(items, "acc-nobody-9")) > 0 {
		t.Error("items of an account that has none")
	}
	if err != nil && problem.Code(err) != "source.unknown_account" {
		t.Errorf("an account that is not stated: %v", err)
	}
}

func (f Fixture) stopped(t *testing.T) {
	s := f.Lay(t, t.TempDir(), f.mixed(30))
	mine := errors.New("the gate says stop")
	for _, last := range []int{1, 5} {
		calls := 0
		err := s.Items(t.Context(), everything(Alice), func(source.Item) error {
			calls++
			if calls == last {
				return mine
			}
			return nil
		}, func(source.Gap) error { return nil })
		if !errors.Is(err, mine) || calls != last {
			t.Errorf("stopped at %d: error %v after %d calls", last, err, calls)
		}
	}
}

func (f Fixture) cancelled(t *testing.T) {
	s := f.Lay(t, t.TempDir(), f.mixed(3000))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	var at time.Time
	err := s.Items(ctx, everything(Alice), func(source.Item) error {
		calls++
		if calls == 3 {
			cancel()
			at = time.Now()
		}
		return nil
	}, func(source.Gap) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if calls > 3+100 || time.Since(at) > 2*time.Second {
		t.Errorf("%d items and %v after cancelling", calls-3, time.Since(at))
	}
	err = s.Items(ctx, everything(Alice), func(source.Item) error { return nil }, func(source.Gap) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before the start: %v", err)
	}
}

func (f Fixture) closed(t *testing.T) {
	s := f.Lay(t, t.TempDir(), f.mixed(5))
	var first source.Item
	var r io.ReadCloser
	err := s.Items(t.Context(), everything(Alice), func(it source.Item) error {
		if first.Open != nil {
			return nil
		}
		first = it
		var err error
		r, err = it.Open()
		return err
	}, func(source.Gap) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Open()
	if err == nil {
		t.Error("Open after the callback gives no error")
	}
	n, err := r.Read(make([]byte, 10))
	if err == nil || err == io.EOF || n > 0 {
		t.Errorf("Read after the callback gives %d bytes and %v", n, err)
	}
}
