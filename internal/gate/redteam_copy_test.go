package gate_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// fromCopy releases from a copy by a grant that was changed.
func fromCopy(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		_, k := s.kept(1)
		g := s.CopyGrant(2, k)
		change(s, &g)
		_, err := s.released(g)
		return err
	}
}

// keeping makes a copy by a grant that was changed.
func keeping(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		g := s.KeepGrant(1)
		change(s, &g)
		_, err := s.keep(g)
		return err
	}
}

// keptLonger keeps a copy longer by a grant that was changed.
func keptLonger(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		_, k := s.kept(1)
		g := s.LongerGrant(2, k, s.Clock.Now().Add(80*day))
		change(s, &g)
		_, err := s.keep(g)
		return err
	}
}

// meddledCopy changes the gate's folder once a release from the copy is approved.
func meddledCopy(with func(s *scene, id string) error) func(*scene) error {
	return func(s *scene) error {
		_, k := s.kept(1)
		g := s.CopyGrant(2, k)
		s.mustReady(g)
		if err := with(s, s.KeepGrant(1).Digest().String()); err != nil {
			s.t.Fatal(err)
		}
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}
}

func (s *scene) copied(id, name string) string { return filepath.Join(s.dir, "copies", id, name) }
func (s *scene) keyOf(id string) string        { return filepath.Join(s.dir, "copykeys", id) }

// flipped turns one bit of a file, so far from its end.
func flipped(path string, fromEnd int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[len(b)-1-fromEnd] ^= 1
	return os.WriteFile(path, b, 0o600)
}

// offeredOnly changes a text that the gate is offered, behind what Bytes would write.
func offeredOnly(make func(s *scene) []byte) func(*scene) error {
	return func(s *scene) error {
		_, err := s.gate.Offer(ctx, gate.Offer{Text: make(s), Document: s.Order})
		return err
	}
}

var copyAttacks = []attack{
	// Who opens a copy, and by what.
	{name: "a copy is fetched as if it were a package", code: "gate.not_released", run: func(s *scene) error {
		s.kept(1)
		_, _, err := s.gate.Fetch(ctx, "g-1", "package.tar.age", "the desk")
		return err
	}},
	{name: "a grant to keep is released", code: "gate.keeps_only", run: func(s *scene) error {
		g := s.KeepGrant(1)
		if err := errorsOf(s.offered(g), s.approved(g, "anna", "bo")); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "a grant to release is kept, by one approver", code: "gate.not_to_keep", run: func(s *scene) error { _, err := s.keep(s.Grant(1)); return err }},
	{name: "one approver opens a copy", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		_, k := s.kept(1)
		g := s.CopyGrant(2, k)
		if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-2")
		return err
	}},
	{name: "a copy is opened by a grant to keep", code: "grant.text", run: offeredOnly(func(s *scene) []byte {
		_, k := s.kept(1)
		text := gatetest.Text(s.CopyGrant(2, k))
		return bytes.Replace(text, []byte("purpose: release-from-copy"), []byte("purpose: keep"), 1)
	})},
	{name: "a copy is opened by a grant of another demand, which hides that", code: "gate.copy_other_demand", without: "copy", run: fromCopy(func(s *scene, g *grant.Grant) {
		g.Demand, g.Copy.Demand = "m2fd-10", "m2fd-10"
	})},
	{name: "a grant that makes a copy look younger", code: "gate.copy_differs", without: "copy", run: fromCopy(func(s *scene, g *grant.Grant) { g.Copy.Made = g.Copy.Made.Add(time.Hour) })},
	{name: "a copy that was never made", code: "gate.copy_missing", without: "copy", then: "gate.copy_missing", run: fromCopy(func(s *scene, g *grant.Grant) { g.Copy.Statement[0] ^= 1 })},
	{name: "more than the copy covers", code: "gate.copy_scope", without: "copy", run: fromCopy(func(s *scene, g *grant.Grant) {
		wide := gatetest.Mail("acct-a1")
		wide.Until = wide.Until.AddDate(0, 1, 0)
		g.Compelled, g.Scope = scopeOf(wide), scopeOf(wide)
	})},
	{name: "a copy after its end", code: "gate.copy_ended", without: "copy", then: "gate.copy_ended", run: func(s *scene) error {
		_, k := s.kept(1)
		s.Clock.Add(60 * day)
		_, err := s.released(s.CopyGrant(2, k))
		return err
	}},
	{name: "a copy after its end, with the clock set back", code: "gate.copy_ended", run: func(s *scene) error {
		_, k := s.kept(1)
		s.Clock.Add(60 * day)
		if err := stopBy("dan", "demand other-1")(s); err != nil { // something is on record then
			return err
		}
		s.Clock.Add(-2 * time.Second)
		_, err := s.released(s.CopyGrant(2, k))
		return err
	}},
	{name: "a copy whose end comes during the release", code: "gate.copy_ended", without: "copy", run: func(s *scene) error {
		_, k := s.kept(1)
		g := s.CopyGrant(2, k)
		s.Clock.Add(60*day - time.Minute)
		g.Issued, g.Expires = s.Clock.Now(), s.Clock.Now().Add(time.Hour)
		s.docket.before = func() { s.Clock.Add(time.Minute) }
		_, err := s.released(g)
		return err
	}},
	{name: "a copy that a person ended", code: "gate.copy_ended", without: "copy", then: "gate.stopped", run: func(s *scene) error {
		c, k := s.kept(1)
		if err := stopBy("dan", "copy "+c.Copy)(s); err != nil {
			return err
		}
		_, err := s.released(s.CopyGrant(2, k))
		return err
	}},
	{name: "a stop of the demand for which it is kept, and another opens it", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		_, k := s.kept(1)
		if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
			return err
		}
		g := s.CopyGrant(2, k)
		g.Demand = "m2fd-10"
		_, err := s.released(g)
		return err
	}},
	{name: "a stop between two items of a copy", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		_, k := s.kept(1)
		stopped := false
		s.gate.SetHook(func(kind string) {
			if kind == "collecting" && !stopped {
				stopped = true
				go func() {
					if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
						s.t.Error(err)
					}
				}()
			}
		})
		s.docket.before = func() { // at the latest
			for range 1000 {
				if stops, err := s.gate.Stops(ctx); err != nil || len(stops) == 1 {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}
		_, err := s.released(s.CopyGrant(2, k))
		return err
	}},

	// The folder.
	{name: "a bit of a copy's file is turned", code: "gate.copy_changed", without: "copy-whole", then: "gate.copy_changed", run: meddledCopy(func(s *scene, id string) error { return flipped(s.copied(id, "copy.age"), 0) })},
	{name: "a copy's file is cut", code: "gate.copy_changed", run: meddledCopy(func(s *scene, id string) error { return os.Truncate(s.copied(id, "copy.age"), 1000) })},
	{name: "a copy's file is a link to something else", code: "gate.copy_changed", run: meddledCopy(func(s *scene, id string) error {
		return errorsOf(os.Rename(s.copied(id, "copy.age"), filepath.Join(s.dir, "away")), os.Symlink(filepath.Join(s.dir, "away"), s.copied(id, "copy.age")))
	})},
	{name: "a copy is written anew for its public key", code: "gate.copy_changed", without: "copy-whole", then: "gate.copy_changed", run: meddledCopy(forged)},
	{name: "a copy's statement is exchanged", code: "gate.copy_changed", without: "copy", then: "gate.copy_changed", run: func(s *scene) error {
		_, k := s.kept(1)
		g := s.CopyGrant(2, k)
		s.mustReady(g)
		k.Until = k.Until.Add(day)
		if err := os.WriteFile(s.copied(s.KeepGrant(1).Digest().String(), "copy.txt"), must(k.Bytes()), 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.reopen()
		_, err := s.gate.Release(ctx, "g-2")
		return err
	}},
	{name: "a copy's key is changed", code: "gate.copy_changed", without: "copy-whole", then: "gate.copy_changed", run: meddledCopy(func(s *scene, id string) error { return flipped(s.keyOf(id), 0) })},
	{name: "a copy's key is gone", code: "gate.copy_changed", without: "copy-whole", then: "gate.copy_changed", run: meddledCopy(func(s *scene, id string) error { return os.Remove(s.keyOf(id)) })},
	{name: "the key of another copy lies in its place", code: "gate.copy_changed", run: func(s *scene) error {
		_, k := s.kept(1)
		s.kept(3)
		g := s.CopyGrant(2, k)
		s.mustReady(g)
		b, err := os.ReadFile(s.keyOf(s.KeepGrant(3).Digest().String()))
		if err := errorsOf(err, os.WriteFile(s.keyOf(s.KeepGrant(1).Digest().String()), b, 0o600)); err != nil {
			s.t.Fatal(err)
		}
		_, err = s.gate.Release(ctx, "g-2")
		return err
	}},
	{name: "a destroyed copy comes back from a backup of its files", code: "gate.copy_ended", run: func(s *scene) error {
		c, k := s.kept(1)
		old := s.saved()
		if err := stopBy("dan", "copy "+c.Copy)(s); err != nil {
			return err
		}
		id := s.KeepGrant(1).Digest().String()
		for _, name := range []string{filepath.Join("copies", id, "copy.age"), filepath.Join("copykeys", id)} {
			b, err := os.ReadFile(filepath.Join(old, name))
			if err := errorsOf(err, os.WriteFile(filepath.Join(s.dir, name), b, 0o600)); err != nil {
				s.t.Fatal(err)
			}
		}
		s.reopen()
		if data, keys := s.files(); data != 0 || keys != 0 {
			s.t.Errorf("after the start: data %d, keys %d", data, keys)
		}
		_, err := s.released(s.CopyGrant(2, k))
		return err
	}},
	{name: "a destroyed copy comes back with a whole folder and a keeper that lies about the counter", code: "gate.copy_ended", without: "copy-end", run: func(s *scene) error {
		c, k := s.kept(1)
		old := s.saved()
		n, _, err := s.Journal.Counter(ctx, "gate-1")
		if err != nil {
			return err
		}
		if err := stopBy("dan", "copy "+c.Copy)(s); err != nil {
			return err
		}
		s.Journal.Forget("gate-1", int(n))
		s.Journal.Refuse = errJournalDown // at the start; later it answers
		s.restored(old)
		s.Journal.Refuse = nil
		_, err = s.released(s.CopyGrant(2, k))
		return err
	}},

	// Making one, and keeping it longer.
	{name: "nobody approves a copy", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.KeepGrant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Keep(ctx, "g-1")
		return seen(s, err)
	}},
	{name: "the drafter approves a copy", code: "approval.drafter", run: func(s *scene) error {
		g := s.KeepGrant(1)
		return errorsOf(s.offered(g), s.approved(g, "emil"))
	}},
	{name: "nobody says that the request to keep stands", code: "inforce.missing", without: "in-force", run: func(s *scene) error {
		g := s.KeepGrant(1)
		if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
			return err
		}
		_, err := s.gate.Keep(ctx, "g-1")
		return seen(s, err)
	}},
	{name: "a copy for somebody whom the charter does not know", code: "grant.recipient_unknown", without: "grant: recipient", run: keepingSeen(func(_ *scene, g *grant.Grant) { g.Requester = "nobody" })},
	{name: "a copy of more than the request asks for", code: "grant.enlarged", without: "grant: contained", run: keepingSeen(func(_ *scene, g *grant.Grant) {
		wide := gatetest.Mail("acct-a1")
		wide.Until = wide.Until.AddDate(0, 1, 0)
		g.Scope = scopeOf(wide)
	})},
	{name: "a copy that is kept for a hundred days by one grant", code: "grant.keep_long", without: "grant: keeping", run: keepingSeen(func(s *scene, g *grant.Grant) { g.Until = s.Clock.Now().Add(100 * day) })},
	{name: "a copy that has ended before it is made", code: "grant.keep_over", without: "grant: keeping", then: "grant.text", run: keeping(func(s *scene, g *grant.Grant) { g.Until = s.Clock.Now().Add(-time.Hour) })},
	{name: "a copy with a recipient", code: "grant.text", run: offeredOnly(func(s *scene) []byte {
		return bytes.Replace(gatetest.Text(s.KeepGrant(1)), []byte("region: ie"), []byte("recipient: "+s.Agency.Recipient().String()+"\nregion: ie"), 1)
	})},
	{name: "a copy of more bytes than the grant allows", code: "gate.cap", run: keeping(func(_ *scene, g *grant.Grant) { g.ByteCap = 9000 })},
	{name: "a copy of a service that is not connected", code: "gate.no_source", without: "sources", run: keepingSeen(func(_ *scene, g *grant.Grant) {
		records := gatetest.Mail("acct-a1")
		records.Service, records.Category = scope.Records, scope.Subscriber
		g.Compelled = scopeOf(gatetest.Mail("acct-a1"), records)
		g.Scope = g.Compelled
	})},
	{name: "the third account of a day is only kept", code: "gate.bulk", without: "per-day", run: keepingThree},
	{name: "the sixth copy of an account in a day, under another demand each time", code: "gate.copies", without: "copies", run: keepingSix},
	{name: "the docket does not want a copy any more", code: "gate.not_permitted", without: "permitted", run: keepingSeen(func(s *scene, _ *grant.Grant) {
		s.docket.refuse = problem.New(problem.Refused, "demand.closed", "it is closed")
	})},
	{name: "a stop while a copy is made", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		s.store.Before = func(i int) error {
			if i == 3 {
				return stopBy("dan", "demand k7wq-93")(s)
			}
			return nil
		}
		return keepingSeen(func(*scene, *grant.Grant) {})(s)
	}},
	{name: "a copy by a grant that was used", code: "gate.replayed", without: "single-use", run: func(s *scene) error {
		s.kept(1)
		g := s.KeepGrant(2)
		g.Nonce = s.KeepGrant(1).Nonce
		_, err := s.keep(g)
		return seen(s, err)
	}},
	{name: "a store fails while a copy is made", code: "gate.incomplete", run: func(s *scene) error {
		s.store.Fail = gatetest.Broken()
		_, err := s.keep(s.KeepGrant(1))
		return err
	}},
	{name: "kept longer for another demand", code: "gate.copy_other_demand", without: "copy", run: longerSeen(func(_ *scene, g *grant.Grant) { g.Demand = "m2fd-10" })},
	{name: "kept longer than the policy says", code: "gate.copy_too_long", without: "copy", run: func(s *scene) error {
		p := *s.First.Policy
		p.KeepDays = 70
		if _, err := s.statement(grant.Statement{Policy: &p}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		at := func(_ *scene, g *grant.Grant) { g.Charter = s.gate.Charter().Head }
		if err := keeping(at)(s); err != nil {
			return err
		}
		k := s.statedOf(s.aCopyOf(gate.CopyKept))
		s.Clock.Add(20 * day)
		g := s.LongerGrant(2, k, s.Clock.Now().Add(60*day))
		at(s, &g)
		_, err := s.keep(g)
		return seen(s, err)
	}},
	{name: "kept longer by what would end it sooner", code: "gate.copy_until", without: "copy", then: "gate.damaged", run: keptLonger(func(s *scene, g *grant.Grant) { g.Until = s.Clock.Now().Add(59 * day) })},
	{name: "kept longer under the name of less", code: "gate.copy_scope", without: "copy", run: longerSeen(func(_ *scene, g *grant.Grant) {
		week := gatetest.Mail("acct-a1")
		week.Until = week.From.AddDate(0, 0, 7)
		g.Scope = scopeOf(week)
	})},
	{name: "an outsider ends a copy", code: "stop.not_on_roster", run: func(s *scene) error {
		c, _ := s.kept(1)
		err := stopBy("outsider", "copy "+c.Copy)(s)
		s.aCopyOf(gate.CopyKept)
		return err
	}},
	{name: "a batch approves a copy", code: "approval.batch", run: func(s *scene) error {
		g := s.KeepGrant(1)
		records := gatetest.Mail("acct-a1")
		records.Category = scope.Traffic
		g.Compelled, g.Scope = scopeOf(records), scopeOf(records)
		if err := s.offered(g); err != nil {
			return err
		}
		text := must(grant.Batch{Provider: "Lindworm Mail", Gate: "gate-1", Class: "traffic", Grants: []grant.Digest{g.Digest()}}.Bytes())
		_, err := s.gate.Approve(ctx, "g-1", append(text, s.Sign("anna", signature.Batch, text)...))
		return err
	}},
}

// seen shows what a copy that must not have been made comes to: where it was made, it
// counts as something visible, as the tables of attacks expect.
func seen(s *scene, err error) error {
	if err == nil {
		if err := os.Mkdir(filepath.Join(s.dir, "out", "a-copy"), 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	return err
}

func keepingSeen(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error { return seen(s, keeping(change)(s)) }
}

func longerSeen(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error { return seen(s, keptLonger(change)(s)) }
}

// keepingSix keeps six small copies of one account's data.
func keepingSix(s *scene) error {
	for n := range byte(gate.CopiesPerDay + 1) {
		if n == gate.CopiesPerDay {
			s.reopen()
		}
		g := s.KeepGrant(n + 1)
		g.Demand = fmt.Sprintf("k7wq-9%d", n)
		if _, err := s.keep(g); err != nil {
			return err
		}
	}
	return seen(s, nil)
}

// keepingThree keeps what three persons have, on a day of two.
func keepingThree(s *scene) error {
	for i, name := range []string{"ada", "bea", "cy"} {
		account := scope.AccountID("acct-" + string(name[0]) + string(rune('1'+i)))
		g := s.KeepGrant(byte(i + 1))
		g.Targets = []grant.Target{{Kind: "address", Stated: name + "@lindworm.example", Account: account}}
		g.Compelled = scopeOf(gatetest.Mail(account))
		g.Scope = g.Compelled
		if _, err := s.keep(g); err != nil {
			return err
		}
	}
	return seen(s, nil)
}

// forged puts another file in the place of a copy's, of the same form, counts and size,
// for the same public key: only its bytes differ. Who has the plain text of a copy can
// do that with its statement alone.
func forged(s *scene, id string) error {
	k, err := grant.ParseKept(must(os.ReadFile(s.copied(id, "copy.txt"))))
	if err != nil {
		return err
	}
	plain := must(io.ReadAll(must(age.Decrypt(bytes.NewReader(must(os.ReadFile(s.copied(id, "copy.age")))), must(s.gate.CopyKey(id))))))
	other := bytes.ReplaceAll(plain, []byte("in-acct-a1-0\n"), []byte("planted text\n"))
	var out bytes.Buffer
	sealed := must(age.Encrypt(&out, must(age.ParseX25519Recipient(k.Key))))
	if _, err := sealed.Write(other); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return err
	}
	if bytes.Equal(other, plain) || int64(out.Len()) != k.Size {
		s.t.Fatalf("nothing was forged: %d bytes, not %d", out.Len(), k.Size)
	}
	return os.WriteFile(s.copied(id, "copy.age"), out.Bytes(), 0o600)
}

// The whole copy is read before anything begins: who changed the folder costs nobody
// a grant.
func TestAChangedCopyLeavesTheGrantUnspent(t *testing.T) {
	s := newScene(t)
	if err := meddledCopy(forged)(s); problem.Code(err) != "gate.copy_changed" {
		t.Fatal(err)
	}
	if st, err := s.gate.Status(ctx, "g-2"); err != nil || st.State != gate.Offered {
		t.Errorf("%+v, %v", st, err)
	}
}
