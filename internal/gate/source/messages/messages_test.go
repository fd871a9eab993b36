package messages_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/messages"
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

func open(t testing.TB, dir string) *messages.Source {
	t.Helper()
	s, err := messages.New(messages.Config{Store: "chat", Root: dir, Files: []string{"chat.jsonl"}})
	must(t, err)
	return s
}

func TestJSONLinesKeepTheContract(t *testing.T) {
	path := func(dir string) string { return filepath.Join(dir, "chat.jsonl") }
	add := func(t testing.TB, dir string, all []sourcetest.Planted) {
		f, err := os.OpenFile(path(dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		must(t, err)
		for _, m := range all {
			_, err := f.Write(append(append([]byte{}, m.Bytes...), '\n'))
			must(t, err)
		}
		must(t, f.Close())
	}
	sourcetest.Run(t, sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, all []sourcetest.Planted) source.Source {
			add(t, dir, all)
			return open(t, dir)
		},
		Plant: func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
			at, from := sourcetest.At(n), "Writer@sender.example"
			line, err := json.Marshal(map[string]any{"account": account, "id": "m", "received": at, "sent": nil, "from": from, "to": []string{"b@x.example"}, "text": string(body)})
			must(t, err)
			return sourcetest.Planted{Account: account, Received: at, Participants: []string{"writer@sender.example", "b@x.example"}, Bytes: line, Body: body}
		},
		Text: true, Longest: 150 << 10, Category: scope.Content,
		Damage: func(t testing.TB, dir string, _ scope.AccountID) {
			must(t, os.Remove(path(dir)))
			must(t, os.Mkdir(path(dir), 0o700))
		},
		Link: func(t testing.TB, dir, outside string, _ scope.AccountID) {
			must(t, os.Rename(path(dir), filepath.Join(outside, "moved")))
			must(t, os.Symlink(filepath.Join(outside, "moved"), path(dir)))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) { add(t, dir, []sourcetest.Planted{m}) },
	})
}

func collect(t testing.TB, text string, q source.Query) (items []source.Item, texts, gaps []string) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "chat.jsonl"), []byte(text), 0o600))
	err := open(t, dir).Items(t.Context(), q, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		items, texts = append(items, it), append(texts, string(it.Category)+" "+string(b))
		return errors.Join(err, r.Close())
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason)
		return nil
	})
	must(t, err)
	return items, texts, gaps
}

const good = `{"account":"ac-june","id":"m-1","received":"2013-04-02T06:00:00-04:00","sent":"2013-04-02T05:59:58","from":"June@x.example","to":["al@x.example"],"text":"the <text>"}`

func TestATrafficItemHoldsNoText(t *testing.T) {
	items, texts, gaps := collect(t, good+"\n"+strings.ReplaceAll(good, "ac-june", "ac-mercer")+"\n", source.Query{Account: "ac-june"})
	want := []string{"content " + good,
		`traffic {"id":"m-1","received":"2013-04-02T06:00:00-04:00","sent":"2013-04-02T05:59:58","from":"June@x.example","to":["al@x.example"]}`}
	if d := cmp.Diff(want, texts); d != "" || len(gaps) > 0 {
		t.Fatalf("%v %s", gaps, d)
	}
	for _, it := range items {
		if it.Undated != "sent:zone_unknown" || it.SentSpread != 26*time.Hour || it.ReceivedSpread != 0 || !it.Received.Equal(time.Date(2013, 4, 2, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", it)
		}
	}
}

func TestALineThatIsNotOfTheSchemaIsAGap(t *testing.T) {
	for name, c := range map[string]struct{ line, reason string }{
		"a key too many":       {strings.Replace(good, `"id"`, `"password":"x","id"`, 1), "source.schema"},
		"a key twice":          {strings.Replace(good, `"id"`, `"text":"x","id"`, 1), "source.schema"},
		"a key in capitals":    {strings.Replace(good, `"id"`, `"ID"`, 1), "source.schema"},
		"a key is missing":     {strings.Replace(good, `"id":"m-1",`, "", 1), "source.schema"},
		"a list as text":       {strings.Replace(good, `"the <text>"`, `["x"]`, 1), "source.schema"},
		"text is null":         {strings.Replace(good, `"the <text>"`, `null`, 1), "source.schema"},
		"a recipient is null":  {strings.Replace(good, `["al@x.example"]`, `[null]`, 1), "source.schema"},
		"to is no list":        {strings.Replace(good, `["al@x.example"]`, `"al@x.example"`, 1), "source.schema"},
		"two objects":          {good + good, "source.schema"},
		"cut off":              {good[:60], "source.schema"},
		"another's, cut off":   {strings.Replace(good, "ac-june", "ac-mercer", 1)[:60], "source.schema"},
		"no account":           {strings.Replace(good, "ac-june", "", 1), "source.account_form"},
		"an address of words":  {strings.Replace(good, "al@x.example", "Al Mercer", 1), "source.address_form"},
		"no UTF-8":             {strings.Replace(good, "the", "\xff", 1), "source.row_text"},
		"a line of a mebibyte": {strings.Replace(good, "the", strings.Repeat("x", 1<<20), 1), "source.row_too_long"},
	} {
		_, texts, gaps := collect(t, c.line+"\n"+good, source.Query{Account: "ac-june"})
		if len(gaps) != 1 || gaps[0] != c.reason || len(texts) != 2 {
			t.Errorf("%s: gaps %v, %d items", name, gaps, len(texts))
		}
	}
}

func TestAConfigurationNamesFilesInside(t *testing.T) {
	for _, c := range []messages.Config{{}, {Store: "chat", Root: "/srv"}, {Store: "chat", Root: "/srv", Files: []string{"../x"}}, {Store: "chat", Root: "/srv", Files: []string{"a", "a"}}, {Store: "a/b", Root: "/srv", Files: []string{"a"}}} {
		if _, err := messages.New(c); problem.Code(err) != "source.config" {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
