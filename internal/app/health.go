package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Health is what an examination found.
type Health struct {
	Checks   []Check   `json:"checks"`
	Promises []Promise `json:"promises"`
}

// Check is one thing that is well or amiss now.
type Check struct {
	About string `json:"about"`
	Well  bool   `json:"well"`
	Code  string `json:"code,omitempty"`
	Says  string `json:"says"`
	Fix   string `json:"fix,omitempty"`
}

// Promise is something that this set-up can or cannot keep. Says is true as it
// stands: where the promise does not hold, it says what is so instead.
type Promise struct {
	Holds bool   `json:"holds"`
	Says  string `json:"says"`
}

// Problem is nil when nothing is amiss. Code: doctor.amiss.
func (h Health) Problem() error {
	n := 0
	for _, c := range h.Checks {
		if !c.Well {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return problem.New(problem.Refused, "doctor.amiss", "%d of %d checks failed", n, len(h.Checks)).Fix("see the lines marked ✗")
}

func (h *Health) check(about, says string, err error) {
	c := Check{About: about, Well: err == nil, Says: says}
	if p := problem.Of(err); p != nil {
		c.Code, c.Says, c.Fix = p.Code, p.Message, p.Remedy
		if p.Field != "" {
			c.Says += " (" + p.Field + ")"
		}
	}
	h.Checks = append(h.Checks, c)
}

// Examine looks at everything and changes nothing but the clock's mark.
func (o *Office) Examine(ctx context.Context) Health {
	var h Health
	h.check("folder", fmt.Sprintf("%s, provider %s", o.Folder, o.Config.Provider), nil)
	sound, err := o.Docket.Beat(ctx)
	if err == nil && !sound {
		err = problem.New(problem.Refused, "clock.unsound", "the clock has jumped; acts that depend on time wait").Fix("set the clock right")
	}
	h.check("clock", o.Clock.Now().UTC().Format(time.RFC3339), err)
	h.check("letters", "customers are told to write to "+o.Config.Notice.Contact, o.contact())
	o.examineLogs(ctx, &h)
	o.examineWitnesses(ctx, &h)
	o.examineGate(ctx, &h)
	o.examineRegister(&h)
	o.examineLaw(&h)
	o.examineDemands(ctx, &h)
	o.examineUnread(ctx, &h)
	o.examineSpool(ctx, &h)
	o.examineMail(ctx, &h)
	o.examineSignIn(ctx, &h, time.Now())
	h.Promises = append(o.promises(), o.walls(ctx)...)
	return h
}

// contact asks for what every letter states.
func (o *Office) contact() error {
	if strings.TrimSpace(o.Config.Notice.Contact) != "" {
		return nil
	}
	return problem.New(problem.Refused, "notice.no_contact", "no letter can be written: nobody said how a customer reaches you").
		Fix("write contact under [notice] in counterseal.toml")
}

func (o *Office) examineLogs(ctx context.Context, h *Health) {
	head, err := o.journal.reader.Latest(ctx)
	if problem.Code(err) == "ledger.pending" && o.logs.Load() != nil {
		h.check("journal", "not published yet; its first leaf is to come", nil)
		return
	}
	if err == nil {
		err = o.journalStands(ctx)
	}
	says := "written by another process"
	if o.logs.Load() != nil {
		says = "written by this process"
	}
	h.check("journal", fmt.Sprintf("%d leaves, %s", head.Size, says), err)
}

func (o *Office) examineGate(ctx context.Context, h *Health) {
	if o.Desk() == nil {
		_, err := o.charter()
		if problem.Code(err) == "app.no_charter" {
			h.check("gate", "none yet: letters, deadlines and registers work, and no data can leave", nil)
			return
		}
		h.check("gate", "", err)
		return
	}
	head, err := o.Desk().CharterHead(ctx)
	if err == nil {
		err = o.sameCharter(head.Head)
	}
	if err == nil {
		err = o.gateStands(ctx)
	}
	h.check("gate", fmt.Sprintf("charter statement %d of %s", head.Number, head.Provider), err)
	interrupted, err := o.Desk().Interrupted(ctx)
	if err == nil && len(interrupted) > 0 {
		err = problem.New(problem.Refused, "release.unknown", "%d releases were interrupted; of each a person records how it ended", len(interrupted)).
			Fix("counterseal gate list, then counterseal demand outcome")
	}
	h.check("releases", "none was interrupted", err)
	o.examineEmergency(ctx, h)
	o.examineIncidents(ctx, h)
	o.examineCopies(ctx, h)
	o.examinePassphrases(ctx, h)
	o.examineStamps(ctx, h)
	o.examineStores(ctx, h)
}

// examineStores asks the gate, which alone can read them, to look at each store.
func (o *Office) examineStores(ctx context.Context, h *Health) {
	stores, err := o.Desk().Stores(ctx)
	if err != nil {
		h.check("stores", "", err)
		return
	}
	if len(stores) == 0 {
		h.check("stores", "none is connected; answers are collected by hand", nil)
	}
	for _, s := range stores {
		says := fmt.Sprintf("%s %s can be read", s.Service, s.Name)
		if !s.Looked {
			says = fmt.Sprintf("%s %s was not looked at: that would read it", s.Service, s.Name)
		}
		var amiss error
		if s.Code != "" {
			amiss = problem.New(problem.Unavailable, "store.unreadable", "a store cannot be read, and nothing of it can be given").
				At("%s %s: %s: %s (%s)", s.Service, s.Name, s.Code, s.Says, s.Field).Fix("see to the store, or to its section in the gate's configuration")
		}
		h.check("store", says, amiss)
	}
}

func (o *Office) sameCharter(head string) error {
	c, err := o.charter()
	if err != nil {
		return err
	}
	if c.Head.String() != head {
		return problem.New(problem.Refused, "charter.differs", "the gate has another charter than this folder").Fix("run counterseal gate init --finish with all statements in charter/")
	}
	return nil
}

// examineDemands verifies the demands that fall due first, names the first that
// is not as it was stored, and says what is overdue.
func (o *Office) examineDemands(ctx context.Context, h *Health) {
	open, err := o.openDemands(ctx)
	for _, id := range open {
		if damage := o.demandStands(ctx, id); damage != nil && err == nil {
			err = problem.Of(damage).At("demand %s", id)
		}
	}
	h.check("demands", fmt.Sprintf("%d verified, the first that fall due", len(open)), err)
	o.examineDuties(ctx, h)
	o.examineCertificates(h)
}

// promises says plainly what this set-up keeps.
func (o *Office) promises() []Promise {
	s := o.SetUp()
	is := func(holds bool, so, otherwise string) Promise {
		if !holds {
			so = otherwise
		}
		return Promise{holds, so}
	}
	return []Promise{
		is(true, "No wildcard exists: a scope names accounts, categories and intervals", ""),
		is(len(o.people()) != 1, "More than one person works here, so that a second one can check what the first one found",
			"One person alone works here: nobody else can check what they found"),
		is(o.Desk() != nil, "There is a charter and a gate, so that data can leave", "No charter and no gate: no data can leave; letters, deadlines and registers work"),
		is(o.mapped(), "The customers' map is there, so that accounts are proposed", "No customers' map: no account is proposed, and a person looks up who is meant"),
		is(s.TwoPersons, "Two persons of two groups approve every grant, with their own keys", "No charter that asks for two persons of two groups to approve every grant"),
		is(s.StoreConnected, "A store is connected, so the gate itself judges every item", "No store is connected: answers are collected by hand, and the gate judges no item"),
		is(s.SeparateGate, "The gate runs by itself; whoever administers the office cannot read what it reads", "The gate is on the office's machine: whoever administers that can read what the gate reads"),
		o.outside(),
		o.logsNamed(),
		is(o.staffSignIn(), "Staff sign in to the pages at "+o.Config.SignIn.Page+", each with a passkey of their own. Whoever has this folder can still act under any name on the roster; approvals need each person's key", "Nobody signs in: whoever has this folder acts under any name on the roster; approvals still need each person's key"),
		is(o.Config.Demo.Clock.IsZero(), "Time is the machine's own", "Time is not the machine's own: a demo has its own clock"),
	}
}
