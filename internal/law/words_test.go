package law_test

import (
	"testing"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

func TestExpressionsAreSaidInWords(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		"binding":           "the paper binds in law",
		"!binding":          "the paper does not bind in law",
		"!control":          "the company served does not have possession, custody or control of the data",
		"!dates_stated":     "the instrument does not state from when to when",
		"!answered":         "an answer has not left us",
		"false":             "never",
		"true":              "always",
		"signer == 'judge'": "the signer is judge",
		"signer in ['judge', 'minister', 'prosecutor']": "the signer is judge, minister or prosecutor",
		"!(signer in ['judge'])":                        "the signer is not judge",
		"'headers' in fields":                           "the records asked for include headers",
		"fields.all(f, f in ['name', 'payment'])":       "the records asked for are name or payment alone",
		"fields.exists(f, f in ['headers'])":            "one of the records asked for is headers",
		"!fields.exists(f, f in ['headers'])":           "none of the records asked for is headers",
		"targets_named >= 1 || geofence":                "the number of accounts or persons named is at least 1 or everyone in an area and a time is asked for",
		"binding && (verified || bulk)":                 "the paper binds in law and (the sender was verified out of band, on a contact held independently or persons or accounts are asked for without a selector of their own)",
		"!(binding && verified)":                        "the paper does not bind in law or the sender was not verified out of band, on a contact held independently",
		"as_of < granted + days(3)":                     "the day in question is less than 3 days after the day of the grant",
		"secrecy_until - signed <= days(366)":           "the time from the day of signature to the last day of silence is at most 366 days",
		"as_of >= date('2026-08-18')":                   "the day in question is not before 18 August 2026",
		"!(as_of >= date('2026-08-18'))":                "the day in question is before 18 August 2026",
		"issuing_country != storage_country":            "the issuing country is not the storage country",
		"(kind == 'data' ? binding : bulk)":             "if the kind is data, then the paper binds in law, otherwise persons or accounts are asked for without a selector of their own",
		"bindung &&":                                    "bindung &&",
	} {
		if got := w.Say(src); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// Every truth of the schema can be denied in words that differ from it.
func TestEveryTruthCanBeDenied(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range fact.Schema() {
		if d.Type == fact.Bool && w.Say("!"+d.Name) == w.Say(d.Name) {
			t.Errorf("%s: %s", d.Name, w.Say(d.Name))
		}
		if d.Type == fact.Bool {
			t.Log(w.Say("!" + d.Name))
		}
	}
}
