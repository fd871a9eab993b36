package law_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/law"
)

// What a law looks at, in a lawyer's words, becomes conditions: who orders and who authorises
// are told apart, and what is said of an offence is counted in months.
func TestWhatALawLooksAtBecomesConditions(t *testing.T) {
	for about, want := range map[string]string{
		"an offence over one year, or over six months where the customer consents":               "offence_max_months > 12; offence_max_months > 6",
		"traffic data, ordered by a prosecutor, authorised by a judge, an offence over one year": "asks_traffic; signer == 'prosecutor'; validator in ['judge', 'court']; offence_max_months > 12",
		"subscriber data, signed by a judge or investigating judge, confirmed by a court":        "asks_subscriber; signer in ['judge', 'investigating_judge']; validator in ['judge', 'court']",
		"ordered by an investigating judge":                                                      "signer == 'investigating_judge'",
		"ordered by an investigating judge or a judge of Austrian courts":                        "signer in ['judge', 'investigating_judge']",
		"Austrian authorities":                                    "",
		"passwords, by order of a court":                          "'passwords' in fields; signer == 'judge'",
		"live interception of content by the police":              "prospective; asks_content; authority_kind == 'police'",
		"danger to life, a maximum penalty of at least 36 months": "emergency == 'death_or_serious_injury'; offence_max_months >= 36",
		"an offence of up to 2 years":                             "offence_max_months <= 24",
		"the issuing country is Norway":                           "issuing_country == 'NO'",
		"emergency":                                               "emergency",
		"within five days after it was signed":                    "as_of <= signed + days(5)",
		"must be served within 10 days":                           "served",
		"an offence of no less than six months":                   "offence_max_months >= 6",
		"answering an emergency call":                             "emergency",
		"demanded by police or a prosecutor":                      "authority_kind in ['prosecutor', 'police']",
		"police with the oral agreement of the prosecutor":        "signer == 'police_officer'; validator == 'prosecutor'",
		"a police officer authorised by a judge or prosecutor":    "signer == 'police_officer'; validator in ['judge', 'court', 'prosecutor']",
		"consent of an investigating judge":                       "validator == 'investigating_judge'",
		"an offence of 3 years":                                   "offence_max_months >= 36",
	} {
		list, unknown, _ := law.Propose(about, "AT")
		var got []string
		for _, p := range list {
			says := p.Condition
			if says == "" {
				says = p.Fact.String()
			}
			got = append(got, says)
		}
		if strings.Join(got, "; ") != want || len(unknown) > 0 {
			t.Errorf("%s\n is   %s (unknown: %q)\n want %s", about, strings.Join(got, "; "), unknown, want)
		}
	}
	meant, _, _ := law.Propose("an offence of no less than six months; a maximum penalty of at least 3 years", "AT")
	if len(meant) != 2 || !strings.HasSuffix(meant[0].Words, "if its highest penalty is meant") || strings.Contains(meant[1].Words, "meant") {
		t.Errorf("what is said of the lowest penalty is not told from the highest: %v", meant)
	}
	papers, _, _ := law.Propose("location, a tracking warrant, consent of the customer", "US", "state_warrant", "state_order", "customer_consent")
	var said []string
	for _, p := range papers {
		said = append(said, p.Condition)
	}
	if got := strings.Join(said, "; "); !strings.HasPrefix(got, "'location' in fields; instrument == 'state_warrant'; ") || !strings.HasSuffix(got, "; instrument == 'customer_consent'") {
		t.Errorf("of papers it proposes %s", got)
	}
	_, unknown, silent := law.Propose("user data, for a missing person, every user, Austrian authorities, Texas, for three months", "AT")
	if fmt.Sprint(unknown) != "[missing]" || fmt.Sprint(silent) != "[every user for three months]" {
		t.Errorf("unknown: %q, nothing found for %q", unknown, silent)
	}
	list, _, _ := law.Propose("signed by an investigating judge or a judge", "IE")
	if slices.ContainsFunc(list, func(p law.Proposed) bool { return strings.Contains(p.Condition, "investigating") }) {
		t.Errorf("a rank that Ireland does not have is proposed: %v", list)
	}
}

// What the author named and the draft does not look at is in cases: a forgotten exception is so
// in one that violates, what it applies to is not so in one, and what it requires is not so in
// one that does not violate.
func TestWhatIsForgottenIsInCases(t *testing.T) {
	d := draftOf(t, "pt.x.a", "instruments", "foreign_order", "applies", "requester == 'government' && issuing_country == 'PT'", "requires", "signer == 'prosecutor'")
	d.Named, _, _ = law.Propose("subscriber data, signed by a prosecutor, danger to life, an offence over one year", "PT")
	var names []string
	for _, p := range d.Forgotten() {
		names = append(names, p.Condition)
	}
	if got := strings.Join(names, "; "); got != "asks_subscriber; emergency == 'death_or_serious_injury'; offence_max_months > 12" {
		t.Errorf("forgotten: %s", got)
	}
	said, _ := told(t, d)
	for _, want := range []string{
		"as 1, but subscriber data are not asked for: violated", "as 1, but the emergency is death or serious injury: violated", "as 2, but the maximum penalty in months is 12: holds",
	} {
		if !slices.Contains(said, want) {
			t.Errorf("no case is %q: %q", want, said)
		}
	}
}

// Every condition that is proposed is one that a rule may have.
func FuzzWhatIsProposedIsACondition(f *testing.F) {
	f.Add("traffic data, ordered by a prosecutor or judge, an offence over one year, in Norway; headers and location")
	f.Add("gag, 12 months, passwords")
	f.Fuzz(func(t *testing.T, about string) {
		list, _, _ := law.Propose(about, "")
		d := draftOf(t, "us.x.a")
		for _, p := range list {
			if p.Condition == "" {
				continue
			}
			err := d.State("applies", p.Condition)
			if err != nil || d.Applies != p.Condition {
				t.Errorf("%q: %s: %v", about, p.Condition, err)
			}
		}
	})
}
