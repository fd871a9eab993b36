package authority_test

import (
	"testing"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/problem"
)

const london = good + `
[[agency]]
id = "uk-met"
name = "Fictional Metropolitan Police"
kind = "police"
country = "GB"
language = "en"
languages = ["en", "cy"]
contact = "Front desk, Fiction House, London"
contact_source = "public register of forces"
domains = ["met.police.example"]

[[agency.callback]]
contact = "+44 20 7946 0018"
source = "public register of forces, page 4"
checked = 2026-03-01T09:00:00Z

[[agency.callback]]
contact = "+44 20 7946 0999"
source = "letter of the force's own single point of contact, delivered by hand"
checked = 2026-06-01T09:00:00Z
emergency = true

[[agency.callback]]
contact = "SPOC@Met.Police.Example"
source = "public register of forces"
checked = 2026-03-01T09:00:00Z

[[agency.officer]]
id = "o-1"
name = "D. Example"
rank = "Detective Inspector"
address = "d.example@met.police.example"
vouched_by = "the single point of contact"
how = "call-back to +44 20 7946 0018"
checked = 2026-03-02T09:00:00Z
until = 2026-12-31T23:59:59Z

[[agency.flag]]
mailbox = "Spoofed@met.police.example"
at = 2026-09-14T14:20:00Z
by = "p-on-call"
why = "call-back: not ours"
`

func register(t *testing.T) *authority.Register {
	t.Helper()
	r, err := authority.Parse([]byte(london))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var afternoon = time.Date(2026, 9, 14, 14, 30, 0, 0, time.UTC)

func TestACallBackGoesToAContactOnFile(t *testing.T) {
	met, _ := register(t).Agency("uk-met")
	for _, c := range []struct {
		name, stated, source string
	}{
		{"the number in another spelling", "+44 (0)20 7946-0018", "public register of forces, page 4"},
		{"the number as a URI", "tel:+442079460999", "letter of the force's own single point of contact, delivered by hand"},
		{"the address in another case", "spoc@met.police.example", "public register of forces"},
		{"words", "front desk,  Fiction House, LONDON", "public register of forces"},
		{"a number that ends alike", "+44 7700 946 0018", ""},
		{"one digit less", "+44 20 7946 001", ""},
		{"the number without its country", "020 7946 0018", ""},
		{"the number of the demand's letterhead", "+44 20 7946 0555", ""},
		{"an address with a look-alike letter", "sp\u043ec@met.police.example", ""},
		{"an address under the domain", "spoc@mail.met.police.example", ""},
		{"words with the Kelvin sign", "front des\u212a, fiction house, london", ""},
		{"nothing", "  ", ""},
	} {
		got, ok := met.Called(c.stated)
		if ok != (c.source != "") || got.Source != c.source {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	// A contact that has no normal form, as some files have it, is found as it stands.
	us, _ := register(t).Agency("us-court-office")
	if _, ok := us.Called("+1 555 0100"); !ok {
		t.Error("the contact of the agency's own row is not found")
	}
	if first := met.OnFile()[0]; !first.Emergency || len(met.OnFile()) != 4 {
		t.Errorf("the designated emergency contact comes first: %+v", met.OnFile())
	}
}

func TestASenderIsAnOfficerOnFileOrOfExactlyTheDomain(t *testing.T) {
	r := register(t)
	for _, c := range []struct {
		name, address, agency, officer string
		at                             time.Time
	}{
		{"an officer", "D.Example@met.police.example", "uk-met", "o-1", afternoon},
		{"an officer who has left", "d.example@met.police.example", "uk-met", "", afternoon.AddDate(1, 0, 0)},
		{"the domain", "someone@MET.police.example", "uk-met", "", afternoon},
		{"under the domain", "someone@x.met.police.example", "", "", afternoon},
		{"before the domain", "someone@fakemet.police.example", "", "", afternoon},
		{"a look-alike dot", "someone@met\u3002police.example", "", "", afternoon},
		{"two at signs", "someone@met.police.example@elsewhere.example", "", "", afternoon},
	} {
		s, ok := r.Sender(c.address, c.at)
		if ok != (c.agency != "") || s.Agency.ID != c.agency || s.Officer.ID != c.officer {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestAFlaggedMailboxHoldsWhatCameFromItUntilItIsLifted(t *testing.T) {
	r := register(t)
	if f, held := r.Held("spoofed@Met.police.example", afternoon); !held || f.By != "p-on-call" {
		t.Fatalf("got %+v", f)
	}
	if _, held := r.Held("spoofed@met.police.example", afternoon.Add(-time.Hour)); held {
		t.Error("held before it was flagged")
	}
	if _, held := r.Held("other@met.police.example", afternoon); held {
		t.Error("another mailbox is held")
	}
	whole := authority.Flag{Mailbox: "@met.police.example", At: afternoon, By: "p-on-call", Why: "the mail server was taken over", Lifted: afternoon.Add(48 * time.Hour)}
	next, err := r.With("uk-met", whole)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]bool{afternoon.Add(-time.Second): false, afternoon: true, afternoon.Add(48*time.Hour - time.Second): true, afternoon.Add(48 * time.Hour): false} {
		if _, held := next.Held("other@met.police.example", at); held != want {
			t.Errorf("at %s held is %v", at, held)
		}
	}
	if _, held := r.Held("other@met.police.example", afternoon); held {
		t.Error("the register before was changed")
	}
	if _, err := r.With("uk-none", whole); problem.Code(err) != "authority.unknown" {
		t.Errorf("got %v", err)
	}
	if _, err := r.With("uk-met", authority.Flag{Mailbox: "nobody", At: afternoon, By: "x", Why: "y"}); problem.Code(err) != "authority.flag" {
		t.Errorf("got %v", err)
	}
}

func TestABadRowOfAnAgencyIsRefusedAlsoWhenItIsTheLast(t *testing.T) {
	for name, c := range map[string]struct{ add, code string }{
		"a kind that is none":             {"[[agency]]\nid='x'\nname='X'\nkind='friend'\ncountry='DK'\nlanguage='da'\ncontact='1'\ncontact_source='s'\n", "authority.agency"},
		"a language that is none":         {"[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\nlanguages=['Danish']\ncontact='1'\ncontact_source='s'\n", "authority.agency"},
		"another agency's domain":         {"[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\ncontact='1'\ncontact_source='s'\ndomains=['met.police.example']\n", "authority.domain"},
		"a domain in capitals":            {"[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\ncontact='1'\ncontact_source='s'\ndomains=['Met.example']\n", "authority.domain"},
		"a contact never checked":         {"[[agency.callback]]\ncontact='1'\nsource='s'\n", "authority.callback"},
		"a contact found nowhere":         {"[[agency.callback]]\ncontact='1'\nchecked=2026-01-01T00:00:00Z\n", "authority.callback"},
		"an officer nobody vouched for":   {"[[agency.officer]]\nid='o-2'\nname='N'\nhow='h'\nchecked=2026-01-01T00:00:00Z\n", "authority.officer"},
		"an officer twice":                {"[[agency.officer]]\nid='o-1'\nname='N'\nvouched_by='v'\nhow='h'\nchecked=2026-01-01T00:00:00Z\n", "authority.officer"},
		"an officer's address that is no": {"[[agency.officer]]\nid='o-2'\nname='N'\naddress='x'\nvouched_by='v'\nhow='h'\nchecked=2026-01-01T00:00:00Z\n", "authority.officer"},
		"a flag without a reason":         {"[[agency.flag]]\nmailbox='a@b.example'\nat=2026-01-01T00:00:00Z\nby='x'\n", "authority.flag"},
		"a flag lifted before it was set": {"[[agency.flag]]\nmailbox='a@b.example'\nat=2026-01-02T00:00:00Z\nby='x'\nwhy='y'\nlifted=2026-01-01T00:00:00Z\n", "authority.flag"},
	} {
		if _, err := authority.Parse([]byte(london + c.add)); problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func FuzzCalled(f *testing.F) {
	for _, s := range []string{"+44 20 7946 0018", "spoc@met.police.example", "Front desk", "\u212a", ""} {
		f.Add(s)
	}
	r, err := authority.Parse([]byte(london))
	if err != nil {
		f.Fatal(err)
	}
	met, _ := r.Agency("uk-met")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := met.Called(s)
		if !ok {
			return
		}
		if again, ok := met.Called(c.Contact); !ok || again != c {
			t.Fatalf("%q is taken for %q, which is not found", s, c.Contact)
		}
		r.Sender(s, afternoon)
		r.Held(s, afternoon)
	})
}
