package scope

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhatContainsSaysIsTrueOfEveryItem(t *testing.T) {
	yes := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := aScope(t, "a"), aScope(t, "b")
		if rapid.Bool().Draw(t, "related") {
			a = union(t, a, b)
			cut, left := a.Minus(aScope(t, "cut"))
			if left {
				a = cut
			}
		}
		if !a.Contains(b) {
			return
		}
		yes++
		for range 40 {
			it := anItem(t)
			if given(b.Judge(it)) && !given(a.Judge(it)) {
				t.Fatalf("%+v is %s for b and %s for a\na:\n%s\nb:\n%s", it, b.Judge(it), a.Judge(it), a.Bytes(), b.Bytes())
			}
		}
	})
	if yes < 10 {
		t.Errorf("only %d pairs were contained: the property was hardly tried", yes)
	}
}

func TestIntersectsNeverMissesASharedItem(t *testing.T) {
	shared := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := aScope(t, "a"), aScope(t, "b")
		if a.Intersects(b) != b.Intersects(a) {
			t.Fatal("it depends on the order")
		}
		for range 40 {
			it := anItem(t)
			if !given(a.Judge(it)) || !given(b.Judge(it)) {
				continue
			}
			shared++
			if !a.Intersects(b) {
				t.Fatalf("both hold %+v\na:\n%s\nb:\n%s", it, a.Bytes(), b.Bytes())
			}
		}
	})
	if shared == 0 {
		t.Error("no item was ever shared")
	}
}

func TestMinusLosesNothingAndAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := aScope(t, "a"), aScope(t, "b")
		rest, left := a.Minus(b)
		if left == rest.Empty() {
			t.Fatal("the second result contradicts the first")
		}
		back := b
		if left {
			if !a.Contains(rest) {
				t.Fatalf("adds something:\na:\n%s\nb:\n%s\nrest:\n%s", a.Bytes(), b.Bytes(), rest.Bytes())
			}
			back = union(t, rest, b)
			again, err := Parse(rest.Bytes())
			if err != nil || !again.Equal(rest) {
				t.Fatalf("the rest is not canonical: %v\n%s", err, rest.Bytes())
			}
		}
		if !back.Contains(a) {
			t.Fatalf("loses something:\na:\n%s\nb:\n%s\nrest:\n%s", a.Bytes(), b.Bytes(), rest.Bytes())
		}
		if left != !b.Contains(a) {
			t.Fatalf("nothing is left exactly where b contains a")
		}
		for range 20 {
			it := anItem(t)
			if given(a.Judge(it)) && !given(b.Judge(it)) && b.Judge(it) != Undated && !given(rest.Judge(it)) && it.ReceivedSpread+it.SentSpread == 0 {
				t.Fatalf("%+v is withheld by nobody", it)
			}
		}
	})
}

// The verdict depends on what a scope covers, not on how it is cut.
func TestCuttingASelectorInTwoChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := aSelector(t)
		cut := aSecond(t, "cut")
		if cut.Before(whole.From) || !cut.Before(whole.Until) {
			t.Skip("outside")
		}
		first, second := whole, whole
		first.Until, second.From = cut, cut.Add(time.Second)
		a, errA := New(whole)
		b, errB := New(first, second)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if !a.Contains(b) || !b.Contains(a) {
			t.Fatal("they do not contain each other")
		}
		for range 20 {
			it := anItem(t)
			if a.Judge(it) != b.Judge(it) {
				t.Fatalf("%+v: %s whole, %s in two", it, a.Judge(it), b.Judge(it))
			}
		}
	})
}

func TestAScopeContainsItselfAndTheEmptyScopeIsInEveryOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := aScope(t, "a")
		rest, left := a.Minus(a)
		if !a.Contains(a) || !a.Contains(Scope{}) || (Scope{}).Contains(a) || left || !rest.Empty() || !a.Intersects(a) || a.Intersects(Scope{}) {
			t.Fatal(string(a.Bytes()))
		}
		rest, left = a.Minus(Scope{})
		if !left || !rest.Equal(a) {
			t.Fatal("minus nothing changes it")
		}
	})
}

func TestMinusCutsNamesOutWhereTheyCanBeNamed(t *testing.T) {
	day := func(n int) time.Time { return worldStart.AddDate(0, 0, n) }
	row := func(from, until int, people, items []string) Selector {
		return Selector{Account: "acc-1", Service: Mail, Category: Content, From: day(from), Until: day(until).Add(-time.Second), Basis: Received, Participants: people, Items: items}
	}
	all := must(t, row(0, 10, []string{"a@x", "b@x", "c@x"}, nil))
	rest, _ := all.Minus(must(t, row(2, 4, []string{"b@x"}, nil)))
	want := must(t, row(0, 10, []string{"a@x", "c@x"}, nil), row(0, 2, []string{"b@x"}, nil), row(4, 10, []string{"b@x"}, nil))
	if !rest.Equal(want) {
		t.Errorf("got\n%swant\n%s", rest.Bytes(), want.Bytes())
	}
	open := must(t, row(0, 10, nil, nil))
	rest, _ = open.Minus(must(t, row(2, 4, []string{"b@x"}, nil)))
	if !rest.Equal(open) {
		t.Errorf("everything but b@x was written as\n%s", rest.Bytes())
	}
}

func TestSetOperationsOnTheLargestScopesEnd(t *testing.T) {
	var people, items []string
	for i := range MaxParticipants {
		people = append(people, fmt.Sprintf("p%02d@x", i))
	}
	for i := range MaxItems {
		items = append(items, fmt.Sprintf("i%04d", i))
	}
	var whole, half, minutes []Selector
	for i := range 64 {
		s := Selector{Account: "acc-1", Service: Mail, Category: Content, From: worldStart, Until: worldStart.AddDate(0, 0, i+1), Basis: Received, Participants: people, Items: items}
		whole = append(whole, s)
		s.Items = items[i:]
		half = append(half, s)
	}
	for i := range MaxSelectors {
		at := worldStart.Add(time.Duration(2*i) * time.Second)
		minutes = append(minutes, Selector{Account: "acc-1", Service: Mail, Category: Content, From: at, Until: at, Basis: Received})
	}
	a, b, m := must(t, whole...), must(t, half...), must(t, minutes...)
	began := time.Now()
	if !a.Contains(b) || !a.Contains(a) || !a.Intersects(b) || m.Contains(a) {
		t.Error("wrong")
	}
	b.Contains(a)
	for _, pair := range [][2]Scope{{a, b}, {b, a}, {a, m}, {m, a}} {
		rest, left := pair[0].Minus(pair[1])
		if left && (!pair[0].Contains(rest) || len(rest.Bytes()) > MaxText || len(rest.Selectors()) > MaxSelectors) {
			t.Error("a rest that cannot be written down")
		}
	}
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

func union(t *rapid.T, a, b Scope) Scope {
	u, err := Union(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func must(t testing.TB, sel ...Selector) Scope {
	t.Helper()
	s, err := New(sel...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
