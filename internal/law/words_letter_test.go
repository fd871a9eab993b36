package law_test

import (
	"testing"

	"counterseal/internal/law"
)

// A condition is said in a letter as people write, or not at all.
func TestAConditionIsSaidAsLettersSayIt(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		"!asks_content": "content is not asked for",
		"signer == 'judge' && instrument == 'foreign_order'": "it is signed by a judge and it is an order of a court or an authority",
		"signer == 'judge'": "it is signed by a judge",
		"signer in ['judge', 'investigating_judge', 'court_clerk']":                                                                          "it is signed by a judge, an investigating judge or a court clerk",
		"signer == 'prosecutor' && validator in ['judge', 'court'] && offence_max_months > 12":                                               "it is signed by a prosecutor and it is authorised by a judge or a court and the offence carries more than 12 months",
		"(signer == 'judge' && instrument == 'state_warrant') || instrument == 'customer_consent' || emergency == 'death_or_serious_injury'": "it is signed by a judge and it is a state warrant, or the customer consents, or there is danger of death or serious injury",
		"signer == 'judge' && (validator == 'court' || binding)":                                                                             "",
		"as_of <= signed + days(2)": "",
	} {
		if got := w.SayInLetter(src); got != want {
			t.Errorf("%s\n is   %s\n want %s", src, got, want)
		}
	}
}
