package app

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/authority"
	"counterseal/internal/canon"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/strict"
)

// CharterFile is charter.toml: what people agree on before the first ceremony.
// Estate, agencies, log policy and packs come from the folder.
type CharterFile struct {
	Person []struct {
		ID    string   `toml:"id"`
		Group string   `toml:"group"`
		Name  string   `toml:"name"`
		Keys  []string `toml:"keys"` // public keys, "ssh-ed25519 AAAA…"
	} `toml:"person"`
	Policy struct {
		Approvals     int    `toml:"approvals"`
		Groups        int    `toml:"groups"`
		Quorum        int    `toml:"quorum"`
		GrantLife     string `toml:"grant_life"`
		Fresh         string `toml:"fresh"`
		KeyAge        string `toml:"key_age"`
		Skew          string `toml:"skew"`
		ByteCap       int64  `toml:"byte_cap"`
		AccountsToday int    `toml:"accounts_per_day"`

		ByHand    *bool    `toml:"by_hand"`     // false: no export by hand, anywhere; left out: allowed
		NotByHand []string `toml:"not_by_hand"` // SERVICE or REGION/SERVICE
		KeepDays  int      `toml:"keep_days"`   // how long a preserved copy is kept at most; left out: 180
	} `toml:"policy"`
}

// Draft makes the first charter statement from charter.toml and the folder. It
// is a text to be signed by every person on the roster; nothing is changed yet.
// Codes: charter.form, and those of estate, authority, law and signature.
func (f Folder) Draft(charter []byte, gateKey string, at time.Time) (grant.Statement, error) {
	var c CharterFile
	if err := strict.TOML("charter.toml", charter, 1<<20, "charter.form", &c); err != nil {
		return grant.Statement{}, err
	}
	config, err := f.ReadConfig()
	if err != nil {
		return grant.Statement{}, err
	}
	st := grant.Statement{Provider: config.Provider, Number: 1, At: at.UTC().Truncate(time.Second)}
	for i, p := range c.Person {
		person := grant.Person{ID: p.ID, Group: p.Group, Name: p.Name}
		if p.ID == "" || p.Group == "" || p.Name == "" || len(p.Keys) == 0 || strings.ContainsAny(p.ID+p.Group, " \t\n") {
			return st, problem.New(problem.Invalid, "charter.form", "a person has an id and a group of one word each, a name and a key").At("charter.toml: person %d", i+1)
		}
		for _, line := range p.Keys {
			k, err := signature.ParseLine(stripComment(line))
			if err != nil {
				return st, problem.Of(err).At("charter.toml: person %d: keys", i+1)
			}
			person.Keys = append(person.Keys, k)
		}
		st.Roster = append(st.Roster, person)
	}
	err = config.SignIn.apart(st.Roster)
	if err != nil {
		return st, err
	}
	st.Policy, err = c.policy()
	if err != nil {
		return st, err
	}
	key, err := signature.ParseLine(stripComment(gateKey))
	if err != nil {
		return st, err
	}
	st.Gates = []grant.Gate{{ID: config.Gate.ID, Region: config.Gate.Region, Key: key, Page: config.Gate.Page.Origin}}
	for _, r := range config.Regions {
		key, err := f.regionKey(r)
		if err != nil {
			return st, err
		}
		st.Gates = append(st.Gates, grant.Gate{ID: r.Gate, Region: r.ID, Key: key, Page: r.Page.Origin})
	}
	return st, f.draftRest(&st)
}

// regionKey is the public key of a further gate: the folder's own, or that of the gate
// which runs by itself.
func (f Folder) regionKey(r Region) (ssh.PublicKey, error) {
	if !r.inside() {
		return signature.ParseLine(stripComment(r.Key))
	}
	secret, err := f.readSecret(gateSecret(r.Gate))
	if err != nil {
		return nil, err
	}
	signer, err := signature.ReadKey(secret)
	if err != nil {
		return nil, err
	}
	return signer.PublicKey(), nil
}

// draftRest fills in what the folder knows: estate, agencies, log policy, packs.
func (f Folder) draftRest(st *grant.Statement) error {
	estate, err := f.readEstate(context.Background())
	if err != nil {
		return err
	}
	for _, k := range estate.Kept() {
		st.Accounts = append(st.Accounts, grant.Account{ID: k.Owner, Region: k.Region, Services: k.Services})
	}
	for _, a := range estate.Aliases() {
		st.Aliases = append(st.Aliases, grant.Alias{Account: a.Account, Kind: a.Kind, From: a.From, Until: a.Until, Value: a.Value})
	}
	agencies, err := f.readAgencies()
	if err != nil {
		return err
	}
	for _, a := range agencies.All() {
		agency := grant.Agency{ID: a.ID, Country: a.Country, Name: a.Name}
		for _, c := range a.OnFile() { // those that answer at any hour first
			if contact := canon.Text(c.Contact); contact != "" {
				agency.Contacts = append(agency.Contacts, contact)
			}
		}
		for _, r := range a.Recipients {
			agency.Recipients = append(agency.Recipients, grant.Recipient{Since: r.Since, Key: r.Key, Certificate: base64.StdEncoding.EncodeToString(r.Binary)})
		}
		if a.Zip != nil {
			agency.Recipients = append(agency.Recipients, grant.Recipient{Since: a.Zip.Since, Key: grant.ByZip, Content: a.Zip.Content})
		}
		st.Agencies = append(st.Agencies, agency)
	}
	config, err := f.ReadConfig()
	if err != nil {
		return err
	}
	policy, err := f.draftPolicy(config)
	if err != nil {
		return err
	}
	st.Log = policyLines(policy)
	register, err := f.readPolicy("register")
	if err != nil {
		return err
	}
	st.Register = register.LogKey()
	st.Emergency, err = config.draftEmergency(policy)
	if err != nil {
		return err
	}
	packs, err := f.draftPacks()
	if err != nil {
		return err
	}
	for _, p := range packs {
		st.Packs = append(st.Packs, grant.Pack{Name: p.Name, Digest: digestOf(p)})
	}
	return nil
}

func (c CharterFile) policy() (*grant.Policy, error) {
	p := &grant.Policy{Approvals: c.Policy.Approvals, Groups: c.Policy.Groups, Quorum: c.Policy.Quorum, ByteCap: c.Policy.ByteCap, PerDay: c.Policy.AccountsToday, KeepDays: c.Policy.KeepDays}
	bars := slices.Sorted(slices.Values(c.Policy.NotByHand))
	p.NotByHand = strings.Join(bars, ",")
	if c.Policy.ByHand != nil && !*c.Policy.ByHand {
		p.NotByHand = "everything"
	}
	for _, d := range []struct {
		name, value string
		into        *time.Duration
	}{
		{"grant_life", c.Policy.GrantLife, &p.GrantLife}, {"fresh", c.Policy.Fresh, &p.Fresh},
		{"key_age", c.Policy.KeyAge, &p.KeyAge}, {"skew", c.Policy.Skew, &p.Skew},
	} {
		v, err := time.ParseDuration(d.value)
		if err != nil {
			return nil, problem.New(problem.Invalid, "charter.form", "this is not a length of time").At("charter.toml: policy.%s", d.name).Fix("write, for example, \"24h\" or \"10m\"")
		}
		*d.into = v
	}
	return p, nil
}

func stripComment(line string) string {
	w := strings.Fields(line)
	return strings.Join(w[:min(len(w), 2)], " ")
}

func (f Folder) readAgencies() (*authority.Register, error) {
	text, err := readOptional(f.Agencies())
	if err != nil {
		return nil, err
	}
	r, err := authority.Parse(text)
	return r, inFile("agencies", err)
}

// inFile lets a problem with one of the folder's own files name the file.
func inFile(name string, err error) error {
	p := problem.Of(err)
	if p == nil {
		return nil
	}
	if p.Remedy == "" {
		p = p.Fix("correct it; docs/operations.md has an example of each file")
	}
	return p.At("%s.toml%s", name, after(strings.TrimPrefix(p.Field, name)))
}

// after is a field as it follows a file's name.
func after(field string) string {
	if field == "" || strings.HasPrefix(field, ",") {
		return field
	}
	return ": " + field
}

func readOptional(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, unreadable(path, err)
	}
	return text, nil
}

func unreadable(path string, err error) error {
	return problem.New(problem.Unavailable, "app.folder", "a file of the folder cannot be read").At("%s", filepath.Base(path)).
		Fix("check whose file it is, and its rights").Because(err)
}
