package law_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// draftOf is a draft of a few fields.
func draftOf(t *testing.T, id string, fields ...string) *law.Draft {
	t.Helper()
	d, err := law.NewDraft(id)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		err = d.State(fields[i], fields[i+1])
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// told are the cases of a draft in words.
func told(t *testing.T, d *law.Draft) (out []string, list []law.Case) {
	t.Helper()
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Cases {
		out = append(out, w.SayCase(c, d.Applies, d.Requires)+": "+string(c.Says))
	}
	return out, p.Cases
}

// Who forgets that a law is one of a State or country sees a paper of another.
func TestAPaperFromElsewhereIsOfferedWhereTheDraftDoesNotLookAtThat(t *testing.T) {
	const who, need = "requester == 'government'", "signer == 'judge'"
	for _, c := range []struct {
		id, papers, applies, inside, want string
	}{
		{"us_state.ca_mail.warrant", "state_order", who, "", "as 1, but the State is Texas: violated"},
		{"us_state.ca_mail.warrant", "state_order", who + " && us_state == 'CA'", "", ""},
		{"us_state.texas.warrant", "", who, "us.state", "as 1, but the State is California: violated"},
		{"pl.orders.judge", "foreign_order", who, "", "as 1, but the issuing country is France (FR): violated"},
		{"fr.orders.judge", "", who, "", "as 1, but the issuing country is Germany (DE): violated"},
		{"de.orders2.judge", "de_order, epoc", who, "", "as 1, but the issuing country is France (FR): violated"},
		{"de.orders2.judge", "de_order", who, "", ""},
		{"ie.orders2.judge", "", who, "ie", ""},
		{"pl.orders.judge", "", who + " && issuing_country == 'PL'", "", ""},
		{"us.pen.judge", "pen_trap_order", who, "", ""},
		{"eu.pen.judge", "", who, "", ""},
		{"provider.pen.judge", "", who, "", ""},
	} {
		said, _ := told(t, draftOf(t, c.id, "instruments", c.papers, "inside", c.inside, "applies", c.applies, "requires", need))
		found := ""
		for _, s := range said {
			if slices.Contains([]string{"as 1, but the State is Texas: violated", "as 1, but the State is California: violated",
				"as 1, but the issuing country is France (FR): violated", "as 1, but the issuing country is Germany (DE): violated"}, s) {
				found += s
			}
		}
		if found != c.want {
			t.Errorf("%s, papers %q, %s: %q, want %q", c.id, c.papers, c.applies, found, c.want)
		}
	}
}

func TestTheHomeOfADraftIsInItsPacksName(t *testing.T) {
	for id, want := range map[string]string{
		"us_state.ca.x": "CA", "us_state.new_york_orders.x": "NY", "us_state.west_virginia.x": "WV", "us_state.virginia.x": "VA", "us_state.mail.x": "",
		"uk.a.x": "GB", "pl.a.x": "PL", "us.a.x": "US", "eu.a.x": "none", "coe.a.x": "none", "provider.a.x": "none",
	} {
		_, code, one := draftOf(t, id).Home()
		if !one {
			code = "none"
		}
		if code != want {
			t.Errorf("%s: %q, want %q", id, code, want)
		}
	}
}

// Who forgets a rank, or writes one for another, sees the one that stands near.
func TestARankNearToThoseNamedIsOffered(t *testing.T) {
	for _, c := range []struct{ id, requires, want string }{
		{"it.x.a", "signer in ['investigating_judge', 'prosecutor']", "as 1, but the signer is judge: violated"},
		{"it.x.a", "signer == 'prosecutor'", "as 1, but the signer is judge: violated"},
		{"it.x.a", "signer == 'judge'", "as 1, but the signer is investigating judge: violated"},
		{"us.x.a", "signer == 'judge'", "as 1, but the signer is magistrate judge: violated"},
		{"us.x.a", "signer == 'magistrate_judge'", "as 1, but the signer is judge: violated"},
		{"it.x.a", "signer == 'judge' || signer == 'prosecutor' && validator == 'court'", "as 3, but the validator is judge: violated"},
		{"it.x.a", "signer != 'police_officer'", "as 1, but the signer is prosecutor: holds"},
	} {
		said, list := told(t, draftOf(t, c.id, "instruments", "foreign_order", "applies", "requester == 'government' && issuing_country == 'IT'", "requires", c.requires))
		if !slices.Contains(said, c.want) {
			t.Errorf("%s: no case is %q: %q", c.requires, c.want, said)
		}
		if len(list) > 10 { // with the paper that it is not about, which always stands on the sheet
			t.Errorf("%s: %d cases", c.requires, len(list))
		}
	}
}

// Who writes one of the packs' rules and forgets a rank in a list that there is in its
// country is shown a case that comes out otherwise than the law: the cases are those of the
// rule as it was written.
func TestAForgottenRankIsSeenInTheCasesOfTheWrongRule(t *testing.T) {
	seen, all := 0, 0
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			right := engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{r}})
			for _, m := range wrongRules(r)["member"] {
				k, word := forgottenRank(r, m)
				d, err := law.DraftOf(m)
				if err != nil {
					t.Fatal(err)
				}
				if word == "" || !fact.Exists(k, word, d.Country()) {
					continue
				}
				offered, err := d.Cases(today)
				if err != nil {
					continue
				}
				all++
				wrong := engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{m}})
				if slices.ContainsFunc(factsIn(offered.Cases), func(f fact.Facts) bool { return says(right, f) != says(wrong, f) }) {
					seen++
				} else {
					t.Errorf("%s: without %s not seen: %s | %s", r.ID, word, m.Applies, m.Requires)
				}
			}
		}
	}
	if all < 50 {
		t.Errorf("only %d rules, %d seen", all, seen)
	}
}

// forgottenRank is the word that a list of one rule has, of who signed or validated, and the
// other lacks.
func forgottenRank(r, m law.Rule) (k fact.Key, word string) {
	for k, name := range map[fact.Key]string{fact.Signer: "signer in [", fact.Validator: "validator in ["} {
		for _, of := range [][2]string{{r.Applies, m.Applies}, {r.Requires, m.Requires}} {
			was, is := strings.Join(strings.Fields(of[0]), " "), of[1]
			at := strings.Index(was, name)
			if at < 0 || strings.Contains(is, was[at:at+strings.Index(was[at:], "]")]) {
				continue
			}
			list, _, _ := strings.Cut(is[strings.Index(is, name):], "]")
			for _, w := range strings.Split(was[at+len(name):at+strings.Index(was[at:], "]")], ", ") {
				if !strings.Contains(list, w) {
					return k, strings.Trim(w, "'")
				}
			}
		}
	}
	return 0, ""
}

// Words of other ranks are never judged together with one letter, and those that there are
// not in a country are not offered for its law.
func TestEachRankIsJudgedByItself(t *testing.T) {
	judges := []string{"judge", "investigating_judge", "magistrate_judge", "court"}
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			d, err := law.DraftOf(r)
			if err != nil {
				t.Fatal(err)
			}
			offered, err := d.Cases(today)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range offered.Cases {
				for _, f := range c.Also {
					for _, name := range f.Differs(&c.Facts).Names() {
						a, _, _ := f.Get(name)
						b, _, _ := c.Facts.Get(name)
						alike := slices.Contains(judges, fmt.Sprint(a)) && slices.Contains(judges, fmt.Sprint(b))
						if slices.Contains([]string{"signer", "validator", "secrecy_signer", "authority_kind"}, name) && !alike {
							t.Errorf("%s: %s %v is judged with %v", r.ID, name, a, b)
						}
					}
				}
			}
		}
	}
	d := draftOf(t, "ie.x.a", "instruments", "ie_order", "applies", "requester == 'government'", "requires", "signer in ['judge', 'prosecutor']")
	p, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	ranks := map[any]bool{}
	for _, f := range factsIn(p.Cases) {
		signer, known, _ := f.Get("signer")
		if known && !fact.Exists(fact.Signer, signer.(string), "IE") {
			t.Errorf("%v is offered for Irish law", signer)
		}
		ranks[signer] = true
	}
	if !ranks["judge"] || !ranks["prosecutor"] || !ranks["police_officer"] {
		t.Error(ranks)
	}
	paper := slices.ContainsFunc(p.Cases, func(c law.Case) bool {
		word, _, _ := c.Facts.Get("instrument")
		return word == "de_order" || word == "dk_order" || word == "it_order"
	})
	if paper {
		t.Error("a paper of another country is offered, though there are some of no one's")
	}
}

// What changes in a case is one fact, or a second one that goes together with it and is
// said to: who judges it knows what the verdict hangs on.
func TestCasesAreOneFactApart(t *testing.T) {
	apart := func(d *law.Draft) (two []string) {
		offered, err := d.Cases(today)
		if err != nil {
			t.Fatal(err)
		}
		w, err := law.NewWording()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range offered.Cases {
			says := w.SayCase(c, d.Applies, d.Requires)
			if len(c.Changed)-len(c.Follows) > 1 {
				two = append(two, d.ID+": "+says)
			}
			if strings.Count(says, "; and with that the ") != len(c.Follows) {
				t.Errorf("%q does not say that %q follow", says, c.Follows)
			}
		}
		return two
	}
	var two []string
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			d, err := law.DraftOf(r)
			if err != nil {
				t.Fatal(err)
			}
			two = append(two, apart(d)...)
		}
	}
	if len(two) > 1 { // of which one cannot be otherwise: of two countries one at least must be of the Union
		t.Errorf("%q", two)
	}
	for _, c := range [][2]string{
		{"requester == 'government' && authority_kind == 'police'", "signer == 'supervisory_official'"},
		{"authority_kind in ['police', 'agency']", "signer in ['supervisory_official', 'judge']"},
		{"requester == 'government'", "authority_kind == 'court' && signer == 'judge'"},
		{"requester == 'government' && authority_kind == 'prosecutor'", "signer == 'prosecutor' && validator == 'judge'"},
		{"requester == 'government' && 'passwords' in fields", "signer == 'judge' || validator == 'court'"},
	} {
		d := draftOf(t, "ie.x.a", "instruments", "ie_order", "applies", c[0], "requires", c[1])
		if two := apart(d); len(two) > 0 {
			t.Errorf("%q: %q", c, two)
		}
	}
}

// Who forgets from which day a law is in force sees a day long ago.
func TestADayLongAgoIsOfferedWhereNoneIsStated(t *testing.T) {
	const want = "as 1, but the day in question is 1 January 1980: violated"
	for _, c := range []struct {
		id, inForce, requires string
		offered               bool
	}{
		{"ie.x.a", "", "signer == 'judge'", true}, {"ie.x.a", "2023-06-26", "signer == 'judge'", false}, {"ie.x.a", "", "as_of <= signed + days(2)", false}, {"provider.x.a", "", "signer == 'judge'", false},
	} {
		said, _ := told(t, draftOf(t, c.id, "in_force", c.inForce, "applies", "requester == 'government'", "requires", c.requires))
		if slices.Contains(said, want) != c.offered {
			t.Errorf("%v: %q", c, said)
		}
	}
}
