package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/gate"
	"counterseal/internal/notice"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// named is how many of what is amiss doctor names.
const namedAmiss = 3

// examineDuties says what people are late with: acts, answers, deadlines.
func (o *Office) examineDuties(ctx context.Context, h *Health) {
	due, err := o.Docket.DueDuties(ctx, o.Clock.Now(), docket.MaxPage)
	var late []string
	for _, d := range due {
		if d.Seat != string(clerk.Actor) {
			late = append(late, fmt.Sprintf("%s: %s", d.ID, d.Kind))
		}
	}
	if err == nil && len(late) > 0 {
		err = problem.New(problem.Refused, "duty.overdue", "%d duties are overdue", len(late)).At("%s", some(late)).Fix("counterseal list deadlines")
	}
	h.check("duties", "nothing is overdue", err)
}

// soon is how long before its end doctor speaks of a certificate.
const soon = 30 * 24 * time.Hour

// examineCertificates looks whether packages can be encrypted to each OpenPGP
// certificate, today and in a month: an agency needs time to send another, which
// then waits its day.
func (o *Office) examineCertificates(h *Health) {
	var amiss []string
	n := 0
	for _, a := range o.Agencies.All() {
		for _, r := range a.Recipients {
			if r.Binary == nil {
				continue
			}
			n++
			c, err := openpgp.Parse(r.Binary)
			now := o.Clock.Now()
			if err != nil || c.Usable(now) != nil || c.Usable(now.Add(soon)) != nil {
				amiss = append(amiss, a.ID+" "+r.Key)
			}
		}
	}
	if n == 0 {
		return
	}
	var err error
	if len(amiss) > 0 {
		err = problem.New(problem.Refused, "openpgp.ending", "to %s no package can be encrypted, now or within 30 days", plural(len(amiss), "certificate")).At("%s", some(amiss)).
			Fix("ask the agency for its certificate of today, put it into agencies.toml, and run counterseal gate amend")
	}
	h.check("certificates", plural(n, "OpenPGP certificate")+" in force", err)
}

func some(list []string) string {
	if len(list) <= namedAmiss {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:namedAmiss], ", ") + ", …"
}

// examineIncidents says which packages held too much and are not settled: of what left,
// until somebody has asked it back; of what was kept apart, while it lies there.
func (o *Office) examineIncidents(ctx context.Context, h *Health) {
	list, err := o.Desk().Incidents(ctx)
	var open []string
	for _, x := range list {
		done, e := o.settled(ctx, x)
		if err == nil {
			err = e
		}
		if !done {
			open = append(open, fmt.Sprintf("%s of demand %s, %s", x.Grant, x.Demand, map[gate.IncidentKind]string{gate.HadLeft: "has left", gate.KeptApart: "kept apart"}[x.Kind]))
		}
	}
	if err == nil && len(open) > 0 {
		err = problem.New(problem.Refused, "incident.open", "%s held more than was compelled", plural(len(open), "package")).At("%s", some(open)).
			Fix("of what left: counterseal production recall, then the letter; of what is kept apart: find out why, then remove its folder in the gate's quarantine/")
	}
	h.check("incidents", "no package that held too much waits for anybody", err)
	o.examineCorrections(ctx, h, list)
}

// nearEnd is how long before its end a copy is named.
const nearEnd = 14 * 24 * time.Hour

// examineCopies says which copies end soon. One whose end has come and whose key is
// still there is amiss: the journal has not confirmed the time.
func (o *Office) examineCopies(ctx context.Context, h *Health) {
	list, err := o.Desk().Copies(ctx)
	now := o.Clock.Now()
	var kept int
	var soon, due []string
	for _, c := range list {
		switch {
		case c.State == gate.CopyDue:
			due = append(due, c.Grant)
		case c.State == gate.CopyKept:
			kept++
			if c.Until.Sub(now) <= nearEnd {
				soon = append(soon, fmt.Sprintf("%s of demand %s on %s", c.Grant, c.Demand, c.Until.In(o.Zone()).Format(time.DateOnly)))
			}
		}
	}
	if err == nil && len(due) > 0 {
		err = problem.New(problem.Refused, "copy.overdue", "of %d copies the end has come and the key is still there", len(due)).At("%s", some(due)).
			Fix("see that the gate runs and that its journal answers; nothing opens them meanwhile")
	}
	says := "no copy is kept"
	if kept > 0 {
		says = fmt.Sprintf("%d kept; none ends within 14 days", kept)
	}
	if len(soon) > 0 {
		says = fmt.Sprintf("%d kept; soon to end: %s", kept, some(soon))
	}
	h.check("copies", says, err)
}

// examineUnread counts what came as a document and nobody has read. It is not
// amiss: what nobody reads in time is overdue.
func (o *Office) examineUnread(ctx context.Context, h *Health) {
	items, err := o.Docket.Queue(ctx, docket.QueryArgs{Compartments: []string{docket.General}, Statuses: []demand.Status{demand.StatusReceived}, Limit: docket.MaxPage})
	n := 0
	for _, it := range items {
		if it.View.Unread {
			n++
		}
	}
	says := "everything that came has been read"
	if n > 0 {
		says = plural(n, "document") + " that nobody has read yet: counterseal list --status received"
	}
	h.check("unread", says, err)
}

// examineSpool looks for letters of which it is not certain that they lie in the
// spool. One that is being written at this moment is among them.
func (o *Office) examineSpool(ctx context.Context, h *Health) {
	unsent, err := notice.NewSpool(o.Folder.Spool()).Unsent(ctx, o.Clock.Now())
	if err == nil && len(unsent) > 0 {
		err = problem.New(problem.Refused, "notice.unfinished", "of %d letters it is not certain whether they went", len(unsent)).At("%s", some(unsent)).
			Fix("look into the spool folder; sending again the same letter is safe")
	}
	h.check("spool", "no letter is half written", err)
}

func (o *Office) examineMail(ctx context.Context, h *Health) {
	if o.post.mail == nil {
		return
	}
	u, err := o.UnsentLetters(ctx)
	switch {
	case err != nil:
	case len(u.Unknown) > 0:
		err = problem.New(problem.Conflict, "notice.unknown", "of %d letters by mail it is not certain whether they went", len(u.Unknown)).At("%s", some(u.Unknown)).
			Fix("ask the mail server's operator by the Message-ID, then: counterseal letter resolve ID --went or --not-sent")
	case len(u.Refused) > 0:
		err = problem.New(problem.Refused, "notice.unsent", "%d letters by mail have not gone", len(u.Refused)).At("%s", some(u.Refused)).
			Fix("see why in the log, and the address; they are tried again by themselves")
	}
	h.check("mail", "every letter by mail has gone", err)
}

// people are those who are named as working here.
func (o *Office) people() map[string]bool {
	out := map[string]bool{}
	for _, m := range o.Config.Staff {
		out[m.ID] = true
	}
	if c, err := o.charter(); err == nil {
		for _, p := range c.Roster {
			out[p.ID] = true
		}
	}
	return out
}

// mapped reports whether the map of customers names anybody.
func (o *Office) mapped() bool { return len(o.Estate.Now().Accounts()) > 0 }
