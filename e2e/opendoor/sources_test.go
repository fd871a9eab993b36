package opendoor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/app"
	"counterseal/internal/scope"
)

// stores says where everything of two accounts lies; %[1]s is the folder.
const stores = `
[[records]]
store = "crm"
form = "csv"
root = %[1]q
files = ["crm.csv"]
separator = ";"
account = "id"

[records.column.since]
zone = "Europe/Dublin"

[[records.group]]
category = "subscriber"
from = "since"
fields = [{ field = "name", column = "who" }, { field = "postal_address", column = "street" }, { field = "service_start", column = "since" }]

[[records]]
store = "sessions"
form = "jsonl"
root = %[1]q
files = ["sessions.jsonl"]
account = "user"
account_kind = "address"
column = { at = { zone = "Europe/Dublin" } }

[[records.group]]
category = "identification"
time = "at"
fields = [{ field = "session_start", column = "at" }, { field = "network_address", column = "ip" }]

[[records.group]]
category = "traffic"
time = "at"
fields = [{ field = "session_start", column = "at" }, { field = "event", column = "what" }]

[[files]]
root = %[1]q
folder = "home/{account}"

[[calls]]
store = "pbx"
form = "csv"
root = %[1]q
files = ["calls.csv"]
account = "id"
time = "at"
people = ["a", "b"]
fields = [{ field = "call_start", column = "at" }, { field = "caller", column = "a" }, { field = "callee", column = "b" }]
voicemail = "sound"
voicemail_files = "%[1]s/sounds"

[[messages]]
store = "chat"
root = %[1]q
files = ["chat.jsonl"]
`

// held is what the stores hold. What may be given has the word GIVEN in it, and
// everything that may not the word SECRET: of another account, of another month,
// of another category, of a column that is not mapped.
var held = map[string]string{
	"mail.mbox": mboxOf("june", "2013-03-05", "GIVEN by mail") + mboxOf("june", "2013-05-05", "SECRET in May") + mboxOf("mercer", "2013-03-05", "SECRET of another"),
	"crm.csv":   "id;who;street;since;note\nac-june;GIVEN name;\"=GIVEN(street)\";2011-05-01;SECRET note\nac-mercer;SECRET name;x;2011-05-01;\n",
	"sessions.jsonl": `{"user":"june@brookfield.example","at":"2013-03-31 01:30:00","ip":"SECRET","what":"GIVEN was never"}
{"user":"june@brookfield.example","at":"2013-03-30 23:30:00","ip":"SECRET address","what":"GIVEN log-in","password":"SECRET"}
{"user":"june@brookfield.example","at":"2013-04-01 00:30:00","ip":"SECRET","what":"GIVEN in UTC"}
{"user":"june@brookfield.example","at":"2013-04-01 01:00:00","ip":"SECRET","what":"SECRET in UTC"}
{"user":"mercer@brookfield.example","at":"2013-03-30 23:30:00","ip":"SECRET","what":"SECRET"}
{"user":"nobody@brookfield.example","at":"2013-03-30 23:30:00","ip":"SECRET","what":"SECRET of nobody"}
`,
	"home/ac-june/Tax 2013.pdf": "GIVEN file",
	"home/ac-june/old/May.txt":  "SECRET file of May",
	"home/ac-mercer/secret.txt": "SECRET file of another",
	"calls.csv":                 "id,at,a,b,sound\nac-june,2013-03-07T10:00:00Z,+1 555 0142,GIVEN-desk,1.wav\nac-june,2013-05-07T10:00:00Z,SECRET,2,2.wav\nac-mercer,2013-03-07T10:00:00Z,SECRET,2,2.wav\n",
	"sounds/1.wav":              "RIFF GIVEN voice",
	"sounds/2.wav":              "RIFF SECRET voice",
	"chat.jsonl":                chat("ac-june", "2013-03-08T10:00:00Z", "GIVEN message") + chat("ac-june", "2013-06-01T10:00:00Z", "SECRET later") + chat("ac-mercer", "2013-03-08T10:00:00Z", "SECRET of another"),
}

func mboxOf(to, day, text string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("From a@x.example %s\nDelivered-To: %s@brookfield.example\nReceived: from x by y; %s\nDate: %s\nFrom: a@x.example\nTo: %s@brookfield.example\n\n%s\n\n",
		at.Format(time.ANSIC), to, at.Format(time.RFC1123Z), at.Format(time.RFC1123Z), to, text)
}

func chat(account, at, text string) string {
	return fmt.Sprintf(`{"account":%q,"id":"m","received":%q,"sent":%q,"from":"june@brookfield.example","to":["al@x.example"],"text":%q}`+"\n", account, at, at, text)
}

func estateOfFive() string {
	var b strings.Builder
	for _, who := range []string{"june", "mercer"} {
		fmt.Fprintf(&b, "[[customer]]\nid = \"c-%[1]s\"\nname = \"Person %[1]s\"\nkind = \"person\"\ncountry = \"US\"\nlanguage = \"en\"\nzone = \"America/New_York\"\n\n"+
			"[[account]]\nid = \"ac-%[1]s\"\ncustomer = \"c-%[1]s\"\nregion = \"dub\"\nservices = [\"records\", \"mail\", \"files\", \"calls\", \"messages\"]\n\n"+
			"[[alias]]\naccount = \"ac-%[1]s\"\nkind = \"address\"\nvalue = \"%[1]s@brookfield.example\"\nfrom = 2011-03-01T00:00:00Z\n\n", who)
	}
	return b.String()
}

func layStores(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range held {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
		at := time.Date(2013, 3, 9, 0, 0, 0, 0, time.UTC)
		if strings.Contains(text, "May") {
			at = at.AddDate(0, 2, 0)
		}
		must(t, os.Chtimes(path, at, at))
	}
	must(t, os.Symlink("../ac-mercer/secret.txt", filepath.Join(dir, "home", "ac-june", "link")))
	return dir
}

var march2013 = walk.Ask{Number: "13-mj-0700", Targets: []string{"june@brookfield.example"}, From: "2013-03-01", Until: "2013-03-31", Basis: "received", Lines: []walk.Line{
	{Service: scope.Records, Category: scope.Subscriber}, {Service: scope.Records, Category: scope.Traffic}, {Service: scope.Mail, Category: scope.Content},
	{Service: scope.Files, Category: scope.Content}, {Service: scope.Calls, Category: scope.Traffic}, {Service: scope.Calls, Category: scope.Content}, {Service: scope.Messages, Category: scope.Content},
}}

func TestOneProductionDrawsFromEveryServiceIntoOnePackage(t *testing.T) {
	t.Parallel()
	dir := layStores(t)
	h := walk.Found(t, walk.Set{Estate: estateOfFive(), Batch: 24 * time.Hour, Stores: fmt.Sprintf(stores, dir),
		Mail: app.MailStore{Root: dir, File: "mail.mbox", Header: "Delivered-To", Quote: "mboxo"}})
	if codes := amiss(t, h); len(codes) > 0 {
		t.Errorf("doctor finds %v", codes)
	}
	again := march2013
	again.Number = "13-mj-0701"
	ids := h.Decided(march2013, again)
	st, other := h.Approved(ids[0]), h.Approved(ids[1])
	out, err := h.Release(st)
	must(t, err)
	pack := h.Fetch(st)
	if s := command(t, "verify", pack, "--trust", h.Folder.Trust(), "--identity", h.Officer); s.exit != 0 {
		t.Fatalf("verify: %s", s.err)
	}
	bag := unpack(t, pack, h.Officer)
	for _, list := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		if text, err := tool(t, bag, "", "sha256sum", "--strict", "-c", list); err != nil {
			t.Fatalf("sha256sum -c %s: %s", list, text)
		}
	}
	given(t, bag, out.Items)
	dictionary(t, bag)

	// A store that is gone stops everything, and doctor says which.
	must(t, os.Remove(filepath.Join(dir, "calls.csv")))
	if codes := amiss(t, h); !slices.Equal(codes, []string{"store.unreadable"}) {
		t.Errorf("doctor finds %v", codes)
	}
	if p := refused(t, h, other, "gate.incomplete"); p.Field != "source.unreadable" {
		t.Errorf("%+v", p)
	}
}

// given holds that the payload is exactly what is GIVEN, each in its folder.
func given(t *testing.T, bag string, items int64) {
	t.Helper()
	var got []string
	number := regexp.MustCompile(`[0-9]{8}-.*`)
	must(t, filepath.WalkDir(bag, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := read(t, path)
		if strings.Contains(text, "SECRET") {
			t.Errorf("%s: %s", path, text)
		}
		name, err := filepath.Rel(filepath.Join(bag, "data"), path)
		if err == nil && !strings.HasPrefix(name, "..") {
			got = append(got, number.ReplaceAllString(name, "")+regexp.MustCompile(`GIVEN[ a-zA-Z-]*`).FindString(text))
		}
		return err
	}))
	slices.Sort(got)
	want := []string{"ac-june/calls/GIVEN voice", "ac-june/calls/GIVEN-desk", "ac-june/files/GIVEN file", "ac-june/mail/GIVEN by mail", "ac-june/messages/GIVEN message",
		"ac-june/records/GIVEN in UTC", "ac-june/records/GIVEN log-in", "ac-june/records/GIVEN name", "ac-june/records/GIVEN was never"}
	if d := cmp.Diff(want, got); d != "" || items != int64(len(got)) {
		t.Errorf("%d items: %s", items, d)
	}
	// The link, and the session of somebody who is nobody's alias, once for each group.
	if held := read(t, bag, "withheld.jsonl"); strings.Count(held, "source.link") != 1 || strings.Count(held, "source.not_resolved") != 2 || strings.Count(held, "\n") != 3 {
		t.Errorf("withheld: %s", held)
	}
	if rows := read(t, bag, "items.jsonl"); !strings.Contains(rows, `"name":"Tax 2013.pdf"`) || !strings.Contains(rows, `"received":"2011-04-30T23:00:00Z","until":"2099-12-31T23:59:59Z"`) {
		t.Errorf("items: %s", rows)
	}
}

// dictionary holds that each field of what was asked is told, and no other.
func dictionary(t *testing.T, bag string) {
	t.Helper()
	text := read(t, bag, "data-dictionary.txt")
	for _, want := range []string{
		"records: FIELDS OF THE STORE crm, CATEGORY subscriber\n  name\n    means      The subscriber's name, as given.\n    column     who\n    statute    18 USC 2703(c)(2)(A); Reg. (EU) 2023/1543 Art. 3(9)(a)\n",
		"records: FIELDS OF THE STORE sessions, CATEGORY traffic\n", "calls: FIELDS OF THE STORE pbx, CATEGORY content\n", "messages: FIELDS OF THE STORE chat, CATEGORY content\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the data dictionary lacks %q", want)
		}
	}
	for _, unasked := range []string{"CATEGORY identification", "network_address", "chat, CATEGORY traffic", "note"} {
		if _, fields, _ := strings.Cut(text, "FIELDS OF"); strings.Contains(fields, unasked) {
			t.Errorf("the data dictionary tells of %q", unasked)
		}
	}
}
