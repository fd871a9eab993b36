package grant_test

import (
	"strings"
	"testing"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func TestNamesOfAnExportThatCouldMisleadAreRefused(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../x", "x/../y", "x/./y", "/x", "x/", "x//y", " x", "x ", "x /y", `x\y`, "c:x", "x\x00y", "x\ny", "x\xffy", "x\u202ey", "x\u200by", strings.Repeat("x", 501)} {
		if err := grant.ExportName(name); problem.Code(err) != "export.name" {
			t.Errorf("%.40q: %v", name, err)
		}
	}
	for _, name := range []string{"x", "x/y.eml", "..x", "x..", "Ärger 1.eml", "Æble/ø.txt", "…", strings.Repeat("x", 500)} {
		if err := grant.ExportName(name); err != nil {
			t.Errorf("%.40q: %v", name, err)
		}
	}
}

// Each file system has its own idea of what one name is; the strictest counts.
func TestNamesThatSomeFileSystemTakesForOneAreRefused(t *testing.T) {
	for _, pair := range [][2]string{{"A.eml", "a.eml"}, {"Dir/x", "dir/x"}, {"cafe\u0301", "caf\u00e9"}, {"STRASSE", "stra\u00dfe"}, {"K", "\u212a"}, {"fi", "\ufb01"}, {"x", "x"}, {"b", "a"}} {
		e := sampleExport()
		e.Files = e.Files[:2]
		e.Files[0].Name, e.Files[1].Name = pair[0], pair[1]
		if _, err := e.Bytes(); problem.Code(err) != "export.name_twice" {
			t.Errorf("%q: %v", pair, err)
		}
	}
	e := sampleExport()
	if _, err := e.Bytes(); err != nil {
		t.Fatal(err)
	}
}

// Only the last file is bad each time.
func TestEachFileOfAnExportIsLookedAt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*grant.ExportFile)
		code   string
	}{
		"an account that it does not cover": {func(f *grant.ExportFile) { f.Account = "acct-b2" }, "export.covers"},
		"another service":                   {func(f *grant.ExportFile) { f.Service = scope.Calls }, "export.covers"},
		"another category":                  {func(f *grant.ExportFile) { f.Category = scope.Traffic }, "export.covers"},
		"fewer than no bytes":               {func(f *grant.ExportFile) { f.Size = -1 }, "grant.text"},
		"more bytes than a number holds":    {func(f *grant.ExportFile) { f.Size = 1<<63 - 1 }, "grant.text"},
		"a name that leaves":                {func(f *grant.ExportFile) { f.Name = "z/../../x" }, "export.name"},
	} {
		e := sampleExport()
		c.change(&e.Files[len(e.Files)-1])
		if _, err := e.Bytes(); problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := sampleExport()
	e.Files = nil
	if _, err := e.Bytes(); problem.Code(err) != "export.too_large" {
		t.Error(err)
	}
	for range grant.MaxExportFiles + 1 {
		e.Files = append(e.Files, sampleExport().Files[0])
	}
	if _, err := e.Bytes(); problem.Code(err) != "export.too_large" {
		t.Error(err)
	}
}

func TestAPolicyBarsExportsWhereItSaysAndNowhereElse(t *testing.T) {
	for _, c := range []struct {
		bars    string
		region  string
		service scope.Service
		want    bool
	}{
		{"", "ie", scope.Mail, false},
		{"everything", "ie", scope.Mail, true},
		{"mail", "ie", scope.Mail, true}, {"mail", "us", scope.Mail, true}, {"mail", "ie", scope.Calls, false},
		{"calls,ie/mail", "ie", scope.Mail, true}, {"calls,ie/mail", "us", scope.Mail, false}, {"calls,ie/mail", "us", scope.Calls, true},
	} {
		if got := (grant.Policy{NotByHand: c.bars}).Bars(c.region, c.service); got != c.want {
			t.Errorf("%q bars %s in %s: %t", c.bars, c.service, c.region, got)
		}
	}
	w := gatetest.NewWorld()
	for bars, good := range map[string]bool{"everything": true, "mail": true, "calls,ie/mail": true, "mail,calls": false, "mail,mail": false, "everything,mail": false, "mails": false, "ie/": false, "/mail": false, ",": false, "ie/mail/x": false} {
		_, err := ceremony(w, func(st *grant.Statement) { st.Policy.NotByHand = bars }, everybody)
		if (err == nil) != good {
			t.Errorf("%q: %v", bars, err)
		}
	}
}
