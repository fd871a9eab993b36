package demo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"io"
)

// A person of Nordwind's who is on the roster, with a key of their own.
type Person struct {
	ID, Group, Name string
	KeyFile         string
	Key             ssh.Signer
}

// Stage is a fresh folder with everything that a story needs.
type Stage struct {
	Folder  app.Folder
	People  map[string]Person
	Officer string // file with the officer's age identity
	Order   string // file with the court's document
	Form    string // file with the demand as the officer filled it in
	Mail    int    // messages in the store
}

// roster is who may approve at Nordwind. The engineer with every administrator
// right is not on it.
var roster = []Person{
	{ID: "p-halvorsen", Group: "response", Name: "Mira Halvorsen"},
	{ID: "p-okafor", Group: "counsel", Name: "Jonas Okafor"},
	{ID: "p-brandt", Group: "privacy", Name: "Elin Brandt"},
}

// Begin is when the story opens: the Friday afternoon on which the warrant is
// served, two hours after the first letter.
var Begin = time.Date(2013, 6, 7, 18, 0, 0, 0, time.UTC)

// Messages in the generated store.
const Messages = 2400

// NewStage founds the folder and writes Nordwind's files into it. The charter is
// drafted and signed by everybody on the roster, in Stage.Ceremony.
func NewStage(dir string, random io.Reader) (*Stage, error) {
	s := &Stage{People: map[string]Person{}}
	store := filepath.Join(dir, "store-iad")
	folder, err := app.Found(dir, app.Founding{
		Provider: "Nordwind Cloud Inc.", Origin: "nordwind.example", Tick: app.ShortestTick, Batch: 24 * time.Hour,
		GateID: "gate-iad-1", Region: "iad", Contact: "privacy@nordwind.example", Clock: Begin,
		Mail: []app.MailStore{{Root: store, File: "mail.mbox", Header: "Delivered-To", Quote: "mboxo"}},
	})
	if err != nil {
		return nil, err
	}
	s.Folder = folder
	for _, step := range []func() error{
		func() error { return s.makePeople(filepath.Join(dir, "people"), random) },
		func() error { return s.makeStore(store) },
		func() error { return s.writeFiles(dir, random) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Stage) makePeople(dir string, random io.Reader) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stageProblem(err)
	}
	for _, p := range roster {
		key, private, err := signature.NewKey(random, p.Name)
		if err != nil {
			return err
		}
		p.Key, p.KeyFile = key, filepath.Join(dir, p.ID)
		if err := os.WriteFile(p.KeyFile, private, 0o600); err != nil {
			return stageProblem(err)
		}
		s.People[p.ID] = p
	}
	return nil
}

func (s *Stage) makeStore(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stageProblem(err)
	}
	f, err := os.Create(filepath.Join(dir, "mail.mbox"))
	if err != nil {
		return stageProblem(err)
	}
	defer f.Close()
	s.Mail, err = writeMailbox(f, Messages)
	if err != nil {
		return stageProblem(err)
	}
	return f.Close()
}

func (s *Stage) writeFiles(dir string, random io.Reader) error {
	officer, err := age.GenerateX25519Identity()
	if err != nil {
		return stageProblem(err)
	}
	s.Officer = filepath.Join(dir, "people", "officer.agekey")
	s.Order = filepath.Join(dir, "inbox", "warrant-13-mj-0417.txt")
	s.Form = filepath.Join(dir, "inbox", "demand.toml")
	files := map[string]string{
		s.Officer:               officer.String() + "\n",
		s.Order:                 warrant,
		s.Form:                  form,
		s.Folder.Estate():       estateFile(),
		s.Folder.Agencies():     fmt.Sprintf(agencies, officer.Recipient()),
		s.Folder.CharterDraft(): s.charter(),
	}
	if err := os.MkdirAll(filepath.Join(dir, "inbox"), 0o700); err != nil {
		return stageProblem(err)
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return stageProblem(err)
		}
	}
	return nil
}

func (s *Stage) charter() string {
	var b bytes.Buffer
	b.WriteString(charterPolicy)
	for _, p := range roster {
		fmt.Fprintf(&b, "\n[[person]]\nid = %q\ngroup = %q\nname = %q\nkeys = [%q]\n", p.ID, p.Group, p.Name, signature.Line(s.People[p.ID].Key.PublicKey()))
	}
	return b.String()
}

func estateFile() string {
	var b strings.Builder
	names := []string{"June Hartwell", "Alan Mercer", "Paule Delacroix", "Tunde Oyelaran"}
	for i, h := range holders {
		fmt.Fprintf(&b, "[[customer]]\nid = \"c-%d\"\nname = %q\nkind = \"person\"\ncountry = \"US\"\nlanguage = \"en\"\nzone = \"America/New_York\"\n\n", i+1, names[i])
		fmt.Fprintf(&b, "[[account]]\nid = %q\ncustomer = \"c-%d\"\nregion = \"iad\"\nservices = [\"mail\"]\n\n", h.account, i+1)
		fmt.Fprintf(&b, "[[alias]]\naccount = %q\nkind = \"address\"\nvalue = %q\nfrom = 2011-03-01T00:00:00Z\n\n", h.account, h.address)
	}
	return b.String()
}

func stageProblem(err error) error {
	return problem.New(problem.Unavailable, "demo.folder", "the demo's folder cannot be written").Fix("choose another folder with --dir, and check that the disk has room").Because(err)
}

const charterPolicy = `# What Nordwind's people agreed on before the first ceremony.
[policy]
approvals = 2
groups = 2
quorum = 2
grant_life = "24h"
fresh = "10m"
key_age = "24h"
skew = "2m"
byte_cap = 1073741824
accounts_per_day = 20
`

const agencies = `[[agency]]
id = "us-harbor"
name = "Office of the Prosecutor, Harbor District"
country = "US"
language = "en"
contact = "+1 555 0142"
contact_source = "the court's printed directory, checked 3 May 2013"

[[agency.recipient]]
key = %q
since = 2013-05-03T15:00:00Z
`

const warrant = `UNITED STATES DISTRICT COURT, HARBOR DISTRICT
(a court that does not exist, in a case that does not exist)

SEARCH WARRANT under 18 USC 2703(a)                          No. 13-mj-0417

To: Nordwind Cloud Inc.

On the application of the Office of the Prosecutor, Harbor District, and upon
a finding of probable cause, you are ordered to disclose:

  the contents of electronic mail of the account
  june.hartwell@nordwind.example
  received from 1 April 2013 through 31 May 2013 (Eastern Time)

The warrant is to be executed on or before 21 June 2013.

Signed 7 June 2013                          Magistrate Judge A. N. Example
`

const form = `# The demand as the officer filled it in. See docs/demand-form.md.
[instrument]
kind = "sca_warrant"
title = "Search warrant, 18 USC 2703(a)"
number = "13-mj-0417"
agency = "us-harbor"
officer = "R. Sample"
signed = 2013-06-07
due = 2013-06-21

[[target]]
kind = "address"
stated = "june.hartwell@nordwind.example"

[[line]]
target = 1
service = "mail"
category = "content"
from = 2013-04-01
until = 2013-05-31
zone = "America/New_York"
basis = "received"

[facts]
kind = "data"
requester = "government"
issuing_country = "US"
authority = "us-harbor"
authority_kind = "court"
signer = "magistrate_judge"
instrument = "sca_warrant"
forum = "us.edva"
entity_country = "US"
control = true
customer_kind = "consumer"
customer_country = "US"
asks_subscriber = false
asks_identification = false
asks_traffic = false
asks_content = true
targets_named = 1
dates_stated = true
prospective = false
storage_country = "US"
signed = 2013-06-07
served = 2013-06-07
received = 2013-06-07
as_of = 2013-06-07
secrecy_source = "none"
emergency = "none"
geofence = false
assistance = "none"
bulk = false
direct_access = false
`

// Sign drafts the charter and lets everybody on the roster sign it.
func (s *Stage) Sign(at time.Time) error {
	draft, err := os.ReadFile(s.Folder.CharterDraft())
	if err != nil {
		return stageProblem(err)
	}
	gateKey, err := s.gateKey()
	if err != nil {
		return err
	}
	st, err := s.Folder.Draft(draft, gateKey, at)
	if err != nil {
		return err
	}
	text, err := st.Bytes()
	if err != nil {
		return err
	}
	path := s.Folder.Statement("1")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return stageProblem(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return stageProblem(err)
	}
	for id, p := range s.People {
		signed, err := signature.Sign(p.Key, signature.Charter, text)
		if err != nil {
			return err
		}
		if err := os.WriteFile(strings.TrimSuffix(path, ".txt")+"."+id+".sig", signed, 0o600); err != nil {
			return stageProblem(err)
		}
	}
	return nil
}

func (s *Stage) gateKey() (string, error) {
	b, err := os.ReadFile(s.Folder.Secret("gate"))
	if err != nil {
		return "", stageProblem(err)
	}
	key, err := signature.ReadKey(b)
	if err != nil {
		return "", err
	}
	return signature.Line(key.PublicKey()), nil
}
