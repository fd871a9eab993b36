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
		{fact.Names(), "made", "granted", 1}, {fact.Names(), "user data", "asks_subscriber", 1}, {fact.Names(), "user data", "asks_traffic", 3},
		{fact.Names(), "sole purpose of identifying the user", "asks_identification", 1}, {papers, "decreto", "it_order", 1}, {papers, "italian", "it_order", 1}, {papers, "ital", "it_order", 2}, {papers, "search warrant", "sca_warrant", 3}, {papers, "intercept", "wiretap_order", 8},
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

// What tells a law apart and is no fact is said before a rule is written.
func TestWhatALawIsAboutIsFoundOrSaidNotToBe(t *testing.T) {
	for text, want := range map[string]string{
		"Garda superintendent asks for user data of a missing person": "user data=asks_subscriber user data=asks_identification user data=asks_traffic | missing",
		"a coroner may order the contents of a mailbox":               "contents=asks_content | coroner",
		"passwords, and a judge must sign":                            "passwords=fields judge=signer sign=signed | ",
		"gag without an end; secrecy orders":                          "gag=secrecy_source end=expiry | ",
		"data retained for the sole purpose of identifying the user":  "retained=retained_only sole purpose of identifying the user=asks_identification | ",
		"orders": " | ",
		"stored content needs the prior written authorisation of an examining magistrate": "stored=kind content=asks_content authorisation=validator magistrate=signer | ",
		"a search warrant for stored communications":                                      "warrant=instrument stored=kind communications=asks_content | ",
		"rechter-commissaris": "rechter commissaris=signer rechter commissaris=validator | ",
	} {
		h := fact.About(text)
		var got []string
		for i := range h.Facts {
			got = append(got, h.Words[i]+"="+h.Facts[i].Name)
		}
		if says := strings.Join(got, " ") + " | " + strings.Join(h.Unknown, " "); says != want {
			t.Errorf("%q: %q, want %q", text, says, want)
		}
	}
}

// What is offered for a jurisdiction exists there, and what is found in one demand goes
// together: a word that is one of a single law says which.
func TestWordsAreOfTheJurisdictionThatHasThem(t *testing.T) {
	for _, c := range []struct {
		k    fact.Key
		word string
		at   string
		want bool
	}{
		{fact.Signer, "magistrate_judge", "IE", false}, {fact.Signer, "magistrate_judge", "US", true}, {fact.Signer, "investigating_judge", "IE", false}, {fact.Signer, "investigating_judge", "US", false},
		{fact.Signer, "investigating_judge", "FR", true}, {fact.Signer, "judge", "IE", true}, {fact.Signer, "magistrate_judge", "", true}, {fact.Instrument, "ie_order", "IE", true}, {fact.Instrument, "ie_order", "DE", false},
		{fact.Instrument, "epoc", "IE", true}, {fact.Instrument, "epoc", "US", false}, {fact.Instrument, "de_order", "EU", true}, {fact.Instrument, "treaty_request", "IE", true}, {fact.Instrument, "state_order", "US", true},
		{fact.SecrecySource, "ca_1546_2", "US", true}, {fact.SecrecySource, "de_95a", "US", false}, {fact.SecrecySource, "request", "DE", true}, {fact.Forum, "us.sdny", "IE", false}, {fact.Forum, "ie", "IE", true},
	} {
		if got := fact.Exists(c.k, c.word, c.at); got != c.want {
			t.Errorf("%s %s in %q: %v", c.k, c.word, c.at, got)
		}
	}
	for _, c := range []struct {
		facts []string
		from  string
		want  bool
	}{
		{[]string{"instrument", "ie_order"}, "IE", true}, {[]string{"instrument", "ie_order", "issuing_country", "FR"}, "FR", false}, {[]string{"instrument", "epoc", "issuing_country", "FR", "secrecy_source", "eu_epoc"}, "FR", true},
		{[]string{"instrument", "epoc", "issuing_country", "US"}, "US", false}, {[]string{"instrument", "ie_order", "secrecy_source", "us_2705b"}, "IE", false}, {[]string{"instrument", "ie_order", "secrecy_source", "other_order"}, "IE", true},
		{[]string{"instrument", "treaty_request", "secrecy_source", "us_2705b"}, "", true}, {[]string{"us_state", "TX", "instrument", "de_order"}, "DE", false}, {[]string{"us_state", "TX"}, "US", true}, {[]string{"instrument", "epoc"}, "", true},
	} {
		var f fact.Facts
		for i := 0; i < len(c.facts); i += 2 {
			err := f.Set(c.facts[i], c.facts[i+1])
			if err != nil {
				t.Fatal(err)
			}
		}
		if f.GoTogether() != c.want || f.From() != c.from {
			t.Errorf("%v: %v from %q", c.facts, f.GoTogether(), f.From())
		}
	}
}
