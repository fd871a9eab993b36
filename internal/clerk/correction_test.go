package clerk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/scope"
)

// publish puts what waits into the journal.
func (o *office) publish() {
	o.t.Helper()
	ctx, l := o.t.Context(), o.db.Ledger()
	epoch, err := l.Claim(ctx, ledger.InJournal)
	must(o.t, err)
	first, err := l.Size(ctx, ledger.InJournal)
	must(o.t, err)
	entries, err := l.Pending(ctx, ledger.InJournal, 10000)
	must(o.t, err)
	b := ledger.Batch{Log: ledger.InJournal, Epoch: epoch, First: first, Leaves: []ledger.Leaf{{Bytes: proof.JournalLeaf{TickMillis: int64(first)}.Marshal(), Key: make([]byte, 32)}}}
	for i, e := range entries {
		b.Places = append(b.Places, ledger.Place{Entry: e.ID, Sequence: first, Position: uint16(i)})
	}
	must(o.t, l.Sequence(ctx, b))
}

// left releases all that a demand asks for, once its customers may wait no longer.
func (o *office) left(id demand.ID) {
	o.t.Helper()
	o.at(o.now.Add(8 * 24 * time.Hour))
	o.do(id, "ann", demand.Assess{Packs: "packs", Facts: 1})
	o.publish()
	c, err := o.docket.State(o.t.Context(), id)
	must(o.t, err)
	part, _ := c.State.Compelled()
	o.do(id, "ann", demand.DraftGrant{Grant: "g1", Digest: demand.Digest{1}, Scope: part, Region: "iad", Recipient: "officer", Expires: o.now.Add(time.Hour)})
	o.do(id, "gate", demand.SeeApproval{Grant: "g1", Person: "ben"})
	o.publish()
	o.do(id, "gate", demand.PermitRelease{Grant: "g1", Release: demand.Digest{2}, Items: 9})
	o.do(id, "gate", demand.EndRelease{Grant: "g1", Outcome: demand.Released})
}

// exceeds is the gate's word that the package held too much of some accounts.
func (o *office) exceeds(id demand.ID, n byte, accounts ...int) {
	o.t.Helper()
	c := demand.RecordIncident{Incident: demand.Digest{n}, Grant: "g1", Kind: demand.HadLeft, Items: 9, Outside: int64(len(accounts)), List: demand.Digest{n, 1}}
	for _, a := range accounts {
		c.Beyond = append(c.Beyond, demand.Excess{Account: scope.AccountID(fmt.Sprintf("acc-%d", a)), Service: scope.Mail, Category: scope.Content, Items: 1})
	}
	o.do(id, demand.TheGate, c)
}

func (o *office) corrections(id demand.ID) (out []demand.Correction) {
	o.t.Helper()
	c, err := o.docket.State(context.Background(), id)
	must(o.t, err)
	return c.State.Corrections
}

func (o *office) pass() clerk.Report {
	o.t.Helper()
	r, err := o.clerk().Pass(context.Background(), o.now)
	must(o.t, err)
	return r
}

// Each customer who was told before hears once of each incident that concerns them.
func TestWhoWasToldBeforeIsCorrectedOncePerIncident(t *testing.T) {
	o := build(t)
	id := o.told("a", 3)
	o.pass()
	o.left(id)
	o.exceeds(id, 1, 0, 2)
	for range 3 {
		if r := o.pass(); len(failures(r)) > 0 {
			t.Fatalf("%+v", failures(r))
		}
	}
	if got := o.corrections(id); len(got) != 2 || got[0].Account == got[1].Account || len(o.post.delivered) != 5 || o.post.asked != 5 {
		t.Fatalf("%+v; %v delivered, %d asked", got, o.post.delivered, o.post.asked)
	}
	o.exceeds(id, 2, 0)
	o.pass()
	if got := o.corrections(id); len(got) != 3 || got[2].Letter == got[0].Letter || len(o.post.delivered) != 6 {
		t.Fatalf("%+v", got)
	}
	if l := o.post.letters[5]; l.Incident != (demand.Digest{2}) || l.Account != "acc-0" || l.To != demand.Holder {
		t.Fatalf("%+v", l)
	}
	must(t, o.docket.Audit(t.Context(), id))
}

// Two incidents that wait for one end are two letters.
func TestWhatWaitsForOneEndIsToldIncidentByIncident(t *testing.T) {
	o := build(t)
	read := &channels{}
	o.config.Channels, o.config.Inquiries = read, inquiries{}
	id := o.told("a", 1)
	o.pass()
	o.left(id)
	end := o.now.Add(60 * 24 * time.Hour)
	y := o.secrecy(end, id)
	o.do(y, "carl", demand.ArmNotice{End: end})
	o.exceeds(id, 1, 0)
	o.exceeds(id, 2, 0)
	for _, at := range []time.Time{o.now, end.Add(-time.Second), end} {
		o.at(at)
		o.pass()
		if got := o.corrections(id); len(got) != 0 {
			t.Fatalf("at %v, before the channels were read: %+v", at, got)
		}
	}
	read.through = end
	o.at(end.Add(6 * time.Second))
	if r := o.pass(); len(failures(r)) > 0 {
		t.Fatalf("%+v", failures(r))
	}
	if got := o.corrections(id); len(got) != 2 || got[0].Incident == got[1].Incident {
		t.Fatalf("%+v", got)
	}
}

// Secrecy that is recorded while a correction is written holds it back.
func TestSecrecyHoldsBackACorrectionThatIsBeingWritten(t *testing.T) {
	o := build(t)
	id := o.told("a", 1)
	o.pass()
	o.left(id)
	o.exceeds(id, 1, 0)
	asked := o.post.asked
	o.post.composing = func(docket.Case) { o.secrecy(o.now.Add(365*24*time.Hour), id) }
	if f := failures(o.pass()); o.post.asked != asked || len(f) != 1 || f[0].Problem.Code != "secrecy.in_force" {
		t.Fatalf("%+v", f)
	}
}

// A crash between delivery and recording sends nothing twice: neither the correction, nor
// a first letter; and what the first letter cannot have known is put right.
func TestACrashSendsNoCorrectionTwiceAndForgetsNone(t *testing.T) {
	o := build(t)
	id := o.told("a", 1)
	o.config.Docket = &crashing{Docket: o.docket}
	o.pass() // the first letter goes, and is not recorded
	o.config.Docket = o.docket
	o.secrecyBut(o.now.Add(20*24*time.Hour), []string{demand.Holder}, id) // so that the release need not wait for the record
	o.left(id)
	o.exceeds(id, 1, 0)
	o.config.Docket = &crashing{Docket: o.docket}
	o.at(o.now.Add(2 * time.Minute))
	o.pass()
	if o.notices(id) != 0 || len(o.corrections(id)) != 0 || len(o.post.delivered) != 1 {
		t.Fatalf("%d recorded, %v", o.notices(id), o.post.delivered)
	}
	o.config.Docket = o.docket
	o.at(o.now.Add(2 * time.Hour))
	o.pass() // records the first letter, of which nobody knows what it said
	o.config.Docket = &crashing{Docket: o.docket}
	o.pass() // and tells once more; the crash again
	o.config.Docket = o.docket
	o.at(o.now.Add(2 * time.Hour))
	o.pass()
	if o.notices(id) != 1 || len(o.corrections(id)) != 1 || len(o.post.delivered) != 2 {
		t.Fatalf("%d notices and %d corrections recorded, %v", o.notices(id), len(o.corrections(id)), o.post.delivered)
	}
	for letter, n := range o.post.delivered {
		if n != 1 {
			t.Errorf("%s went %d times", letter, n)
		}
	}
}

// A first letter that knew of the incident is followed by none.
func TestAFirstLetterThatSaysItIsFollowedByNoCorrection(t *testing.T) {
	o := build(t)
	id := o.walked("a", 1)
	end := o.now.Add(30 * 24 * time.Hour)
	y := o.secrecy(end, id)
	o.config.Channels, o.config.Inquiries = &channels{through: end}, inquiries{}
	o.left(id)
	o.exceeds(id, 1, 0)
	o.do(y, "carl", demand.ArmNotice{End: end})
	o.at(end)
	for range 3 {
		o.pass()
		o.at(o.now.Add(time.Minute))
	}
	if o.notices(id) != 1 || len(o.corrections(id)) != 0 {
		t.Fatalf("%d notices, %+v", o.notices(id), o.corrections(id))
	}
}
