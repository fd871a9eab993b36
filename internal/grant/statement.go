package grant

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"counterseal/internal/canon"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

const charterHeader = "counterseal-charter-v1"

// Statement is one link of the charter. A section that it holds replaces that
// section whole; a section that it does not hold stays as it was (nil). Removed
// takes persons off the roster.
type Statement struct {
	Provider string
	Number   int
	Previous Digest // zero for the first
	At       time.Time
	Roster   []Person
	Policy   *Policy
	Gates    []Gate
	Accounts []Account
	Aliases  []Alias // with Accounts: the estate is one section
	Agencies []Agency
	Log      []string
	Packs    []Pack
	Removed  []string

	Emergency *Emergency // Withdrawn takes it out of the charter
	Register  string     // the register's verifier key; package proof reads it
}

// OnlyRemoves reports whether the statement takes persons off the roster and does
// nothing else: one person may do that alone.
func (st Statement) OnlyRemoves() bool {
	return len(st.Removed) > 0 && st.Roster == nil && st.Policy == nil && st.Gates == nil && st.Accounts == nil && st.Agencies == nil && st.Log == nil && st.Packs == nil && st.Emergency == nil && st.Register == ""
}

// Bytes is the canonical text that persons sign. Codes: grant.text, canon.value.
func (st Statement) Bytes() ([]byte, error) {
	if err := st.check(); err != nil {
		return nil, err
	}
	f := []canon.Field{{Key: "provider", Value: st.Provider}, {Key: "number", Value: strconv.Itoa(st.Number)},
		{Key: "previous-sha256", Value: st.Previous.String()}, {Key: "at", Value: canon.Time(st.At)}}
	put := func(key, format string, args ...any) {
		f = append(f, canon.Field{Key: key, Value: fmt.Sprintf(format, args...)})
	}
	for _, p := range st.Roster {
		put("person", "%s %s %s", p.ID, p.Group, p.Name)
		for _, k := range p.Keys {
			put("key", "%s %s", p.ID, signature.Line(k))
		}
	}
	if p := st.Policy; p != nil {
		bars := ""
		if p.NotByHand != "" {
			bars = " not-by-hand=" + p.NotByHand
		}
		if p.KeepDays != 0 {
			bars += " keep-days=" + strconv.Itoa(p.KeepDays)
		}
		put("policy", "approvals=%d groups=%d quorum=%d grant-life=%s fresh=%s key-age=%s skew=%s byte-cap=%d accounts-per-day=%d%s",
			p.Approvals, p.Groups, p.Quorum, p.GrantLife, p.Fresh, p.KeyAge, p.Skew, p.ByteCap, p.PerDay, bars)
	}
	for _, g := range st.Gates {
		put("gate", "%s %s %s", g.ID, g.Region, signature.Line(g.Key))
		if g.Page != "" {
			put("page", "%s %s", g.ID, g.Page)
		}
	}
	for _, a := range st.Accounts {
		put("account", "%s %s %s", a.ID, a.Region, joinServices(a.Services))
	}
	for _, a := range st.Aliases {
		until := "open"
		if !a.Until.IsZero() {
			until = canon.Time(a.Until)
		}
		put("alias", "%s %s %s %s %s", a.Account, a.Kind, canon.Time(a.From), until, a.Value)
	}
	for _, a := range st.Agencies {
		put("agency", "%s %s %s", a.ID, a.Country, a.Name)
		for _, contact := range a.Contacts {
			put("contact", "%s %s", a.ID, contact)
		}
		for _, r := range a.Recipients {
			if r.Key == ByZip {
				put("zip", "%s %s %s", a.ID, canon.Time(r.Since), contentWord(r.Content))
				continue
			}
			if r.Certificate != "" {
				put("recipient", "%s %s %s %s", a.ID, canon.Time(r.Since), r.Key, r.Certificate)
				continue
			}
			put("recipient", "%s %s %s", a.ID, canon.Time(r.Since), r.Key)
		}
	}
	for _, l := range st.Log {
		put("log", "%s", l)
	}
	if st.Register != "" {
		put("register", "%s", st.Register)
	}
	if e := st.Emergency; e != nil {
		put("emergency", "%s", e.terms())
		for _, l := range e.Log {
			put("emergency-log", "%s", l)
		}
	}
	for _, p := range st.Packs {
		put("pack", "%s %s", p.Name, p.Digest)
	}
	for _, r := range st.Removed {
		put("remove", "%s", r)
	}
	return canon.Encode(charterHeader, f)
}

// ParseStatement reads a statement and accepts only its canonical text. Codes:
// grant.text, canon.text, signature.key, scope.account.
func ParseStatement(text []byte) (Statement, error) {
	fields, err := canon.Decode(charterHeader, text)
	if err != nil {
		return Statement{}, err
	}
	var st Statement
	for _, f := range fields {
		if err := st.set(f); err != nil {
			return Statement{}, err
		}
	}
	return canon.Exact(st, text)
}

// check refuses values that the text could not carry unambiguously. Code:
// grant.text.
func (st Statement) check() error {
	if st.Provider == "" || st.Number < 1 {
		return badText("provider, number")
	}
	for _, p := range st.Roster {
		if !word(p.ID) || !word(p.Group) || p.Name == "" {
			return badText("person")
		}
	}
	for _, g := range st.Gates {
		if !Name(g.ID) || !Name(g.Region) || g.Key == nil {
			return badText("gate")
		}
		if g.Page != "" && !signature.ValidPage(g.Page) {
			return badText("page")
		}
	}
	for _, a := range st.Agencies {
		if !word(a.ID) || !word(a.Country) || a.Name == "" || slices.ContainsFunc(a.Recipients, unwritable) || slices.Contains(a.Contacts, "") {
			return badText("agency")
		}
	}
	for _, p := range st.Packs {
		if !word(p.Name) {
			return badText("pack")
		}
	}
	if slices.ContainsFunc(st.Removed, func(r string) bool { return !word(r) }) {
		return badText("remove")
	}
	if e := st.Emergency; e != nil && !e.holds() {
		return badText("emergency")
	}
	if st.Register != "" && !word(st.Register) {
		return badText("register")
	}
	return st.checkEstate()
}

// unwritable says of a recipient that no line could say it.
func unwritable(r Recipient) bool {
	return !word(r.Key) || strings.ContainsFunc(r.Certificate, unicode.IsSpace) || r.Content && r.Key != ByZip || r.Certificate != "" && r.Key == ByZip
}

func (st Statement) checkEstate() error {
	known := map[scope.AccountID][]scope.Service{} // by the rows so far
	for i, a := range st.Accounts {
		if !scope.ValidAccount(string(a.ID)) || !Name(a.Region) || len(a.Services) == 0 {
			return badText("account")
		}
		before, again := known[a.ID]
		if again && (st.Accounts[i-1].ID != a.ID || st.Accounts[i-1].Region >= a.Region) {
			return badText("account") // one estate has one text
		}
		for _, s := range a.Services {
			if !slices.Contains(scope.Services, s) || slices.Contains(before, s) {
				return badText("account")
			}
		}
		known[a.ID] = append(slices.Clone(before), a.Services...)
	}
	for _, a := range st.Aliases {
		if known[a.Account] == nil || !word(a.Kind) || a.Kind == "account" || a.Value != normal(a.Kind, a.Value) || (!a.Until.IsZero() && a.Until.Before(a.From)) {
			return badText("alias")
		}
	}
	return nil
}

func (st *Statement) set(f canon.Field) (err error) {
	words := func(n int) []string { // n words, the last of which takes the rest
		w := strings.SplitN(f.Value, " ", n)
		for len(w) < n {
			w = append(w, "")
			err = badText(f.Key)
		}
		return w
	}
	switch f.Key {
	case "provider":
		st.Provider = f.Value
	case "number":
		var n int64
		n, err = parseInt(f)
		st.Number = int(n)
	case "previous-sha256":
		st.Previous, err = ParseDigest(f.Value)
	case "at":
		st.At, err = canon.ParseTime(f.Value)
	case "person":
		w := words(3)
		st.Roster = append(st.Roster, Person{ID: w[0], Group: w[1], Name: w[2]})
	case "key":
		err = st.setKey(words(2))
	case "policy":
		st.Policy, err = parsePolicy(f)
	case "gate":
		err = st.setGate(words(3))
	case "page":
		w := words(2)
		if n := len(st.Gates); n == 0 || st.Gates[n-1].ID != w[0] || w[1] == "" {
			return badText("page")
		}
		st.Gates[len(st.Gates)-1].Page = w[1]
	case "account":
		w := words(3)
		st.Accounts = append(st.Accounts, Account{ID: scope.AccountID(w[0]), Region: w[1], Services: splitServices(w[2])})
	case "alias":
		err = st.setAlias(words(5))
	case "agency":
		w := words(3)
		st.Agencies = append(st.Agencies, Agency{ID: w[0], Country: w[1], Name: w[2]})
	case "contact":
		err = st.setContact(words(2))
	case "recipient":
		err = st.setRecipient(words(3))
	case "zip":
		err = st.setZip(words(3))
	case "log":
		st.Log = append(st.Log, f.Value)
	case "register":
		st.Register = f.Value
	case "emergency":
		st.Emergency, err = parseEmergency(f)
	case "emergency-log":
		if st.Emergency == nil {
			return badText(f.Key)
		}
		st.Emergency.Log = append(st.Emergency.Log, f.Value)
	case "pack":
		w := words(2)
		var d Digest
		if d, err = ParseDigest(w[1]); err == nil {
			st.Packs = append(st.Packs, Pack{Name: w[0], Digest: d})
		}
	case "remove":
		st.Removed = append(st.Removed, f.Value)
	default:
		return badText(f.Key)
	}
	return err
}

func (st *Statement) setKey(w []string) error {
	k, err := signature.ParseLine(w[1])
	if err != nil {
		return err
	}
	if n := len(st.Roster); n == 0 || st.Roster[n-1].ID != w[0] {
		return badText("key")
	}
	p := &st.Roster[len(st.Roster)-1]
	p.Keys = append(p.Keys, k)
	return nil
}

func (st *Statement) setGate(w []string) error {
	k, err := signature.ParseLine(w[2])
	if err != nil {
		return err
	}
	st.Gates = append(st.Gates, Gate{ID: w[0], Region: w[1], Key: k})
	return nil
}

func (st *Statement) setAlias(w []string) error {
	from, err := canon.ParseTime(w[2])
	if err != nil {
		return err
	}
	a := Alias{Account: scope.AccountID(w[0]), Kind: w[1], From: from, Value: w[4]}
	if w[3] != "open" {
		a.Until, err = canon.ParseTime(w[3])
		if err != nil {
			return err
		}
	}
	st.Aliases = append(st.Aliases, a)
	return nil
}

func (st *Statement) setContact(w []string) error {
	if n := len(st.Agencies); n == 0 || st.Agencies[n-1].ID != w[0] {
		return badText("contact")
	}
	a := &st.Agencies[len(st.Agencies)-1]
	a.Contacts = append(a.Contacts, w[1])
	return nil
}

func (st *Statement) setRecipient(w []string) error {
	since, err := canon.ParseTime(w[1])
	if err != nil {
		return err
	}
	if n := len(st.Agencies); n == 0 || st.Agencies[n-1].ID != w[0] {
		return badText("recipient")
	}
	a := &st.Agencies[len(st.Agencies)-1]
	key, certificate, _ := strings.Cut(w[2], " ")
	a.Recipients = append(a.Recipients, Recipient{Since: since, Key: key, Certificate: certificate})
	return nil
}

func parsePolicy(f canon.Field) (*Policy, error) {
	var p Policy
	for _, kv := range strings.Split(f.Value, " ") {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, badText("policy")
		}
		var err error
		switch key {
		case "approvals":
			p.Approvals, err = strconv.Atoi(value)
		case "groups":
			p.Groups, err = strconv.Atoi(value)
		case "quorum":
			p.Quorum, err = strconv.Atoi(value)
		case "grant-life":
			p.GrantLife, err = time.ParseDuration(value)
		case "fresh":
			p.Fresh, err = time.ParseDuration(value)
		case "key-age":
			p.KeyAge, err = time.ParseDuration(value)
		case "skew":
			p.Skew, err = time.ParseDuration(value)
		case "byte-cap":
			p.ByteCap, err = strconv.ParseInt(value, 10, 64)
		case "accounts-per-day":
			p.PerDay, err = strconv.Atoi(value)
		case "not-by-hand":
			p.NotByHand = value
		case "keep-days":
			p.KeepDays, err = strconv.Atoi(value)
		default:
			return nil, badText("policy")
		}
		if err != nil {
			return nil, badText("policy " + key)
		}
	}
	return &p, nil
}

func joinServices(s []scope.Service) string {
	out := make([]string, len(s))
	for i, v := range s {
		out[i] = string(v)
	}
	return strings.Join(out, ",")
}

func splitServices(s string) []scope.Service {
	var out []scope.Service
	for _, v := range strings.Split(s, ",") {
		out = append(out, scope.Service(v))
	}
	return out
}
