package docket

import (
	"context"
	"slices"
	"sync"

	"counterseal/internal/demand"
)

// readerKey carries the name of who reads.
type readerKey struct{}

// For names the person who reads and acts with ctx: they see what is General, and
// what lies in a sealed case whose member they are. Without a name it is the
// program itself that reads, which sees all.
func For(ctx context.Context, person demand.Person) context.Context {
	return context.WithValue(ctx, readerKey{}, person)
}

// Reader is who reads with ctx; false for the program itself.
func Reader(ctx context.Context) (demand.Person, bool) {
	p, named := ctx.Value(readerKey{}).(demand.Person)
	return p, named
}

// admit asks whether whoever reads may see a stream. What is not there and what
// they may not see are one answer after the same questions: where it lies, and
// whether they are a member there (invariant 16).
func (d *Docket) admit(ctx context.Context, id demand.ID) error {
	if !ValidID(id) {
		return NotFound()
	}
	compartment, found, err := d.Store.Compartment(ctx, about(id))
	if err != nil {
		return err
	}
	person, named := Reader(ctx)
	if !named {
		if !found {
			return NotFound()
		}
		return nil
	}
	if !found {
		compartment = nowhere
	}
	in, err := d.mayRead(ctx, person, demand.StreamOf(id), compartment)
	if err != nil {
		return err
	}
	if !in || !found {
		return NotFound()
	}
	return nil
}

// nowhere is the compartment of what is not there. It looks like any other, so
// that the same question is asked about it.
const nowhere = "x-2222-22"

// Asked is what the docket finds of a stream that somebody would read. Whether they
// may, who runs the docket says.
type Asked struct {
	Person demand.Person
	Stream demand.Stream
	Sealed bool // it lies in a sealed case
	Member bool // of which the person is a member
}

// mayRead finds out what there is to know, and asks.
func (d *Docket) mayRead(ctx context.Context, person demand.Person, stream demand.Stream, compartment string) (bool, error) {
	a := Asked{Person: person, Stream: stream, Sealed: compartment != General}
	if a.Sealed {
		var err error
		a.Member, err = d.belongs(ctx, person, compartment)
		if err != nil {
			return false, err
		}
	}
	return d.MayRead != nil && d.MayRead(ctx, a), nil
}

// belongs asks the index of members, and only whom it names the case itself.
func (d *Docket) belongs(ctx context.Context, person demand.Person, compartment string) (bool, error) {
	listed, err := d.Store.Member(ctx, d.memberToken(person), demand.ID(compartment))
	if err != nil || !listed {
		return false, err
	}
	return d.isMember(ctx, person, demand.ID(compartment))
}

// mayUse asks that a compartment is there and open to whoever reads.
func (d *Docket) mayUse(ctx context.Context, compartment string) error {
	if compartment == General {
		return nil
	}
	if demand.StreamOf(demand.ID(compartment)) != demand.CaseStream {
		return NotFound()
	}
	return d.admit(ctx, demand.ID(compartment))
}

// compartments are those that whoever reads may see; nil for the program, which
// sees all of those that it is asked for.
func (d *Docket) compartments(ctx context.Context, person demand.Person) ([]string, error) {
	cases, err := d.Store.Cases(ctx, d.memberToken(person))
	if err != nil {
		return nil, err
	}
	var out []string
	if d.MayRead != nil && d.MayRead(ctx, Asked{Person: person, Stream: demand.DemandStream}) {
		out = append(out, General)
	}
	for _, id := range cases {
		in, err := d.isMember(ctx, person, id)
		if err != nil {
			return nil, err
		}
		if d.MayRead != nil && d.MayRead(ctx, Asked{Person: person, Stream: demand.DemandStream, Sealed: true, Member: in}) {
			out = append(out, string(id))
		}
	}
	return out, nil
}

// Compartments lists those that whoever reads may see: for the program itself all
// of them, what is General first.
func (d *Docket) Compartments(ctx context.Context) (out []string, err error) {
	defer func() { d.refused(ctx, "compartments", "", err) }()
	if person, named := Reader(ctx); named {
		return d.compartments(ctx, person)
	}
	out = []string{General}
	for after := demand.ID(""); ; {
		cases, err := d.Store.SealedCases(ctx, after, MaxPage)
		if err != nil {
			return nil, err
		}
		for _, id := range cases {
			out, after = append(out, string(id)), id
		}
		if len(cases) < MaxPage {
			return out, nil
		}
	}
}

// members remembers who belongs to a sealed case, as its verified history says at
// one head.
type members struct {
	sync.Mutex
	of map[demand.ID]membership
}

type membership struct {
	head   Digest
	people []demand.Person
}

// isMember asks the history of the case. One that cannot be read has no members.
func (d *Docket) isMember(ctx context.Context, person demand.Person, id demand.ID) (bool, error) {
	_, head, err := d.Store.Head(ctx, id)
	if err != nil {
		return false, err
	}
	d.members.Lock()
	m, known := d.members.of[id]
	d.members.Unlock()
	if known && m.head == head {
		return slices.Contains(m.people, person), nil
	}
	o, err := d.verifiedCase(ctx, id)
	if err != nil && !unreadable(err) {
		return false, err
	}
	if err != nil {
		d.refused(ctx, "membership", id, err)
		return false, nil
	}
	m = membership{head: o.stream.Head, people: o.state.Case.Members}
	d.members.Lock()
	defer d.members.Unlock()
	if d.members.of == nil || len(d.members.of) >= maxRemembered {
		d.members.of = map[demand.ID]membership{}
	}
	d.members.of[id] = m
	return slices.Contains(m.people, person), nil
}

// maxRemembered bounds the memory of who belongs where.
const maxRemembered = 4096

func (d *Docket) verifiedCase(ctx context.Context, id demand.ID) (o *opened, err error) {
	for n := range attempts {
		if o, err = d.read(ctx, id); err != nil {
			return nil, err
		}
		if _, _, err = d.journaled(ctx, o); !isStale(err) {
			return o, err
		}
		if err = backOff(ctx, n); err != nil {
			return nil, err
		}
	}
	return nil, ErrStale
}

// memberToken is the name under which the index of members knows a person.
func (d *Docket) memberToken(person demand.Person) Digest {
	return d.index.name(place("member", []byte(person)))
}

func (d *Docket) memberTokens(s *demand.State) []Digest {
	var out []Digest
	for _, p := range s.Case.Members {
		out = append(out, d.memberToken(p))
	}
	return out
}
