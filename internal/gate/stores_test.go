package gate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

type mailbox = gatetest.Store

// divided is a store that says what it can hold, how it looks, and what its fields are.
type divided struct {
	*mailbox
	name       string
	categories []scope.Category
	probe      error
}

func (d *divided) Categories() []scope.Category { return d.categories }
func (d *divided) Store() string                { return d.name }
func (d *divided) Probe(context.Context) error  { return d.probe }
func (d *divided) Fields() (out []source.Field) {
	for _, c := range d.categories {
		out = append(out, source.Field{Store: d.name, Category: c, Name: "body", Means: "What it says.", Column: "body", Statute: "18 USC 2703(a)"})
	}
	return out
}

func TestACategoryThatNoStoreHoldsIsNotAnsweredWithNothing(t *testing.T) {
	s := newScene(t)
	s.sources = []source.Source{&divided{mailbox: gatetest.Mailbox(), name: "a", categories: []scope.Category{scope.Traffic}}}
	s.reopen()
	_, err := s.released(s.Grant(1))
	if problem.Code(err) != "gate.no_source" || !strings.Contains(problem.Of(err).Field, "content") || s.docket.asked != 0 {
		t.Fatal(err)
	}
	s.sources = append(s.sources, &divided{mailbox: gatetest.Mailbox(), name: "b", categories: []scope.Category{scope.Content}})
	s.reopen()
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
}

func TestAnAccountIsUnknownOnlyWhereNoStoreKnowsIt(t *testing.T) {
	unknown := problem.New(problem.Missing, "source.unknown_account", "not here")
	for name, c := range map[string]struct {
		fails []error
		code  string
	}{
		"in the first":           {[]error{unknown, nil}, ""},
		"in the last":            {[]error{nil, unknown}, ""},
		"in both":                {[]error{unknown, unknown}, "gate.incomplete"},
		"and another is broken":  {[]error{unknown, gatetest.Broken()}, "gate.incomplete"},
		"after one that is well": {[]error{nil, nil, gatetest.Broken()}, "gate.incomplete"},
	} {
		s := newScene(t)
		s.sources = nil
		for i, fail := range c.fails {
			st := &gatetest.Store{Of: scope.Mail, Fail: fail}
			if fail == nil {
				st = gatetest.Mailbox()
				for j := range st.Held {
					st.Held[j].ID += string(rune('a' + i))
				}
			}
			s.sources = append(s.sources, st)
		}
		s.reopen()
		out, err := s.released(s.Grant(1))
		if (c.code == "") != (err == nil) || err != nil && problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && out.Items != 4 {
			t.Errorf("%s: %d items", name, out.Items)
		}
	}
}

// That a store of traffic knows an account does not say that the store of content, which
// does not, holds nothing of it.
func TestAnAccountIsUnknownWhereNoStoreOfTheCategoryKnowsIt(t *testing.T) {
	unknown := problem.New(problem.Missing, "source.unknown_account", "not here")
	for name, c := range map[string]struct {
		categories []scope.Category // of the store that knows it
		code       string
	}{
		"another category": {[]scope.Category{scope.Traffic}, "gate.incomplete"},
		"this one too":     {[]scope.Category{scope.Traffic, scope.Content}, ""},
	} {
		s := newScene(t)
		s.sources = []source.Source{
			&divided{mailbox: &gatetest.Store{Of: scope.Mail, Fail: unknown}, name: "a", categories: []scope.Category{scope.Content}},
			&divided{mailbox: gatetest.Mailbox(), name: "b", categories: c.categories}}
		s.reopen()
		_, err := s.released(s.Grant(1))
		if problem.Code(err) != c.code || err != nil && problem.Of(err).Field != "source.unknown_account" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASilentStoreKeepsNobodyFromLookingAtTheOthers(t *testing.T) {
	s := newScene(t)
	s.cfg = func(c *gate.Config) { c.Patience = 300 * time.Millisecond }
	s.sources = nil
	for range 5 {
		s.sources = append(s.sources, &silentStore{divided{mailbox: gatetest.Mailbox(), name: "silent"}})
	}
	s.sources = append(s.sources, &divided{mailbox: gatetest.Mailbox(), name: "well"})
	s.reopen()
	begun := time.Now()
	got, err := s.gate.Stores(ctx)
	if err != nil || len(got) != 6 || got[5].Code != "" || got[0].Code == "" || time.Since(begun) > time.Second {
		t.Errorf("after %s: %+v, %v", time.Since(begun), got, err)
	}
}

type silentStore struct{ divided }

func (*silentStore) Probe(ctx context.Context) error {
	<-ctx.Done()
	return gatetest.Broken()
}

func TestEachStoreIsLookedAtAndTheOneThatIsGoneIsNamed(t *testing.T) {
	s := newScene(t)
	s.sources = []source.Source{gatetest.Mailbox(), &divided{mailbox: gatetest.Mailbox(), name: "well"}, &divided{mailbox: gatetest.Mailbox(), name: "gone", probe: gatetest.Broken()}}
	s.reopen()
	got, err := s.gate.Stores(ctx)
	want := []gate.Store{{Service: scope.Mail}, {Service: scope.Mail, Name: "well", Looked: true},
		{Service: scope.Mail, Name: "gone", Looked: true, Code: "source.unreadable", Says: "the store cannot be read"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, src := range s.sources[1:] {
		if src.(*divided).Asked() != 0 {
			t.Error("a look has read the store")
		}
	}
}
