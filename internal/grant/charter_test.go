package grant_test

import (
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

var everybody = []string{"anna", "bo", "carla", "dan", "emil", "frida"}

// ceremony makes the first statement after a change, signed by these.
func ceremony(w *gatetest.World, change func(*grant.Statement), persons []string) (*grant.Charter, error) {
	st := w.First
	st.Roster, st.Gates, st.Accounts, st.Agencies, st.Packs = slices.Clone(st.Roster), slices.Clone(st.Gates), slices.Clone(st.Accounts), slices.Clone(st.Agencies), slices.Clone(st.Packs)
	p := *st.Policy
	st.Policy = &p
	change(&st)
	text, err := st.Bytes()
	if err != nil {
		return nil, err
	}
	var sigs [][]byte
	for _, p := range persons {
		sigs = append(sigs, w.Sign(p, signature.Charter, text))
	}
	return (&grant.Charter{}).Extend(text, sigs)
}

func rsaKey() ssh.PublicKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	pub, err := ssh.NewPublicKey(&k.PublicKey)
	if err != nil {
		panic(err)
	}
	return pub
}

func TestTheFirstCharterNeedsEverybodyAndAPolicyThatProtects(t *testing.T) {
	w := gatetest.NewWorld()
	if _, err := ceremony(w, func(*grant.Statement) {}, everybody); err != nil {
		t.Fatal(err)
	}
	last := len(w.First.Roster) - 1
	for _, c := range []struct {
		name, code string
		persons    []string
		change     func(*grant.Statement)
	}{
		{"the last has not signed", "charter.quorum", everybody[:5], nil},
		{"one signs twice", "charter.quorum", []string{"anna", "bo", "carla", "dan", "emil", "emil"}, nil},
		{"an outsider signs for the last", "charter.quorum", []string{"anna", "bo", "carla", "dan", "emil", "outsider"}, nil},
		{"nobody signs", "charter.quorum", nil, nil},
		{"begins with number two", "charter.number", everybody, func(s *grant.Statement) { s.Number = 2 }},
		{"follows something", "charter.previous", everybody, func(s *grant.Statement) { s.Previous[31] = 1 }},
		{"no roster", "charter.incomplete", nil, func(s *grant.Statement) { s.Roster = nil }},
		{"no gate", "charter.incomplete", everybody, func(s *grant.Statement) { s.Gates = nil }},
		{"no log policy", "charter.incomplete", everybody, func(s *grant.Statement) { s.Log = nil }},
		{"no policy", "charter.policy", everybody, func(s *grant.Statement) { s.Policy = nil }},
		{"one approval", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Approvals = 1 }},
		{"no groups", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Groups = 0 }},
		{"more groups than approvals", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Groups = 3 }},
		{"a quorum of one", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Quorum = 1 }},
		{"a quorum that nobody reaches", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Quorum = 7 }},
		{"approvals that nobody reaches", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Approvals = 7 }},
		{"groups that nobody reaches", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Approvals, s.Policy.Groups = 4, 4 }},
		{"grants that live longer than a day", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.GrantLife = grant.MaxGrantLife + time.Second }},
		{"grants that do not live", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.GrantLife = 0 }},
		{"a word that stays fresh too long", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Fresh = grant.MaxFresh + time.Second }},
		{"a word that is never fresh", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Fresh = 0 }},
		{"clocks far apart", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Skew = grant.MaxSkew + time.Second }},
		{"clocks below nothing", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.Skew = -time.Second }},
		{"an age below nothing", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.KeyAge = -time.Second }},
		{"no byte cap", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.ByteCap = 0 }},
		{"no accounts for a day", "charter.policy", everybody, func(s *grant.Statement) { s.Policy.PerDay = 0 }},
		{"the last person twice", "charter.twice", everybody, func(s *grant.Statement) {
			p := s.Roster[last]
			p.Group, p.Keys = "legal", []ssh.PublicKey{fixedKey(9)}
			s.Roster = append(s.Roster, p)
		}},
		{"a gate twice", "charter.twice", everybody, func(s *grant.Statement) {
			s.Gates = append(s.Gates, grant.Gate{ID: "gate-1", Region: "us", Key: fixedKey(9)})
		}},
		{"an agency twice", "charter.twice", everybody, func(s *grant.Statement) { s.Agencies = append(s.Agencies, s.Agencies[0]) }},
		{"a pack twice", "charter.twice", everybody, func(s *grant.Statement) { s.Packs = []grant.Pack{{Name: "ie"}, {Name: "ie"}} }},
		{"two persons with one key", "charter.shared_key", everybody, func(s *grant.Statement) { s.Roster[last].Keys = s.Roster[0].Keys[:1] }},
		{"one person's key in a file is another's security key", "charter.shared_key", everybody, func(s *grant.Statement) {
			s.Roster[last].Keys = []ssh.PublicKey{securityKey(s.Roster[0].Keys[0], "ssh:")}
		}},
		{"one point is two persons' security keys, of two applications", "charter.shared_key", everybody, func(s *grant.Statement) {
			s.Roster[0].Keys = append(slices.Clone(s.Roster[0].Keys), securityKey(w.Second.PublicKey(), "ssh:"))
			s.Roster[last].Keys = []ssh.PublicKey{securityKey(w.Second.PublicKey(), "ssh:other")}
		}},
		{"a gate with a person's key", "charter.shared_key", everybody, func(s *grant.Statement) { s.Gates[1].Key = s.Roster[last].Keys[0] }},
		{"a person without a key", "charter.key", everybody, func(s *grant.Statement) { s.Roster[last].Keys = nil }},
		{"an RSA key", "charter.key", everybody, func(s *grant.Statement) { s.Roster[last].Keys = append(slices.Clone(s.Roster[last].Keys), rsaKey()) }},
		{"a gate with an RSA key", "charter.key", everybody, func(s *grant.Statement) { s.Gates[1].Key = rsaKey() }},
	} {
		if c.change == nil {
			c.change = func(*grant.Statement) {}
		}
		next, err := ceremony(w, c.change, c.persons)
		if problem.Code(err) != c.code || next != nil {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func TestLaterStatementsNeedTheQuorumOfTheRosterBefore(t *testing.T) {
	w := gatetest.NewWorld()
	first := w.Charter()
	p := *w.First.Policy
	p.PerDay = 50
	policy := grant.Statement{Policy: &p}
	newcomer := append(slices.Clone(w.First.Roster), grant.Person{ID: "gina", Group: "legal", Name: "Gina", Keys: []ssh.PublicKey{w.Keys["outsider"].PublicKey()}})
	agencies := func(since time.Time, key string) []grant.Agency {
		a := slices.Clone(w.First.Agencies)
		a[0].Recipients = append(slices.Clone(a[0].Recipients), grant.Recipient{Since: since, Key: key})
		return a
	}
	const key = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
	for _, c := range []struct {
		name, code string
		st         grant.Statement
		persons    []string
	}{
		{"three sign", "", policy, []string{"anna", "bo", "carla"}},
		{"two sign", "charter.quorum", policy, []string{"anna", "bo"}},
		{"two and an outsider", "charter.quorum", policy, []string{"anna", "bo", "outsider"}},
		{"two, one of them twice", "charter.quorum", policy, []string{"anna", "bo", "bo"}},
		{"a newcomer counts only afterwards", "charter.quorum", grant.Statement{Roster: newcomer}, []string{"anna", "bo", "outsider"}},
		{"a newcomer", "", grant.Statement{Roster: newcomer}, []string{"anna", "bo", "carla"}},
		{"one removes", "", grant.Statement{Removed: []string{"frida"}}, []string{"dan"}},
		{"an outsider removes", "charter.quorum", grant.Statement{Removed: []string{"frida"}}, []string{"outsider"}},
		{"one removes and changes the policy", "charter.quorum", grant.Statement{Policy: &p, Removed: []string{"frida"}}, []string{"dan"}},
		{"one removes and changes the packs", "charter.quorum", grant.Statement{Packs: []grant.Pack{{Name: "x"}}, Removed: []string{"frida"}}, []string{"dan"}},
		{"a removal of nobody, last of two", "charter.remove", grant.Statement{Removed: []string{"frida", "frieda"}}, []string{"dan"}},
		{"a removal beside a new roster", "charter.remove", grant.Statement{Roster: newcomer, Removed: []string{"frida"}}, []string{"anna", "bo", "carla"}},
		{"everybody is removed", "charter.incomplete", grant.Statement{Removed: everybody}, []string{"dan"}},
		{"a roster too small", "charter.policy", grant.Statement{Roster: newcomer[:2]}, []string{"anna", "bo", "carla"}},
		{"older than the first", "charter.backdated", grant.Statement{Policy: &p, At: w.First.At.Add(-time.Second)}, []string{"anna", "bo", "carla"}},
		{"a recipient's key from before", "charter.backdated", grant.Statement{Agencies: agencies(gatetest.Start.Add(-time.Second), key)}, []string{"anna", "bo", "carla"}},
		{"a recipient's key from now", "", grant.Statement{Agencies: agencies(gatetest.Start, key)}, []string{"anna", "bo", "carla"}},
		{"an older date for a known key", "charter.backdated", grant.Statement{Agencies: agencies(w.First.At, w.New.Recipient().String())}, []string{"anna", "bo", "carla"}},
	} {
		text, sigs := w.Next(c.st, first, c.persons...)
		next, err := first.Extend(text, sigs)
		if problem.Code(err) != c.code || (err == nil) != (next != nil) {
			t.Errorf("%s: %v, want %q", c.name, err, c.code)
		}
	}
	if first.Number != 1 || len(first.Roster) != 6 || first.Policy.PerDay != 2 {
		t.Error("the charter before was changed")
	}
}

func TestAStatementOutOfTheChainIsRefused(t *testing.T) {
	w := gatetest.NewWorld()
	first := w.Charter()
	p := *w.First.Policy
	p.PerDay = 50
	base := grant.Statement{Provider: "Lindworm Mail", Number: 2, Previous: first.Head, At: gatetest.Start, Policy: &p}
	for _, c := range []struct {
		name, code string
		change     func(*grant.Statement)
		spoil      func(text []byte, sigs [][]byte)
	}{
		{"as it should be", "", func(*grant.Statement) {}, nil},
		{"the number is skipped", "charter.number", func(s *grant.Statement) { s.Number = 3 }, nil},
		{"the number is not new", "charter.number", func(s *grant.Statement) { s.Number = 1 }, nil},
		{"another predecessor", "charter.previous", func(s *grant.Statement) { s.Previous[0] ^= 1 }, nil},
		{"another provider", "charter.provider", func(s *grant.Statement) { s.Provider = "Basilisk Mail" }, nil},
		{"the last signature is of another text", "signature.wrong", func(*grant.Statement) {}, func(_ []byte, s [][]byte) { s[2] = w.Sign("carla", signature.Charter, []byte("x")) }},
		{"the last signature is of another kind", "signature.namespace", func(*grant.Statement) {}, func(b []byte, s [][]byte) { s[2] = w.Sign("carla", signature.Grant, b) }},
		{"the last signature is none", "signature.form", func(*grant.Statement) {}, func(_ []byte, s [][]byte) { s[2] = []byte("-----BEGIN SSH SIGNATURE-----") }},
	} {
		st := base
		c.change(&st)
		text, err := st.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var sigs [][]byte
		for _, p := range []string{"anna", "bo", "carla"} {
			sigs = append(sigs, w.Sign(p, signature.Charter, text))
		}
		if c.spoil != nil {
			c.spoil(text, sigs)
		}
		if _, err := first.Extend(text, sigs); problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %q", c.name, err, c.code)
		}
	}
	many := make([][]byte, 101)
	text, _ := base.Bytes()
	for i := range many {
		many[i] = w.Sign("anna", signature.Charter, text)
	}
	if _, err := first.Extend(text, many); problem.Code(err) != "charter.quorum" {
		t.Errorf("a hundred and one signatures: %v", err)
	}
}

func TestASectionThatIsNotStatedStays(t *testing.T) {
	w := gatetest.NewWorld()
	first := w.Charter()
	text, sigs := w.Next(grant.Statement{Removed: []string{"frida"}}, first, "dan")
	next, err := first.Extend(text, sigs)
	if err != nil {
		t.Fatal(err)
	}
	if next.Number != 2 || next.At != gatetest.Start || len(next.Roster) != 5 || next.Policy != first.Policy || len(next.Gates) != 2 || len(next.Accounts) != 4 || len(next.Aliases) != len(first.Aliases) || len(next.Agencies) != 1 || len(next.Log) == 0 {
		t.Errorf("%+v", next)
	}
	if _, ok := next.PersonByID("frida"); ok {
		t.Error("frida is still there")
	}
	if _, ok := next.PersonOf(w.Keys["frida"].PublicKey()); ok {
		t.Error("frida's key is still there")
	}
	if _, ok := first.PersonByID("frida"); !ok {
		t.Error("the charter before was changed")
	}
}

func TestStopsAndWordsCountByTheirOwnPersonsKey(t *testing.T) {
	w := gatetest.NewWorld()
	c, g := w.Charter(), w.Grant(1)
	good := w.Stop("dan", "demand k7wq-93")
	if s, err := grant.CheckStop(c, good); err != nil || s.Person != "dan" || !s.Reach.Meets(g) {
		t.Fatal(s, err)
	}
	other := good
	other.Signature = w.Sign("bo", signature.Stop, good.Text)
	wrong := good
	wrong.Signature = w.Sign("dan", signature.InForce, good.Text)
	for name, c2 := range map[string]struct {
		s    grant.Signed
		code string
	}{"outsider": {w.Stop("outsider", "everything"), "stop.not_on_roster"}, "another's name": {other, "stop.other_person"}, "another namespace": {wrong, "signature.namespace"}} {
		if s, err := grant.CheckStop(c, c2.s); problem.Code(err) != c2.code || s != (grant.Stop{}) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	word := w.InForce("carla", g)
	for _, c2 := range []struct {
		name, code string
		s          grant.Signed
		g          grant.Grant
		now        time.Duration
	}{
		{"now", "", word, g, 0},
		{"at its last second", "", word, g, 10 * time.Minute},
		{"a second later", "inforce.stale", word, g, 10*time.Minute + time.Second},
		{"within the skew", "", word, g, -time.Minute},
		{"from the future", "inforce.future", word, g, -time.Minute - time.Second},
		{"of another grant", "inforce.other_grant", word, w.Grant(2), 0},
		{"an outsider", "inforce.not_on_roster", w.InForce("outsider", g), g, 0},
	} {
		got, err := grant.CheckInForce(c, c2.s, c2.g, gatetest.Start.Add(c2.now))
		if problem.Code(err) != c2.code || (err != nil && got != (grant.InForce{})) {
			t.Errorf("%s: %v, want %q", c2.name, err, c2.code)
		}
	}
}

func TestAReachMeetsWhatItNamesAndReadsBack(t *testing.T) {
	g := gatetest.NewWorld().Grant(1)
	for text, meets := range map[string]bool{
		"everything": true, "demand k7wq-93": true, "demand k7wq-9": false, "grant g-1": true, "grant g-11": false, "account acct-a1": true, "account acct-b2": false,
	} {
		r, err := grant.ParseReach(text)
		if err != nil || r.String() != text || r.Meets(g) != meets {
			t.Errorf("%q: %v, %v", text, r.Meets(g), err)
		}
	}
	for _, text := range []string{"", "everything ", "Everything", "demand", "demand ", "demand K7WQ-93", "demand k7wq-93 ", "demand a b", "grant *", "account ab", "person anna"} {
		if _, err := grant.ParseReach(text); problem.Code(err) != "stop.reach" {
			t.Errorf("%q would halt nothing, and is accepted: %v", text, err)
		}
	}
}

func TestAnAliasMayBeHeldThroughoutInSeveralRows(t *testing.T) {
	w := gatetest.NewWorld()
	mail := gatetest.Mail("acct-a1")
	mid := mail.From.AddDate(0, 0, 15)
	for _, c := range []struct {
		name string
		rows []grant.Alias
		code string
	}{
		{"two that adjoin", []grant.Alias{{From: mail.From, Until: mid}, {From: mid.Add(time.Second), Until: mail.Until}}, ""},
		{"two that overlap, out of order", []grant.Alias{{From: mid.Add(-time.Hour), Until: mail.Until}, {From: mail.From, Until: mid}}, ""},
		{"a second is missing", []grant.Alias{{From: mail.From, Until: mid}, {From: mid.Add(2 * time.Second), Until: mail.Until}}, "grant.alias_interval"},
		{"begins a second late", []grant.Alias{{From: mail.From.Add(time.Second)}}, "grant.alias_interval"},
		{"ends a second early", []grant.Alias{{From: mail.From, Until: mail.Until.Add(-time.Second)}}, "grant.alias_interval"},
		{"open", []grant.Alias{{From: mail.From}}, ""},
	} {
		charter, err := ceremony(w, func(s *grant.Statement) {
			s.Aliases = nil
			for _, a := range c.rows {
				a.Account, a.Kind, a.Value = "acct-a1", "address", "ada@lindworm.example"
				s.Aliases = append(s.Aliases, a)
			}
		}, everybody)
		if err != nil {
			t.Fatal(err)
		}
		g := w.Grant(1)
		g.Charter = charter.Head
		g.Targets[0].Stated = "Ada@Lindworm.example" // compared in normal form
		err = checkOf("targets")(grant.Case{Grant: g, Charter: charter, Gate: "gate-1", Now: gatetest.Start})
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %q", c.name, err, c.code)
		}
	}
}

func checkOf(name string) func(grant.Case) error {
	i := slices.IndexFunc(grant.Rules, func(r grant.Rule) bool { return r.Name == name })
	return grant.Rules[i].Check
}

// A grant that differs in one respect is refused by one rule and passes all
// others: each rule stands for itself. The gate's attacks go through the list in
// full.
func TestEachRuleRefusesWhatIsItsOwn(t *testing.T) {
	w := gatetest.NewWorld()
	charter := w.Charter()
	signed := func(g grant.Grant, persons ...string) grant.Case {
		text := gatetest.Text(g)
		c := grant.Case{Grant: g, Text: text, Charter: charter, Gate: "gate-1", Now: gatetest.Start}
		for _, p := range persons {
			c.Approvals = append(c.Approvals, w.Sign(p, signature.Grant, text))
		}
		return c
	}
	if err := grant.Check(signed(w.Grant(1), "anna", "bo")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rule, code string
		of         func() grant.Case
	}{
		{"charter", "grant.charter", func() grant.Case { g := w.Grant(1); g.Charter[0] ^= 1; return signed(g, "anna", "bo") }},
		{"charter", "grant.charter", func() grant.Case { g := w.Grant(1); g.Provider = "Basilisk Mail"; return signed(g, "anna", "bo") }},
		{"gate", "grant.foreign_region", func() grant.Case { g := w.Grant(1); g.Gate = "gate-2"; return signed(g, "anna", "bo") }},
		{"gate", "grant.foreign_region", func() grant.Case { c := signed(w.Grant(1), "anna", "bo"); c.Gate = "gate-9"; return c }},
		{"life", "grant.expired", func() grant.Case {
			c := signed(w.Grant(1), "anna", "bo")
			c.Now = c.Grant.Expires
			return c
		}},
		{"life", "grant.too_long", func() grant.Case { g := w.Grant(1); g.Expires = g.Issued; return signed(g, "anna", "bo") }},
		{"cap", "grant.cap", func() grant.Case { g := w.Grant(1); g.ByteCap = 0; return signed(g, "anna", "bo") }},
		{"drafter", "grant.drafter", func() grant.Case { g := w.Grant(1); g.Drafter = "Emil"; return signed(g, "anna", "bo") }},
		{"recipient", "grant.recipient_unknown", func() grant.Case { g := w.Grant(1); g.Requester = "other"; return signed(g, "anna", "bo") }},
		{"approvals", "grant.approvals_missing", func() grant.Case { return signed(w.Grant(1)) }},
		{"approvals", "grant.approvals_missing", func() grant.Case { return signed(w.Grant(1), "anna", "anna") }},
		{"approvals", "grant.groups_missing", func() grant.Case { return signed(w.Grant(1), "anna", "carla") }},
		{"approvals", "approval.drafter", func() grant.Case { return signed(w.Grant(1), "anna", "bo", "emil") }},
		{"approvals", "approval.not_on_roster", func() grant.Case { return signed(w.Grant(1), "anna", "bo", "outsider") }},
		{"approvals", "approval.too_many", func() grant.Case { return signed(w.Grant(1), strings.Fields(strings.Repeat("anna ", 33))...) }},
	} {
		for _, r := range grant.Rules {
			want := ""
			if r.Name == c.rule {
				want = c.code
			}
			if err := r.Check(c.of()); problem.Code(err) != want {
				t.Errorf("%s: rule %s says %v", c.code, r.Name, err)
			}
		}
		if err := grant.Check(c.of()); problem.Code(err) != c.code {
			t.Errorf("%s: the list says %v", c.code, err)
		}
	}
}

// securityKey is the Ed25519 security key of a key's point.
func securityKey(of ssh.PublicKey, application string) ssh.PublicKey {
	var line struct{ Name, Point string }
	err := ssh.Unmarshal(of.Marshal(), &line)
	if err != nil {
		panic(err)
	}
	k, err := ssh.ParsePublicKey(ssh.Marshal(struct{ Name, Point, Application string }{ssh.KeyAlgoSKED25519, line.Point, application}))
	if err != nil {
		panic(err)
	}
	return k
}

// One person may have a key in two forms.
func TestAPersonsKeyMayStandInTwoForms(t *testing.T) {
	_, err := ceremony(gatetest.NewWorld(), func(s *grant.Statement) {
		s.Roster[0].Keys = append(slices.Clone(s.Roster[0].Keys), securityKey(s.Roster[0].Keys[0], "ssh:"))
	}, everybody)
	if err != nil {
		t.Fatal(err)
	}
}
