package gate_test

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// attack is an attempt to make something leave that must not. It must be refused
// with its code, one log line and nothing visible; and, with the check named in
// without taken out, it must succeed (or meet the next layer, then), so that the
// test shows that this check and no accident refuses it.
type attack struct {
	name    string
	code    string
	without string
	then    string
	visible int // packages that are visible for other reasons
	config  func(*gate.Config)
	run     func(s *scene) error
}

// variant releases a grant that was changed.
func variant(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		g := s.Grant(1)
		change(s, &g)
		_, err := s.released(g)
		return err
	}
}

func scopeOf(s ...scope.Selector) scope.Scope {
	sc, err := scope.New(s...)
	if err != nil {
		panic(err)
	}
	return sc
}

// aimed makes a grant collect one account's mail under a stated address.
func aimed(stated string, account scope.AccountID) func(s *scene) error {
	return variant(func(_ *scene, g *grant.Grant) {
		g.Targets = []grant.Target{{Kind: "address", Stated: stated, Account: account}}
		g.Compelled, g.Scope = scopeOf(gatetest.Mail(account)), scopeOf(gatetest.Mail(account))
	})
}

// then releases what was made ready, after something happened.
func after(happen func(s *scene, g grant.Grant) error) func(*scene) error {
	return func(s *scene) error {
		g := s.Grant(1)
		s.mustReady(g)
		if err := happen(s, g); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}
}

// during releases while something happens before the fourth item.
func during(happen func(s *scene) error) func(*scene) error {
	return func(s *scene) error {
		s.store.Before = func(i int) error {
			if i == 3 {
				return happen(s)
			}
			return nil
		}
		_, err := s.released(s.Grant(1))
		return err
	}
}

func stopBy(person, reach string) func(*scene) error {
	return func(s *scene) error {
		_, err := s.gate.Stop(ctx, s.Stop(person, reach))
		return err
	}
}

// with approves by these keys over this text.
func (s *scene) planted(g grant.Grant, name string, sig []byte) {
	path := filepath.Join(s.dir, "offers", g.Digest().String(), name)
	if err := os.WriteFile(path, sig, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func signWith(k ssh.Signer, text []byte) []byte {
	sig, err := signature.Sign(k, signature.Grant, text)
	if err != nil {
		panic(err)
	}
	return sig
}

// statement extends the charter; the next grant names it.
func (s *scene) statement(st grant.Statement, persons ...string) ([]byte, error) {
	text, sigs := s.Next(st, s.gate.Charter(), persons...)
	_, err := s.gate.ExtendCharter(ctx, text, sigs)
	return text, err
}

var attacks = []attack{
	// Who approves.
	{name: "one approver", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna"); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "one person with two keys", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		for _, k := range []ssh.Signer{s.Keys["anna"], s.Second} {
			if _, err := s.gate.Approve(ctx, "g-1", signWith(k, gatetest.Text(g))); err != nil {
				return err
			}
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "two of one group", code: "grant.groups_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna", "carla"); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "the drafter approves", code: "approval.drafter", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		return s.approved(g, "bo", "emil")
	}},
	{name: "an outsider approves", code: "approval.not_on_roster", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		return s.approved(g, "bo", "outsider")
	}},
	{name: "the drafter's and an outsider's approvals are planted in the folder", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna"); err != nil {
			return err
		}
		s.planted(g, "1.sig", signWith(s.Keys["emil"], gatetest.Text(g)))
		s.planted(g, "2.sig", signWith(s.Keys["outsider"], gatetest.Text(g)))
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "an approval of a narrower text", code: "signature.wrong", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		narrow := gatetest.Mail("acct-a1")
		narrow.Until = narrow.From.AddDate(0, 0, 7)
		small := g
		small.Scope = scopeOf(narrow)
		_, err := s.gate.Approve(ctx, "g-1", signWith(s.Keys["bo"], gatetest.Text(small)))
		return err
	}},
	{name: "approvals of a narrower text are planted", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.Grant(1)
		small := g
		small.ByteCap--
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna"); err != nil {
			return err
		}
		s.planted(g, "1.sig", signWith(s.Keys["bo"], gatetest.Text(small)))
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "an approval under another namespace", code: "signature.namespace", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		_, err := s.gate.Approve(ctx, "g-1", s.Sign("bo", signature.Stop, gatetest.Text(g)))
		return err
	}},

	// What the grant says.
	{name: "expired", code: "grant.expired", without: "grant: life", run: after(func(s *scene, g grant.Grant) error {
		s.Clock.Add(24 * time.Hour)
		_, err := s.gate.InForce(ctx, s.InForce("carla", g))
		return err
	})},
	{name: "lives for two days", code: "grant.too_long", without: "grant: life", run: variant(func(_ *scene, g *grant.Grant) { g.Expires = g.Issued.Add(48 * time.Hour) })},
	{name: "begins tomorrow", code: "grant.not_yet", without: "grant: life", run: variant(func(_ *scene, g *grant.Grant) {
		g.Issued = g.Issued.Add(time.Hour)
	})},
	{name: "of another gate", code: "grant.foreign_region", without: "grant: gate", run: variant(func(_ *scene, g *grant.Grant) { g.Gate = "gate-2" })},
	{name: "of another region", code: "grant.foreign_region", without: "grant: gate", then: "grant.account_region", run: variant(func(_ *scene, g *grant.Grant) { g.Region = "us" })},
	{name: "an account of another region", code: "grant.account_region", without: "grant: estate", run: aimed("usa@lindworm.example", "acct-us")},
	{name: "an account that the gate does not know", code: "grant.account_unknown", without: "grant: estate", then: "grant.alias_moved", run: aimed("ada@lindworm.example", "acct-zz")},
	{name: "enlarged beyond the order", code: "grant.enlarged", without: "grant: contained", run: variant(func(_ *scene, g *grant.Grant) {
		wide := gatetest.Mail("acct-a1")
		wide.Until = wide.Until.AddDate(0, 6, 0)
		g.Scope = scopeOf(wide)
	})},
	{name: "enlarged by the last selector", code: "grant.enlarged", without: "grant: contained", run: variant(func(_ *scene, g *grant.Grant) {
		later := gatetest.Mail("acct-a1")
		later.From, later.Until = later.Until.Add(time.Second), later.Until.AddDate(0, 1, 0)
		g.Scope = scopeOf(gatetest.Mail("acct-a1"), later)
	})},
	{name: "an alias re-pointed in the docket", code: "grant.alias_moved", without: "grant: targets", run: aimed("ada@lindworm.example", "acct-b2")},
	{name: "an alias of two persons", code: "grant.alias_ambiguous", without: "grant: targets", run: aimed("team@lindworm.example", "acct-a1")},
	{name: "an alias given anew in the interval", code: "grant.alias_ambiguous", without: "grant: targets", run: aimed("desk@lindworm.example", "acct-a1")},
	{name: "an alias that ended in the interval", code: "grant.alias_interval", without: "grant: targets", run: aimed("old@lindworm.example", "acct-a1")},
	{name: "an account that the order does not name, last of two", code: "grant.not_named", without: "grant: targets", run: variant(func(_ *scene, g *grant.Grant) {
		g.Compelled = scopeOf(gatetest.Mail("acct-a1"), gatetest.Mail("acct-b2"))
		g.Scope = g.Compelled
	})},
	{name: "a recipient's key of somebody else", code: "grant.recipient_unknown", without: "grant: recipient", run: variant(func(s *scene, g *grant.Grant) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			panic(err)
		}
		g.Recipient = id.Recipient().String()
	})},
	{name: "a recipient's key an hour old", code: "grant.recipient_new", without: "grant: recipient", run: variant(func(s *scene, g *grant.Grant) { g.Recipient = s.New.Recipient().String() })},
	{name: "a recipient's key that a quorum backdates", code: "gate.recipient_new", without: "recipient-age", run: func(s *scene) error {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return err
		}
		agencies := slices.Clone(s.First.Agencies)
		agencies[0].Recipients = append(slices.Clone(agencies[0].Recipients), grant.Recipient{Since: s.First.At, Key: id.Recipient().String()})
		if _, err := s.statement(grant.Statement{At: s.First.At, Agencies: agencies}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		g := s.Grant(1)
		g.Recipient, g.Charter = id.Recipient().String(), s.gate.Charter().Head
		_, err = s.released(g)
		return err
	}},
	{name: "a byte cap above the policy's", code: "grant.cap", without: "grant: cap", run: variant(func(_ *scene, g *grant.Grant) { g.ByteCap = 65 << 20 })},
	{name: "a drafter who is not on the roster", code: "grant.drafter", without: "grant: drafter", run: variant(func(_ *scene, g *grant.Grant) { g.Drafter = "nobody" })},
	{name: "a language without words", code: "gate.unpackable", without: "packable", then: "evidence.order", run: variant(func(_ *scene, g *grant.Grant) { g.Language = "fr" })},
	{name: "a service that is not connected", code: "gate.no_source", without: "sources", run: variant(func(_ *scene, g *grant.Grant) {
		records := gatetest.Mail("acct-a1")
		records.Service, records.Category = scope.Records, scope.Subscriber
		g.Compelled = scopeOf(gatetest.Mail("acct-a1"), records)
		g.Scope = g.Compelled
	})},
	{name: "another document than people approved", code: "gate.order_document", without: "document", run: func(s *scene) error {
		g := s.Grant(1)
		s.Order = []byte("%PDF-1.7 another order\n")
		g.OrderDigest = sha256.Sum256([]byte("the order"))
		_, err := s.released(g)
		return err
	}},
	{name: "the document is exchanged in the folder", code: "gate.order_document", without: "document", run: after(func(s *scene, g grant.Grant) error {
		s.planted(g, "order", []byte("%PDF-1.7 another order\n"))
		return nil
	})},

	// Once, and not too much.
	{name: "a second grant with the first one's nonce", code: "gate.replayed", without: "single-use", visible: 1, run: func(s *scene) error {
		if _, err := s.released(s.Grant(1)); err != nil {
			s.t.Fatal(err)
		}
		g := s.Grant(2)
		g.Nonce = s.Grant(1).Nonce
		_, err := s.released(g)
		return err
	}},
	{name: "a second grant with the first one's nonce, after a restart", code: "gate.replayed", without: "single-use", visible: 1, run: func(s *scene) error {
		if _, err := s.released(s.Grant(1)); err != nil {
			s.t.Fatal(err)
		}
		s.reopen()
		g := s.Grant(2)
		g.Nonce = s.Grant(1).Nonce
		_, err := s.released(g)
		return err
	}},
	{name: "a second grant with the first one's name", code: "gate.replayed", without: "single-use", then: "gate.damaged", visible: 1, run: func(s *scene) error {
		if _, err := s.released(s.Grant(1)); err != nil {
			s.t.Fatal(err)
		}
		g := s.Grant(2)
		g.ID = "g-1"
		_, err := s.released(g)
		return err
	}},
	{name: "the third account of a day of two", code: "gate.bulk", without: "per-day", visible: 2, run: func(s *scene) error {
		for i, a := range []struct{ stated, account string }{{"ada", "acct-a1"}, {"bea", "acct-b2"}, {"cy", "acct-c3"}} {
			g := s.Grant(byte(i + 1))
			g.Targets = []grant.Target{{Kind: "address", Stated: a.stated + "@lindworm.example", Account: scope.AccountID(a.account)}}
			g.Compelled = scopeOf(gatetest.Mail(scope.AccountID(a.account)))
			g.Scope = g.Compelled
			if _, err := s.released(g); err != nil {
				return err
			}
		}
		return nil
	}},

	// Stops.
	{name: "a stop before the collection", code: "gate.stopped", without: "stops", run: after(func(s *scene, _ grant.Grant) error { return stopBy("dan", "demand k7wq-93")(s) })},
	{name: "a stop of everything", code: "gate.stopped", without: "stops", run: after(func(s *scene, _ grant.Grant) error { return stopBy("dan", "everything")(s) })},
	{name: "a stop of the account", code: "gate.stopped", without: "stops", run: after(func(s *scene, _ grant.Grant) error { return stopBy("dan", "account acct-a1")(s) })},
	{name: "a stop of the grant, before a restart", code: "gate.stopped", without: "stops", run: after(func(s *scene, _ grant.Grant) error {
		err := stopBy("dan", "grant g-1")(s)
		s.reopen()
		return err
	})},
	{name: "a stop that came before the offer", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
			return err
		}
		_, err := s.released(s.Grant(1))
		return err
	}},
	{name: "the second of two stops is not named", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		first := s.Stop("dan", "demand k7wq-93")
		if _, err := s.gate.Stop(ctx, first); err != nil {
			return err
		}
		if err := stopBy("carla", "account acct-a1")(s); err != nil {
			return err
		}
		g := s.Grant(1)
		g.Stops = []grant.Digest{first.Digest()}
		_, err := s.released(g)
		return err
	}},
	{name: "a stop between two items", code: "gate.stopped", without: "stops", run: during(stopBy("dan", "demand k7wq-93"))},
	{name: "a stop while the docket is asked", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		s.docket.before = func() {
			if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
				s.t.Error(err)
			}
		}
		_, err := s.released(s.Grant(1))
		return err
	}},
	{name: "an outsider's stop counts for nothing", code: "stop.not_on_roster", run: stopBy("outsider", "everything")},

	// Still in force.
	{name: "nobody says that the order stands", code: "inforce.missing", without: "in-force", run: func(s *scene) error {
		g := s.Grant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna", "bo"); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "it was said eleven minutes ago", code: "inforce.stale", without: "in-force", run: after(func(s *scene, _ grant.Grant) error {
		s.Clock.Add(11 * time.Minute)
		return nil
	})},
	{name: "it grows old during the collection", code: "inforce.stale", without: "in-force", run: during(func(s *scene) error {
		s.Clock.Add(11 * time.Minute)
		return nil
	})},
	{name: "it was said of another grant", code: "inforce.other_grant", without: "in-force", run: func(s *scene) error {
		g, other := s.Grant(1), s.Grant(2)
		s.mustReady(other)
		if err := s.offered(g); err != nil {
			return err
		}
		if err := s.approved(g, "anna", "bo"); err != nil {
			return err
		}
		word := s.InForce("carla", other)
		s.planted(g, "inforce.txt", slices.Concat(word.Text, []byte("\n"), word.Signature))
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}},
	{name: "an outsider says it", code: "inforce.not_on_roster", run: after(func(s *scene, g grant.Grant) error {
		_, err := s.gate.InForce(ctx, s.InForce("outsider", g))
		return err
	})},
	{name: "one person says it in another's name", code: "inforce.other_person", run: after(func(s *scene, g grant.Grant) error {
		word := s.InForce("carla", g)
		word.Signature = s.Sign("dan", signature.InForce, word.Text)
		_, err := s.gate.InForce(ctx, word)
		return err
	})},

	// The charter.
	{name: "the charter has changed", code: "grant.charter", without: "grant: charter", run: after(func(s *scene, _ grant.Grant) error {
		_, err := s.statement(grant.Statement{Removed: []string{"frida"}}, "anna")
		return err
	})},
	{name: "an approver is removed during the collection", code: "grant.charter", without: "grant: charter", then: "grant.approvals_missing", run: during(func(s *scene) error {
		_, err := s.statement(grant.Statement{Removed: []string{"bo"}}, "carla")
		return err
	})},
	{name: "an older charter", code: "charter.number", run: func(s *scene) error {
		if _, err := s.statement(grant.Statement{Removed: []string{"frida"}}, "anna"); err != nil {
			return err
		}
		_, err := s.gate.ExtendCharter(ctx, s.Text, s.Signed)
		return err
	}},
	{name: "a second statement of one number", code: "charter.previous", run: func(s *scene) error {
		text, _ := s.Next(grant.Statement{Removed: []string{"frida"}}, s.gate.Charter(), "anna")
		if _, err := s.statement(grant.Statement{Removed: []string{"dan"}}, "anna"); err != nil {
			return err
		}
		st, err := grant.ParseStatement(text)
		if err != nil {
			return err
		}
		st.Number = 3
		text, err = st.Bytes()
		if err != nil {
			return err
		}
		_, err = s.gate.ExtendCharter(ctx, text, [][]byte{s.Sign("anna", signature.Charter, text)})
		return err
	}},
	{name: "a statement without the quorum", code: "charter.quorum", run: func(s *scene) error {
		p := *s.First.Policy
		p.PerDay = 1000
		_, err := s.statement(grant.Statement{Policy: &p}, "anna", "bo")
		return err
	}},
	{name: "one person adds while removing", code: "charter.quorum", run: func(s *scene) error {
		p := *s.First.Policy
		p.PerDay = 1000
		_, err := s.statement(grant.Statement{Policy: &p, Removed: []string{"frida"}}, "anna")
		return err
	}},
	{name: "a statement of tomorrow", code: "charter.future", run: func(s *scene) error {
		_, err := s.statement(grant.Statement{At: s.Clock.Now().Add(time.Hour), Removed: []string{"frida"}}, "anna")
		return err
	}},
	{name: "a charter that nobody outside can see", code: "gate.ledger_unavailable", without: "charter-logged", config: hasty, run: func(s *scene) error {
		text, err := s.statement(grant.Statement{Removed: []string{"frida"}}, "anna")
		if err != nil {
			return err
		}
		hidden := sha256.Sum256(text)
		s.Journal.Hide = func(d [32]byte) bool { return d == hidden }
		g := s.Grant(1)
		g.Charter = s.gate.Charter().Head
		_, err = s.released(g)
		return err
	}},
	{name: "the gate signs with a key that the charter does not name", code: "gate.key", without: "key", run: after(func(s *scene, _ grant.Grant) error {
		s.cfg = func(c *gate.Config) { c.Key = s.Keys["outsider"] }
		s.reopen()
		return nil
	})},

	// The journal.
	{name: "a grant that is not in the journal", code: "gate.unlogged", without: "grant-logged", then: "evidence.order", run: func(s *scene) error {
		g := s.Grant(1)
		if _, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: s.Order}); err != nil {
			return err
		}
		if err := s.approved(g, "anna", "bo"); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "a demand that is not in the journal", code: "gate.unlogged", without: "demand-logged", then: "evidence.order", run: variant(func(_ *scene, g *grant.Grant) { g.Received[0] ^= 1 })},
	{name: "one witness too few", code: "gate.unwitnessed", run: after(func(s *scene, _ grant.Grant) error { s.Journal.Cosigners = 1; return nil })},
	{name: "the journal hangs", code: "gate.ledger_unavailable", config: hasty, run: after(func(s *scene, _ grant.Grant) error { s.Journal.Hang = true; return nil })},
	{name: "the journal is down", code: "gate.ledger_unavailable", run: after(func(s *scene, _ grant.Grant) error {
		s.Journal.Refuse = problem.New(problem.Unavailable, "store.unavailable", "x")
		return nil
	})},
	{name: "the journal dies during the collection", code: "gate.ledger_unavailable", run: during(func(s *scene) error {
		s.Journal.Lock()
		defer s.Journal.Unlock()
		s.Journal.Refuse = problem.New(problem.Unavailable, "store.unavailable", "x")
		return nil
	})},
	{name: "the counter does not appear", code: "gate.ledger_unavailable", without: "counter-logged", config: hasty, run: after(func(s *scene, _ grant.Grant) error {
		s.Journal.Hide = s.Journal.IsCounter
		return nil
	})},
	{name: "the release does not appear", code: "gate.ledger_unavailable", without: "release-logged", config: hasty, run: func(s *scene) error {
		s.docket.before = func() {
			s.Journal.Lock()
			defer s.Journal.Unlock()
			s.Journal.Hide = func(d [32]byte) bool { return d == s.docket.last }
		}
		_, err := s.released(s.Grant(1))
		return err
	}},
	{name: "a log that was rolled back", code: "gate.log_rolled_back", without: "continuity", visible: 1, run: func(s *scene) error {
		old := s.Journal.Copy()
		for i := range byte(20) {
			s.Journal.Add([32]byte{1, i})
		}
		if _, err := s.released(s.Grant(1)); err != nil {
			s.t.Fatal(err)
		}
		s.Journal.Serve = old
		_, err := s.released(s.Grant(2))
		return err
	}},
	{name: "a log that was forked", code: "gate.log_forked", without: "continuity", visible: 1, run: func(s *scene) error {
		other := s.Journal.Copy()
		if _, err := s.released(s.Grant(1)); err != nil {
			s.t.Fatal(err)
		}
		for i := range byte(20) {
			other.Add([32]byte{2, i})
		}
		s.Journal.Serve = other
		_, err := s.released(s.Grant(2))
		return err
	}},

	// The docket, the clock, the stores.
	{name: "the docket refuses", code: "gate.not_permitted", without: "permitted", run: func(s *scene) error {
		s.docket.refuse = problem.New(problem.Refused, "release.stayed", "a stay stands")
		_, err := s.released(s.Grant(1))
		if problem.Of(err) != nil && problem.Of(err).Field != "release.stayed" {
			s.t.Errorf("the docket's code is lost: %v", err)
		}
		return err
	}},
	{name: "the docket does not answer", code: "gate.docket_unavailable", without: "permitted", run: func(s *scene) error {
		s.docket.refuse = context.DeadlineExceeded
		_, err := s.released(s.Grant(1))
		return err
	}},
	{name: "the clock was set back", code: "gate.clock", without: "clock", run: func(s *scene) error {
		g := s.Grant(1)
		g.Issued, g.Expires = g.Issued.Add(-2*time.Hour), g.Expires.Add(-2*time.Hour)
		s.mustReady(g)
		s.Clock.Add(-5 * time.Minute)
		g2 := g
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g2)); err != nil {
			return err
		}
		s.planted(g, "inforce.txt", func() []byte {
			w := s.InForce("carla", g)
			return slices.Concat(w.Text, []byte("\n"), w.Signature)
		}())
		_, err := s.gate.Release(ctx, "g-1")
		return err
	}},
	{name: "the clock is an hour behind the journal's", code: "gate.clock", without: "counter-logged", run: after(func(s *scene, _ grant.Grant) error {
		s.Journal.Tick = func(t time.Time) time.Time { return t.Add(time.Hour) }
		return nil
	})},
	{name: "the clock is an hour ahead of the journal's", code: "gate.clock", without: "counter-logged", run: after(func(s *scene, _ grant.Grant) error {
		s.Journal.Tick = func(t time.Time) time.Time { return t.Add(-time.Hour) }
		return nil
	})},
	{name: "the gate's clock was set an hour ahead and the office lies along", code: "gate.clock_witnesses", without: "witness-clock", run: after(witnessesSay(-time.Hour, -time.Hour, -time.Hour))},
	{name: "the gate's clock was set an hour back and the office lies along", code: "gate.clock_witnesses", without: "witness-clock", run: after(witnessesSay(time.Hour, time.Hour, time.Hour))},
	{name: "the clock is set and one witness of three lies along", code: "gate.clock_witnesses", without: "witness-clock", run: after(witnessesSay(time.Hour, 0, time.Hour))},
	{name: "the clock is just beyond the charter's skew", code: "gate.clock_witnesses", without: "witness-clock", run: after(witnessesSay(time.Minute+time.Second, time.Minute+time.Second, 0))},
	{name: "a store fails half way", code: "gate.incomplete", run: during(func(*scene) error { return gatetest.Broken() })},
	{name: "a store fails at its end", code: "gate.incomplete", run: func(s *scene) error {
		s.store.Fail = gatetest.Broken()
		_, err := s.released(s.Grant(1))
		return err
	}},
	{name: "more bytes than the grant allows", code: "gate.cap", run: variant(func(_ *scene, g *grant.Grant) { g.ByteCap = 9000 })},
	{name: "a source that gives everything, and a gate that believes it", code: "", without: "judge", then: "evidence.outside", visible: 1, run: func(s *scene) error {
		_, err := s.released(s.Grant(1))
		return err
	}},
}

// hasty waits for the journal no longer than a test can.
func hasty(c *gate.Config) { c.Patience = 300 * time.Millisecond }

// attacked prepares a scene for one attack.
func attacked(t *testing.T, a attack, without ...string) *scene {
	s := &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), store: gatetest.Mailbox(), docket: &docket{}, log: &logged{}, without: without, cfg: a.config}
	s.open()
	s.charter()
	return s
}

func TestEveryAttackIsRefusedWithItsCodeAndOneLineInTheLog(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s := attacked(t, a)
			err := a.run(s)
			if problem.Code(err) != a.code {
				t.Fatalf("refused with %q, want %q: %v\n%s", problem.Code(err), a.code, err, s.log.all())
			}
			if got := s.log.refusals(); a.code != "" && !slices.Equal(got, []string{a.code}) {
				t.Errorf("the log holds %v", got)
			}
			if got := s.out(); len(got) != a.visible {
				t.Errorf("visible: %v", got)
			}
			if n := s.staging(); n != 0 {
				t.Errorf("%d packages in the making were left", n)
			}
			for _, word := range []string{"lindworm.example", "acct-", s.dir, "in-acct"} {
				if strings.Contains(s.log.all(), word) {
					t.Errorf("the log holds %q", word)
				}
			}
			// A refusal leaves a gate that still opens and still refuses nothing else.
			if a.code != "" {
				s.Journal.Lock()
				s.Journal.Hang, s.Journal.Refuse, s.Journal.Hide, s.Journal.Tick = false, nil, nil, nil
				s.Journal.Unlock()
				s.reopen()
			}
		})
	}
}

func TestEveryAttackSucceedsWithoutItsCheck(t *testing.T) {
	for _, a := range attacks {
		if a.without == "" {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s := attacked(t, a, a.without)
			err := a.run(s)
			if problem.Code(err) != a.then {
				t.Fatalf("without %q: %v, want %q\n%s", a.without, err, a.then, s.log.all())
			}
			if a.then == "" && len(s.out()) != a.visible+1 {
				t.Fatalf("without %q nothing became visible: %v", a.without, s.out())
			}
		})
	}
}

func TestEveryCheckHasAnAttackThatOnlyItRefuses(t *testing.T) {
	// These have a second layer behind them; the table names its code.
	layered := []string{"packable", "demand-logged", "grant-logged", "judge", "copy-whole"}
	alone := map[string]bool{}
	for _, a := range attacks {
		if a.then == "" || slices.Contains(layered, a.without) {
			alone[a.without] = true
		}
	}
	for _, name := range gate.CheckNames() {
		if !alone[name] {
			t.Errorf("no attack shows what %q is for", name)
		}
	}
}
