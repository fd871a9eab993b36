package gate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

const pickUpPage = "https://pickup.lindworm.example"

func hasPage(c *gate.Config) { c.PickUpPage = pickUpPage }

// linked is a scene with a page for officers and a visible package.
func linked(t *testing.T) *scene {
	t.Helper()
	s := newScene(t)
	s.cfg = hasPage
	s.reopen()
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) link(id string) string {
	s.t.Helper()
	l, err := s.gate.Link(ctx, id, "R. Sample, Harbor District")
	if err != nil {
		s.t.Fatal(err)
	}
	_, token, _ := strings.Cut(l.URL, "#")
	return token
}

// answered answers an invitation as a browser does, with a key.
func answered(t *testing.T, asked gate.Invited, key age.Identity) string {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(asked.Box), key)
	if err != nil {
		t.Fatal(err)
	}
	held, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256(append([]byte("counterseal-pickup-v1\n"), held...))
	return hex.EncodeToString(d[:])
}

// picks goes the whole way of a browser.
func (s *scene) picks(token, file string) ([]byte, error) {
	s.t.Helper()
	asked, err := s.gate.Invite(ctx, token)
	if err != nil {
		return nil, err
	}
	r, _, err := s.gate.PickUp(ctx, token, asked.Moment, answered(s.t, asked, s.Agency), file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestALinkAndTheKeyFetchWhatTheCommandFetchesAndAreLoggedAlike(t *testing.T) {
	s := linked(t)
	token := s.link("g-1")
	for _, name := range release.Files {
		got, err := s.picks(token, name)
		want, _ := os.ReadFile(filepath.Join(s.dir, "out", s.out()[0], name))
		if err != nil || !bytes.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	record, _ := os.ReadFile(filepath.Join(s.dir, "record"))
	if n := bytes.Count(record, []byte("R. Sample, Harbor District (by a link)")); n != len(release.Files) {
		t.Errorf("%d fetches by a link are in the record", n)
	}
	if bytes.Contains(record, []byte(token)) || strings.Contains(s.log.all(), token) || strings.Contains(s.log.all(), "Sample") {
		t.Error("the link's secret, or a name, is written down")
	}
	if digest := sha256.Sum256([]byte(token)); !bytes.Contains(record, []byte(hex.EncodeToString(digest[:]))) {
		t.Error("the link is not in the record")
	}
	// It counts with those of the command.
	for range 9 {
		r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	if _, err := s.picks(token, release.PackageFile); problem.Code(err) != "gate.pickup_limit" {
		t.Error(err)
	}
	if _, err := s.picks(token, release.ReleaseFile); err != nil {
		t.Error("what is not the package is not limited:", err)
	}
}

func TestALinkWithoutTheKeySaysAndGivesNothing(t *testing.T) {
	s := linked(t)
	token := s.link("g-1")
	asked, err := s.gate.Invite(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := age.Decrypt(bytes.NewReader(asked.Box), s.New); err == nil {
		t.Error("another key opens the box")
	}
	right := answered(t, asked, s.Agency)
	r, _ := age.Decrypt(bytes.NewReader(asked.Box), s.Agency)
	held, _ := io.ReadAll(r)
	plain := sha256.Sum256(held)
	s.cfg = hasPage
	if _, err := s.released(s.Grant(2)); err != nil {
		t.Fatal(err)
	}
	other := s.link("g-2")
	for name, x := range map[string][3]string{
		"nothing":                         {token, "", ""},
		"a guess":                         {token, asked.Moment, strings.Repeat("0", 64)},
		"what the box holds":              {token, asked.Moment, hex.EncodeToString(held)},
		"another digest of it":            {token, asked.Moment, hex.EncodeToString(plain[:])},
		"an answer for another moment":    {token, strings.Repeat("f", 48), right},
		"half an answer":                  {token, asked.Moment, right[:32]},
		"an answer of another link's box": {other, asked.Moment, right},
	} {
		if _, _, err := s.gate.PickUp(ctx, x[0], x[1], x[2], release.PackageFile); problem.Code(err) != "gate.pickup_answer" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, x := range map[string]string{"no link": "", "a guess": strings.Repeat("A", 43), "its digest": hex.EncodeToString(plain[:]), "cut": token[:42], "the grant's id": "g-1"} {
		if _, err := s.gate.Invite(ctx, x); problem.Code(err) != "gate.pickup_link" {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := s.gate.PickUp(ctx, x, asked.Moment, right, release.PackageFile); problem.Code(err) != "gate.pickup_link" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, file := range []string{"../record", "record", "access", "", release.OpenPGPFile, "package.tar.age/../../record"} {
		if _, _, err := s.gate.PickUp(ctx, token, asked.Moment, right, file); problem.Code(err) != "gate.no_file" {
			t.Errorf("%q: %v", file, err)
		}
	}
	s.Clock.Add(5 * time.Minute)
	if _, _, err := s.gate.PickUp(ctx, token, asked.Moment, right, release.PackageFile); problem.Code(err) != "gate.pickup_answer" {
		t.Error("late:", err)
	}
	record, _ := os.ReadFile(filepath.Join(s.dir, "record"))
	if bytes.Contains(record, []byte(`"fetch"`)) {
		t.Error("something was fetched")
	}
}

// What a link opens ends with the link, with one that takes its place, with the time of
// the package, and with a stop; and nothing that was replaced comes back at a start.
func TestALinkEnds(t *testing.T) {
	s := linked(t)
	first, second := s.link("g-1"), s.link("g-1")
	if _, err := s.gate.Invite(ctx, first); problem.Code(err) != "gate.pickup_link" {
		t.Error("replaced:", err)
	}
	asked, err := s.gate.Invite(ctx, second)
	if err != nil {
		t.Fatal(err)
	}
	answer := answered(t, asked, s.Agency)
	s.reopen()
	if _, _, err := s.gate.PickUp(ctx, second, asked.Moment, answer, release.ReleaseFile); problem.Code(err) != "gate.pickup_answer" {
		t.Error("an answer to what another run of the gate asked:", err)
	}
	if _, err := s.gate.Invite(ctx, first); problem.Code(err) != "gate.pickup_link" {
		t.Error("replaced, after a start:", err)
	}
	if _, err := s.picks(second, release.ReleaseFile); err != nil {
		t.Error("after a start:", err)
	}
	s.Clock.Add(7*24*time.Hour - time.Second)
	if _, err := s.picks(second, release.ReleaseFile); err != nil {
		t.Error("on its last day:", err)
	}
	s.Clock.Add(time.Second)
	if _, err := s.gate.Invite(ctx, second); problem.Code(err) != "gate.pickup_link" {
		t.Error("over:", err)
	}
	third := s.link("g-1")
	if err := stopBy("dan", "grant g-1")(s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.picks(third, release.PackageFile); problem.Code(err) != "gate.stopped" {
		t.Error("stopped:", err)
	}
	if _, err := s.gate.Link(ctx, "g-1", "R. Sample"); problem.Code(err) != "gate.stopped" {
		t.Error("a link to what is stopped:", err)
	}
}

func TestALinkEndsWithTheTimeOfItsPackage(t *testing.T) {
	s := linked(t)
	s.Clock.Add(29 * 24 * time.Hour)
	l, err := s.gate.Link(ctx, "g-1", "R. Sample")
	if err != nil || l.Until.After(s.Clock.Now().Add(24*time.Hour)) {
		t.Fatal(l, err)
	}
	s.Clock.Add(25 * time.Hour)
	if _, err := s.gate.Link(ctx, "g-1", "R. Sample"); problem.Code(err) != "gate.pickup_over" {
		t.Error(err)
	}
}

func TestAStopInTheMiddleOfAPickUpEndsIt(t *testing.T) {
	s := linked(t)
	token := s.link("g-1")
	asked, err := s.gate.Invite(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := s.gate.PickUp(ctx, token, asked.Moment, answered(t, asked, s.Agency), release.PackageFile)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); problem.Code(err) != "gate.stopped" || n != 0 {
		t.Error(n, err)
	}
}

func TestALinkIsMadeForWhatIsVisibleAndCanBeOpenedInABrowserAlone(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	s.mustReady(g)
	if _, err := s.gate.Link(ctx, "g-1", "R. Sample"); problem.Code(err) != "gate.no_pickup_page" {
		t.Error("no page:", err)
	}
	if _, err := s.gate.Link(ctx, "g-9", "R. Sample"); problem.Code(err) != "gate.unknown" {
		t.Error("another gate may know it, and have a page:", err)
	}
	s.cfg = hasPage
	s.reopen()
	if _, err := s.gate.Link(ctx, "g-1", "R. Sample"); problem.Code(err) != "gate.not_released" {
		t.Error("not released:", err)
	}
	if _, err := s.gate.Link(ctx, "g-9", "R. Sample"); problem.Code(err) != "gate.unknown" {
		t.Error("unknown:", err)
	}
	for _, by := range []string{"", strings.Repeat("x", 151), "two\nlines"} {
		if _, err := s.gate.Link(ctx, "g-1", by); problem.Code(err) != "gate.no_name" {
			t.Errorf("%q: %v", by, err)
		}
	}
	r := certificateFile(t, "curve")
	if err := s.hasCertificate(r); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(25 * time.Hour)
	if _, err := s.released(s.grantTo(2, r)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Link(ctx, "g-2", "R. Sample"); problem.Code(err) != "gate.pickup_form" {
		t.Error("OpenPGP:", err)
	}
}

func TestALinkToAZipHandsOutTheZipAndNothingThatOpensIt(t *testing.T) {
	s := newScene(t)
	s.cfg = hasPage
	s.reopen()
	s.mayGetZip(true)
	g := s.zipGrant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	key := s.Grant(2)
	key.Charter = s.gate.Charter().Head
	if _, err := s.released(key); err != nil {
		t.Fatal(err)
	}
	l, err := s.gate.Link(ctx, "g-1", "R. Sample")
	if err != nil || !strings.Contains(l.URL, "/en/zip#") {
		t.Fatal(l, err)
	}
	_, token, _ := strings.Cut(l.URL, "#")
	if _, err := s.gate.Invite(ctx, token); problem.Code(err) != "gate.pickup_form" {
		t.Error("it asks for a key:", err)
	}
	for _, file := range release.FilesOf(grant.ByZip) {
		r, _, err := s.gate.PickUp(ctx, token, "", "", file)
		if err != nil {
			t.Fatal(file, err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		want, werr := os.ReadFile(filepath.Join(s.dir, "out", "k7wq-93_g-1", file))
		if err != nil || werr != nil || !bytes.Equal(b, want) {
			t.Errorf("%s: %v", file, errors.Join(err, werr))
		}
	}
	if _, _, err := s.gate.PickUp(ctx, strings.Repeat("x", 43), "", "", release.ZipFile); problem.Code(err) != "gate.pickup_link" {
		t.Error("another link:", err)
	}
	if _, _, err := s.gate.PickUp(ctx, s.link("g-2"), "", "", release.PackageFile); problem.Code(err) != "gate.pickup_answer" {
		t.Error("a package for a key, without it:", err)
	}
	if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.gate.PickUp(ctx, token, "", "", release.ZipFile); problem.Code(err) != "gate.stopped" {
		t.Error("under a stop:", err)
	}
}
