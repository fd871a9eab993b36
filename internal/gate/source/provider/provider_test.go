package provider_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/provider"
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

// example writes the program of docs/source-protocol.md.
func example(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed: apt-get install python3")
	}
	page, err := os.ReadFile("../../../../docs/source-protocol.md")
	must(t, err)
	_, rest, ok := strings.Cut(string(page), "```python example.py\n")
	text, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("the page has no example")
	}
	return program(t, text)
}

func program(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	must(t, os.WriteFile(path, []byte(text), 0o700))
	return path
}

func open(t testing.TB, change func(*provider.Config), argv ...string) *provider.Source {
	t.Helper()
	cfg := provider.Config{Store: "tickets", Service: scope.Mail, Categories: []scope.Category{scope.Content}, Argv: argv}
	if change != nil {
		change(&cfg)
	}
	s, err := provider.New(cfg)
	must(t, err)
	return s
}

func lay(t testing.TB, dir string, i int, m sourcetest.Planted) {
	t.Helper()
	path := filepath.Join(dir, string(m.Account), fmt.Sprintf("%05d.eml", i))
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, m.Bytes, 0o600))
	must(t, os.Chtimes(path, m.Received, m.Received))
}

func TestTheExampleOfTheProtocolKeepsTheContract(t *testing.T) {
	python := example(t)
	sourcetest.Run(t, sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			for i, m := range messages {
				lay(t, dir, i, m)
			}
			return open(t, nil, python, dir)
		},
		Damage: func(t testing.TB, dir string, a scope.AccountID) {
			must(t, errors.Join(os.RemoveAll(filepath.Join(dir, string(a))), os.WriteFile(filepath.Join(dir, string(a)), nil, 0o600)))
		},
		Link: func(t testing.TB, dir, outside string, a scope.AccountID) {
			path, moved := filepath.Join(dir, string(a)), filepath.Join(outside, "moved")
			must(t, errors.Join(os.Rename(path, moved), os.Symlink(moved, path)))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) { lay(t, dir, 99_999, m) },
	})
}

func TestTheExampleReadsNamesOfAnyBytes(t *testing.T) {
	dir := t.TempDir()
	at := time.Unix(1_800_000_000, 0)
	for _, name := range []string{"plain", "\xff\xfe", "new\nline", "é", "e\u0301", "..x", strings.Repeat("n", 255)} {
		path := filepath.Join(dir, "acc-1", name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(name), 0o600))
		must(t, os.Chtimes(path, at, at))
	}
	must(t, os.Symlink("/etc/passwd", filepath.Join(dir, "acc-1", "link")))
	items, gaps, err := collect(t, open(t, nil, example(t), dir))
	if err != nil || items != 7 || len(gaps) != 1 {
		t.Errorf("%d items, gaps %q, %v", items, gaps, err)
	}
}

func collect(t testing.TB, s source.Source) (items int, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), source.Query{Account: "acc-1"}, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		if err == nil {
			items++
		}
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return items, gaps, err
}

const hello = `read x; echo '{"hello":{"version":1,"service":"mail"}}'; read x; `

// item is an announcement of "body".
func item(changes ...string) string {
	l := fmt.Sprintf(`{"item":{"id":"1","account":"acc-1","category":"content","name":"n","filename":"f","received":"2026-03-05T12:00:00Z","sent":null,"participants":["A@x.example"],"size":4,"sha256":"%x"}}`, sha256.Sum256([]byte("body")))
	return `echo '` + strings.NewReplacer(changes...).Replace(l) + `'; read x; `
}

const (
	body = `echo body; `
	end1 = `echo '{"end":{"items":1,"gaps":0}}'; `
)

func TestAProgramIsHeldToTheProtocol(t *testing.T) {
	for name, c := range map[string]struct{ script, code string }{
		"as it should be":          {hello + item() + body + end1, ""},
		"nothing":                  {hello + `echo '{"end":{"items":0,"gaps":0}}'`, ""},
		"ends at once":             {"", "source.unreadable"},
		"ends without an end":      {hello + item() + body, "source.unreadable"},
		"ends badly":               {hello + item() + body + end1 + "exit 3", "source.unreadable"},
		"is killed":                {hello + item() + body + end1 + "kill -9 $$", "source.unreadable"},
		"hangs":                    {hello + "sleep 60", "source.unreadable"},
		"hangs with children":      {hello + "sleep 61 & sleep 61 & wait", "source.unreadable"},
		"hangs after the end":      {hello + item() + body + end1 + "sleep 62", "source.unreadable"},
		"trickles":                 {hello + item(`"size":4`, `"size":4000`) + "while :; do printf x; sleep 0.02; done", "source.unreadable"},
		"another version":          {`read x; echo '{"hello":{"version":2,"service":"mail"}}'`, "source.protocol"},
		"another service":          {`read x; echo '{"hello":{"version":1,"service":"files"}}'`, "source.protocol"},
		"no greeting":              {`echo hello`, "source.protocol"},
		"no greeting and no ears":  {`exec <&-; sleep 0.2; echo hello`, "source.protocol"},
		"greets twice":             {hello + `echo '{"hello":{"version":1,"service":"mail"}}'`, "source.protocol"},
		"a line without end":       {hello + `while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done`, "source.protocol"},
		"lines without end":        {hello + `while :; do echo '{"gap":{"place":"p","reason":"r"}}' || exit; done`, "source.protocol"},
		"another account":          {hello + item(`"acc-1"`, `"acc-2"`) + body + end1, "source.protocol"},
		"another category":         {hello + item(`"content"`, `"traffic"`) + body + end1, "source.protocol"},
		"no category":              {hello + item(`"content"`, `"x"`) + body + end1, "source.protocol"},
		"a key too many":           {hello + item(`"sent":null`, `"sent":null,"x":1`) + body + end1, "source.protocol"},
		"a key too few":            {hello + item(`"sent":null,`, ``) + body + end1, "source.protocol"},
		"a key twice":              {hello + item(`"sent":null`, `"sent":null,"sent":null`) + body + end1, "source.protocol"},
		"a key in capitals":        {hello + item(`"sent"`, `"Sent"`) + body + end1, "source.protocol"},
		"a size below zero":        {hello + item(`"size":4`, `"size":-4`) + body + end1, "source.protocol"},
		"a size without end":       {hello + item(`"size":4`, `"size":99999999999999999999`) + body + end1, "source.protocol"},
		"a size beyond the most":   {hello + item(`"size":4`, `"size":1099511627777`) + `read x; ` + end1, "source.protocol"},
		"a size too large":         {hello + item(`"size":4`, `"size":5`) + body + end1, "source.protocol"},
		"a size too small":         {hello + item(`"size":4`, `"size":3`) + body + end1, "source.protocol"},
		"a digest that is none":    {hello + item(`"sha256":"`, `"sha256":"zz`) + body + end1, "source.protocol"},
		"other bytes":              {hello + item() + `echo Body; ` + end1, "source.digest"},
		"a time without an offset": {hello + item(`12:00:00Z`, `12:00:00`) + body + end1, "source.protocol"},
		"a time of long ago":       {hello + item(`2026`, `1926`) + body + end1, "source.protocol"},
		"an address that is none":  {hello + item(`A@x.example`, ``) + body + end1, "source.protocol"},
		"another total":            {hello + item() + body + `echo '{"end":{"items":2,"gaps":0}}'`, "source.protocol"},
		"something after the end":  {hello + item() + body + end1 + "echo more", "source.protocol"},
		"two kinds of a line":      {hello + `echo '{"end":{"items":0,"gaps":0},"unknown":{}}'`, "source.protocol"},
		"a kind that is none":      {hello + `echo '{"wait":{}}'`, "source.protocol"},
		"an unknown account":       {hello + `echo '{"unknown":{}}'`, "source.unknown_account"},
		"unknown after an item":    {hello + item() + body + `echo '{"unknown":{}}'`, "source.protocol"},
		"a reason of many words":   {hello + `echo '{"gap":{"place":"p","reason":"of many words"}}'`, "source.protocol"},
		"gives up":                 {hello + `echo '{"fail":{"code":"changed","says":"x"}}'`, "source.changed"},
		"gives up after an item":   {hello + item() + body + `echo '{"fail":{"code":"unreadable","says":"x"}}'`, "source.unreadable"},
		"gives up with a new word": {hello + `echo '{"fail":{"code":"tired","says":"x"}}'`, "source.protocol"},
		"no UTF-8":                 {hello + `printf '{"fail":{"code":"changed","says":"\377"}}\n'`, "source.protocol"},
		"takes all the memory":     {hello + `x=x; while :; do x=$x$x; done`, "source.unreadable"},
		"closes its output and on": {hello + `exec >&-; sleep 63`, "source.unreadable"},
		"closes it after the end":  {hello + item() + body + end1 + `exec >&-; sleep 63`, "source.unreadable"},
	} {
		path := program(t, "#!/bin/sh\n"+c.script+"\n")
		s := open(t, func(c *provider.Config) { c.Patience, c.Memory = 400*time.Millisecond, 64<<20 }, path)
		if name == "lines without end" || name == "takes all the memory" {
			s = open(t, func(c *provider.Config) { c.Patience, c.Memory = 20*time.Second, 64<<20 }, path)
		}
		begin := time.Now()
		_, _, err := collect(t, s)
		if problem.Code(err) != c.code && !(c.code == "" && err == nil) || time.Since(begin) > 40*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(begin))
		}
	}
	out, err := exec.Command("pgrep", "-f", "^sleep 6[0123]$").Output()
	if err == nil {
		t.Errorf("programs that were given up still run: %s", out)
	}
}

func TestCancellingKillsTheProgram(t *testing.T) {
	path := program(t, "#!/bin/sh\n"+hello+"sleep 64 & wait\n")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := open(t, nil, path).Items(ctx, source.Query{Account: "acc-1"}, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	if out, err := exec.Command("pgrep", "-f", "^sleep 64$").Output(); err == nil {
		t.Errorf("it still runs: %s", out)
	}
}

func TestAProbeGreetsAndAsksForNothing(t *testing.T) {
	must(t, open(t, nil, example(t), t.TempDir()).Probe(t.Context()))
	for name, c := range map[string]struct{ path, code string }{
		"gone": {"/nowhere/program", "source.unreadable"}, "a folder": {t.TempDir(), "source.not_a_file"}, "silent": {program(t, "#!/bin/sh\n"), "source.unreadable"},
	} {
		if err := open(t, nil, c.path).Probe(t.Context()); problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnItemHasWhatWasAnnounced(t *testing.T) {
	path := program(t, "#!/bin/sh\n"+hello+item(`"name":"n"`, `"name":"a/../\u202e"`, `"filename":"f"`, `"filename":"../../x y.txt"`)+end1)
	var got source.Item
	must(t, open(t, nil, path).Items(t.Context(), source.Query{Account: "acc-1"}, func(it source.Item) error { got = it; return nil }, func(source.Gap) error { return nil }))
	got.Open = nil
	want := source.Item{Item: scope.Item{ID: got.ID, Account: "acc-1", Service: scope.Mail, Category: scope.Content, Participants: []string{"a@x.example"}, Received: time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)},
		Size: 4, Undated: "sent:no_date", Name: "a/../%E2%80%AE", Filename: "x_y.txt"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAConfigurationOfAProgramHoldsTogether(t *testing.T) {
	for name, change := range map[string]func(*provider.Config){
		"no name": func(c *provider.Config) { c.Store = "a/b" }, "no service": func(c *provider.Config) { c.Service = "x" }, "no categories": func(c *provider.Config) { c.Categories = nil },
		"a category that is none": func(c *provider.Config) { c.Categories = []scope.Category{"x"} }, "no program": func(c *provider.Config) { c.Argv = nil },
		"a relative path": func(c *provider.Config) { c.Argv = []string{"program"} }, "too patient": func(c *provider.Config) { c.Patience = 2 * time.Hour }, "no memory": func(c *provider.Config) { c.Memory = 1 },
	} {
		cfg := provider.Config{Store: "tickets", Service: scope.Mail, Categories: []scope.Category{scope.Content}, Argv: []string{"/bin/true"}}
		change(&cfg)
		if _, err := provider.New(cfg); problem.Code(err) != "source.config" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
