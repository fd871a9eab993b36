package app

import (
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// Onlooker is whom a link lets in that names nobody. The id has a space, which no
// id on a roster has, so whoever comes in by it reads and cannot act.
const Onlooker = "looking on"

// who is the reader of a page, with the seats that the charter's roster gives.
type who struct {
	person demand.Person
	seats  []string
	policy *policy.Policy
}

// reader finds a person's seats. While there is no charter, and so no gate, a
// named person is taken at their word, as on the command line. The roster is read
// each time, so that who was taken off it acts no more.
func (o *Office) reader(id string) (who, error) {
	w := who{person: demand.Person(id), policy: o.policy}
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
	if w.may("link.make", policy.Resource{}) != nil {
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
