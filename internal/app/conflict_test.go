package app_test

import (
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// abroad is a map with companies and regions in several states: a consumer in
// Denmark and one in Ireland whose mail Virginia can open.
const abroad = `
[[region]]
id = "cph"
country = "DK"
city = "Copenhagen"

[[region]]
id = "fra"
country = "DE"
city = "Frankfurt"

[[region]]
id = "dub"
country = "IE"
city = "Dublin"

[[region]]
id = "iad"
country = "US"
city = "Ashburn"

[[entity]]
id = "Nordwind A/S"
name = "Nordwind Cloud A/S"
country = "DK"
controls = ["cph", "fra", "dub"]

[[entity]]
id = "inc"
name = "Nordwind Cloud Inc."
country = "US"
controls = ["iad", "dub"]

[[entity]]
id = "rep"
name = "Nordwind Legal Representative Ltd."
country = "IE"
designated = ["epoc"]

[[customer]]
id = "c-sofie"
name = "Sofie Example"
kind = "person"
class = "consumer"
country = "DK"
language = "da"
zone = "Europe/Copenhagen"
role = "controller"

[[contract]]
customer = "c-sofie"
entity = "Nordwind A/S"
from = 2012-01-01T00:00:00Z

[[account]]
id = "ac-sofie"
customer = "c-sofie"
region = "cph"
services = ["mail", "files"]

[[place]]
account = "ac-sofie"
service = "calls"
region = "fra"

[[alias]]
account = "ac-sofie"
kind = "address"
value = "sofie@nordwind.example"
from = 2012-01-01T00:00:00Z

[[customer]]
id = "c-aoife"
name = "Aoife Example"
kind = "person"
class = "consumer"
country = "IE"
language = "en"
zone = "Europe/Dublin"

[[account]]
id = "ac-aoife"
customer = "c-aoife"
region = "dub"
services = ["mail"]

[[alias]]
account = "ac-aoife"
kind = "address"
value = "aoife@nordwind.example"
from = 2012-01-01T00:00:00Z

[[customer]]
id = "c-studio"
name = "Studio Example S.p.A."
kind = "organisation"
class = "enterprise"
country = "IT"
language = "it"
zone = "Europe/Rome"
role = "processor"

[[representative]]
customer = "c-studio"
name = "Giulia Example"
address = "Via Example 1, Milano"
language = "it"
reach = "giulia@studio.example"
since = 2012-01-01T00:00:00Z

[[account]]
id = "ac-studio-1"
customer = "c-studio"
region = "iad"
services = ["mail"]

[[account]]
id = "ac-studio-2"
customer = "c-studio"
region = "iad"
services = ["mail"]
keys = "customer"
`

const foreignAgency = `
[[agency]]
id = "br-court"
name = "Vara Criminal de Exemplo"
country = "BR"
language = "en"
contact = "+55 11 5550 0100"
contact_source = "the court's public page"
`

// officeAbroad is the demo's folder with that map, opened.
func officeAbroad(t *testing.T) (*demo.Stage, app.Staff) {
	t.Helper()
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stage.Folder.Estate(), []byte(abroad), 0o600); err != nil {
		t.Fatal(err)
	}
	agencies, err := os.ReadFile(stage.Folder.Agencies())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stage.Folder.Agencies(), append(agencies, foreignAgency...), 0o600); err != nil {
		t.Fatal(err)
	}
	// After the Regulation on certificates applies.
	o, err := app.Open(t.Context(), stage.Folder, app.Options{Clock: app.NewClock(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return stage, app.Staff{Office: o}
}

// order is a demand for content of mail by an agency, in the form that the door reads.
func order(agency, kind, address, number, facts string) string {
	return `[instrument]
kind = "` + kind + `"
title = "Order"
number = "` + number + `"
agency = "` + agency + `"
signed = 2013-06-05

[[target]]
kind = "address"
stated = "` + address + `"

[[line]]
target = 1
service = "mail"
category = "content"
from = 2013-04-01
until = 2013-05-31
zone = "UTC"
basis = "received"

[facts]
kind = "data"
requester = "government"
instrument = "` + kind + `"
asks_content = true
` + facts
}

func receive(t *testing.T, v app.Staff, form string) demand.ID {
	t.Helper()
	r, err := v.TakeIn(t.Context(), app.Delivery{Channel: "portal", FormName: "demand.toml", Form: strings.NewReader(form), OriginalName: "order.txt", Original: strings.NewReader(form)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Demand
}

func resolve(t *testing.T, v app.Staff, id demand.ID) {
	t.Helper()
	accounts, err := v.Propose(t.Context(), id, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Act(t.Context(), id, demo.Outside, "", demand.Resolve{Target: 1, Accounts: accounts}); err != nil {
		t.Fatal(err)
	}
}

func rules(laws []staff.Law) (out []string) {
	for _, l := range certainly(laws) {
		out = append(out, l.Rule)
	}
	return out
}

func certainly(laws []staff.Law) (out []staff.Law) {
	for _, l := range laws {
		if l.Certain {
			out = append(out, l)
		}
	}
	return out
}

func TestAnOrderOfAStateOutsideTheUnionIsToldWhatForbidsItAndTheRightWay(t *testing.T) {
	_, v := officeAbroad(t)
	id := receive(t, v, order("br-court", "foreign_order", "sofie@nordwind.example", "1", ""))
	before, err := v.Conflict(t.Context(), "", string(id))
	if err != nil {
		t.Fatal(err)
	}
	if before.Resolved || len(before.Storage) != 0 || before.Country != "BR" {
		t.Errorf("before the target is looked up: %+v", before)
	}
	resolve(t, v, id)
	c, err := v.Conflict(t.Context(), "", string(id))
	if err != nil {
		t.Fatal(err)
	}
	if len(rules(c.Compels)) != 0 || !slices.Contains(rules(c.Forbids), "eu.reach.article_48") {
		t.Errorf("compels %v, forbids %v", rules(c.Compels), rules(c.Forbids))
	}
	if got := rules(c.Ways); !slices.Contains(got, "coe.budapest.article_29") || !slices.Contains(got, "dk.orders.treaty") {
		t.Errorf("ways %v", got)
	}
	if c.Who() != "No law of the packs lets this authority compel it directly." || !strings.Contains(c.Against(), "Article 48") || !strings.Contains(c.Way(), "Articles 29, 35") {
		t.Errorf("%s\n%s\n%s", c.Who(), c.Against(), c.Way())
	}
	if !slices.Equal(c.Unread, []string{"BR"}) {
		t.Errorf("the states whose law is in no pack are %v", c.Unread)
	}
	if len(c.Storage) != 1 || c.Storage[0].City != "Copenhagen" || c.Customer != "DK" || !slices.Contains(c.FromMap, "customer_country") {
		t.Errorf("the map was not asked: %+v", c)
	}
	for _, l := range certainly(c.Forbids) {
		if l.Cite == "" || l.Quote == "" || l.Checked == "" {
			t.Errorf("%s says nothing of its source", l.Rule)
		}
	}
}

func TestAWarrantReachesWhatTheCompanyServedCanOpenAbroad(t *testing.T) {
	_, v := officeAbroad(t)
	id := receive(t, v, order("us-harbor", "sca_warrant", "aoife@nordwind.example", "1", `issuing_country = "US"`))
	resolve(t, v, id)
	c, err := v.Conflict(t.Context(), "p-halvorsen", string(id))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Compels, func(l staff.Law) bool { return l.Rule == "us.reach.warrant" })
	if i < 0 || !c.Compels[i].ThisPaper || !slices.Equal(c.Compels[i].Through, []string{"Nordwind Cloud Inc."}) || !slices.Equal(c.Compels[i].Storage, []string{"IE"}) {
		t.Fatalf("%+v", c.Compels)
	}
	if !slices.Contains(rules(c.Forbids), "eu.reach.article_48") || !strings.HasPrefix(c.Way(), "Two laws pull") {
		t.Errorf("forbids %v; %s", rules(c.Forbids), c.Way())
	}
}

// A demand that is not there and an id that none can have are one answer.
func TestNobodyLearnsWhatLawReachesADemandThatIsNotThere(t *testing.T) {
	_, v := officeAbroad(t)
	for _, id := range []string{"zzzz-00", "k7wq-93", "s-k7wq-93", "../x", ""} {
		if _, err := v.Conflict(t.Context(), "p-halvorsen", id); problem.Code(err) != "docket.not_found" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// Guidelines and the customer's page call every paper by its name.
func TestEveryPaperHasANameInEachLanguage(t *testing.T) {
	for _, lang := range law.Languages {
		for _, paper := range fact.Instrument.Def().Values {
			if ui.WordsFor(lang).Paper(paper) == paper {
				t.Errorf("%s has no name in %s", paper, lang)
			}
		}
	}
}
