package demo

import (
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/signature"
)

// The people of Nordwind. The first five are on the roster; each approves with a key
// of their own, and no two are of one group.
const (
	Reviewer = "p-halvorsen"
	Counsel  = "p-okafor"
	Privacy  = "p-brandt"
	Deputy   = "p-lund"      // on call
	Outside  = "p-castellan" // outside counsel
	Engineer = "p-ibsen"     // administers every machine, and is on no roster
)

// A Person of Nordwind's, with a key of their own.
type Person struct {
	ID, Group, Name string
	KeyFile         string
	Key             ssh.Signer
}

// roster is who may approve at Nordwind, as nordwind/charter.toml says.
var roster = []Person{
	{ID: Reviewer, Group: "response", Name: "Mira Halvorsen"},
	{ID: Counsel, Group: "counsel", Name: "Jonas Okafor"},
	{ID: Privacy, Group: "privacy", Name: "Elin Brandt"},
	{ID: Deputy, Group: "oncall", Name: "Sofie Lund"},
	{ID: Outside, Group: "outside", Name: "Ruth Castellan"},
}

var engineer = Person{ID: Engineer, Name: "Aksel Ibsen"}

// nameOf is how a person is called in what a play tells.
func nameOf(id string) string {
	for _, p := range append(roster, engineer) {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}

// makePeople makes everybody's key. The engineer's counts for nothing.
func (s *Stage) makePeople(random io.Reader) error {
	for _, p := range append(roster, engineer) {
		key, private, err := signature.NewKey(random, p.Name)
		if err != nil {
			return err
		}
		p.Key, p.KeyFile = key, s.path("people", p.ID)
		if err := s.write(p.KeyFile, private); err != nil {
			return err
		}
		if p.ID == Engineer {
			s.Engineer = p
			continue
		}
		s.People[p.ID] = p
	}
	return nil
}

// officerKey makes an agency's key for packages, once.
func (s *Stage) officerKey(agency string) (string, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", stageProblem(err)
	}
	s.Officers[agency] = s.path("people", agency+".agekey")
	return id.Recipient().String(), s.write(s.Officers[agency], []byte(id.String()+"\n"))
}

func (s *Stage) write(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return stageProblem(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return stageProblem(err)
	}
	return nil
}
