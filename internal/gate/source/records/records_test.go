package records_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/records"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// write lays a store of one file.
func write(t testing.TB, name, text string) table.Config {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	form := table.CSV
	if strings.HasSuffix(name, ".jsonl") {
		form = table.JSONL
	}
	return table.Config{Form: form, Root: dir, Files: []string{name}}
}

// provider maps what a provider keeps in one table: who, since when, and log-ins.
func provider(cfg table.Config) records.Config {
	return records.Config{
		Store: "crm", Table: cfg, Account: "id",
		Columns: map[string]table.Column{"seen": {Zone: "America/New_York"}, "since": {Zone: "America/New_York"}},
		Groups: []records.Group{
			{Category: scope.Subscriber, From: "since", Fields: mapped("name", "who", "postal_address", "street", "postal_address", "town", "service_start", "since", "payment_source", "card")},
			{Category: scope.Identification, Time: "seen", Fields: mapped("session_start", "seen", "network_address", "ip", "source_port", "port")},
			{Category: scope.Traffic, Time: "seen", Fields: mapped("session_start", "seen", "event", "what")},
		},
	}
}

const crm = `id,who,street,town,since,card,seen,ip,port,what,password,note
ac-june,June Hartwell,"4 Elm Street
rear house",Harbor,2011-03-01,4111,2013-04-02 06:00:00,192.0.2.7,40123,log-in,hunter2,owes us money
ac-june,,,,,,2013-11-03 01:30:00,192.0.2.8,,log-off,hunter2,
ac-june,,,,,,2013-03-10 02:30:00,192.0.2.9,,log-off,,
ac-june,,,,,,,192.0.2.10,,,,
ac-mercer,Al Mercer,"=cmd|' /C calc'!A0",@home,2012-01-01,+1,2013-04-02 06:00:00,192.0.2.7,40123,-log-in,swordfish,
ac-june,,,,,,,,,,only unmapped,only unmapped
`

func TestARowGivesOneItemForEachCategoryAndNothingThatIsNotMapped(t *testing.T) {
	s := open(t, provider(write(t, "crm.csv", crm)))
	items, texts, gaps, err := collect(t, s, "ac-june")
	must(t, err)
	if len(gaps) > 0 {
		t.Error(gaps)
	}
	head := `{"store":"crm","account":"ac-june","category":"`
	want := []string{
		head + `subscriber","fields":{"name":"June Hartwell","postal_address":["4 Elm Street\nrear house","Harbor"],"service_start":{"stated":"2011-03-01","earliest":"2011-03-01T05:00:00Z","latest":"2011-03-02T04:59:59Z","unclear":"date_only"},"payment_source":"4111"}}` + "\n",
		head + `identification","fields":{"session_start":{"stated":"2013-04-02 06:00:00","utc":"2013-04-02T10:00:00Z"},"network_address":"192.0.2.7","source_port":"40123"}}` + "\n",
		head + `traffic","fields":{"session_start":{"stated":"2013-04-02 06:00:00","utc":"2013-04-02T10:00:00Z"},"event":"log-in"}}` + "\n",
		head + `identification","fields":{"session_start":{"stated":"2013-11-03 01:30:00","earliest":"2013-11-03T05:30:00Z","latest":"2013-11-03T06:30:00Z","unclear":"local_twice"},"network_address":"192.0.2.8"}}` + "\n",
		head + `traffic","fields":{"session_start":{"stated":"2013-11-03 01:30:00","earliest":"2013-11-03T05:30:00Z","latest":"2013-11-03T06:30:00Z","unclear":"local_twice"},"event":"log-off"}}` + "\n",
		head + `identification","fields":{"session_start":{"stated":"2013-03-10 02:30:00","earliest":"2013-03-10T06:30:00Z","latest":"2013-03-10T07:30:00Z","unclear":"local_never"},"network_address":"192.0.2.9"}}` + "\n",
		head + `traffic","fields":{"session_start":{"stated":"2013-03-10 02:30:00","earliest":"2013-03-10T06:30:00Z","latest":"2013-03-10T07:30:00Z","unclear":"local_never"},"event":"log-off"}}` + "\n",
		head + `identification","fields":{"network_address":"192.0.2.10"}}` + "\n",
	}
	if d := cmp.Diff(want, texts); d != "" {
		t.Error(d)
	}
	if it := items[0]; !it.Lasting || it.Received != time.Date(2011, 3, 1, 5, 0, 0, 0, time.UTC) || it.Undated != "" {
		t.Errorf("the name holds since %v (%q)", it.Received, it.Undated)
	}
	if it := items[3]; it.ReceivedSpread != time.Hour || it.SentSpread != time.Hour || it.Undated != "received:local_twice sent:local_twice" {
		t.Errorf("a time that came twice: spread %v, %q", it.ReceivedSpread, it.Undated)
	}
	if it := items[7]; !it.Received.IsZero() || it.Undated != "received:no_time sent:no_time" {
		t.Errorf("no time: %v, %q", it.Received, it.Undated)
	}
	for i, it := range items {
		for _, secret := range []string{"hunter2", "owes", "unmapped", "Mercer"} {
			if strings.Contains(texts[i]+it.ID+it.Filename, secret) {
				t.Errorf("%q leaves the store", secret)
			}
		}
	}
}

// The id is given with the record, so it must not tell a guess about what is not.
func TestAnIdDependsOnMappedColumnsAlone(t *testing.T) {
	ids := func(text string) (out []string) {
		items, _, _, err := collect(t, open(t, provider(write(t, "crm.csv", text))), "ac-june")
		must(t, err)
		for _, it := range items {
			out = append(out, it.ID)
		}
		return out
	}
	if d := cmp.Diff(ids(crm), ids(strings.ReplaceAll(crm, "hunter2", "another"))); d != "" {
		t.Error(d)
	}
	if cmp.Equal(ids(crm), ids(strings.ReplaceAll(crm, "192.0.2.8", "192.0.2.88"))) {
		t.Error("another address has the same id")
	}
}

func TestADemandForOneCategoryNeverGetsAnother(t *testing.T) {
	s := open(t, provider(write(t, "crm.csv", crm)))
	items, texts, _, err := collect(t, s, "ac-june")
	must(t, err)
	for _, asked := range []scope.Category{scope.Subscriber, scope.Identification, scope.Traffic} {
		sc, err := scope.New(scope.Selector{Account: "ac-june", Service: scope.Records, Category: asked, Basis: scope.Received,
			From: time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2013, 12, 31, 23, 59, 59, 0, time.UTC)})
		must(t, err)
		given := 0
		for i, it := range items {
			if v := sc.Judge(it.Item); v == scope.Inside {
				given++
				if !strings.Contains(texts[i], `"category":"`+string(asked)+`"`) {
					t.Errorf("asked for %s: %s", asked, texts[i])
				}
			}
		}
		if given == 0 {
			t.Errorf("asked for %s: nothing is given", asked)
		}
	}
}

func TestWhatCannotBeReadOrAttributedIsAGap(t *testing.T) {
	text := "id,who,street,town,since,card,seen,ip,port,what\n" +
		"ac-june,a,b\n" + // cells are missing
		",June,,,,,,,,\n" +
		"AC_JUNE,June,,,,,,,,\n" +
		"ac-june,\xff\xfe,,,,,,,,\n" +
		"ac-june,June,,,,,,,,\n"
	_, texts, gaps, err := collect(t, open(t, provider(write(t, "crm.csv", text))), "ac-june")
	must(t, err)
	want := []string{"source.row_columns at crm: crm.csv, line 2", "source.no_account at crm: crm.csv, line 3", "source.account_form at crm: crm.csv, line 4", "source.row_text at crm: crm.csv, line 5"}
	if d := cmp.Diff(want, gaps); d != "" || len(texts) != 1 {
		t.Errorf("%d items; %s", len(texts), d)
	}
	lines := `{"id":"ac-june","who":"a","who":"b"}
{"id":"ac-june","who":{"first":"June"}}
["ac-june"]
{"id":"ac-june","who":"\ud800"}
{"id":"ac-june","who":"cut
{"id":"ac-june","who":"ok","card":12345678901234567890,"note":{"a":[1]}}
`
	_, texts, gaps, err = collect(t, open(t, provider(write(t, "crm.jsonl", lines))), "ac-june")
	must(t, err)
	want = []string{"source.row_form at crm: crm.jsonl, line 1", "source.row_nested at crm: crm.jsonl, line 2", "source.row_form at crm: crm.jsonl, line 3", "source.row_text at crm: crm.jsonl, line 4", "source.row_form at crm: crm.jsonl, line 5"}
	if d := cmp.Diff(want, gaps); d != "" {
		t.Error(d)
	}
	if len(texts) != 1 || !strings.Contains(texts[0], `"payment_source":"12345678901234567890"`) {
		t.Errorf("%q", texts)
	}
}

func TestAStoreThatCannotBeReadToItsEndIsNeverEmpty(t *testing.T) {
	for name, c := range map[string]struct{ text, code string }{
		"empty":                          {"", "source.columns"},
		"a column is missing":            {strings.Replace(crm, "street", "road", 1), "source.columns"},
		"a column twice":                 {strings.Replace(crm, "note", "who", 1), "source.columns"},
		"a quotation mark never closed":  {crm + `ac-june,"open,` + "\n" + "ac-june,x,,,,,,,,,,\n", "source.malformed"},
		"a quotation mark in the middle": {crm + `ac-june,a"b,,,,,,,,,,` + "\n", "source.malformed"},
		"never closed in a large file":   {crm + `ac-june,"open,` + strings.Repeat("\nac-june,x,,,,,,,,,,", 200_000), "source.malformed"},
		"UTF-16":                         {"\xff\xfei\x00d\x00,\x00", "source.columns"},
		"another separator":              {strings.ReplaceAll(crm, ",", ";"), "source.columns"},
	} {
		_, _, _, err := collect(t, open(t, provider(write(t, "crm.csv", c.text))), "ac-june")
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	bom := provider(write(t, "crm.csv", "\ufeff"+strings.ReplaceAll(crm, ",", ";")))
	bom.Table.Separator = ';'
	if _, texts, _, err := collect(t, open(t, bom), "ac-june"); err != nil || len(texts) != 8 {
		t.Errorf("with a byte order mark and semicolons: %d, %v", len(texts), err)
	}
}

func TestAccountsAreFoundByIdentifiersAtTheirTime(t *testing.T) {
	cfg := provider(write(t, "crm.csv", "id,who,street,town,since,card,seen,ip,port,what\n"+
		"June@x.example,June,,,,,2013-04-02T06:00:00Z,192.0.2.1,,\n"+
		"desk@x.example,,,,,,2013-04-02T06:00:00Z,192.0.2.2,,\n"+
		"desk@x.example,,,,,,2014-04-02T06:00:00Z,192.0.2.3,,\n"+
		"desk@x.example,,,,,,soon,192.0.2.4,,\n"+
		"nobody@x.example,,,,,,2014-04-02T06:00:00Z,192.0.2.5,,\n"+
		"desk@x.example,,,,,,2013-12-31,192.0.2.6,,\n")) // a day of an unknown zone, at whose end it is another's
	cfg.Kind = "address"
	moved := time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg.Resolve = func(kind, value string, at time.Time) (scope.AccountID, bool) {
		switch {
		case kind != "address":
			return "", false
		case strings.EqualFold(value, "june@x.example"):
			return "ac-june", true
		case value == "desk@x.example" && !at.IsZero():
			return map[bool]scope.AccountID{true: "ac-june", false: "ac-mercer"}[at.Before(moved)], true
		}
		return "", false
	}
	_, texts, gaps, err := collect(t, open(t, cfg), "ac-june")
	must(t, err)
	joined := strings.Join(texts, "")
	for ip, given := range map[string]bool{"192.0.2.1": true, "192.0.2.2": true, "192.0.2.3": false, "192.0.2.4": false, "192.0.2.6": false} {
		if strings.Contains(joined, ip) != given {
			t.Errorf("%s is given: %v\n%s", ip, !given, joined)
		}
	}
	// Of one row each group is a record of its own.
	if want := []string{"source.not_resolved at crm: crm.csv, line 5", "source.not_resolved at crm: crm.csv, line 6", "source.not_resolved at crm: crm.csv, line 7"}; !slices.Equal(slices.Compact(gaps), want) {
		t.Errorf("gaps %v", gaps)
	}
}

func TestAConfigurationSaysOnlyWhatStatutesName(t *testing.T) {
	good := provider(table.Config{Form: table.CSV, Root: "/srv", Files: []string{"crm.csv"}})
	for name, change := range map[string]func(*records.Config){
		"no name":                     func(c *records.Config) { c.Store = "" },
		"a name with a slash":         func(c *records.Config) { c.Store = "a/b" },
		"no account":                  func(c *records.Config) { c.Account = "" },
		"a kind that nobody resolves": func(c *records.Config) { c.Kind = "address" },
		"no group":                    func(c *records.Config) { c.Groups = nil },
		"content":                     func(c *records.Config) { c.Groups[0].Category = scope.Content },
		"an unknown field":            func(c *records.Config) { c.Groups[0].Fields[0].Field = "password" },
		"a log-in as subscriber data": func(c *records.Config) {
			c.Groups[0].Fields[0] = table.Mapping{Field: "network_address", Column: "ip"}
		},
		"a name as traffic":            func(c *records.Config) { c.Groups[2].Fields[0] = table.Mapping{Field: "name", Column: "who"} },
		"a duration as identification": func(c *records.Config) { c.Groups[1].Fields[0].Field = "session_duration" },
		"traffic without its time":     func(c *records.Config) { c.Groups[2].Time = "" },
		"traffic that lasts":           func(c *records.Config) { c.Groups[2].From = "seen" },
		"a subscriber's time":          func(c *records.Config) { c.Groups[0].Time = "since" },
		"the same mapping twice":       func(c *records.Config) { c.Groups[0].Fields = append(c.Groups[0].Fields, c.Groups[0].Fields[0]) },
		"a field without a column":     func(c *records.Config) { c.Groups[0].Fields[0].Column = "" },
		"a zone that is none":          func(c *records.Config) { c.Columns["seen"] = table.Column{Zone: "Mars/Olympus"} },
		"the machine's own zone":       func(c *records.Config) { c.Columns["seen"] = table.Column{Zone: "Local"} },
		"a zone of a column not read":  func(c *records.Config) { c.Columns["note"] = table.Column{Zone: "UTC"} },
		"a form of time that is none":  func(c *records.Config) { c.Columns["seen"] = table.Column{Form: "excel"} },
		"a file outside":               func(c *records.Config) { c.Table.Files = []string{"../crm.csv"} },
		"a file twice":                 func(c *records.Config) { c.Table.Files = []string{"a.csv", "a.csv"} },
		"no file":                      func(c *records.Config) { c.Table.Files = nil },
		"a form that is none":          func(c *records.Config) { c.Table.Form = "xlsx" },
		"a program without its path":   func(c *records.Config) { c.Table = table.Config{Form: table.Command, Argv: []string{"ls"}} },
		"two statements": func(c *records.Config) {
			c.Table = table.Config{Form: table.SQLite, Root: "/srv", Files: []string{"a"}, Query: "SELECT 1; DROP TABLE x"}
		},
		"a database without connection": func(c *records.Config) { c.Table = table.Config{Form: table.Postgres, Query: "SELECT 1"} },
	} {
		c := good
		c.Columns = map[string]table.Column{"seen": {Zone: "UTC"}}
		c.Groups = slices.Clone(good.Groups)
		for i := range c.Groups {
			c.Groups[i].Fields = slices.Clone(c.Groups[i].Fields)
		}
		change(&c)
		if _, err := records.New(c); problem.Code(err) != "source.config" || problem.Of(err).Field == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheDictionaryTellsEachMappedFieldWithItsColumnAndStatute(t *testing.T) {
	s := open(t, provider(write(t, "crm.csv", crm)))
	fields := s.Fields()
	if len(fields) != 10 {
		t.Fatalf("%d fields", len(fields))
	}
	want := source.Field{Store: "crm", Category: scope.Subscriber, Name: "payment_source", Column: "card",
		Means: "From where it was paid, such as a card's or an account's number.", Statute: "18 USC 2703(c)(2)(F); Reg. (EU) 2023/1543 Art. 3(9)(a)"}
	if d := cmp.Diff(want, fields[4]); d != "" {
		t.Error(d)
	}
	for _, f := range fields {
		if f.Means == "" || f.Column == "" || f.Statute == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestAProbeReadsNobodysRowAndMissesNothing(t *testing.T) {
	cfg := provider(write(t, "crm.csv", crm))
	must(t, open(t, cfg).Probe(t.Context()))
	bad := provider(write(t, "crm.csv", "id,who\n"))
	if err := open(t, bad).Probe(t.Context()); problem.Code(err) != "source.columns" {
		t.Error(err)
	}
	must(t, os.Remove(filepath.Join(cfg.Table.Root, "crm.csv")))
	if err := open(t, cfg).Probe(t.Context()); problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
}

// oracle selects rows as a person with a spreadsheet would: whole file in memory,
// by encoding/csv, UTC times only.
func oracle(t *rapid.T, text, account string, from, until time.Time) []string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows[1:] {
		at, err := time.Parse(time.DateTime, r[2])
		if r[0] == account && err == nil && !at.Before(from) && !at.After(until) {
			out = append(out, r[2]+" "+r[3])
		}
	}
	return out
}

func TestAnotherProgramSelectsTheSameRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		w := csv.NewWriter(&b)
		must(t, w.Write(columns))
		for range rapid.IntRange(0, 40).Draw(rt, "rows") {
			at := time.Unix(rapid.Int64Range(1_000_000_000, 1_000_000_400).Draw(rt, "at"), 0).UTC()
			must(t, w.Write([]string{rapid.SampledFrom([]string{"ac-1", "ac-2", "ac-11"}).Draw(rt, "account"), "secret", at.Format(time.DateTime),
				rapid.StringMatching(`[ -~äß,"\n=]{1,12}`).Draw(rt, "agent")}))
		}
		w.Flush()
		from := time.Unix(rapid.Int64Range(1_000_000_000, 1_000_000_400).Draw(rt, "from"), 0).UTC()
		until := from.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "seconds")) * time.Second)
		sc, err := scope.New(scope.Selector{Account: "ac-1", Service: scope.Records, Category: scope.Identification, Basis: scope.Received, From: from, Until: until})
		must(t, err)
		items, texts, gaps, err := collect(t, open(t, sessions(write(t, "s.csv", b.String()))), "ac-1")
		must(t, err)
		var got []string
		for i, it := range items {
			if sc.Judge(it.Item) == scope.Inside {
				var r struct {
					Fields struct {
						Start  struct{ Stated string } `json:"session_start"`
						Device string
					}
				}
				must(t, json.Unmarshal([]byte(texts[i]), &r))
				got = append(got, r.Fields.Start.Stated+" "+r.Fields.Device)
			}
		}
		if d := cmp.Diff(oracle(rt, b.String(), "ac-1", from, until), got); d != "" || len(gaps) > 0 {
			rt.Fatalf("%s gaps %v\n%s", d, gaps, b.String())
		}
	})
}

// BenchmarkAMillionRows reads a million rows of CSV, of which each hundredth is the
// account's and each is opened.
func BenchmarkAMillionRows(b *testing.B) {
	dir := b.TempDir()
	f, err := os.Create(filepath.Join(dir, "s.csv"))
	must(b, err)
	fmt.Fprintln(f, "account,secret,login_at,agent")
	at := time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 1_000_000 {
		fmt.Fprintf(f, "ac-%02d,hunter2,%s,Mozilla/5.0 (X11; Linux x86_64) Example/%d.0\n", i%100, at.Add(time.Duration(i)*time.Minute/2).Format(time.DateTime), i%70)
	}
	must(b, f.Close())
	b.Run("encoding-csv", func(b *testing.B) { // what reading alone takes
		for b.Loop() {
			f, err := os.Open(filepath.Join(dir, "s.csv"))
			must(b, err)
			r := csv.NewReader(f)
			r.ReuseRecord = true
			n := 0
			for {
				_, err := r.Read()
				if err == io.EOF {
					break
				}
				must(b, err)
				n++
			}
			f.Close()
			if n != 1_000_001 {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
	})
	for _, account := range []scope.AccountID{"ac-07", "everybody"} {
		b.Run(string(account), func(b *testing.B) {
			cfg := sessions(table.Config{Form: table.CSV, Root: dir, Files: []string{"s.csv"}})
			if account == "everybody" { // every row is the account's
				cfg.Kind = "any"
				cfg.Resolve = func(string, string, time.Time) (scope.AccountID, bool) { return account, true }
			}
			s := open(b, cfg)
			b.ReportAllocs()
			for b.Loop() {
				n, size := 0, int64(0)
				var peak, base runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&base)
				err := s.Items(b.Context(), source.Query{Account: account}, func(it source.Item) error {
					n++
					size += it.Size
					return nil
				}, func(source.Gap) error { return nil })
				runtime.ReadMemStats(&peak)
				b.ReportMetric(float64(peak.HeapInuse-min(base.HeapInuse, peak.HeapInuse))/(1<<20), "MiB-more")
				if err != nil || n < 10_000 {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
