package gate_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// mayGetZip lets the charter say that the agency may get a ZIP; a day later it counts.
func (s *scene) mayGetZip(content bool) {
	s.t.Helper()
	if err := s.hasCertificate(grant.Recipient{Key: grant.ByZip, Content: content}); err != nil {
		s.t.Fatal(err)
	}
	s.Clock.Add(25 * time.Hour)
}

// zipGrant is one whose package is a ZIP.
func (s *scene) zipGrant(n byte) grant.Grant {
	g := s.Grant(n)
	g.Recipient, g.Charter = grant.ByZip, s.gate.Charter().Head
	return g
}

// zipped is a scene with a visible ZIP.
func zipped(t *testing.T) (*scene, grant.Grant) {
	t.Helper()
	s := newScene(t)
	s.mayGetZip(true)
	g := s.zipGrant(1)
	if _, err := s.released(g); err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	s.Clock.Add(time.Hour)
	return s, g
}

// telling is dan's word, who neither drafted nor approved, as a test changes it.
func (s *scene) telling(g grant.Grant, change func(*grant.Telling)) grant.Telling {
	s.t.Helper()
	t := grant.Telling{Provider: "Lindworm Mail", Gate: "gate-1", Demand: g.Demand, Grant: g.Digest(), Agency: "garda", Contact: gatetest.Contact, Person: "dan", At: s.Clock.Now()}
	t.Nonce[0] = 1
	st, err := s.gate.Status(ctx, g.Digest().String())
	if err != nil {
		s.t.Fatal(err)
	}
	if st.Outcome != nil {
		t.Release, err = grant.ParseDigest(st.Outcome.Release)
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if change != nil {
		change(&t)
	}
	return t
}

func (s *scene) asks(t grant.Telling) grant.Signed {
	s.t.Helper()
	text, err := t.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return grant.Signed{Text: text, Signature: s.Sign(t.Person, signature.Telling, text)}
}

func (s *scene) after(told gate.Told, change func(*grant.Reached)) grant.Signed {
	s.t.Helper()
	d, err := grant.ParseDigest(told.Statement)
	if err != nil {
		s.t.Fatal(err)
	}
	r := grant.Reached{Provider: "Lindworm Mail", Gate: "gate-1", Demand: told.Demand, Telling: d, Who: "Sergeant Sample, duty desk", ReadOut: true, Person: "dan", At: s.Clock.Now()}
	if change != nil {
		change(&r)
	}
	text, err := r.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return grant.Signed{Text: text, Signature: s.Sign(r.Person, signature.Reached, text)}
}

func (s *scene) passphrases() []string {
	entries, err := os.ReadDir(filepath.Join(s.dir, "passphrases"))
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (s *scene) verifyZip(name, passphrase string) (verify.Report, error) {
	trust := verify.Trust{Gates: []verify.GateKey{{Gate: "gate-1", Region: "ie", Key: s.GateKey.PublicKey()}}}
	return verify.Verify(ctx, filepath.Join(s.dir, "out", name), trust, verify.Options{Passphrase: func() (string, error) { return passphrase, nil }})
}

// everywhere looks for a word in all that the gate keeps and logs.
func (s *scene) everywhere(word string) (found []string) {
	s.t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(word)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Contains(s.log.all(), word) {
		found = append(found, "the log")
	}
	return found
}

func TestAPassphraseIsToldOnceAndOpensThePackage(t *testing.T) {
	s, g := zipped(t)
	id := g.Digest().String()
	st, err := s.gate.Status(ctx, id)
	if err != nil || st.Passphrase == nil || st.Passphrase.State != gate.PassphraseWaits || !slices.Equal(s.passphrases(), []string{id}) {
		t.Fatalf("%+v %v, kept %v", st.Passphrase, err, s.passphrases())
	}
	for _, name := range release.FilesOf(grant.ByZip) {
		r, _, err := s.gate.Fetch(ctx, id, name, "R. Sample")
		if err != nil {
			t.Fatal(name, err)
		}
		r.Close()
	}
	for _, name := range []string{release.PackageFile, release.OpenPGPFile} {
		if _, _, err := s.gate.Fetch(ctx, id, name, "R. Sample"); problem.Code(err) != "gate.no_file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	if p, wrong := sealedzip.ReadPassphrase(told.Passphrase); wrong != 0 || p != told.Passphrase || told.Contact != gatetest.Contact || told.Person != "dan" {
		t.Fatalf("%+v", told)
	}
	if len(s.passphrases()) != 0 {
		t.Errorf("kept is still %v", s.passphrases())
	}
	if found := s.everywhere(told.Passphrase); len(found) != 0 {
		t.Errorf("the passphrase lies in %v", found)
	}
	d, err := grant.ParseDigest(told.Statement)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Journal.Proof(ctx, d); err != nil {
		t.Errorf("the journal does not hold the text: %v", err)
	}
	r, err := s.verifyZip("k7wq-93_g-1", told.Passphrase)
	if err != nil || r.Items != 4 || r.Release.Recipient != "zip:"+id {
		t.Fatalf("%+v, %v", r, err)
	}
	st, err = s.gate.PassphraseReached(ctx, s.after(told, nil))
	if err != nil || st.Passphrase.State != gate.PassphraseTold || st.Passphrase.Reached != "Sergeant Sample, duty desk" || !st.Passphrase.ReadOut {
		t.Fatalf("%+v, %v", st.Passphrase, err)
	}
	s.reopen()
	again, err := s.gate.Status(ctx, id)
	if err != nil || *again.Passphrase != *st.Passphrase {
		t.Fatalf("after a restart: %+v, %v", again.Passphrase, err)
	}
	if _, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, func(t *grant.Telling) { t.Nonce[1] = 1 }))); problem.Code(err) != "gate.passphrase_told" {
		t.Errorf("after a restart: %v", err)
	}
}

// 7-Zip opens what a gate has released, and nothing else is needed.
func TestSevenZipOpensWhatTheGateReleased(t *testing.T) {
	zz, err := exec.LookPath("7zz")
	if err != nil {
		zz, err = exec.LookPath("7z")
	}
	if err != nil {
		t.Skip("7-Zip is not installed")
	}
	s, g := zipped(t)
	told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	b, err := exec.Command(zz, "x", "-p"+told.Passphrase, "-o"+out, filepath.Join(s.dir, "out", "k7wq-93_g-1", release.ZipFile)).CombinedOutput()
	if err != nil || !bytes.Contains(b, []byte("Everything is Ok")) {
		t.Fatalf("%v\n%s", err, b)
	}
	f, err := os.Open(filepath.Join(out, sealedzip.Inside))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	trust := verify.Trust{Gates: []verify.GateKey{{Gate: "gate-1", Region: "ie", Key: s.GateKey.PublicKey()}}}
	r, err := verify.Verify(ctx, filepath.Join(s.dir, "out", "k7wq-93_g-1"), trust, verify.Options{Decrypted: f})
	if err != nil || r.Items != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestWhatPeopleApproveSaysWhatAZipIs(t *testing.T) {
	s := newScene(t)
	s.mayGetZip(true)
	g := s.zipGrant(1)
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	text, err := s.gate.Text(ctx, "g-1")
	if err != nil || !regexp.MustCompile(`(?m)^recipient: zip$\n^recipient-in-words: a ZIP under a passphrase that is read out on a call. Whoever hears it opens the package.$`).Match(text) {
		t.Fatalf("%v\n%s", err, text)
	}
}

func TestThePassphraseIsDestroyedWhenTheTimeOfPickUpIsOver(t *testing.T) {
	s, g := zipped(t)
	id := g.Digest().String()
	s.Clock.Add(30 * 24 * time.Hour)
	if _, err := s.gate.Copies(ctx); err != nil { // which sweeps
		t.Fatal(err)
	}
	st, err := s.gate.Status(ctx, id)
	if err != nil || st.Passphrase.State != gate.PassphraseEnded || len(s.passphrases()) != 0 {
		t.Fatalf("%+v %v, kept %v", st.Passphrase, err, s.passphrases())
	}
	s.gate.Without("tell-pick-up")
	if _, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil))); problem.Code(err) != "gate.passphrase_ended" {
		t.Error(err)
	}
	s.reopen()
	if st, err := s.gate.Status(ctx, id); err != nil || st.Passphrase.State != gate.PassphraseEnded {
		t.Errorf("after a restart: %+v, %v", st.Passphrase, err)
	}
}

func TestAReleaseThatComesToNothingKeepsNoPassphrase(t *testing.T) {
	s := newScene(t)
	s.mayGetZip(true)
	s.docket.refuse = problem.New(problem.Refused, "demand.held", "held")
	if _, err := s.released(s.zipGrant(1)); problem.Code(err) != "gate.not_permitted" || len(s.passphrases()) != 0 {
		t.Fatalf("%v, kept %v", err, s.passphrases())
	}
}

// The gate destroys nothing for a journal that does not answer.
func TestAJournalThatIsAwayCostsNoPassphrase(t *testing.T) {
	s, g := zipped(t)
	s.Journal.Lock()
	s.Journal.Refuse = gatetest.Broken()
	s.Journal.Unlock()
	if _, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil))); problem.Code(err) != "gate.ledger_unavailable" {
		t.Fatal(err)
	}
	s.Journal.Lock()
	s.Journal.Refuse = nil
	s.Journal.Unlock()
	if _, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil))); err != nil {
		t.Fatal(err)
	}
}

func TestAJournalThatGoesAwayMeanwhileLosesThePassphraseAndTellsNobody(t *testing.T) {
	for _, at := range []string{"passphrase-told", "passphrase-shredded", "counter", "counter-committed"} {
		s, g := zipped(t)
		s.gate.SetHook(func(kind string) {
			if kind == at {
				s.Journal.Lock()
				s.Journal.Refuse = gatetest.Broken()
				s.Journal.Unlock()
			}
		})
		told, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, nil)))
		if problem.Code(err) != "gate.passphrase_lost" || told.Passphrase != "" || len(s.passphrases()) != 0 {
			t.Fatalf("%s: %v, kept %v", at, err, s.passphrases())
		}
		s.gate.SetHook(func(string) {})
		s.Journal.Lock()
		s.Journal.Refuse = nil
		s.Journal.Unlock()
		if _, err := s.gate.TellPassphrase(ctx, s.asks(s.telling(g, func(t *grant.Telling) { t.Nonce[1] = 1 }))); problem.Code(err) != "gate.passphrase_told" {
			t.Fatalf("%s: %v", at, err)
		}
		// What was recorded is told to the journal later.
		if _, err := s.gate.Copies(ctx); err != nil { // which sweeps
			t.Fatal(err)
		}
		if _, err := s.Journal.Proof(ctx, s.asks(s.telling(g, nil)).Digest()); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// Two rules of the charter's word, which hold in an emergency too.
func TestAZipGoesWhereTheCharterSaysSoAndContentWhereItSaysThat(t *testing.T) {
	s := newScene(t)
	g := s.zipGrant(1)
	if err := s.offered(g); problem.Code(err) != "grant.recipient_unknown" {
		t.Errorf("without a word: %v", err)
	}
	s.mayGetZip(false)
	if err := s.offered(s.zipGrant(2)); problem.Code(err) != "grant.zip_content" {
		t.Errorf("content without the word for it: %v", err)
	}
	traffic := s.zipGrant(5)
	sel := gatetest.Mail("acct-a1")
	sel.Category = scope.Traffic
	traffic.Compelled, traffic.Scope = scopeOf(sel), scopeOf(sel)
	if err := s.offered(traffic); err != nil {
		t.Errorf("what is no content: %v", err)
	}
	c := s.Call()
	c.Key = ""
	if _, err := s.gate.Called(ctx, s.Word(c.Caller, c)); err != nil {
		t.Fatal(err)
	}
	e := s.EmergencyGrant(3, c)
	e.Recipient, e.Charter = grant.ByZip, s.gate.Charter().Head
	if err := s.offered(e); problem.Code(err) != "grant.zip_content" {
		t.Errorf("in an emergency: %v", err)
	}
	// The word about content is another word, and waits its day.
	if err := s.hasCertificate(grant.Recipient{Key: grant.ByZip, Content: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.zipGrant(4)); problem.Code(err) != "grant.recipient_new" {
		t.Errorf("on its first day: %v", err)
	}
	// A quorum does not backdate it.
	agencies := slices.Clone(s.gate.Charter().Agencies)
	agencies[0].Recipients = slices.Clone(agencies[0].Recipients)
	last := &agencies[0].Recipients[len(agencies[0].Recipients)-1]
	last.Content, last.Since = false, last.Since.AddDate(0, -1, 0)
	if _, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla"); problem.Code(err) != "charter.backdated" {
		t.Errorf("backdated: %v", err)
	}
	// Nor does an emergency make it older: a ZIP has no key to read back.
	c.Key, c.At = grant.ByZip, s.Clock.Now()
	if _, err := s.gate.Called(ctx, s.Word(c.Caller, c)); err != nil {
		t.Fatal(err)
	}
	e = s.EmergencyGrant(6, c)
	e.Recipient, e.Charter = grant.ByZip, s.gate.Charter().Head
	if _, err := s.released(e); problem.Code(err) != "grant.recipient_new" {
		t.Errorf("in an emergency, on its first day: %v", err)
	}
}

func TestACharterTakesNoZipForAnAgencyThatNobodyCanCall(t *testing.T) {
	s := newScene(t)
	agencies := slices.Clone(s.gate.Charter().Agencies)
	agencies[0].Contacts = nil
	agencies[0].Recipients = []grant.Recipient{{Since: s.Clock.Now(), Key: grant.ByZip}}
	if _, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla"); problem.Code(err) != "charter.zip" {
		t.Error(err)
	}
	agencies[0].Contacts = []string{gatetest.Contact}
	agencies[0].Recipients = append(agencies[0].Recipients, grant.Recipient{Since: s.Clock.Now(), Key: grant.ByZip, Content: true})
	if _, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla"); problem.Code(err) != "charter.zip" {
		t.Error(err)
	}
}
