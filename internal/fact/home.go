package fact

import (
	"slices"
	"strings"
)

// homes are the jurisdictions to which words belong alone, by how their meanings or the
// words themselves begin.
var homes = map[string]string{
	"United States": "US", "a State of the United States": "US", "United Kingdom": "GB", "European Union": "EU", "Ireland": "IE", "Germany": "DE", "Denmark": "DK", "Italy": "IT",
	"us": "US", "ca": "US", "uk": "GB", "de": "DE", "eu": "EU", "ie": "IE", "dk": "DK", "it": "IT",
}

// Home is the jurisdiction to whose law a word belongs alone, by two letters, EU included:
// US of the paper sca_warrant, DE of the source of secrecy de_95a; "" where it is of no one.
func Home(k Key, word string) string {
	switch k {
	case Instrument:
		of, _, _ := strings.Cut(papers[word], ": ")
		return homes[of]
	case SecrecySource:
		of, _, _ := strings.Cut(word, "_")
		return homes[of]
	case Forum:
		of, _, _ := strings.Cut(word, ".")
		return homes[of]
	}
	return ""
}

// noInvestigatingJudge are jurisdictions in which none conducts or supervises an
// investigation: common law and the Nordic states.
var noInvestigatingJudge = []string{"US", "GB", "IE", "CA", "AU", "NZ", "IN", "ZA", "DK", "SE", "NO", "FI", "IS"}

// Exists says whether a word can be one of a jurisdiction, by two letters; "" and EU: of
// some. A rule of Ireland is not helped by the ranks of courts that Ireland does not have.
func Exists(k Key, word, jurisdiction string) bool {
	if jurisdiction == "" {
		return true
	}
	switch word {
	case "magistrate_judge":
		return jurisdiction == "US"
	case "investigating_judge":
		return !slices.Contains(noInvestigatingJudge, jurisdiction)
	}
	home := Home(k, word)
	return home == "" || home == jurisdiction || home == "EU" && inUnion(jurisdiction) || jurisdiction == "EU" && inUnion(home)
}

// Union are the states of the European Union, apart by blanks.
const Union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

func inUnion(code string) bool { return len(code) == 2 && strings.Contains(Union, code) }

// GoTogether says whether facts can be those of one demand as far as whose law they are of:
// an Irish order is not issued by France, nor is its silence one of 18 USC 2705(b).
func (f *Facts) GoTogether() bool {
	at := ""
	for _, k := range []Key{IssuingCountry, Instrument, SecrecySource, USState} {
		home := f.home(k)
		switch {
		case home == "" || home == at:
		case at == "" || at == "EU" && inUnion(home):
			at = home
		case home != "EU" || !inUnion(at):
			return false
		}
	}
	return true
}

// home is the jurisdiction that a known fact puts a demand in.
func (f *Facts) home(k Key) string {
	v, known, _ := f.Get(k.String()) // its name is the schema's
	word, _ := v.(string)
	switch {
	case !known:
		return ""
	case k == USState:
		return "US"
	case k == IssuingCountry:
		return word
	}
	return Home(k, word)
}

// From is where facts say that a demand comes from: of an Irish order, Ireland, though
// nobody stated the state; "" where they do not.
func (f *Facts) From() string {
	for _, k := range []Key{IssuingCountry, Instrument, USState} {
		if home := f.home(k); home != "" && home != "EU" {
			return home
		}
	}
	return ""
}
