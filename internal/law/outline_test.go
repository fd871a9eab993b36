package law_test

import (
	"testing"

	"counterseal/internal/law"
)

// What is asked for is what a rule applies to; who signs, who authorises, an offence and a term
// are what it requires. Of exceptions and alternatives nobody knows how they hang together.
func TestALawsConditionsBecomeTheOutlineOfARule(t *testing.T) {
	for about, want := range map[string][2]string{
		"traffic data, ordered by a prosecutor, authorised by a judge, an offence over one year":               {"asks_traffic", "signer == 'prosecutor' && validator in ['judge', 'court'] && offence_max_months > 12"},
		"traffic data, signed by judge, signed by prosecutor, signed by police officer":                        {"asks_traffic", "signer in ['judge', 'prosecutor', 'police_officer']"},
		"content and traffic data, by a court":                                                                 {"asks_content || asks_traffic", "signer == 'judge'"},
		"no content, prospective":                                                                              {"prospective", "!asks_content"},
		"location, not passwords":                                                                              {"'location' in fields", "!('passwords' in fields)"},
		"subscriber data, within five days after it was signed":                                                {"asks_subscriber", "as_of <= signed + days(5)"},
		"content, an investigating judge or a judge":                                                           {"asks_content", "signer in ['judge', 'investigating_judge']"},
		"content, a judge, or a prosecutor":                                                                    {"asks_content", "signer in ['judge', 'prosecutor']"},
		"content, a judge, unless danger to life":                                                              {"asks_content", "signer == 'judge' || emergency == 'death_or_serious_injury'"},
		"content, a judge, an offence over one year, or a prosecutor":                                          {"asks_content", "(signer == 'judge' && offence_max_months > 12) || signer == 'prosecutor'"},
		"content, a judge, danger to life, consent":                                                            {"asks_content", "signer == 'judge' || emergency == 'death_or_serious_injury' || instrument == 'customer_consent'"},
		"content, signed by a prosecutor or authorised by a judge":                                             {"asks_content", ""},
		"content, a judge unless danger to life":                                                               {"asks_content", ""},
		"content, a judge, or an offence over one year":                                                        {"asks_content", "signer == 'judge' || offence_max_months > 12"},
		"content, a judge, requested by the police":                                                            {"asks_content && authority_kind == 'police'", "signer == 'judge'"},
		"content, a judge, police or a prosecutor asks":                                                        {"asks_content && authority_kind in ['prosecutor', 'police']", "signer == 'judge'"},
		"traffic data of a communications service, demanded by a prosecutor, an offence of 4 years":            {"asks_traffic", "authority_kind == 'prosecutor' && offence_max_months >= 48"},
		"content, a judge, a prosecutor in urgent cases":                                                       {"asks_content", ""},
		"content, a court, decided by a judge or prosecutor":                                                   {"asks_content", "signer in ['judge', 'prosecutor']"},
		"user data in an emergency, a judge":                                                                   {"asks_subscriber", ""},
		"content, a judge, the police":                                                                         {"asks_content", "signer == 'judge'"},
		"content, location, prospective, a judge":                                                              {"(asks_content || 'location' in fields) && prospective", "signer == 'judge'"},
		"content, a judge, verified":                                                                           {"asks_content", ""},
		"content, a judge, an offence of no less than six months":                                              {"asks_content", "signer == 'judge'"},
		"content, a judge, state or local agencies":                                                            {"asks_content && authority_level in ['state', 'local']", "signer == 'judge'"},
		"content, a judge, except for location":                                                                {"asks_content", ""},
		"content, danger to life":                                                                              {"asks_content", ""},
		"content, a judge or prosecutor, not a police officer":                                                 {"asks_content", "signer in ['judge', 'prosecutor'] && signer != 'police_officer'"},
		"content, a judge, no consent":                                                                         {"asks_content && instrument != 'customer_consent'", "signer == 'judge'"},
		"content, a judge, a search warrant":                                                                   {"asks_content", "signer == 'judge' && instrument == 'state_warrant'"},
		"content, a judge, an offence over one year, or over six months if the holder agrees, or a kidnapping": {"asks_content", "signer == 'judge' && offence_max_months > 12"},
		"": {"", ""},
	} {
		named, _, _ := law.Propose(about, "AT", "customer_consent", "state_warrant")
		applies, requires := law.Outline(named)
		if applies != want[0] || requires != want[1] {
			t.Errorf("%s\n is   %s / %s\n want %s / %s", about, applies, requires, want[0], want[1])
		}
	}
}
