package gate_test

import (
	"crypto/rand"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// The gate takes only what can be the key of a log beside the journal; it never asks that
// log.
func TestTheCharterNamesARegisterThatIsALogOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	journal := s.Journal.Policy()
	for name, bad := range map[string]string{"the journal's own key": journal.LogKey(), "a witness's key": journal.Witnesses()[0], "no key": "lindworm.example/register"} {
		if _, err := s.statement(grant.Statement{Register: bad}, "anna", "bo", "carla"); problem.Code(err) != "charter.register" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, key, err := note.GenerateKey(rand.Reader, "lindworm.example/register")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.statement(grant.Statement{Register: key}, "anna", "bo", "carla"); err != nil || s.gate.Charter().Register != key {
		t.Fatal(err)
	}
	s.reopen()
	g := s.Grant(1)
	g.Charter = s.gate.Charter().Head
	if _, err := s.released(g); err != nil || s.gate.Charter().Register != key {
		t.Fatal(err)
	}
}
