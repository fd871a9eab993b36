package app

import (
	"context"
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// Onlooker is whom a link lets in that names nobody. The id has a space, which no
// id on a roster has, so whoever comes in by it reads and cannot act.
const Onlooker = "looking on"

// who is the reader of a page, with the seats that the charter's roster gives.
type who struct {
	person demand.Person
	seats  []string
}

// holds reports whether the reader can do what a seat does. Everybody on the
// roster may be an approver; whose key counts, the gate says.
func (w who) holds(seat string) bool {
	return seat == "approver" && len(w.seats) > 0 || slices.Contains(w.seats, seat)
}

// reader finds a person's seats. While there is no charter, and so no gate, a
// named person is taken at their word, as on the command line. The roster is read
// each time, so that who was taken off it acts no more.
func (o *Office) reader(id string) (who, error) {
	w := who{person: demand.Person(id)}
	c, err := o.charter()
	w.seats = o.Config.seatsOf(id)
	if problem.Code(err) == "app.no_charter" {
		if len(o.Config.Staff) == 0 && id != "" && !strings.ContainsAny(id, " \t\n") {
			w.seats = []string{"reviewer", "counsel"}
		}
		return w, nil
	}
	if err != nil {
		return w, err
	}
	if p, ok := c.PersonByID(id); ok {
		w.seats = append(w.seats, "reviewer", p.Group)
	}
	return w, nil
}

// Admit makes a link's token for a person, or for an onlooker where as is empty.
// Codes: app.roster, and those of access.Door.Issue.
func (h *House) Admit(as string) (token string, err error) {
	defer func() { h.refusedSeat(as, "admit", err) }()
	if as == "" {
		return h.Door.Issue(Onlooker)
	}
	w, err := h.reader(as)
	if err != nil {
		return "", err
	}
	if len(w.seats) == 0 {
		return "", problem.New(problem.Refused, "app.roster", "nobody of this id is on the charter's roster").At("%.64q", as).
			Fix("name a person on the roster, or nobody: then the link lets somebody in who can read and not act")
	}
	return h.Door.Issue(as)
}

// seatsOf are the seats of a member of staff who needs no key: where there is no
// charter yet, the configuration names them.
func (c Config) seatsOf(id string) []string {
	for _, s := range c.Staff {
		if s.ID == id {
			return slices.Clone(s.Seats)
		}
	}
	return nil
}

// mayReadNotes: privileged notes are counsel's, and the program's own for what it
// keeps in order. A roster that cannot be read lets nobody.
func (o *Office) mayReadNotes(ctx context.Context) bool {
	person, named := docket.Reader(ctx)
	if !named {
		return true
	}
	w, err := o.reader(string(person))
	return err == nil && w.holds("counsel")
}
