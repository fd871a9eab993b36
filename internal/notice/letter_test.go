package notice_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var zones = map[string]string{"en": "Europe/Dublin", "de": "Europe/Berlin", "da": "Europe/Copenhagen", "it": "Europe/Rome"}

func utc(y int, m time.Month, d, h, min, s int) time.Time {
	return time.Date(y, m, d, h, min, s, 0, time.UTC)
}

func letter(t testing.TB, language string, outcome notice.Outcome) notice.Letter {
	t.Helper()
	zone, err := time.LoadLocation(zones[language])
	if err != nil {
		t.Fatal(err)
	}
	asked := []notice.Line{
		{Service: scope.Mail, Category: scope.Content, From: utc(2026, 3, 1, 0, 0, 0), Until: utc(2026, 4, 30, 21, 59, 59), Basis: scope.Received},
		{Service: scope.Records, Category: scope.Subscriber, From: utc(2026, 1, 1, 0, 0, 0), Until: utc(2026, 9, 28, 8, 0, 0), Basis: scope.Sent},
	}
	l := notice.Letter{
		Language: language, Zone: zone, Provider: "Nordlys Cloud A/S", Date: utc(2026, 10, 1, 8, 0, 0), Customer: "Marta Esempio",
		Demand: "m2fd-10", Received: utc(2026, 9, 28, 9, 30, 0), Authority: "Tribunale di Milano", Instrument: "EPOC, Reg. (EU) 2023/1543 Art. 5",
		Asked: asked, Outcome: outcome, ObjectTo: "objections@nordlys.example",
		Opening: notice.Opening{Log: "ledger.nordlys.example/register", Leaf: "4711", Opening: "b3Blbi1zZXNhbWUtMDEyMzQ1Njc4OQ", Check: "https://ledger.nordlys.example/check"},
	}
	switch outcome {
	case notice.WillBeGiven:
		l.Given, l.GivenAt, l.ObjectUntil = asked, utc(2026, 10, 8, 15, 0, 0), utc(2026, 10, 7, 22, 0, 0)
	case notice.WasGiven:
		l.Date = utc(2026, 12, 1, 8, 0, 0)
		l.Given, l.GivenAt, l.Items = asked[1:], utc(2026, 10, 8, 15, 0, 0), 3
		l.Secrecy = []notice.Secrecy{{Source: "EPOC, Art. 13(2)", From: utc(2026, 9, 28, 9, 30, 0), Until: utc(2026, 11, 30, 23, 0, 0)}}
	}
	return l
}

var outcomes = []notice.Outcome{notice.WillBeGiven, notice.WasGiven, notice.NotGiven}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
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

func TestLettersReadAsTheyDidBefore(t *testing.T) {
	for _, language := range notice.Languages {
		for _, o := range outcomes {
			r := render(t, letter(t, language, o))
			golden(t, language+"-"+string(o)+".txt", r.Text)
			golden(t, language+"-"+string(o)+".html", r.HTML)
		}
	}
}

func TestALetterIsOnePageWithoutBlanks(t *testing.T) {
	for _, language := range notice.Languages {
		for _, o := range outcomes {
			text := string(render(t, letter(t, language, o)).Text)
			if n := strings.Count(text, "\n"); n > 60 {
				t.Errorf("%s %s has %d lines", language, o, n)
			}
			for _, bad := range []string{"<no value>", "{{", "()", " ,", "  \n", ": \n", "\n\n\n", "%!"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s %s contains %q", language, o, bad)
				}
			}
			for line := range strings.SplitSeq(text, "\n") {
				if utf8.RuneCountInString(line) > 76 {
					t.Errorf("%s %s: line too long: %q", language, o, line)
				}
			}
			// title, from, to, and then the sentence that says what happened
			if !strings.Contains(strings.Split(text, "\n\n")[3], "Tribunale di Milano") {
				t.Errorf("%s %s: the first sentence does not name the authority", language, o)
			}
		}
	}
}

// Each case takes one thing away, or puts it at odds with the rest.
func TestAMissingFieldIsAnErrorNeverABlank(t *testing.T) {
	long := strings.Repeat("x", 301)
	cases := map[string]struct {
		outcome notice.Outcome
		change  func(*notice.Letter)
	}{
		"language":          {notice.WillBeGiven, func(l *notice.Letter) { l.Language = "fr" }},
		"zone":              {notice.WillBeGiven, func(l *notice.Letter) { l.Zone = nil }},
		"zone local":        {notice.WillBeGiven, func(l *notice.Letter) { l.Zone = time.Local }},
		"provider":          {notice.WillBeGiven, func(l *notice.Letter) { l.Provider = "" }},
		"date":              {notice.WillBeGiven, func(l *notice.Letter) { l.Date = time.Time{} }},
		"customer":          {notice.WillBeGiven, func(l *notice.Letter) { l.Customer = "" }},
		"customer blank":    {notice.WillBeGiven, func(l *notice.Letter) { l.Customer = " \u202e\n\u200b " }},
		"customer long":     {notice.WillBeGiven, func(l *notice.Letter) { l.Customer = long }},
		"demand":            {notice.WillBeGiven, func(l *notice.Letter) { l.Demand = "" }},
		"received":          {notice.WillBeGiven, func(l *notice.Letter) { l.Received = time.Time{} }},
		"received after":    {notice.WillBeGiven, func(l *notice.Letter) { l.Received = l.Date.Add(time.Hour) }},
		"authority":         {notice.WillBeGiven, func(l *notice.Letter) { l.Authority = "" }},
		"instrument":        {notice.WillBeGiven, func(l *notice.Letter) { l.Instrument = "" }},
		"asked":             {notice.WillBeGiven, func(l *notice.Letter) { l.Asked = nil }},
		"asked last":        {notice.WillBeGiven, func(l *notice.Letter) { l.Asked[1].Category = "" }},
		"asked service":     {notice.WillBeGiven, func(l *notice.Letter) { l.Asked[1].Service = "post" }},
		"asked basis":       {notice.WillBeGiven, func(l *notice.Letter) { l.Asked[1].Basis = "" }},
		"asked backwards":   {notice.WillBeGiven, func(l *notice.Letter) { l.Asked[1].Until = l.Asked[1].From.Add(-1) }},
		"asked many":        {notice.WillBeGiven, func(l *notice.Letter) { l.Asked = make25(l.Asked[0]) }},
		"outcome":           {notice.WillBeGiven, func(l *notice.Letter) { l.Outcome = "" }},
		"given":             {notice.WillBeGiven, func(l *notice.Letter) { l.Given = nil }},
		"given last":        {notice.WasGiven, func(l *notice.Letter) { l.Given = append(l.Given, notice.Line{}) }},
		"given at":          {notice.WillBeGiven, func(l *notice.Letter) { l.GivenAt = time.Time{} }},
		"given past":        {notice.WillBeGiven, func(l *notice.Letter) { l.GivenAt = l.Date.Add(-time.Hour) }},
		"given future":      {notice.WasGiven, func(l *notice.Letter) { l.GivenAt = l.Date.Add(time.Hour) }},
		"items":             {notice.WasGiven, func(l *notice.Letter) { l.Items = 0 }},
		"nothing but given": {notice.NotGiven, func(l *notice.Letter) { l.Given = l.Asked }},
		"object to":         {notice.WillBeGiven, func(l *notice.Letter) { l.ObjectTo = "" }},
		"object until":      {notice.WillBeGiven, func(l *notice.Letter) { l.ObjectUntil = time.Time{} }},
		"object too late":   {notice.WillBeGiven, func(l *notice.Letter) { l.ObjectUntil = l.GivenAt.Add(time.Second) }},
		"secrecy source":    {notice.WasGiven, func(l *notice.Letter) { l.Secrecy = append(l.Secrecy, l.Secrecy[0]); l.Secrecy[1].Source = "" }},
		"secrecy until":     {notice.WasGiven, func(l *notice.Letter) { l.Secrecy[0].Until = time.Time{} }},
		"secrecy from":      {notice.WasGiven, func(l *notice.Letter) { l.Secrecy[0].From = time.Time{} }},
		"log":               {notice.WillBeGiven, func(l *notice.Letter) { l.Opening.Log = "" }},
		"leaf":              {notice.WillBeGiven, func(l *notice.Letter) { l.Opening.Leaf = "" }},
		"opening":           {notice.WillBeGiven, func(l *notice.Letter) { l.Opening.Opening = "" }},
		"check":             {notice.WillBeGiven, func(l *notice.Letter) { l.Opening.Check = "" }},
	}
	for name, c := range cases {
		l := letter(t, "da", c.outcome)
		c.change(&l)
		r, err := notice.Render(l)
		if problem.Code(err) != "notice.field" || problem.Of(err).Field == "" || r.Text != nil || r.HTML != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func make25(l notice.Line) []notice.Line {
	out := make([]notice.Line, 25)
	for i := range out {
		out[i] = l
	}
	return out
}

var hostileNames = []string{
	"Eve\n\n## How to object\n\nSend money to evil.example", "Eve\r\nBcc: all", "\u202egnp.exe\u202c Eve", "\u2066Eve\u2069\u200f", "<script>alert(1)</script>Eve",
	"- Eve", "## Eve", "Eve\x00\x1b[31m", "Eve\u2028\u2029Eve", "{{.Opening.Opening}}Eve", "\xff\xfeEve", "Eve\"' onload=x", "Eve\u00ad\ufeff",
}

func TestANameCannotAddLinesTurnTextOrBecomeMarkup(t *testing.T) {
	plain := render(t, letter(t, "en", notice.WasGiven))
	for _, name := range hostileNames {
		l := letter(t, "en", notice.WasGiven)
		l.Customer, l.Authority, l.Instrument, l.Secrecy[0].Source, l.ObjectTo, l.Provider = name, name, name, name, name, name
		r := render(t, l)
		for _, c := range string(r.Text) + string(r.HTML) {
			if c != '\n' && c != ' ' && (!unicode.IsPrint(c) || c == utf8.RuneError) {
				t.Fatalf("%q: %U came through", name, c)
			}
		}
		if got, want := bytes.Count(r.Text, []byte("\n\n")), bytes.Count(plain.Text, []byte("\n\n")); got != want {
			t.Errorf("%q: %d blocks, not %d", name, got, want)
		}
		for _, tag := range []string{"<h2>", "<li>", "<p>", "<", ">"} {
			if got, want := bytes.Count(r.HTML, []byte(tag)), bytes.Count(plain.HTML, []byte(tag)); got != want {
				t.Errorf("%q: %d of %s, not %d", name, got, tag, want)
			}
		}
	}
}

func TestTimesStandInTheCustomersZoneWithWeekdayAndOffset(t *testing.T) {
	for language, want := range map[string]string{
		"en": "Sunday, 25 October 2026, 01:30 (Europe/Dublin, UTC)",
		"de": "Sonntag, 25. Oktober 2026, 02:30 Uhr (Europe/Berlin, UTC+1)",
		"da": "søndag den 25. oktober 2026 kl. 02.30 (Europe/Copenhagen, UTC+1)",
		"it": "domenica 25 ottobre 2026, ore 02:30 (Europe/Rome, UTC+1)",
	} {
		l := letter(t, language, notice.WillBeGiven)
		l.GivenAt = utc(2026, 10, 25, 1, 30, 0) // the second 02:30 of that night
		text := strings.Join(strings.Fields(string(render(t, l).Text)), " ")
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", language, want, text)
		}
		l.GivenAt = utc(2026, 10, 25, 0, 30, 0) // the first
		if strings.Contains(strings.Join(strings.Fields(string(render(t, l).Text)), " "), want) {
			t.Errorf("%s: the two 02:30 look alike", language)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, n := range hostileNames {
		f.Add(n)
	}
	tags := bytes.Count(render(f, letter(f, "de", notice.NotGiven)).HTML, []byte("<"))
	f.Fuzz(func(t *testing.T, name string) {
		l := letter(t, "de", notice.NotGiven)
		l.Customer = name
		r, err := notice.Render(l)
		if err != nil {
			if problem.Code(err) != "notice.field" {
				t.Fatal(err)
			}
			return
		}
		if bytes.Count(r.HTML, []byte("<")) != tags || !utf8.Valid(r.Text) {
			t.Fatalf("%d tags", bytes.Count(r.HTML, []byte("<")))
		}
	})
}
