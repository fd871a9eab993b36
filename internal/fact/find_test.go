package fact_test

import (
	"slices"
	"strings"
	"testing"

	"counterseal/internal/fact"
)

func TestEveryFactAndEveryPaperHasAMeaningAndOtherWordsFindThem(t *testing.T) {
	lists := [][]fact.Word{fact.Names()}
	for k, d := range fact.Schema() {
		if len(d.Values) > 0 {
			lists = append(lists, fact.Words(fact.Key(k)))
		}
	}
	for _, all := range lists {
		for _, w := range all {
			if w.Meaning == "" {
				t.Errorf("%s has no meaning", w.Name)
			}
			for _, also := range append(w.Also, w.Name) {
				if !slices.ContainsFunc(fact.Find(all, also), func(x fact.Word) bool { return x.Name == w.Name }) {
					t.Errorf("%q does not find %s", also, w.Name)
				}
			}
		}
	}
	for _, w := range fact.Names() {
		if len(w.Also) == 0 {
			t.Errorf("%s has no other words", w.Name)
		}
	}
}

func TestWhatALawyerTypesFindsWhatIsMeant(t *testing.T) {
	papers, courts := fact.Words(fact.Instrument), fact.Words(fact.Forum)
	for _, c := range []struct {
		in         []fact.Word
		text, want string
		among      int
	}{
		{fact.Names(), "interception", "prospective", 1}, {fact.Names(), "live", "prospective", 1}, {fact.Names(), "future", "prospective", 1}, {fact.Names(), "real", "prospective", 2},
		{fact.Names(), "state", "us_state", 2}, {fact.Names(), "Texas", "us_state", 2}, {fact.Names(), "issued", "granted", 3}, {fact.Names(), "executed", "served", 2}, {fact.Names(), "date of issuance", "signed", 1}, {fact.Names(), "date of the order", "signed", 1}, {fact.Names(), "issuance", "signed", 2}, {fact.Names(), "execution", "served", 1}, {fact.Names(), "gag", "secrecy_source", 1},
		{fact.Names(), "made", "granted", 1}, {papers, "decreto", "it_order", 1}, {papers, "italian", "it_order", 1}, {papers, "ital", "it_order", 2}, {papers, "search warrant", "sca_warrant", 3}, {papers, "intercept", "wiretap_order", 8},
		{papers, "private", "none", 2}, {papers, "claimant's letter", "none", 1}, {papers, "civil party", "civil_subpoena", 3}, {papers, "plaintiff", "civil_subpoena", 1},
		{courts, "Texas", "us.edtex", 4}, {courts, "Italy", "it", 1},
	} {
		found := fact.Find(c.in, c.text)
		at := slices.IndexFunc(found, func(w fact.Word) bool { return w.Name == c.want })
		if at < 0 || at >= c.among {
			t.Errorf("%q: %s is found at place %d, not among the first %d", c.text, c.want, at+1, c.among)
		}
	}
	if len(fact.Find(papers, "xyzzy")) > 0 {
		t.Error("found what is not there")
	}
}

func TestTheWordsOfASentenceAreFactsWhereTheyCanBe(t *testing.T) {
	for text, want := range map[string]string{
		"executed within 10 days after issuance":            "executed=served issuance=signed",
		"the prosecutor confirmed the gag within five days": "confirmed=validator gag=secrecy_source",
		"signed, and signed again":                          "signed=signed",
		"served within 10 days after issuance":              "served=served issuance=signed",
		"the moon and the sun":                              "",
	} {
		words, facts := fact.Meant(text)
		var got []string
		for i := range words {
			got = append(got, words[i]+"="+facts[i].Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
