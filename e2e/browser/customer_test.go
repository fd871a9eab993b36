package browser_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/problem"
	"counterseal/internal/report"
	"counterseal/internal/web/customer"
	"counterseal/internal/web/public"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

const theNotice = "5a3246fc118920a8e85608b62e177d70"

// desk is an office with one customer in Denmark, asked of the real packs.
type desk struct{ untold bool }

func reach(lang string) (out []customer.Law) {
	packs := must(law.Embedded())
	engine := must(law.NewEngine(packs...))
	var f fact.Facts
	for name, v := range map[string]any{"as_of": "2026-10-02", "customer_country": "DK", "customer_kind": "consumer"} {
		if err := f.Set(name, v); err != nil {
			panic(err)
		}
	}
	found := must(engine.Reach(f, law.Setting{Storage: []string{"DK", "DE"}, Entities: []law.Entity{{ID: "a", Country: "DK", Controls: []string{"DK", "DE"}, Role: "controller"},
		{ID: "b", Country: "US"}, {ID: "c", Country: "IE", Representative: true}}}))
	for _, r := range found {
		out = append(out, customer.Law{Role: string(r.Role), Law: r.Law, Certain: r.Outcome == law.Reaches, Says: r.Says.In(lang), Cite: r.Cite, Quote: r.Quote, Paper: r.Paper,
			By: r.By, NotBy: r.NotBy, Storage: r.Storage, Reaches: r.Categories, Channel: string(r.Channel), Checked: string(r.Checked.Level), On: r.Checked.On})
	}
	return out
}

func (d desk) Customer(_ context.Context, _, lang string) (customer.View, error) {
	v := customer.View{Name: "Sofie Lindegaard", Language: "da", Laws: reach(lang), Kept: []customer.Kept{
		{Service: "records", Accounts: 1, City: "Copenhagen", Country: "DK", Region: "cph", Contract: "Nordwind Cloud A/S", Opens: []string{"Nordwind Cloud A/S"}, Controller: "controller"},
		{Service: "mail", Accounts: 1, City: "Copenhagen", Country: "DK", Region: "cph", Contract: "Nordwind Cloud A/S", Opens: []string{"Nordwind Cloud A/S"}, Controller: "controller"},
		{Service: "files", Accounts: 1, City: "Copenhagen", Country: "DK", Region: "cph", Contract: "Nordwind Cloud A/S", Opens: []string{"Nordwind Cloud A/S"}, Controller: "controller", Ciphertext: true},
		{Service: "calls", Accounts: 1, City: "Frankfurt", Country: "DE", Region: "fra", Contract: "Nordwind Cloud A/S", Opens: []string{"Nordwind Cloud A/S"}, Controller: "controller"},
	}, Figures: []customer.Figures{{Period: "2026-H1", From: utc(1, 1), To: utc(6, 30), Received: "797", Refused: "222", Given: "575"}}}
	if !d.untold {
		v.Notices = []customer.Notice{{ID: theNotice, At: at(10, 1, 9, 0), Title: "En anmodning om dine data", Until: at(10, 8, 9, 0)}}
	}
	return v, nil
}

func (d desk) Notice(_ context.Context, _, id, _ string) (customer.Notice, error) {
	if id != theNotice || d.untold {
		return customer.Notice{}, problem.New(problem.Missing, "customer.no_notice", "there is no such notice")
	}
	return customer.Notice{ID: theNotice, At: at(10, 1, 9, 0), Until: at(10, 8, 9, 0), Leaf: strings.Repeat("5a3246fc", 8), Title: "En anmodning om dine data", Blocks: []customer.Block{
		{Heading: "En anmodning om dine data", Title: true}, {Text: "Fra Nordwind Cloud A/S, torsdag den 1. oktober 2026"}, {Text: "En myndighed (Tribunale di Milano) har krævet dine data af os, og vi udleverer, hvad loven kræver."},
		{Heading: "Hvad der blev bedt om"}, {List: []string{"e-mail: indholdsdata, søn. 1. marts 2026 kl. 00.00 København til tors. 30. april 2026 kl. 23.59 København, efter modtagelsestidspunkt"}},
		{Heading: "Sådan kan du efterprøve det"}, {List: []string{"Log: nordwind.example/journal", "Post: " + strings.Repeat("5a3246fc", 8), "Åbning: " + strings.Repeat("0c19a53b", 4)}}}}, nil
}

func (desk) Proof(context.Context, string, string) ([]byte, error) { return []byte("proof\n"), nil }

func (desk) Object(_ context.Context, _ string, o customer.Objection) error {
	if strings.Contains(o.Text, "!") {
		return problem.New(problem.Refused, "customer.enough", "many objections")
	}
	return nil
}

// figures are the published reports of the demo.
type figures struct{}

var halfYears = map[string]report.Report{"2026-H1": tabulate(report.Period{Year: 2026, Half: 1}, 3), "2025-H2": tabulate(report.Period{Year: 2025, Half: 2}, 30)}

func tabulate(p report.Period, small int) report.Report {
	var all []report.Entry
	for _, e := range []struct {
		n              int
		country, class string
		o              report.Outcome
	}{{512, "US", "warrant", report.Full}, {206, "US", "subpoena", report.Refused}, {41, "DE", "domestic", report.Full}, {small, "DE", "domestic", report.Refused}, {22, "IT", "epoc", report.Full},
		{12, "IT", "epoc", report.Refused}, {1, "FR", "informal", report.Refused}, {64, "DK", "domestic", report.NoRecords}} {
		for range e.n {
			all = append(all, report.Entry{Country: e.country, Class: e.class, Outcome: e.o, Targets: 1})
		}
	}
	return report.Tabulate(p, all, report.Policy{Minimum: 10, Band: 250, LeftOut: []string{"ipa_warrant"}, Provider: "Nordwind Cloud", Counted: p.End().AddDate(0, 0, 2),
		Heads: []report.Head{{Log: "journal", Origin: "nordwind.example/journal", Size: 1_209_600, Root: "9fJ2mW1pQ0aVxkq3yB7uT5rD8sZcE6hLoN4iGtXwP2A="}}})
}

func (figures) Published(context.Context) ([]report.Report, error) {
	return []report.Report{halfYears["2026-H1"], halfYears["2025-H2"]}, nil
}

func (figures) ReportFile(_ context.Context, p report.Period) ([]byte, error) {
	return halfYears[p.String()].Bytes()
}

func (figures) ReportProof(context.Context, report.Period) ([]byte, error) { return []byte("p\n"), nil }

// lawyer is the conflict of the story brussels: an order of a third state.
type lawyer struct{}

func (lawyer) Conflict(context.Context, string, string) (staff.Conflict, error) {
	l := func(rule, of, cite, quote, says, channel string, certain bool) staff.Law {
		return staff.Law{Rule: rule, Law: of, Certain: certain, Cite: cite, Quote: quote, Says: says, Channel: channel, Through: []string{"Nordwind Cloud A/S"}, Storage: []string{"DK"}, Checked: "text", CheckedOn: "2026-11-27", Source: "the text as read"}
	}
	c := staff.Conflict{ID: "b7rk-52", Instrument: "Ordem judicial, No. 0042-26", Paper: "foreign_order", Agency: "Vara Criminal de Exemplo", Country: "BR", Categories: []string{"content"}, AsOf: "2026-09-21", Customer: "DK", Resolved: true,
		Companies: []staff.Company{{Name: "Nordwind Cloud A/S", Country: "DK", Opens: []string{"DK"}}, {Name: "Nordwind Cloud Inc.", Country: "US"}, {Name: "Nordwind Representative Ltd.", Country: "IE", Designated: true}},
		Storage:   []staff.Store{{Region: "cph", City: "Copenhagen", Country: "DK"}}, FromMap: []string{"customer_country"}, Missing: []string{"emergency"},
		Forbids: []staff.Law{l("eu.reach.article_48", "EU", "Regulation (EU) 2016/679, Article 48", "may only be recognised or enforceable in any manner if based on an international agreement", "European law does not let an order of a state outside the Union count by itself.", "treaty", true)},
		Ways: []staff.Law{l("coe.budapest.article_29", "CE", "Convention on Cybercrime, Articles 29, 35", "", "States that are party to the Budapest Convention can have the data preserved at short notice.", "preservation", true),
			l("dk.orders.treaty", "DK", "agreements on mutual assistance with Denmark", "", "Another state can ask the Danish authorities for mutual assistance.", "treaty", true)},
		Permits: []staff.Law{l("eu.reach.vital_interests", "EU", "Regulation (EU) 2016/679, Articles 6(1)(d), 49(1)(f)", "", "Where someone's life is in danger we may answer an authority without an order.", "direct", false)}}
	c.Forbids[0].LeavesOut = []string{"how far it binds a company outside the Union, or one inside that cannot open what is kept outside"}
	return c, nil
}

// guide are the guidelines of the program's own packs.
type guide struct{}

func (guide) Jurisdictions(_ context.Context, lang string) (out []public.Jurisdiction, err error) {
	for _, j := range law.Jurisdictions(must(law.Embedded())) {
		out = append(out, public.Jurisdiction{Code: j, Name: book.Name(j, lang)})
	}
	return out, nil
}

func (guide) Guidelines(_ context.Context, j, lang string) ([]book.Block, error) {
	engine := must(law.NewEngine(must(law.Embedded())...))
	return book.Guidelines(engine.Packs(), must(engine.Matrix("2026-11-27", j)), j, lang, ui.WordsFor(lang).Paper), nil
}

func servePublic(t *testing.T, d desk) string {
	t.Helper()
	mux := http.NewServeMux()
	clock := func() time.Time { return now }
	open := func(h http.Handler) http.Handler { return h }
	ui.Mount(mux)
	reader := func(*http.Request) string { return person }
	customer.New(customer.Outside{Desk: d, Provider: "Nordwind Cloud", Reader: reader, LeaveAt: "/customer/leave", Now: clock}).Mount(mux, open)
	staff.NewLawPage(staff.Outside{Now: clock, Zone: dublin, Provider: "Nordwind Cloud", Reader: reader, LeaveAt: "/leave"}, lawyer{}).Mount(mux, open)
	public.New(public.Outside{Ledger: ledger{}, Reports: figures{}, Guide: guide{}, Provider: "Nordwind Cloud", Now: clock, Zone: dublin}).Mount(mux)
	mux.HandleFunc("GET /shut", func(w http.ResponseWriter, _ *http.Request) {
		customer.NewDoor("Nordwind Cloud").Problem(w, http.StatusOK, problem.New(problem.Refused, "access.session", "nobody is signed in here"))
	})
	mux.HandleFunc("GET /door", func(w http.ResponseWriter, _ *http.Request) {
		customer.NewDoor("Nordwind Cloud").Confirm(w, "/customer/enter", "abc", "", time.Hour)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// lookAt opens pages in every sight, in a browser of their own.
func lookAt(t *testing.T, pages map[string]string) {
	t.Helper()
	ctx := chromium(t)
	base := servePublic(t, desk{})
	said := listen(t, ctx)
	for name, path := range pages {
		for _, s := range sights {
			t.Run(name+"-"+s.name, func(t *testing.T) {
				s.set(t, ctx)
				said.take()
				do(t, ctx, chromedp.Navigate(base+path))
				inspect(t, ctx)
				for _, line := range said.take() {
					t.Errorf("the console says: %s", line)
				}
				shoot(t, ctx, name+"-"+s.name)
				axe(t, ctx)
			})
		}
	}
}

func TestCustomersAndThePublicReadTheirPagesInFourLanguages(t *testing.T) {
	for _, lang := range customer.Languages {
		t.Run(lang, func(t *testing.T) {
			lookAt(t, map[string]string{"customer-" + lang: "/customer?lang=" + lang, "customer-notice-" + lang: "/customer/notice/" + theNotice + "?lang=" + lang, "report-" + lang: "/report?lang=" + lang,
				"guidelines-" + lang: "/guidelines?lang=" + lang, "guidelines-de-" + lang: "/guidelines/de?lang=" + lang})
		})
	}
}

func TestThePageOfLawAndTheCustomersDoorCanBeRead(t *testing.T) {
	lookAt(t, map[string]string{"law": "/demand/b7rk-52/law", "customer-shut": "/shut", "customer-door": "/door", "public-with-report": "/"})
}

func TestACustomerReadsANoticeObjectsAndIsToldWhatThatDoes(t *testing.T) {
	ctx := chromium(t)
	base := servePublic(t, desk{})
	sights[2].set(t, ctx)
	do(t, ctx, chromedp.Navigate(base+"/customer"))
	press(t, ctx, "a[href='/customer/notice/"+theNotice+"']")
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#text"), "Nej!"))
	press(t, ctx, "form[action='/customer/object'] button")
	if got := get(t, ctx, chromedp.Text(chromedp.CSS("[role=alert]"))); !strings.Contains(got, "Ikke sendt") || !strings.Contains(got, "customer.enough") {
		t.Errorf("a refusal: %q", got)
	}
	if typed := get(t, ctx, chromedp.Evaluate[string](`document.querySelector("#text").value`)); typed != "Nej!" {
		t.Errorf("what was typed is %q", typed)
	}
	get(t, ctx, chromedp.Evaluate[string](`document.querySelector("#text").value = "Nej tak."`))
	press(t, ctx, "form[action='/customer/object'] button")
	if got := get(t, ctx, chromedp.Text(chromedp.CSS("[role=status]"))); !strings.Contains(got, "I sig selv standser den intet") {
		t.Errorf("what an objection does: %q", got)
	}
	if title := get(t, ctx, chromedp.Title()); strings.Contains(title, "Milano") {
		t.Errorf("the title tells: %q", title)
	}
	press(t, ctx, ".tongues a[lang=it]")
	if lang := get(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); lang != "it" {
		t.Errorf("the switch led to %q", lang)
	}
}
