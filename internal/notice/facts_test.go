package notice_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"counterseal/internal/notice"
	"counterseal/internal/scope"
)

var zones = map[string]string{"en": "Europe/Dublin", "de": "Europe/Berlin", "da": "Europe/Copenhagen", "it": "Europe/Rome"}

func utc(y int, m time.Month, d, h, min, s int) time.Time {
	return time.Date(y, m, d, h, min, s, 0, time.UTC)
}

func zone(t testing.TB, language string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(zones[language])
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// sentences of findings, as the rule packs would give them.
var sentences = map[string][]notice.Sentence{
	"en": {{Text: "The order names no period.", Cite: "18 USC 2703(a)", Finding: "us.sca.particularity"}, {Text: "A prosecutor alone cannot order content data.", Cite: "Reg. (EU) 2023/1543 Art. 4(2)", Finding: "eu.epoc.authority"}},
	"de": {{Text: "Die Anordnung nennt keinen Zeitraum.", Cite: "18 USC 2703(a)", Finding: "us.sca.particularity"}, {Text: "Eine Staatsanwaltschaft allein kann keine Inhaltsdaten verlangen.", Cite: "VO (EU) 2023/1543 Art. 4 Abs. 2", Finding: "eu.epoc.authority"}},
	"da": {{Text: "Kendelsen nævner ingen periode.", Cite: "18 USC 2703(a)", Finding: "us.sca.particularity"}, {Text: "En anklager kan ikke alene kræve indholdsdata.", Cite: "Fo. (EU) 2023/1543 art. 4, stk. 2", Finding: "eu.epoc.authority"}},
	"it": {{Text: "L'ordine non indica alcun periodo.", Cite: "18 USC 2703(a)", Finding: "us.sca.particularity"}, {Text: "Un pubblico ministero da solo non può ordinare dati relativi al contenuto.", Cite: "Reg. (UE) 2023/1543 art. 4, par. 2", Finding: "eu.epoc.authority"}},
}

const digest = "7c1e90aa4d5b6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8"

// sample has one letter of each kind, and of each of its forms that reads differently.
func sample(t testing.TB, language string) map[string]notice.Letter {
	t.Helper()
	says := slices.Clone(sentences[language])
	asked := []notice.Line{
		{Service: scope.Mail, Category: scope.Content, From: utc(2026, 3, 1, 0, 0, 0), Until: utc(2026, 4, 30, 21, 59, 59), Basis: scope.Received},
		{Service: scope.Records, Category: scope.Subscriber, From: utc(2026, 1, 1, 0, 0, 0), Until: utc(2026, 9, 28, 8, 0, 0), Basis: scope.Sent},
	}
	head := func(to string, date time.Time) notice.Head {
		return notice.Head{Language: language, Zone: zone(t, language), Provider: "Nordlys Cloud A/S", Date: date, To: to, Demand: "m2fd-10", Ask: "legal@nordlys.example"}
	}
	opening := notice.Opening{Log: "ledger.nordlys.example/register", Leaf: "4711", Opening: "b3Blbi1zZXNhbWUtMDEyMzQ1Njc4OQ", Check: "counterseal ledger opened PROOF --trust trust.txt"}
	received, october, december := utc(2026, 9, 28, 9, 30, 0), utc(2026, 10, 1, 8, 0, 0), utc(2026, 12, 1, 8, 0, 0)
	given, accounts := utc(2026, 10, 8, 15, 0, 0), []string{"g.bianchi@esempio.example", "l.verdi@esempio.example"}
	customer, court := "Marta Esempio", "Tribunale di Milano"
	order := notice.Order{Instrument: "EPOC, Reg. 2023/1543", Received: received, Reference: "RG 1234/26"}
	duty := notice.Secrecy{Source: "EPOC, Art. 13(2)", From: received, Until: utc(2026, 11, 30, 22, 59, 59)}

	notices := notice.DemandNotice{Head: head(customer, october), Received: received, Authority: court, Instrument: order.Instrument, Asked: asked, Opening: opening}
	will, was, not := notices, notices, notices
	will.Outcome, will.Given, will.GivenAt, will.ObjectUntil = notice.WillBeGiven, asked, given, utc(2026, 10, 7, 22, 0, 0)
	was.Head, was.Outcome, was.Given, was.GivenAt, was.Items = head(customer, december), notice.WasGiven, asked[1:], given, 1240
	not.Outcome = notice.NotGiven
	deputy, emergency := will, was
	deputy.Accounts, emergency.Emergency = accounts, true

	ended := notice.SecrecyEnded{Head: head(customer, december), Received: received, Authority: court, Instrument: order.Instrument, Asked: asked,
		Given: []notice.Production{{At: given, Items: 1240, Lines: asked[:1]}, {At: utc(2026, 10, 20, 9, 0, 0), Items: 3, Lines: asked[1:]}}, Duties: []notice.Secrecy{duty}, Opening: &opening}
	nothing, partly := ended, ended
	nothing.Given, nothing.Accounts = nil, accounts[:1]
	partly.Accounts, partly.Authority, partly.Instrument, partly.Asked, partly.Given = accounts, "", "", nil, nil
	partly.Untold, partly.UntoldBy = []notice.Fact{notice.FactAuthority, notice.FactInstrument, notice.FactAsked, notice.FactGiven}, "50 USC 1881a"
	partly.Opening = nil

	decided := notice.ContestDecided{Head: head(customer, december), Earlier: october, Court: "Corte d'appello di Milano", File: "RG 99/26", Decided: utc(2026, 11, 20, 10, 0, 0), Ruling: notice.Barred, Reasons: says}
	narrowed, upheld := decided, decided
	narrowed.Accounts, narrowed.Ruling, narrowed.Given, narrowed.GivenAt = accounts, notice.Narrowed, asked[1:], december
	upheld.Ruling, upheld.Given, upheld.GivenAt, upheld.Reasons = notice.Upheld, asked, december, nil

	redirect := notice.Redirect{Head: head(court, october), Order: order, Channel: notice.TreatyChannel, Contact: "central-authority@justice.example", Reasons: says}
	customers, representative := redirect, redirect
	customers.Channel, customers.Contact, customers.Kept = notice.CustomerChannel, "Esempio S.p.A., privacy@esempio.example", true
	representative.Channel, representative.Contact = notice.RepresentativeChannel, "Nordlys EU Representation Ltd, Dublin"
	silent := notice.CallBackFailed{Head: head(court, october), Received: received, Reference: "RG 1234/26", Called: utc(2026, 9, 28, 9, 50, 0)}
	denied := silent
	denied.Denied = true
	annex := notice.AnnexThree{Head: head(court, october), Certificate: notice.EPOC, Authority: court, AuthorityFile: "RG 1234/26", Issued: utc(2026, 9, 25, 0, 0, 0), Received: received,
		Addressee: "Nordlys EU Representation Ltd", Reasons: []notice.ReasonCode{notice.NotByAuthority}, Explained: says[1:], Kept: true}
	conflict := annex
	conflict.Certificate, conflict.Enforcing, conflict.EnforcingFile, conflict.Validating = notice.EPOCPR, "District Court, Dublin", "DC 77/26", "GIP Milano"
	conflict.Reasons, conflict.Needed, conflict.Kept = []notice.ReasonCode{notice.Incomplete, notice.ThirdCountryLaw}, says[:1], false
	conflict.Conflict = &notice.LawConflict{Law: "18 USC 2511, 2702", Provisions: "2702(a)", Interest: "9 Art. 7", WhyApplies: "§ 1", WhyConflicts: "§ 2", Link: "Nordlys Cloud Inc., Virginia", Consequences: "2707(c)"}

	beyond, endedBeyond := was, ended
	beyond.Beyond, endedBeyond.Beyond = true, true
	return map[string]notice.Letter{
		"demand-notice-will-be-given": &will, "demand-notice-was-given": &was, "demand-notice-not-given": &not, "demand-notice-emergency": &emergency, "demand-notice-representative": &deputy,
		"demand-notice-beyond": &beyond, "secrecy-ended-beyond": &endedBeyond,
		"secrecy-ended": &ended, "secrecy-ended-nothing-given": &nothing, "secrecy-ended-in-part": &partly,
		"controller-notice": &notice.ControllerNotice{Head: head("Esempio S.p.A.", october), Accounts: accounts, Received: received, Authority: court, Instrument: order.Instrument,
			Asked: asked, Outcome: notice.WillBeGiven, Given: asked[1:], GivenAt: given},
		"correction": &notice.Correction{Head: head(customer, december), Accounts: accounts[:1], Earlier: october, Given: given, Found: utc(2026, 11, 3, 9, 0, 0),
			Beyond: []notice.Excess{{Service: scope.Mail, Category: scope.Content, Items: 1204, From: utc(2026, 4, 1, 0, 0, 0), Until: utc(2026, 4, 30, 0, 0, 0)}, {Service: scope.Calls, Category: scope.Traffic, Items: 1, From: utc(2026, 4, 2, 0, 0, 0), Until: utc(2026, 4, 2, 0, 0, 0)},
				{Service: scope.Records, Category: scope.Subscriber, Items: 2}}},
		"correction-recalled": &notice.Correction{Head: head(customer, december), Earlier: october, Given: given, Found: utc(2026, 11, 3, 9, 0, 0), Recalled: utc(2026, 11, 3, 15, 0, 0),
			Beyond: []notice.Excess{{Service: scope.Mail, Category: scope.Content, Items: 1, From: utc(2026, 4, 1, 0, 0, 0), Until: utc(2026, 4, 1, 0, 0, 0)}}},
		"contest-decided-barred": &decided, "contest-decided-narrowed": &narrowed, "contest-decided-upheld": &upheld,
		"acknowledgement":       &notice.Acknowledgement{Head: head(court, october), Order: order, Digest: digest, Size: 48213, Opening: opening},
		"clarification-request": &notice.ClarificationRequest{Head: head(court, october), Order: order, Questions: says, AnswerBy: utc(2026, 10, 6, 22, 0, 0), Kept: true},
		"no-records": &notice.NoRecords{Head: head(court, october), Order: order, Identifiers: []string{"m.rossi@example.org", "+39 06 555 0100", "2001:db8::1, port 4711"},
			Searched: asked, AsOf: utc(2026, 9, 30, 12, 0, 0)},
		"answer-in-part": &notice.AnswerInPart{Head: head(court, october), Order: order, Given: asked[1:], Items: 3, Package: "m2fd-10-1.tar.age",
			Withheld: []notice.Withheld{{Line: asked[0], Why: says[0]}}},
		"rejection":                  &notice.Rejection{Head: head(court, october), Order: order, Reasons: says, Kept: true},
		"redirect-to-treaty":         &redirect,
		"redirect-to-customer":       &customers,
		"redirect-to-representative": &representative,
		"duplicate":                  &notice.Duplicate{Head: head(court, october), Order: order, First: "k7qa-02", FirstReceived: utc(2026, 9, 21, 7, 0, 0)},
		"no-instrument":              &notice.NoInstrument{Head: head(court, october), Received: received, Needed: says},
		"call-back-failed-no-answer": &silent,
		"call-back-failed-denied":    &denied,
		"preserved":                  &notice.Preserved{Head: head(court, october), Order: order, Lines: asked, Copied: utc(2026, 9, 28, 11, 0, 0), Until: utc(2026, 12, 27, 22, 59, 59)},
		"recall": &notice.Recall{Head: head(court, october), Order: order, Given: received.Add(time.Hour), Items: 1240, Beyond: 3,
			Digest: digest, List: digest},
		"annex-three":               &annex,
		"annex-three-third-country": &conflict,
		"objection-recognition": &notice.RecognitionObjection{Head: head("District Court, Dublin", october), Order: order, Issuing: court, Certificate: notice.EPOC,
			Grounds: []notice.ReasonCode{notice.NotByAuthority, notice.OffenceNotCovered}, Reasons: says[1:], Kept: true},
		"objection-recognition-preservation": &notice.RecognitionObjection{Head: head("District Court, Dublin", october), Order: order, Issuing: court, Certificate: notice.EPOCPR,
			Grounds: []notice.ReasonCode{notice.NotStored}, Reasons: says[:1]},
		"objection-law": &notice.LawObjection{Head: head(court, october), Order: order, Enforcing: "District Court, Dublin", Reasons: says},
		"motion-cover": &notice.MotionCover{Head: head("US District Court, E.D. Va.", october), Order: notice.Order{Instrument: "Search warrant, 18 USC 2703(a)", Received: received, Reference: "26-mj-104"},
			Government: "United States Attorney", Reasons: says[:1]},
		"secrecy-inquiry": &notice.SecrecyInquiry{Head: head(court, october), Order: order, Duty: duty, TellOn: utc(2026, 11, 30, 23, 0, 0)},
		"package-cover": &notice.PackageCover{Head: head(court, october), Order: order, Package: "m2fd-10-1.tar.age", Items: 1240, Size: 18734211, Digest: digest, Lines: asked,
			Key: "age1qz8f0x3kq7", Commands: []string{"counterseal verify m2fd-10-1.tar.age --trust trust.txt", "age -d -i key.txt m2fd-10-1.tar.age | tar x"}, Withheld: true},
	}
}

func names(letters map[string]notice.Letter) (out []string) {
	for name := range letters {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// each runs f for each sample in each language.
func each(t *testing.T, f func(t *testing.T, language, name string, l notice.Letter)) {
	t.Helper()
	for _, language := range notice.Languages {
		letters := sample(t, language)
		for _, name := range names(letters) {
			t.Run(fmt.Sprintf("%s/%s", language, name), func(t *testing.T) { f(t, language, name, letters[name]) })
		}
	}
}

func render(t testing.TB, l notice.Letter) notice.Rendered {
	t.Helper()
	r, err := notice.Render(l)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t testing.TB, l notice.Letter) notice.Draft {
	t.Helper()
	d, err := notice.Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func page(t testing.TB, d notice.Draft) []byte {
	t.Helper()
	b, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
