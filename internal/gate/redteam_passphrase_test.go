package gate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

// passphraseAttack asks for a passphrase, or says something about a call, in a way that
// must not count. Without the check it succeeds, or meets the next layer, then.
type passphraseAttack struct {
	name, code, without, then string
	run                       func(s *scene, g grant.Grant) error
}

func (s *scene) tells(w grant.Signed) error {
	told, err := s.gate.TellPassphrase(ctx, w)
	if (err == nil) != (told.Passphrase != "") {
		s.t.Errorf("refused, and told all the same: %v", err)
	}
	return err
}

// asking is dan's word, changed before he signs it.
func asking(change func(s *scene, t *grant.Telling)) func(*scene, grant.Grant) error {
	return func(s *scene, g grant.Grant) error {
		return s.tells(s.asks(s.telling(g, func(t *grant.Telling) { change(s, t) })))
	}
}

// askingWith is his word with another signature.
func askingWith(sign func(s *scene, text []byte) []byte) func(*scene, grant.Grant) error {
	return func(s *scene, g grant.Grant) error {
		w := s.asks(s.telling(g, nil))
		w.Signature = sign(s, w.Text)
		return s.tells(w)
	}
}

// askingAfter is his word, once something has happened.
func askingAfter(happen func(s *scene, g grant.Grant) error) func(*scene, grant.Grant) error {
	return func(s *scene, g grant.Grant) error {
		if err := happen(s, g); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(s.asks(s.telling(g, nil)))
	}
}

// saying is what is said after a call, changed.
func saying(change func(s *scene, r *grant.Reached)) func(*scene, grant.Grant) error {
	return func(s *scene, g grant.Grant) error {
		told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
		if err != nil {
			s.t.Fatal(err)
		}
		_, err = s.gate.PassphraseReached(ctx, s.after(told, func(r *grant.Reached) { change(s, r) }))
		return err
	}
}

func stranger(ns signature.Namespace) func(s *scene, text []byte) []byte {
	return func(s *scene, text []byte) []byte {
		key, _, err := signature.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "")
		if err != nil {
			s.t.Fatal(err)
		}
		sig, err := signature.Sign(key, ns, text)
		if err != nil {
			s.t.Fatal(err)
		}
		return sig
	}
}

var passphraseAttacks = []passphraseAttack{
	// Who asks, and when.
	{"nobody's signature", "signature.form", "tell-signed", "", askingWith(func(*scene, []byte) []byte { return nil })},
	{"a stranger's signature", "passphrase.not_on_roster", "tell-signed", "", askingWith(stranger(signature.Telling))},
	{"another person's signature", "passphrase.other_person", "tell-signed", "", askingWith(func(s *scene, text []byte) []byte { return s.Sign("frida", signature.Telling, text) })},
	{"a signature over another kind of text", "signature.namespace", "tell-signed", "", askingWith(func(s *scene, text []byte) []byte { return s.Sign("dan", signature.Caller, text) })},
	{"a person who was taken off the roster", "passphrase.not_on_roster", "tell-signed", "", askingAfter(func(s *scene, _ grant.Grant) error { return removed(s, "dan") })},
	{"a passkey that somebody else keeps copies of", "passphrase.synced", "tell-synced", "", func(s *scene, g grant.Grant) error {
		key := signaturetest.NewPasskey(gateHost)
		roster, gates := slices.Clone(s.gate.Charter().Roster), slices.Clone(s.gate.Charter().Gates)
		i := slices.IndexFunc(roster, func(p grant.Person) bool { return p.ID == "dan" })
		roster[i].Keys, gates[0].Page = append(slices.Clone(roster[i].Keys), key.Public), gatePage
		if _, err := s.statement(grant.Statement{Roster: roster, Gates: gates}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		w := s.asks(s.telling(g, nil))
		c := signaturetest.Ordinary(signature.Telling, string(w.Text), gatePage)
		c.Flags |= 0x08
		signed, err := key.Sign(c)
		if err != nil {
			s.t.Fatal(err)
		}
		return s.tells(grant.Signed{Text: w.Text, Signature: signed})
	}},
	{"a word of an hour ago", "passphrase.stale", "tell-signed", "", asking(func(_ *scene, t *grant.Telling) { t.At = t.At.Add(-time.Hour) })},
	{"a word of tomorrow", "passphrase.future", "tell-signed", "", asking(func(_ *scene, t *grant.Telling) { t.At = t.At.Add(24 * time.Hour) })},
	{"a word to another gate", "passphrase.other_gate", "tell-signed", "", asking(func(_ *scene, t *grant.Telling) { t.Gate = "gate-2" })},
	{"a word to another provider", "passphrase.other_gate", "tell-signed", "", asking(func(_ *scene, t *grant.Telling) { t.Provider = "Kestrel Cloud" })},
	{"the number on the order's letterhead", "passphrase.contact_unknown", "tell-signed", "", asking(func(_ *scene, t *grant.Telling) { t.Contact = "+353 1 555 0199" })},
	{"a contact that the charter has dropped", "passphrase.contact_unknown", "tell-signed", "", askingAfter(func(s *scene, _ grant.Grant) error {
		agencies := slices.Clone(s.gate.Charter().Agencies)
		agencies[0].Contacts = []string{"+353 1 555 0177"}
		_, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla")
		return err
	})},
	{"who drafted it", "gate.passphrase_people", "tell-people", "", asking(func(_ *scene, t *grant.Telling) { t.Person = "emil" })},
	{"who approved it", "gate.passphrase_people", "tell-people", "", asking(func(_ *scene, t *grant.Telling) { t.Person = "bo" })},
	{"who approved it, with a key that is newer", "gate.passphrase_people", "tell-people", "", func(s *scene, g grant.Grant) error {
		key, _, err := signature.NewKey(bytes.NewReader(bytes.Repeat([]byte{9}, 64)), "")
		if err != nil {
			s.t.Fatal(err)
		}
		roster := slices.Clone(s.gate.Charter().Roster)
		i := slices.IndexFunc(roster, func(p grant.Person) bool { return p.ID == "bo" })
		roster[i].Keys = []ssh.PublicKey{key.PublicKey()}
		if _, err := s.statement(grant.Statement{Roster: roster}, "anna", "carla", "dan"); err != nil {
			s.t.Fatal(err)
		}
		s.Keys["bo"] = key
		return s.tells(s.asks(s.telling(g, func(t *grant.Telling) { t.Person = "bo" })))
	}},
	// For what.
	{"another release", "gate.passphrase_other", "tell-package", "", asking(func(_ *scene, t *grant.Telling) { t.Release[0] ^= 1 })},
	{"another demand", "gate.passphrase_other", "tell-package", "", asking(func(_ *scene, t *grant.Telling) { t.Demand = "k7wq-94" })},
	{"another grant", "gate.passphrase_other", "", "", asking(func(_ *scene, t *grant.Telling) { t.Grant[0] ^= 1 })},
	{"a call to another agency", "gate.passphrase_other", "tell-package", "", func(s *scene, g grant.Grant) error {
		agencies := append(slices.Clone(s.gate.Charter().Agencies), grant.Agency{ID: "harbor", Country: "US", Name: "Harbor Office", Contacts: []string{"+1 555 0142"}})
		if _, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(s.asks(s.telling(g, func(t *grant.Telling) { t.Agency, t.Contact = "harbor", "+1 555 0142" })))
	}},
	{"a package that is encrypted to a key", "gate.passphrase_other", "tell-package", "gate.passphrase_changed", func(s *scene, _ grant.Grant) error {
		g := s.Grant(2)
		g.Charter = s.gate.Charter().Head
		if _, err := s.released(g); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(s.asks(s.telling(g, nil)))
	}},
	{"before there is a package", "gate.passphrase_other", "", "", func(s *scene, _ grant.Grant) error {
		g := s.zipGrant(2)
		s.mustReady(g)
		return s.tells(s.asks(s.telling(g, nil)))
	}},
	// Once.
	{"the same word again", "gate.replayed", "tell-replay", "gate.passphrase_told", func(s *scene, g grant.Grant) error {
		w := s.asks(s.telling(g, nil))
		if err := s.tells(w); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(w)
	}},
	{"a nonce that was used for another package", "gate.replayed", "tell-replay", "", func(s *scene, g grant.Grant) error {
		other := s.zipGrant(2)
		if _, err := s.released(other); err != nil {
			s.t.Fatal(err)
		}
		if err := s.tells(s.asks(s.telling(other, nil))); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(s.asks(s.telling(g, nil)))
	}},
	{"a second asking, by somebody else", "gate.passphrase_told", "tell-once", "gate.passphrase_changed", func(s *scene, g grant.Grant) error {
		if err := s.tells(s.asks(s.telling(g, nil))); err != nil {
			s.t.Fatal(err)
		}
		return s.tells(s.asks(s.telling(g, func(t *grant.Telling) { t.Nonce[0], t.Person = 2, "frida" })))
	}},
	{"two at once", "gate.passphrase_told", "", "", func(s *scene, g grant.Grant) error {
		first := make(chan error)
		go func() { first <- s.tells(s.asks(s.telling(g, nil))) }()
		err := s.tells(s.asks(s.telling(g, func(t *grant.Telling) { t.Nonce[0], t.Person = 2, "frida" })))
		switch other := <-first; {
		case (err == nil) == (other == nil):
			s.t.Errorf("%v and %v", err, other)
		case err == nil:
			err = other
		}
		return err
	}},
	// When nobody fetches the package any more.
	{"after the time of pick-up", "gate.pickup_over", "tell-pick-up", "", askingAfter(func(s *scene, _ grant.Grant) error { s.Clock.Add(30 * 24 * time.Hour); return nil })},
	{"under a stop", "gate.stopped", "tell-leaving", "", askingAfter(func(s *scene, g grant.Grant) error { return stopBy("carla", "demand "+g.Demand)(s) })},
	{"of a package that held too much", "gate.incident", "tell-leaving", "", askingAfter(func(s *scene, g grant.Grant) error {
		_, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, func(i *grant.Incident) { i.Compelled = january(9) })))
		return err
	})},
	{"with a clock that was set back", "gate.clock", "tell-leaving", "", askingAfter(func(s *scene, _ grant.Grant) error { s.Clock.Add(-2 * time.Hour); return nil })},
	// After the call.
	{"nobody says whom they reached", "signature.form", "reached-signed", "", func(s *scene, g grant.Grant) error {
		told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
		if err != nil {
			s.t.Fatal(err)
		}
		w := s.after(told, nil)
		w.Signature = nil
		_, err = s.gate.PassphraseReached(ctx, w)
		return err
	}},
	{"a word of last week about a call", "passphrase.stale", "reached-signed", "", func(s *scene, g grant.Grant) error {
		told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
		if err != nil {
			s.t.Fatal(err)
		}
		w := s.after(told, nil)
		s.Clock.Add(7 * 24 * time.Hour)
		_, err = s.gate.PassphraseReached(ctx, w)
		return err
	}},
	{"somebody else says whom they reached", "gate.reached_other", "reached-person", "", saying(func(_ *scene, r *grant.Reached) { r.Person = "frida" })},
	{"a word about a call on another text", "gate.reached_other", "", "", saying(func(_ *scene, r *grant.Reached) { r.Telling[0] ^= 1 })},
	{"a word from before the call", "gate.reached_date", "reached-date", "", saying(func(_ *scene, r *grant.Reached) { r.At = r.At.Add(-time.Hour) })},
	{"another word about the same call", "gate.reached_twice", "reached-once", "gate.damaged", func(s *scene, g grant.Grant) error {
		told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, who := range []string{"Sergeant Sample", "nobody"} {
			_, err = s.gate.PassphraseReached(ctx, s.after(told, func(r *grant.Reached) { r.Who = who }))
		}
		return err
	}},
}

func TestAPassphraseIsToldToNobodyWhoMayNotHear(t *testing.T) {
	shown := map[string]bool{}
	for _, a := range passphraseAttacks {
		shown[a.without] = true
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s, g := zipped(t)
			err := a.run(s, g)
			if problem.Code(err) != a.code {
				t.Fatalf("refused with %q, want %q: %v", problem.Code(err), a.code, err)
			}
			if got := s.log.refusals(); !slices.Equal(got, []string{a.code}) {
				t.Errorf("the log holds %v", got)
			}
			// A refusal leaves a gate that opens, and a passphrase that is kept exactly while it waits.
			s.Clock.Add(3 * time.Hour)
			s.reopen()
			st, err := s.gate.Status(ctx, g.Digest().String())
			if err != nil || (st.Passphrase.State == gate.PassphraseWaits) != slices.Contains(s.passphrases(), g.Digest().String()) {
				t.Errorf("%+v, %v, kept %v", st.Passphrase, err, s.passphrases())
			}
		})
		if a.without == "" {
			continue
		}
		t.Run(a.name+", unasked", func(t *testing.T) {
			t.Parallel()
			s, g := zipped(t)
			s.gate.Without(a.without)
			if err := a.run(s, g); problem.Code(err) != a.then {
				t.Fatalf("without %q: %v, want %q", a.without, err, a.then)
			}
		})
	}
	for _, name := range gate.PassphraseCheckNames() {
		if !shown[name] {
			t.Errorf("no attack shows what %q is for", name)
		}
	}
}

// zipAttacks send a ZIP where it may not go.
var zipAttacks = []attack{
	{name: "content in a ZIP without the charter's word for it", code: "grant.zip_content", without: "grant: zip", run: func(s *scene) error {
		s.mayGetZip(false)
		_, err := s.released(s.zipGrant(1))
		return err
	}},
	{name: "a ZIP on the first day of the charter's word", code: "grant.recipient_new", run: func(s *scene) error {
		s.mayGetZip(true)
		s.Clock.Add(-25 * time.Hour)
		_, err := s.released(s.zipGrant(1))
		return err
	}},
	{name: "a ZIP to an agency of which the charter says nothing", code: "grant.recipient_unknown", run: variant(func(_ *scene, g *grant.Grant) { g.Recipient = grant.ByZip })},
	{name: "a text that hides what a ZIP is", code: "canon.text", run: offeredOnly(func(s *scene) []byte {
		s.mayGetZip(true)
		return bytes.Replace(gatetest.Text(s.zipGrant(1)), []byte("Whoever hears it opens the package."), []byte("It is safe."), 1)
	})},
}

func TestAPassphraseThatWasChangedIsNotTold(t *testing.T) {
	for name, meddle := range map[string]func(path string) error{
		"a bit":       func(path string) error { return flipped(path, 3) },
		"it is gone":  os.Remove,
		"it is empty": func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		s, g := zipped(t)
		if err := meddle(filepath.Join(s.dir, "passphrases", g.Digest().String())); err != nil {
			t.Fatal(err)
		}
		if err := s.tells(s.asks(s.telling(g, nil))); problem.Code(err) != "gate.passphrase_changed" {
			t.Errorf("%s: %v", name, err)
		}
		if st, err := s.gate.Status(ctx, g.Digest().String()); err != nil || st.Passphrase.State != gate.PassphraseWaits {
			t.Errorf("%s: it counts as told: %+v, %v", name, st.Passphrase, err)
		}
	}
	// The other package's file under this one's name.
	s, g := zipped(t)
	other := s.zipGrant(2)
	if _, err := s.released(other); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "passphrases", other.Digest().String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "passphrases", g.Digest().String()), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.tells(s.asks(s.telling(g, nil))); problem.Code(err) != "gate.passphrase_changed" {
		t.Errorf("another package's: %v", err)
	}
}

// Neither a folder from a backup nor a copy that runs beside it tells what was told.
func TestAFolderFromBeforeATellingTellsNothing(t *testing.T) {
	s, g := zipped(t)
	old := s.saved()
	if err := s.tells(s.asks(s.telling(g, nil))); err != nil {
		t.Fatal(err)
	}
	s.restored(old)
	if len(s.passphrases()) != 1 {
		t.Fatal("the backup has no passphrase, so this shows nothing")
	}
	if err := s.tells(s.asks(s.telling(g, func(t *grant.Telling) { t.Nonce[0] = 2 }))); problem.Code(err) != "gate.restored" {
		t.Error(err)
	}
}

func TestOfTwoCopiesOfAFolderOneTells(t *testing.T) {
	s, g := zipped(t)
	twin := *s
	twin.dir = s.saved()
	twin.open()
	// Each has compared its counter with the journal's before either tells.
	for _, x := range []*scene{s, &twin} {
		if _, _, err := x.gate.Fetch(ctx, g.Digest().String(), "release.txt", "R. Sample"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.tells(s.asks(s.telling(g, nil))); err != nil {
		t.Fatal(err)
	}
	if err := twin.tells(twin.asks(twin.telling(g, func(t *grant.Telling) { t.Nonce[0] = 2 }))); problem.Code(err) != "gate.passphrase_lost" {
		t.Error(err)
	}
}

func TestAKillWhileAPassphraseIsToldTellsNobodyTwice(t *testing.T) {
	for _, at := range []string{"passphrase-told", "passphrase-shredded", "counter", "counter-committed", "passphrase-logged"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := newVictimWith(t, gatetest.Mailbox())
			v.mayGetZip(true)
			g := v.zipGrant(1)
			if _, err := v.released(g); err != nil {
				t.Fatal(err)
			}
			w := v.asks(v.telling(g, nil))
			if err := errorsOf(os.WriteFile(filepath.Join(v.base, "stop"), w.Text, 0o600), os.WriteFile(filepath.Join(v.base, "stop.sig"), w.Signature, 0o600)); err != nil {
				t.Fatal(err)
			}
			v.gate.Close()
			killed(t, v.child(at, "COUNTERSEAL_CHILD_ACT=passphrase", "COUNTERSEAL_CHILD_LATER=25h"))
			v.open()
			if kept := v.passphrases(); len(kept) != 0 {
				t.Errorf("kept is %v", kept)
			}
			if err := v.tells(v.asks(v.telling(g, func(t *grant.Telling) { t.Nonce[0] = 2 }))); problem.Code(err) != "gate.passphrase_told" {
				t.Errorf("another word: %v", err)
			}
			if err := v.tells(w); problem.Code(err) != "gate.replayed" {
				t.Errorf("the same word: %v", err)
			}
			if !v.Journal.Holds(w.Digest()) {
				t.Error("the journal was not told of the text")
			}
		})
	}
}

func TestAKillWhileAZipIsPackedKeepsItsPassphraseOnlyWithThePackage(t *testing.T) {
	for at, there := range map[string]bool{"collecting": false, "sealed": false, "permitted": false, "publishing": false, "renamed": true, "visible": true} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := newVictimWith(t, gatetest.Mailbox())
			v.mayGetZip(true)
			g := v.zipGrant(1)
			v.mustReady(g)
			v.gate.Close()
			killed(t, v.child(at, "COUNTERSEAL_CHILD_LATER=25h"))
			v.open()
			if kept := v.passphrases(); (len(kept) == 1) != there {
				t.Fatalf("kept is %v", kept)
			}
			if !there {
				return
			}
			told, err := v.gate.TellPassphrase(ctx, v.asks(v.telling(g, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if r, err := v.verifyZip(v.out()[0], told.Passphrase); err != nil || r.Items != 304 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}
