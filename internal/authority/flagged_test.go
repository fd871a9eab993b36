package authority_test

import (
	"strings"
	"testing"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/problem"
)

var flag = authority.Flag{Mailbox: "desk@fictional-police.example", At: time.Date(2026, 9, 14, 13, 20, 0, 0, time.UTC), By: "p-halvorsen", Why: "the control room had sent nothing, it \"says\""}

func TestAFlagIsWrittenBesideItsAgencyAndNothingElseChanges(t *testing.T) {
	commented := "# who demands\n" + strings.Replace(good, "[[agency]]\nid = \"dk-police\"", "# the police\n[[agency]]\nid = \"dk-police\"", 1) + "\n# end"
	for _, agency := range []string{"us-court-office", "dk-police"} {
		out, r, err := authority.Flagged([]byte(commented), agency, flag)
		if err != nil {
			t.Fatal(err)
		}
		again, err := authority.Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, reg := range []*authority.Register{r, again} {
			a, _ := reg.Agency(agency)
			if len(a.Flags) != 1 || a.Flags[0] != flag {
				t.Fatalf("%s: got %+v", agency, a.Flags)
			}
			if _, held := reg.Held(flag.Mailbox, flag.At); !held {
				t.Fatal("what comes from the mailbox is not held")
			}
		}
		rest := string(out)
		for _, line := range strings.Split(commented, "\n") {
			i := strings.Index(rest, line)
			if i < 0 {
				t.Fatalf("%s: the file lost or moved %q:\n%s", agency, line, out)
			}
			rest = rest[i+len(line):]
		}
		twice, _, err := authority.Flagged(out, agency, flag)
		if err != nil || strings.Count(string(twice), "[[agency.flag]]") != 2 {
			t.Fatalf("%s: a second flag: %v", agency, err)
		}
	}
}

func TestAFlagThatCannotBeWrittenLeavesTheFile(t *testing.T) {
	inline := "agency = [{id='x', name='X', country='DK', language='da', contact='1', contact_source='s'}]\n"
	cases := map[string]struct{ text, agency, mailbox, code string }{
		"of nobody":          {good, "xx", flag.Mailbox, "authority.unknown"},
		"of no mailbox":      {good, "dk-police", "the desk", "authority.flag"},
		"into inline tables": {inline, "x", flag.Mailbox, "authority.form"},
		"into no TOML":       {"agency", "x", flag.Mailbox, "authority.form"},
	}
	for name, c := range cases {
		f := flag
		f.Mailbox = c.mailbox
		if out, _, err := authority.Flagged([]byte(c.text), c.agency, f); problem.Code(err) != c.code || out != nil {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}
