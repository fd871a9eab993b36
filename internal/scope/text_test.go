package scope

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write testdata/vectors.txt anew")

func TestParsingTheBytesGivesTheScopeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aScope(t, "s")
		again, err := Parse(s.Bytes())
		if err != nil || !again.Equal(s) || again.Digest() != s.Digest() {
			t.Fatalf("%v\n%s", err, s.Bytes())
		}
		fromLines, err := ParseLines(s.Lines())
		if err != nil || !fromLines.Equal(s) {
			t.Fatal(err)
		}
		fromRows, err := New(s.Selectors()...)
		if err != nil || !fromRows.Equal(s) {
			t.Fatal(err)
		}
		if d := cmp.Diff(s.Selectors(), again.Selectors()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestOrderAndRepetitionDoNotMatterToNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(aSelector), 1, 6).Draw(t, "rows")
		mixed := rapid.Permutation(append(rows, rows[0])).Draw(t, "mixed")
		for i := range mixed {
			mixed[i].Participants = append(mixed[i].Participants, mixed[i].Participants...)
			mixed[i].From = mixed[i].From.In(time.FixedZone("", 3600))
		}
		a, errA := New(rows...)
		b, errB := New(mixed...)
		if errA != nil || errB != nil || !a.Equal(b) || a.Digest() != b.Digest() {
			t.Fatalf("%v %v\n%s%s", errA, errB, a.Bytes(), b.Bytes())
		}
	})
}

func TestAScopeCannotBeChangedFromOutside(t *testing.T) {
	row := good()
	row.Participants, row.Items = []string{"b@x", "a@x"}, []string{"i"}
	s := must(t, row)
	want := string(s.Bytes())
	row.Participants[0], row.Items[0] = "evil@x", "evil"
	s.Bytes()[30]++
	s.Selectors()[0].Participants[0] = "evil@x"
	s.Selectors()[0].Items[0] = "evil"
	s.Lines()[0] = "evil"
	if string(s.Bytes()) != want || s.Selectors()[0].Participants[0] != "a@x" || s.Selectors()[0].Items[0] != "i" || !strings.Contains(want, s.Lines()[0]) {
		t.Errorf("%s", s.Bytes())
	}
}

func good() Selector {
	return Selector{Account: "acc-1", Service: Mail, Category: Content, From: worldStart, Until: worldStart.AddDate(0, 1, 0), Basis: Received}
}

// bad lists what no selector may be, with the code that says so.
var bad = map[string]struct {
	change func(*Selector)
	code   string
}{
	"no account":              {func(s *Selector) { s.Account = "" }, "scope.account"},
	"every account":           {func(s *Selector) { s.Account = "*" }, "scope.account"},
	"an address":              {func(s *Selector) { s.Account = "a@b.example" }, "scope.account"},
	"an account in capitals":  {func(s *Selector) { s.Account = "ACC" }, "scope.account"},
	"an account with a space": {func(s *Selector) { s.Account = "a b" }, "scope.account"},
	"a short account":         {func(s *Selector) { s.Account = "ab" }, "scope.account"},
	"a long account":          {func(s *Selector) { s.Account = AccountID(strings.Repeat("a", 65)) }, "scope.account"},
	"a hyphen first":          {func(s *Selector) { s.Account = "-ab" }, "scope.account"},
	"a hyphen last":           {func(s *Selector) { s.Account = "ab-" }, "scope.account"},
	"no service":              {func(s *Selector) { s.Service = "" }, "scope.service"},
	"every service":           {func(s *Selector) { s.Service = "*" }, "scope.service"},
	"no category":             {func(s *Selector) { s.Category = "" }, "scope.category"},
	"no basis":                {func(s *Selector) { s.Basis = "" }, "scope.basis"},
	"no time":                 {func(s *Selector) { s.From = time.Time{} }, "scope.year"},
	"before 1970":             {func(s *Selector) { s.From = time.Unix(-1, 0) }, "scope.year"},
	"the year 9999":           {func(s *Selector) { s.Until = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }, "scope.year"},
	"the year 2100":           {func(s *Selector) { s.Until = latest }, "scope.year"},
	"2100 in another zone":    {func(s *Selector) { s.Until = time.Date(2099, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)) }, "scope.year"},
	"the end before start":    {func(s *Selector) { s.Until = s.From.Add(-time.Second) }, "scope.interval"},
	"half a second":           {func(s *Selector) { s.Until = s.Until.Add(time.Millisecond) }, "scope.interval"},
	"an empty participant":    {func(s *Selector) { s.Participants = []string{"a@x", "b@x", ""} }, "scope.participant"},
	"a space in one":          {func(s *Selector) { s.Participants = []string{"a@x", "b@x", "c d@x"} }, "scope.participant"},
	"a comma in one":          {func(s *Selector) { s.Participants = []string{"a@x", "b@x", "c,d@x"} }, "scope.participant"},
	"a line feed in one":      {func(s *Selector) { s.Participants = []string{"a@x", "b@x", "c\n@x"} }, "scope.participant"},
	"no UTF-8":                {func(s *Selector) { s.Participants = []string{"a@x", "b@x", "\xff@x"} }, "scope.participant"},
	"a line separator":        {func(s *Selector) { s.Participants = []string{"a@x", "b@x", "c\u2028@x"} }, "scope.participant"},
	"a long participant":      {func(s *Selector) { s.Participants = []string{"a@x", strings.Repeat("x", MaxAddress+1)} }, "scope.participant"},
	"65 participants":         {func(s *Selector) { s.Participants = numbered(MaxParticipants + 1) }, "scope.too_large"},
	"4097 items":              {func(s *Selector) { s.Items = numbered(MaxItems + 1) }, "scope.too_large"},
	"an empty item":           {func(s *Selector) { s.Items = []string{"a", "b", ""} }, "scope.item"},
	"an item with a comma":    {func(s *Selector) { s.Items = []string{"a", "b", "c,d"} }, "scope.item"},
	"a long item":             {func(s *Selector) { s.Items = []string{"a", "b", strings.Repeat("x", MaxItemID+1)} }, "scope.item"},
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("n%d@x", i)
	}
	return out
}

func TestABadSelectorIsRefusedAlsoAsTheLastOfThree(t *testing.T) {
	for name, c := range bad {
		last := good()
		c.change(&last)
		second := good()
		second.Account = "acc-2"
		for at, rows := range [][]Selector{{last}, {good(), second, last}} {
			s, err := New(rows...)
			p := problem.Of(err)
			if p == nil || p.Code != c.code || p.Kind != problem.Invalid || !s.Empty() {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want := fmt.Sprintf("selector %d", len(rows)); !strings.HasPrefix(p.Field, want) {
				t.Errorf("%s (%d): the field is %q", name, at, p.Field)
			}
		}
	}
}

func TestTooMuchIsRefusedBeforeItIsBuilt(t *testing.T) {
	_, err := New()
	if problem.Code(err) != "scope.empty" {
		t.Error(err)
	}
	_, err = New(make([]Selector, 100_000)...)
	if problem.Code(err) != "scope.too_large" {
		t.Error(err)
	}
	_, err = ParseLines(make([]string, 100_000))
	if problem.Code(err) != "scope.too_large" {
		t.Error(err)
	}
	_, err = Parse(bytes.Repeat([]byte("x"), MaxText+1))
	if problem.Code(err) != "scope.too_large" {
		t.Error(err)
	}
	items := make([]string, MaxItems)
	for i := range items {
		items[i] = fmt.Sprintf("%0*d", MaxItemID, i)
	}
	var rows []Selector
	for i := range MaxSelectors {
		s := good()
		s.Until, s.Items = s.Until.Add(time.Duration(i)*time.Second), items
		rows = append(rows, s)
		if i == 7 { // some 4.2 million bytes: Parse would not read them
			_, err = New(rows...)
			if problem.Code(err) != "scope.too_large" {
				t.Error(err)
			}
		}
	}
	_, err = New(rows...)
	if problem.Code(err) != "scope.too_large" {
		t.Error(err)
	}
}

func TestOnlyCanonicalTextIsRead(t *testing.T) {
	const first = "select account=acc-1 service=mail category=content from=2026-01-01T00:00:00Z until=2026-02-01T00:00:00Z basis=received"
	const second = "select account=acc-2 service=mail category=content from=2026-01-01T00:00:00Z until=2026-02-01T00:00:00Z basis=received participants=a@x,b@x items=i1,i2"
	good := header + first + "\n" + second + "\n"
	_, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing": "", "the header alone": header, "an empty line": header + "\n", "no last line end": strings.TrimSuffix(good, "\n"), "one more": good + "\n",
		"another version": strings.Replace(good, "-v1", "-v2", 1), "CR LF": strings.ReplaceAll(good, "\n", "\r\n"), "a mark": "\ufeff" + good,
		"another order": header + second + "\n" + first + "\n", "a line twice": header + first + "\n" + first + "\n",
		"names out of order": strings.Replace(good, "a@x,b@x", "b@x,a@x", 1), "a name twice": strings.Replace(good, "a@x,b@x", "a@x,a@x", 1), "capitals": strings.Replace(good, "a@x", "A@x", 1),
		"no names": strings.Replace(good, "participants=a@x,b@x", "participants=", 1), "another zone": strings.Replace(good, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", 1),
		"fractions": strings.Replace(good, "00:00Z", "00:00.0Z", 1), "two spaces": strings.Replace(good, " service", "  service", 1), "a space at the end": strings.Replace(good, "received\n", "received \n", 1),
		"another order of fields": strings.Replace(good, "service=mail category=content", "category=content service=mail", 1), "a field twice": strings.Replace(good, "account=acc-2", "account=acc-1 account=acc-2", 1),
		"an unknown field": strings.Replace(good, "basis=received\n", "basis=received region=eu\n", 1), "a field without value": strings.Replace(good, "basis=received\n", "basis=received all\n", 1),
		"no selector": strings.Replace(good, "select", "exclude", 1), "a missing field": strings.Replace(good, " basis=received", "", 1),
	} {
		s, err := Parse([]byte(text))
		if err == nil || !s.Empty() || problem.Of(err).Kind != problem.Invalid {
			t.Errorf("%s is accepted: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors() {
		f.Add(v.Bytes())
	}
	f.Add([]byte(header + "select account=a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			if problem.Of(err).Kind != problem.Invalid || !s.Empty() {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(s.Bytes(), text) || !s.Contains(s) {
			t.Fatalf("%q", text)
		}
	})
}

// vectors are scopes whose text and digest are frozen in testdata/vectors.txt.
func vectors() []Scope {
	plain := good()
	sent := plain
	sent.Basis, sent.Category, sent.From, sent.Until = Sent, Traffic, time.Unix(0, 0), latest.Add(-time.Second)
	narrow := plain
	narrow.Participants, narrow.Items = []string{"Zoë@x.example", "\"q\"@x.example", "A@x.example"}, []string{"mbox-00ff", "mbox-00ff-2"}
	records := Selector{Account: "acc-2", Service: Records, Category: Subscriber, From: worldStart, Until: worldStart, Basis: Received}
	identification := records
	identification.Category, identification.Service = Identification, Calls
	var out []Scope
	for _, rows := range [][]Selector{{plain}, {sent}, {narrow}, {records, plain, identification, narrow}} {
		s, err := New(rows...)
		if err != nil {
			panic(err)
		}
		out = append(out, s)
	}
	return out
}

func TestTextAndDigestAreFrozen(t *testing.T) {
	const file = "testdata/vectors.txt"
	var want bytes.Buffer
	want.WriteString("# The canonical text of scopes, each followed by the SHA-256 of exactly those bytes.\n")
	for _, s := range vectors() {
		fmt.Fprintf(&want, "%sdigest %s\n", s.Bytes(), s.Digest())
	}
	if *update {
		err := os.WriteFile(file, want.Bytes(), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), string(have)); d != "" {
		t.Error(d)
	}
	var text bytes.Buffer
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(have)); lines.Scan(); {
		digest, ok := strings.CutPrefix(lines.Text(), "digest ")
		if !ok {
			if !strings.HasPrefix(lines.Text(), "#") {
				text.WriteString(lines.Text() + "\n")
			}
			continue
		}
		s, err := Parse(text.Bytes())
		if err != nil || s.Digest().String() != digest {
			t.Errorf("%v: %s\n%s", err, digest, text.Bytes())
		}
		text.Reset()
		n++
	}
	if n != len(vectors()) {
		t.Errorf("%d vectors", n)
	}
}

func TestAccountsAndCategoriesOfAScope(t *testing.T) {
	s := vectors()[3]
	if d := cmp.Diff([]AccountID{"acc-1", "acc-2"}, s.Accounts()); d != "" {
		t.Error(d)
	}
	if !s.Has(Subscriber) || s.Has(Traffic) {
		t.Error("categories")
	}
}
