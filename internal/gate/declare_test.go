package gate_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// declares gives a declaration of a person about the one visible package.
func (s *scene) declares(person string, change func(*declaration.Declaration)) grant.Signed {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "out", s.out()[0], release.ReleaseFile))
	if err != nil {
		s.t.Fatal(err)
	}
	d := declaration.Declaration{Release: sha256.Sum256(text), Demand: "k7wq-93", Person: person, Name: s.nameOf(person), At: s.Clock.Now().Truncate(time.Second), Body: "I say how it was made.\n"}
	if change != nil {
		change(&d)
	}
	b, err := d.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return grant.Signed{Text: b, Signature: s.Sign(person, signature.Declaration, b)}
}

func (s *scene) nameOf(person string) string {
	for _, p := range s.World.Charter().Roster {
		if p.ID == person {
			return p.Name
		}
	}
	s.t.Fatalf("%s is not on the roster", person)
	return ""
}

func TestADeclarationLiesBesideThePackageWithTheGatesWord(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	id := g.Digest().String()
	if _, _, err := s.gate.Fetch(ctx, id, declaration.TextFile, "R. Sample"); problem.Code(err) != "gate.no_file" {
		t.Fatalf("before anybody declared: %v", err)
	}
	out, err := s.gate.Declare(ctx, id, s.declares("anna", nil))
	if err != nil || out.Person != "anna" {
		t.Fatalf("%+v %v", out, err)
	}
	r := s.verified(s.out()[0], s.Agency)
	if r.Declared == nil || r.Declared.Person != "anna" || !r.Complete {
		t.Fatalf("%+v", r.Declared)
	}
	// A later one takes its place, and a restart changes nothing.
	if _, err := s.gate.Declare(ctx, id, s.declares("bo", nil)); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	if r := s.verified(s.out()[0], s.Agency); r.Declared.Person != "bo" {
		t.Fatalf("%+v", r.Declared)
	}
	f, _, err := s.gate.Fetch(ctx, id, declaration.TextFile, "R. Sample")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	// What a crash leaves in the middle is not shown.
	if err := os.Remove(filepath.Join(s.dir, "out", s.out()[0], declaration.WordSignatureFile)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.gate.Fetch(ctx, id, declaration.TextFile, "R. Sample"); problem.Code(err) != "gate.no_file" {
		t.Fatalf("half a declaration: %v", err)
	}
	if _, err := s.gate.Declare(ctx, id, s.declares("bo", nil)); err != nil {
		t.Fatal(err)
	}
	s.verified(s.out()[0], s.Agency)
}

func TestADeclarationThatDoesNotHoldIsRefusedAndNothingChanges(t *testing.T) {
	s := newScene(t)
	g, other := s.Grant(1), s.Grant(2)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	if err := s.offered(other); err != nil {
		t.Fatal(err)
	}
	id := g.Digest().String()
	good := s.declares("anna", nil)
	for _, c := range []struct {
		name, code, id string
		s              grant.Signed
	}{
		{"of a grant without a package", "gate.not_released", other.Digest().String(), good},
		{"about another release", "gate.declaration_other", id, s.declares("anna", func(d *declaration.Declaration) { d.Release[0] ^= 1 })},
		{"about another demand", "gate.declaration_other", id, s.declares("anna", func(d *declaration.Declaration) { d.Demand = "k7wq-94" })},
		{"with an open place", "declaration.open", id, s.declares("anna", func(d *declaration.Declaration) { d.Body = "[ ] I am the custodian.\n" })},
		{"dated before the release", "gate.declaration_date", id, s.declares("anna", func(d *declaration.Declaration) { d.At = d.At.Add(-time.Hour) })},
		{"dated ahead", "gate.declaration_date", id, s.declares("anna", func(d *declaration.Declaration) { d.At = d.At.Add(time.Hour) })},
		{"under another name", "declaration.other_person", id, s.declares("anna", func(d *declaration.Declaration) { d.Name = "Somebody Else" })},
		{"signed by somebody else", "declaration.other_person", id, grant.Signed{Text: good.Text, Signature: s.Sign("bo", signature.Declaration, good.Text)}},
		{"signed as another kind of text", "signature.namespace", id, grant.Signed{Text: good.Text, Signature: s.Sign("anna", signature.Caller, good.Text)}},
		{"not in its form", "declaration.text", id, grant.Signed{Text: append([]byte("x"), good.Text...), Signature: good.Signature}},
	} {
		_, err := s.gate.Declare(ctx, c.id, c.s)
		if got := problem.Code(err); got != c.code && (c.code != "declaration.text" || got != "canon.text") {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	if r := s.verified(s.out()[0], s.Agency); r.Declared != nil {
		t.Fatal("a refused declaration lies beside the package")
	}
}

// What lies in the folder is checked there, whatever the gate did.
func TestVerifyRefusesADeclarationThatSomebodyPutThere(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Declare(ctx, g.Digest().String(), s.declares("anna", nil)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(s.dir, "out", s.out()[0])
	forged := s.declares("bo", func(d *declaration.Declaration) { d.Body = "Something else.\n" })
	for i, name := range declaration.Files {
		whole, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		bad := [][]byte{append([]byte(nil), whole...), whole[:len(whole)-1], append(append([]byte(nil), whole...), '\n'), nil}
		bad[0][len(whole)/2] ^= 1
		if i == 0 {
			bad = append(bad, forged.Text)
		}
		if i == 1 {
			bad = append(bad, forged.Signature)
		}
		for n, b := range bad {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := s.verify(s.out()[0], s.Agency); problem.Code(err) != "verify.declaration" {
				t.Errorf("%s, change %d: %v", name, n, err)
			}
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.verify(s.out()[0], s.Agency); problem.Code(err) != "verify.missing" {
			t.Errorf("%s gone: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.verified(s.out()[0], s.Agency)
	// Signed by another key in the place of the gate's.
	word, err := os.ReadFile(filepath.Join(dir, declaration.WordFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, declaration.WordSignatureFile), s.Sign("bo", signature.Declared, word), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.verify(s.out()[0], s.Agency); problem.Code(err) != "verify.declaration" || !strings.Contains(err.Error(), "did not sign") {
		t.Fatalf("%v", err)
	}
}

var _ gate.Desk = (*gate.Gate)(nil)
