package app_test

import (
	"slices"
	"strings"
	"testing"

	catalogue "counterseal/internal/act"
	"counterseal/internal/policy"
)

// permitted is who may do what, written down a second time and not read from the
// policy: l is whoever looks on, r a reviewer, c counsel, p the privacy officer.
// What has a ! is refused on a demand that is closed.
const permitted = `
GET /queue                          lrcp
GET /registers                      lrcp
GET /register/{name}                lrcp
GET /find                           lrcp
GET /demand/{id}                    lrcp
GET /contest/{id}                   lrcp
GET /secrecy/{id}                   lrcp
GET /matter/{id}                    lrcp
GET /case/{id}                      lrcp
GET /demand/{id}/law                lrcp
GET /demand/{id}/document/{digest}  lrcp
GET /demand/{id}/file/{digest}      lrcp
GET /demand/{id}/letter             lrcp
GET /demand/{id}/letter/{kind}      lrcp
POST /demand/{id}/letter/{kind}     lrcp
POST /demand/{id}                   rcp
GET /demand/{id}/link               rcp
POST /demand/{id}/link              rcp
POST /queue/drop                    rcp
GET /act/{act}                      rcp
POST /act/{act}                     rcp
GET /demand/{id}/act/{act}          rcp
POST /demand/{id}/act/{act}         rcp
GET /contest/{id}/act/{act}         rcp
POST /contest/{id}/act/{act}        rcp
GET /secrecy/{id}/act/{act}         rcp
POST /secrecy/{id}/act/{act}        rcp
GET /matter/{id}/act/{act}          rcp
POST /matter/{id}/act/{act}         rcp
GET /case/{id}/act/{act}            rcp
POST /case/{id}/act/{act}           rcp
GET /import                         c
POST /import                        c

stream.read           lrcp
notes.read            c

demand.read           rcp!
demand.ask            rcp!
line.decide           c!
demand.link           rcp
stay.record           rcp
stay.lift             c
preservation.make     rcp!
preservation.extend   rcp
preservation.end      rcp
release.ask           rcp
release.acknowledge   rcp
production.recall     c
demand.conclude       c!
demand.close          rcp
paper.add             rcp!
paper.authenticate    rcp!
service.record        rcp
party.name            rcp
callback.record       rcp
deadline.set          rcp
deadline.suspend      c
deadline.resume       c
deadline.meet         rcp
deadline.clear        c
message.keep          rcp
task.set              rcp
task.finish           rcp
cost.note             rcp
hold.place            rcp
hold.lift             c
silence.ask           rcp
matter.file           rcp
contest.open          c
contest.widen         c
contest.move          c
contest.rule          c
contest.stay          rcp
contest.lift_stay     c
contest.contempt      c
contest.filing        rcp
contest.unseal        c
contest.end           c
secrecy.open          c
secrecy.renew         rcp
secrecy.settle        c
secrecy.ease          c
secrecy.lift          c
secrecy.review        c
secrecy.arm           cp
secrecy.disarm        rcp
matter.open           rcp
case.open             c
case.seal             c
case.member           rcp
note.write            c

facts.state           rcp!
identifier.resolve    rc!
identifier.check      rc!
demand.assess         rc!
finding.answer        cp!
secrecy.none          c
mailbox.flag          rc
document.take         rcp
past.import           c
report.certificates   cp
report.publish        cp
letter.draft          rcp
letter.send           rcp
letter.resolve        rcp
link.make             rcp
grant.draft           rcp
grant.revoke          rcp
release.outcome       rcp
gate.call             rcp
gate.link             rcp
gate.declare          rcp
gate.collect          rcp
gate.in_force         rcp
gate.incident         rcp
gate.passphrase       rcp
gate.stop             rcp
`

// permits are the rows of the table.
func permits(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(permitted) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		action := strings.Join(fields[:len(fields)-1], " ")
		if out[action] != "" {
			t.Fatalf("%s stands there twice", action)
		}
		out[action] = fields[len(fields)-1]
	}
	return out
}

// may says what a row permits to seats.
func may(row string, seats []string, at policy.Resource) bool {
	if at.Sealed && !at.Member || at.Closed && strings.HasSuffix(row, "!") {
		return false
	}
	return strings.Contains(row, "l") || slices.ContainsFunc(seats, func(s string) bool { return strings.Contains(row, s[:1]) })
}

// questions is every question that can be asked: each action of the table, one that is
// not there, every set of seats, and every resource.
func questions(rows map[string]string, ask func(policy.Question)) {
	actions := []string{"demand.burn"}
	for a := range rows {
		actions = append(actions, a)
	}
	for _, a := range actions {
		for set := range 8 {
			var seats []string
			for i, s := range []string{"reviewer", "counsel", "privacy"} {
				if set&(1<<i) != 0 {
					seats = append(seats, s)
				}
			}
			for bits := range 8 {
				at := policy.Resource{Sealed: bits&1 != 0, Member: bits&3 == 3, Closed: bits&4 != 0}
				ask(policy.Question{Seats: seats, Action: a, Resource: at})
			}
		}
	}
}

// differs counts the questions that a policy answers otherwise than the table.
func differs(p *policy.Policy, rows map[string]string) (n int, example policy.Question) {
	questions(rows, func(q policy.Question) {
		if p.Decide(q).Allowed() != may(rows[q.Action], q.Seats, q.Resource) {
			n, example = n+1, q
		}
	})
	return n, example
}

func TestThePolicyIsTheTableAndEachPartOfItCounts(t *testing.T) {
	office, err := policy.Office()
	if err != nil {
		t.Fatal(err)
	}
	rows := permits(t)
	if n, q := differs(office, rows); n > 0 {
		t.Errorf("%d questions are answered otherwise than the table says, such as %+v", n, q)
	}
	for _, a := range office.Actions() {
		if rows[a] == "" {
			t.Errorf("the policy permits %s, of which the table knows nothing", a)
		}
	}
	for _, a := range catalogue.All() {
		if rows[a.Name] == "" {
			t.Errorf("the act %s has no row", a.Name)
		}
	}
	// Whatever is taken out of the policy, it is noticed.
	changed := 0
	for what, mutant := range mutants(office.Rules()) {
		p, err := policy.New(mutant...)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		changed++
		if n, _ := differs(p, rows); n == 0 {
			t.Errorf("without %s nothing changes", what)
		}
	}
	if changed < 150 {
		t.Errorf("only %d changes were tried", changed)
	}
	t.Logf("%d changes were noticed", changed)
}

// mutants are the rules without one of them, without one action or one seat of one of
// them, and with one condition taken off.
func mutants(rules []policy.Rule) map[string][]policy.Rule {
	out := map[string][]policy.Rule{}
	with := func(what string, i int, change func(*policy.Rule)) {
		all := slices.Clone(rules)
		change(&all[i])
		out[what] = tidy(all)
	}
	for i, r := range rules {
		out["the rule "+r.Name] = tidy(slices.Delete(slices.Clone(rules), i, i+1))
		for j, a := range r.Actions {
			if len(r.Actions) > 1 {
				with(a+" in "+r.Name, i, func(m *policy.Rule) { m.Actions = slices.Delete(slices.Clone(m.Actions), j, j+1) })
			}
		}
		for j, s := range r.Seats {
			with(s+" in "+r.Name, i, func(m *policy.Rule) { m.Seats = slices.Delete(slices.Clone(m.Seats), j, j+1) })
		}
		if len(r.Seats) > 0 {
			with("the seats of "+r.Name, i, func(m *policy.Rule) { m.Seats = nil })
		}
		if r.Sealed {
			with("the condition of "+r.Name, i, func(m *policy.Rule) { m.Sealed = false })
		}
		if r.Closed {
			with("the condition of "+r.Name, i, func(m *policy.Rule) { m.Closed = false })
		}
	}
	return out
}

// tidy takes out of what is forbidden what nobody is permitted any more.
func tidy(rules []policy.Rule) []policy.Rule {
	permitted := map[string]bool{"*": true}
	for _, r := range rules {
		for _, a := range r.Actions {
			permitted[a] = permitted[a] || r.Effect == policy.Permit
		}
	}
	for i := range rules {
		if rules[i].Effect == policy.Forbid {
			rules[i].Actions = slices.DeleteFunc(slices.Clone(rules[i].Actions), func(a string) bool { return !permitted[a] })
		}
	}
	return slices.DeleteFunc(rules, func(r policy.Rule) bool { return len(r.Actions) == 0 })
}
