package gate_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// certificateFile reads a certificate that GnuPG made.
func certificateFile(t *testing.T, name string) (recipient grant.Recipient) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "openpgp", "testdata", name+".asc"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := openpgp.Dearmor(string(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := openpgp.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return grant.Recipient{Key: c.Recipient(), Certificate: base64.StdEncoding.EncodeToString(raw)}
}

// hasCertificate lets the charter name the agency's certificate; a grant that
// encrypts to it comes back.
func (s *scene) hasCertificate(r grant.Recipient) error {
	s.t.Helper()
	r.Since = s.Clock.Now().UTC().Truncate(time.Second)
	agencies := slices.Clone(s.gate.Charter().Agencies)
	agencies[0].Recipients = append(slices.DeleteFunc(slices.Clone(agencies[0].Recipients), func(x grant.Recipient) bool { return x.Key == r.Key }), r)
	_, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla")
	return err
}

func (s *scene) grantTo(n byte, r grant.Recipient) grant.Grant {
	g := s.Grant(n)
	g.Recipient, g.Charter = r.Key, s.gate.Charter().Head
	return g
}

func TestAnOpenPGPCertificateCountsAfterADayAndAnewWhenItChanges(t *testing.T) {
	s := newScene(t)
	r := certificateFile(t, "curve")
	if err := s.hasCertificate(r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.grantTo(1, r)); problem.Code(err) != "grant.recipient_new" {
		t.Fatalf("on its first day: %v", err)
	}
	if text, err := s.grantTo(1, r).Bytes(); err != nil || !strings.Contains(string(text), "\nrecipient: "+r.Key+"\n") || len(r.Key) != len("openpgp:")+40 {
		t.Fatalf("the grant does not state the whole fingerprint: %v", err)
	}
	s.Clock.Add(25 * time.Hour)
	g := s.grantTo(2, r)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(s.dir, "out", s.out()[0])
	for _, name := range release.FilesOf(r.Key) {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	rep, err := s.verify(s.out()[0], s.Agency)
	if err != nil || rep.Complete || rep.Release.Recipient != r.Key {
		t.Fatalf("%+v %v", rep, err)
	}
	if _, _, err := s.gate.Fetch(ctx, g.Digest().String(), release.PackageFile, "R. Sample"); problem.Code(err) != "gate.no_file" {
		t.Errorf("the package in a form that it has not: %v", err)
	}
	// The same fingerprint with another subkey is another certificate.
	changed := certificateFile(t, "curve-another-subkey")
	if changed.Key != r.Key || changed.Certificate == r.Certificate {
		t.Fatal("these are not two certificates of one key")
	}
	if err := s.hasCertificate(changed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.grantTo(3, changed)); problem.Code(err) != "grant.recipient_new" {
		t.Fatalf("a changed certificate on its first day: %v", err)
	}
}

func TestACharterTakesNoCertificateThatDoesNotBearItsName(t *testing.T) {
	s := newScene(t)
	a, b := certificateFile(t, "curve"), certificateFile(t, "nist")
	for name, r := range map[string]grant.Recipient{
		"another's certificate":  {Key: a.Key, Certificate: b.Certificate},
		"no certificate":         {Key: a.Key},
		"a name in small":        {Key: strings.ToLower(a.Key), Certificate: a.Certificate},
		"an age name":            {Key: s.Agency.Recipient().String(), Certificate: a.Certificate},
		"half a certificate":     {Key: a.Key, Certificate: a.Certificate[:len(a.Certificate)/2/4*4]},
		"not base64":             {Key: a.Key, Certificate: "!" + a.Certificate},
		"base64 in another form": {Key: a.Key, Certificate: strings.TrimRight(a.Certificate, "=") + "===="},
	} {
		if err := s.hasCertificate(r); problem.Code(err) != "charter.recipient" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsEncryptedToACertificateThatIsNotInForce(t *testing.T) {
	s := newScene(t)
	r := certificateFile(t, "expired")
	if err := s.hasCertificate(r); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(25 * time.Hour)
	if err := s.offered(s.grantTo(1, r)); problem.Code(err) != "openpgp.unusable" {
		t.Fatalf("offered: %v", err)
	}
	if len(s.out()) != 0 || s.staging() != 0 {
		t.Fatal("something was made")
	}
}
