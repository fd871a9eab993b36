package calls_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/calls"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func config(dir string) calls.Config {
	return calls.Config{Store: "pbx", Table: table.Config{Form: table.CSV, Root: dir, Files: []string{"calls.csv"}}, Account: "account", Time: "at", People: []string{"a", "b"},
		Columns: map[string]table.Column{"at": {Zone: "UTC"}}, Voicemail: "sound", VoicemailFiles: filepath.Join(dir, "sounds"),
		Fields: []table.Mapping{{Field: "call_start", Column: "at"}, {Field: "caller", Column: "a"}, {Field: "callee", Column: "b"}, {Field: "call_kind", Column: "kind"}}}
}

func open(t testing.TB, dir string) *calls.Source {
	t.Helper()
	s, err := calls.New(config(dir))
	must(t, err)
	return s
}

// add writes calls, and beside them what was said: the body of each.
func add(t testing.TB, dir string, all []sourcetest.Planted) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, "sounds"), 0o700))
	path := filepath.Join(dir, "calls.csv")
	_, fresh := os.Stat(path)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer f.Close()
	w := csv.NewWriter(f)
	if fresh != nil {
		must(t, w.Write([]string{"account", "at", "a", "b", "kind", "note", "sound"}))
	}
	for i, m := range all {
		name := fmt.Sprintf("%d-%d.wav", m.Received.Unix(), i)
		must(t, os.WriteFile(filepath.Join(dir, "sounds", name), m.Body, 0o600))
		must(t, w.Write([]string{string(m.Account), m.Received.Format(time.DateTime), "+45 55 50 01 42", "Desk@x.example", "missed", "hunter2", name}))
	}
	w.Flush()
	must(t, w.Error())
}

var numbers = []string{"+4555500142", "desk@x.example"}

func fixture(category scope.Category, plant func(int, scope.AccountID, []byte) sourcetest.Planted) sourcetest.Fixture {
	return sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, all []sourcetest.Planted) source.Source {
			add(t, dir, all)
			return open(t, dir)
		},
		Plant: plant, Category: category,
		Damage: func(t testing.TB, dir string, _ scope.AccountID) {
			must(t, os.Remove(filepath.Join(dir, "calls.csv")))
			must(t, os.Mkdir(filepath.Join(dir, "calls.csv"), 0o700))
		},
		Link: func(t testing.TB, dir, outside string, _ scope.AccountID) {
			must(t, os.Rename(filepath.Join(dir, "calls.csv"), filepath.Join(outside, "moved")))
			must(t, os.Symlink(filepath.Join(outside, "moved"), filepath.Join(dir, "calls.csv")))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) { add(t, dir, []sourcetest.Planted{m}) },
	}
}

func TestVoicemailKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, fixture(scope.Content, func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
		return sourcetest.Planted{Account: account, Received: sourcetest.At(n), Participants: numbers, Bytes: body, Body: body}
	}))
}

type given struct{ Category, ID, Name, Text string }

func collect(t testing.TB, s source.Source) (out []given, items []source.Item, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), source.Query{Account: "ac-june"}, func(it source.Item) error {
		text := ""
		r, err := it.Open()
		if err == nil {
			var b []byte
			b, err = io.ReadAll(r)
			text = string(b)
		}
		if err != nil {
			text = problem.Code(err)
		}
		items = append(items, it)
		out = append(out, given{string(it.Category), it.ID[:strings.LastIndex(it.ID, "-")], it.Name, text})
		return nil
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, items, gaps, err
}

// store lays a store with hostile names.
func store(t testing.TB, rows string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "sounds", "old"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("outside"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "sounds", "old", "1.wav"), []byte("RIFF"), 0o600))
	must(t, os.Symlink("../secret", filepath.Join(dir, "sounds", "link.wav")))
	must(t, os.WriteFile(filepath.Join(dir, "calls.csv"), []byte("account,at,a,b,kind,note,sound\n"+rows), 0o600))
	return dir
}

func TestACallIsTrafficAndWhatWasSaidIsContent(t *testing.T) {
	dir := store(t, "ac-june,2013-04-02 06:00:00,(555) 0142,+1 555 0100,missed,hunter2,old/1.wav\n"+
		"ac-mercer,2013-04-02 06:00:00,1,2,,,old/1.wav\nac-june,,anonymous,,answered,,\n")
	got, items, gaps, err := collect(t, open(t, dir))
	must(t, err)
	want := []given{
		{"traffic", "calls", "", `{"store":"pbx","account":"ac-june","category":"traffic","fields":{"call_start":{"stated":"2013-04-02 06:00:00","utc":"2013-04-02T06:00:00Z"},"caller":"(555) 0142","callee":"+1 555 0100","call_kind":"missed"},"voicemail":"old/1.wav"}` + "\n"},
		{"content", "voicemail", "old/1.wav", "RIFF"},
		{"traffic", "calls", "", `{"store":"pbx","account":"ac-june","category":"traffic","fields":{"caller":"anonymous","call_kind":"answered"}}` + "\n"},
	}
	if d := cmp.Diff(want, got); d != "" || len(gaps) > 0 {
		t.Fatal(gaps, d)
	}
	for _, it := range items[:2] {
		if d := cmp.Diff([]string{"5550142", "+15550100"}, it.Participants); d != "" || it.Undated != "" || !it.Received.Equal(it.Sent) {
			t.Errorf("%+v", it)
		}
		if !json.Valid([]byte(got[0].Text)) {
			t.Error(got[0].Text)
		}
	}
	if items[2].Undated != "received:no_time sent:no_time" {
		t.Errorf("%q", items[2].Undated)
	}
}

func TestAVoicemailsNameNeverLeavesItsFolder(t *testing.T) {
	for name, code := range map[string]string{
		"../secret": "source.voicemail", "/etc/hostname": "source.voicemail", "old/../../secret": "source.voicemail", "a\x00b": "source.voicemail", "./old/1.wav": "source.voicemail",
		strings.Repeat("x", 4097): "source.voicemail", strings.Repeat("x/", 2000) + "x": "source.unreadable", "gone.wav": "source.unreadable", "old": "source.not_a_file",
		"link.wav": "source.outside", ".": "source.voicemail", "old/1.wav/x": "source.unreadable",
	} {
		got, _, gaps, err := collect(t, open(t, store(t, `ac-june,2013-04-02 06:00:00,1,2,missed,,"`+name+"\"\n")))
		if err != nil || len(gaps) > 0 || len(got) != 2 || got[1].Text != code {
			t.Errorf("%.40q: %v %v %.300v", name, err, gaps, got)
		}
	}
}

// Names that another file system would take for one are two, and two calls may name
// one file.
func TestEachVoicemailIsTheOneThatItsRowNames(t *testing.T) {
	names := []string{"älv.wav", "ÄLV.wav", "a\u0308lv.wav", "a b.wav", "\u202egpj.wav", "älv.wav"}
	rows := ""
	for _, n := range names {
		rows += "ac-june,2013-04-02 06:00:00,1,2,missed,," + n + "\n"
	}
	dir := store(t, rows+"ac-june,2013-04-02 06:00:00,1,2,missed,,\xff.wav\n")
	for _, n := range names {
		must(t, os.WriteFile(filepath.Join(dir, "sounds", n), []byte("sound of "+n), 0o600))
	}
	got, _, gaps, err := collect(t, open(t, dir))
	must(t, err)
	if len(got) != 2*len(names) || len(gaps) != 1 || !strings.HasPrefix(gaps[0], "source.row_text") {
		t.Fatalf("%d items, gaps %q", len(got), gaps)
	}
	for i, n := range names {
		if g := got[2*i+1]; g.Text != "sound of "+n || g.Name != source.Escape(n, 4096) {
			t.Errorf("%q: %+v", n, g)
		}
	}
}

func TestAVoicemailThatChangesWhileItIsReadIsAnError(t *testing.T) {
	dir := store(t, "ac-june,2013-04-02 06:00:00,1,2,missed,,old/1.wav\n")
	err := open(t, dir).Items(t.Context(), source.Query{Account: "ac-june"}, func(it source.Item) error {
		r, err := it.Open()
		if err != nil || it.Category != scope.Content {
			return err
		}
		must(t, os.WriteFile(filepath.Join(dir, "sounds", "old", "1.wav"), []byte("another sound"), 0o600))
		_, err = io.Copy(io.Discard, r)
		return err
	}, func(source.Gap) error { return nil })
	if problem.Code(err) != "source.changed" {
		t.Error(err)
	}
}

func TestWhatNoScopeCouldNameIsAGap(t *testing.T) {
	_, _, gaps, err := collect(t, open(t, store(t, "ac-june,2013-04-02 06:00:00,Al Mercer,2,,,\n,2013-04-02 06:00:00,1,2,,,\nAC JUNE,,1,2,,,\nac-june,x\n")))
	must(t, err)
	want := []string{"source.address_form at pbx: calls.csv, line 2", "source.no_account at pbx: calls.csv, line 3", "source.account_form at pbx: calls.csv, line 4", "source.row_columns at pbx: calls.csv, line 5"}
	if d := cmp.Diff(want, gaps); d != "" {
		t.Error(d)
	}
}

func TestAProbeMissesTheVoicemailFolder(t *testing.T) {
	dir := store(t, "")
	must(t, open(t, dir).Probe(t.Context()))
	must(t, os.RemoveAll(filepath.Join(dir, "sounds")))
	if err := open(t, dir).Probe(t.Context()); problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
}

func TestAConfigurationOfCallsHoldsTogether(t *testing.T) {
	for name, change := range map[string]func(*calls.Config){
		"no name":             func(c *calls.Config) { c.Store = "" },
		"no account":          func(c *calls.Config) { c.Account = "" },
		"no time":             func(c *calls.Config) { c.Time = "" },
		"nobody takes part":   func(c *calls.Config) { c.People = nil },
		"a sound, no folder":  func(c *calls.Config) { c.VoicemailFiles = "" },
		"no field":            func(c *calls.Config) { c.Fields = nil },
		"a field of records":  func(c *calls.Config) { c.Fields = []table.Mapping{{Field: "name", Column: "a"}} },
		"a zone not read":     func(c *calls.Config) { c.Columns = map[string]table.Column{"note": {Zone: "UTC"}} },
		"a zone that is none": func(c *calls.Config) { c.Columns = map[string]table.Column{"at": {Zone: "Nowhere"}} },
		"a file outside":      func(c *calls.Config) { c.Table.Files = []string{"/etc/passwd"} },
	} {
		c := config("/srv")
		change(&c)
		if _, err := calls.New(c); problem.Code(err) != "source.config" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
