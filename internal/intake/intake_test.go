package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/intake"
	"counterseal/internal/problem"
)

const good = `[instrument]
kind = "sca_warrant"
title = "Search warrant"
number = "26-mj-104"
agency = "example-district"
officer = "A. Example"
signed = 2026-02-27
due = 2026-03-16
zone = "America/New_York"

[[target]]
kind = "address"
stated = "person@example.com"

[[target]]
kind = "name"
stated = "Ørsted, Björn"

[[line]]
target = 1
service = "mail"
category = "content"
from = 2013-04-01
until = 2013-05-31
zone = "Europe/Dublin"
basis = "received"
participants = ["other@example.com"]

[[line]]
target = 2
service = "records"
category = "subscriber"
from = 2013-04-01T10:00:00Z
until = 2013-04-02T10:00:00+02:00
basis = "sent"

[facts]
binding = true
issuing_country = "US"
received = 2026-03-01
received_at = 2026-03-01T10:00:00Z
fields = ["name", "address"]
targets_named = 2
emergency = "unknown"
`

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want code %q", err, code)
	}
}

func utc(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestAFormBecomesOneCommand(t *testing.T) {
	got, facts, err := intake.Parse([]byte(good), "form.toml")
	if err != nil {
		t.Fatal(err)
	}
	want := demand.Receive{
		Instrument: demand.Instrument{Kind: "sca_warrant", Title: "Search warrant", Number: "26-mj-104", Agency: "example-district", Officer: "A. Example",
			Signed: utc("2026-02-27T05:00:00Z"), Due: utc("2026-03-17T04:00:00Z")}, // 24:00 in New York, in summer time
		Targets: []demand.StatedTarget{{No: 1, Kind: "address", Stated: "person@example.com"}, {No: 2, Kind: "name", Stated: "Ørsted, Björn"}},
		Lines: []demand.StatedLine{
			{No: 1, Target: 1, Service: "mail", Category: "content", From: utc("2013-03-31T23:00:00Z"), Until: utc("2013-05-31T22:59:59Z"), Basis: "received", Participants: []string{"other@example.com"}},
			{No: 2, Target: 2, Service: "records", Category: "subscriber", From: utc("2013-04-01T10:00:00Z"), Until: utc("2013-04-02T08:00:00Z"), Basis: "sent"}},
	}
	want.Facts = facts.Facts.Encode(nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	for name, value := range map[string]any{"binding": true, "issuing_country": "US", "received": "2026-03-01", "received_at": "2026-03-01T10:00:00Z",
		"targets_named": int64(2), "instrument": "sca_warrant", "signed": "2026-02-27", "fields": []string{"name", "address"}} {
		if v, known, _ := facts.Facts.Get(name); !known || cmp.Diff(value, v) != "" {
			t.Errorf("%s is %v (%v)", name, v, known)
		}
	}
	for _, name := range []string{"emergency", "control"} {
		if _, known, _ := facts.Facts.Get(name); known {
			t.Errorf("%s was not stated and is known", name)
		}
	}
	if facts.Lines["targets_named"] != 43 {
		t.Errorf("lines: %v", facts.Lines)
	}
	got.Original = sha256.Sum256([]byte("x"))
	if _, err := demand.Decide(new(demand.State), got, demand.Env{Actor: "door", ClockSane: true}); err != nil {
		t.Errorf("the core refuses what the door let in: %v", err)
	}
}

// each case changes the good form in one place, the last target, line or fact
// where there are several.
func TestABadFormIsRefusedWithItsFileFieldLineAndRemedy(t *testing.T) {
	for _, c := range []struct{ name, old, new, code, where string }{
		{"unknown table", "[facts]", "[notes]", "intake.unknown_key", "line 37: notes"},
		{"table in another case", "[facts]", "[Facts]", "intake.unknown_key", "line 37"},
		{"table of the wrong brackets", "[instrument]", "[[instrument]]", "intake.toml", "line 1: instrument"},
		{"instrument twice", "[facts]", "[instrument]\n[facts]", "intake.toml", "line 37: instrument"},
		{"unknown key", `basis = "sent"`, "basis = \"sent\"\nscope = \"all\"", "intake.unknown_key", "line 36: line 2: scope"},
		{"key in another case", `stated = "Ø`, `Stated = "Ø`, "intake.unknown_key", "line 17: target 2: Stated"},
		{"key twice", `basis = "sent"`, "basis = \"sent\"\nbasis = \"sent\"", "intake.toml", "line 36: line 2: basis"},
		{"key outside", "[instrument]", "x = 1\n[instrument]", "intake.unknown_key", "line 1: x"},
		{"dotted key", `basis = "sent"`, `a.b = "sent"`, "intake.toml", "line 35"},
		{"dotted table", "[facts]", "[facts.more]", "intake.toml", "line 37"},
		{"inline table", `basis = "sent"`, `basis = {a=1}`, "intake.toml", "line 35: line 2: basis"},
		{"nested list", `["other@example.com"]`, `[["other@example.com"]]`, "intake.toml", "line 27: line 1: participants"},
		{"too many words", `["other@example.com"]`, `[` + strings.Repeat(`"a@example.com",`, 65) + `]`, "intake.toml", "line 27"},
		{"no TOML", `basis = "sent"`, `basis = sent`, "intake.toml", "line 35"},
		{"no end of text", `basis = "sent"`, `basis = "sent`, "intake.toml", "line 35"},
		{"number for word", `service = "records"`, `service = 7`, "intake.toml", "line 31"},
		{"word for number", `target = 2`, `target = "2"`, "intake.toml", "line 30"},
		{"huge number", `target = 2`, `target = 99999999999999999999`, "intake.toml", "line 30"},
		{"not UTF-8", `"Ørsted`, "\"\xffrsted", "intake.utf8", "line 17"},

		{"no kind", `kind = "sca_warrant"`, ``, "intake.missing", "line 1: instrument: kind"},
		{"unknown instrument", `kind = "sca_warrant"`, `kind = "us.warrant"`, "intake.instrument_kind", "line 2: instrument: kind"},
		{"no instrument", `kind = "sca_warrant"`, `kind = "none"`, "intake.instrument_kind", "line 2"},
		{"no title", `title = "Search warrant"`, "title = \"\u200b\"", "intake.missing", "line 3: instrument: title"},
		{"long title", `title = "Search warrant"`, `title = "` + strings.Repeat("x", 321) + `"`, "intake.missing", "line 3"},
		{"no agency", `agency = "example-district"`, ``, "intake.missing", "instrument: agency"},
		{"invisible number", `26-mj-104"`, "26-mj\u200b-104\"", "intake.text", "line 4: instrument: number"},
		{"invisible agency", `example-district`, "example\u00ad-district", "intake.text", "line 5: instrument: agency"},
		{"overridden officer", `A. Example`, "A\u202eelpmaxE", "intake.text", "line 6: instrument: officer"},

		{"unknown account kind", `kind = "name"`, `kind = "everyone"`, "intake.target_kind", "line 16: target 2: kind"},
		{"no account kind", `kind = "name"`, ``, "intake.target_kind", "line 15: target 2: kind"},
		{"nobody", `stated = "Ørsted, Björn"`, `stated = ""`, "intake.missing", "line 17: target 2: stated"},
		{"right to left", `Ørsted, `, "Ørsted\u202e, ", "intake.text", "line 17: target 2: stated"},
		{"control", `Ørsted, `, `Ørsted\u0000, `, "intake.text", "line 17: target 2: stated"},
		{"line feed", `Ørsted, `, `Ørsted\n, `, "intake.text", "line 17"},
		{"spaces", `Ørsted, `, `Ørsted,  `, "intake.text", "line 17"},
		{"long identifier", `Ørsted, `, strings.Repeat("x", 321), "intake.text", "line 17"},

		{"no target of that number", `target = 2`, `target = 3`, "intake.line_target", "line 30: line 2: target"},
		{"target zero", `target = 2`, `target = 0`, "intake.line_target", "line 30"},
		{"no target stated", `target = 2`, ``, "intake.line_target", "line 29: line 2: target"},
		{"every service", `service = "records"`, `service = "*"`, "intake.service", "line 31: line 2: service"},
		{"unknown category", `category = "subscriber"`, `category = "all"`, "intake.category", "line 32"},
		{"no basis", `basis = "sent"`, ``, "intake.basis", "line 29: line 2: basis"},
		{"participant with a comma", `other@example.com`, `other@example.com,x`, "intake.participant", "line 27: line 1: participants"},
		{"invisible participant", `other@example.com`, "other\u200b@example.com", "intake.participant", "line 27"},
		{"end before start", `2013-05-31`, `2013-03-31`, "intake.interval", "line 24: line 1: until"},
		{"year 9999", `2013-05-31`, `9999-12-31`, "intake.year", "line 24: line 1: until"},
		{"year 2100", `2013-05-31`, `2100-01-01`, "intake.year", "line 24"},
		{"year 9999 with an offset", `2013-04-02T10:00:00+02:00`, `9999-12-31T00:00:00Z`, "intake.year", "line 34: line 2: until"},
		{"year 1969", `2013-04-01T10:00:00Z`, `1969-12-31T23:59:59Z`, "intake.year", "line 33: line 2: from"},
		{"no such day", `2013-05-31`, `2013-02-30`, "intake.toml", "line 24"},
		{"no end", `until = 2013-05-31`, ``, "intake.missing", "line 1: until"},
		{"no start", `from = 2013-04-01` + "\n", "\n", "intake.missing", "line 1: from"},
		{"a date in quotes", `2013-05-31`, `"2013-05-31"`, "intake.date", "line 24"},
		{"a fraction", `2013-04-01T10:00:00Z`, `2013-04-01T10:00:00.5Z`, "intake.date", "line 33"},
		{"a local fraction", `2013-05-31`, `2013-05-31T10:00:00.5`, "intake.date", "line 24"},
		{"no zone", `zone = "Europe/Dublin"`, ``, "intake.zone", "line 1: zone"},
		{"the machine's zone", `"Europe/Dublin"`, `"Local"`, "intake.zone", "line 25: line 1: zone"},
		{"no such zone", `"Europe/Dublin"`, `"../etc/passwd"`, "intake.zone", "line 25"},
		{"due at a time without zone", "due = 2026-03-16\nzone = \"America/New_York\"", "due = 2026-03-16T10:00:00", "intake.zone", "instrument: zone"},

		{"unknown fact", `targets_named = 2`, `target_count = 2`, "intake.fact", "line 43: facts: target_count"},
		{"fact of another type", `targets_named = 2`, `targets_named = "2"`, "intake.fact", "line 43: facts: targets_named"},
		{"fact as fraction", `targets_named = 2`, `targets_named = 2.0`, "intake.fact", "line 43"},
		{"unknown word in a set", `"name", "address"`, `"name", "everything"`, "intake.fact", "line 42: facts: fields"},
		{"a number in a set", `"name", "address"`, `"name", 2`, "intake.fact", "line 42: facts: fields"},
		{"contradiction", `emergency = "unknown"`, "signed = 2026-02-27\nserved = 2026-02-26", "intake.contradiction", "line 45: facts: served"},
		{"fact against instrument", `emergency = "unknown"`, "instrument = \"epoc\"", "intake.contradiction", "line 44: facts: instrument"},
		{"fact against date", `emergency = "unknown"`, "signed = 2026-02-26", "intake.contradiction", "line 44: facts: signed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatal("nothing to change")
			}
			bad := strings.Replace(good, c.old, c.new, 1)
			_, _, err := intake.Parse([]byte(bad), "C:\\in\\form\u202e.toml")
			wantCode(t, err, c.code)
			p := problem.Of(err)
			if !strings.HasPrefix(p.Field, "form .toml line ") || !strings.Contains(p.Field, c.where) || p.Remedy == "" && c.code != "intake.contradiction" {
				t.Errorf("where: %q, remedy: %q", p.Field, p.Remedy)
			}
			if len(err.Error()) > 600 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestAFormOfNothingAsksForNothing(t *testing.T) {
	for name, c := range map[string]struct{ form, code string }{
		"empty":      {"", "intake.missing"},
		"no targets": {good[:strings.Index(good, "[[target]]")], "intake.targets"},
		"no lines":   {good[:strings.Index(good, "[[line]]")], "intake.lines"},
	} {
		_, _, err := intake.Parse([]byte(c.form), "f")
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATitleIsNeutralised(t *testing.T) {
	got, _, err := intake.Parse([]byte(strings.Replace(good, "Search warrant", "Search\u202e warrant\\n", 1)), "f")
	if err != nil || got.Instrument.Title != "Search warrant" {
		t.Fatalf("%q %v", got.Instrument.Title, err)
	}
}

func TestALocalTimeIsReadOnTheSaferSide(t *testing.T) {
	form := func(zone, from, until string) string {
		s := strings.Replace(good, `"Europe/Dublin"`, `"`+zone+`"`, 1)
		s = strings.Replace(s, "from = 2013-04-01\n", "from = "+from+"\n", 1)
		return strings.Replace(s, "until = 2013-05-31", "until = "+until, 1)
	}
	for _, c := range []struct{ name, zone, from, until, wantFrom, wantUntil string }{
		{"twice, at both ends", "Europe/Copenhagen", "2013-10-27T02:30:00", "2014-10-26T02:30:00", "2013-10-27T01:30:00Z", "2014-10-26T00:30:00Z"},
		{"skipped, at both ends", "Europe/Copenhagen", "2013-03-31T02:30:00", "2014-03-30T02:30:00", "2013-03-31T01:30:00Z", "2014-03-30T00:30:00Z"},
		{"a day of 25 hours is whole", "Europe/Copenhagen", "2013-10-27", "2013-10-27", "2013-10-26T22:00:00Z", "2013-10-27T22:59:59Z"},
		{"a day without midnight", "America/Sao_Paulo", "2013-10-20", "2013-10-20", "2013-10-20T03:00:00Z", "2013-10-21T01:59:59Z"},
		{"a stated second is inside", "UTC", "2013-10-20T10:00:00", "2013-10-20T10:00:00", "2013-10-20T10:00:00Z", "2013-10-20T10:00:00Z"},
	} {
		got, _, err := intake.Parse([]byte(form(c.zone, c.from, c.until)), "f")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if l := got.Lines[0]; !l.From.Equal(utc(c.wantFrom)) || !l.Until.Equal(utc(c.wantUntil)) {
			t.Errorf("%s: %v – %v", c.name, l.From, l.Until)
		}
	}
	got, _, err := intake.Parse([]byte(strings.Replace(good, "zone = \"America/New_York\"\n", "", 1)), "f")
	if err != nil || !got.Instrument.Due.Equal(utc("2026-03-16T10:00:00Z")) || !got.Instrument.Signed.Equal(utc("2026-02-27T00:00:00Z")) {
		t.Errorf("a due day without a zone ends where it ends first: %v, signed %v, %v", got.Instrument.Due, got.Instrument.Signed, err)
	}
}

func TestAFormThatWantsToBeLargeIsRefusedSoon(t *testing.T) {
	head := good[:strings.Index(good, "[facts]")]
	for name, c := range map[string]struct{ form, code string }{
		"over the bound":     {good + strings.Repeat("#", intake.MaxForm), "intake.too_large"},
		"100,000 targets":    {head + strings.Repeat("[[target]]\n", 80_000), "intake.targets"},
		"as many lines":      {head + strings.Repeat("[[line]]\n", 100_000), "intake.lines"},
		"as many keys":       {strings.Repeat("a=1\n", 200_000), "intake.unknown_key"},
		"in a table":         {"[facts]\n" + strings.Repeat("a=1\n", 200_000), "intake.fact"},
		"as many selectors":  {strings.Replace(good, `["other@example.com"]`, `[`+strings.Repeat(`"a@b.example",`, 70_000)+`]`, 1), "intake.toml"},
		"deep lists":         {"[facts]\nfields = " + strings.Repeat("[", 500_000), "intake.toml"},
		"closed deep lists":  {"[facts]\nfields = " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "intake.toml"},
		"deep tables":        {"[facts]\nfields = " + strings.Repeat("{a=", 300_000), "intake.toml"},
		"a long dotted key":  {"[facts]\n" + strings.Repeat("a.", 500_000) + "a = 1", "intake.toml"},
		"a long dotted name": {"[" + strings.Repeat("a.", 500_000) + "a]", "intake.toml"},
		"a long key":         {"[facts]\n" + strings.Repeat("a", 1_000_000) + " = 1", "intake.fact"},
		"comments":           {strings.Repeat("#\n", 500_000), "intake.missing"},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, _, err := intake.Parse([]byte(c.form), "f")
			wantCode(t, err, c.code)
			if d := time.Since(begin); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
			if len(err.Error()) > 600 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
		})
	}
}

func read(form, original string) (intake.Submission, error) {
	return intake.Read(context.Background(), "portal", "form.toml", strings.NewReader(form), "order.pdf", strings.NewReader(original))
}

func TestASubmissionHoldsWhatCame(t *testing.T) {
	s, err := read(good, "%PDF-1.7 x")
	if err != nil {
		t.Fatal(err)
	}
	if string(s.Form) != good || string(s.Original) != "%PDF-1.7 x" || s.MediaType != "application/pdf" || s.Receive.Channel != "portal" ||
		s.Receive.Original != sha256.Sum256(s.Original) || !bytes.Equal(s.Facts, s.Receive.Facts) {
		t.Fatalf("%+v", s)
	}
	if _, err := fact.Decode(s.Facts); err != nil {
		t.Fatal(err)
	}
	// printf, sha256sum: the documented bytes, written out
	want := sha256.Sum256([]byte("counterseal-intake-key-v1\x00\x00\x00\x00\x00\x00\x00\x06number\x00\x00\x00\x00\x00\x00\x00\x06portal" +
		"\x00\x00\x00\x00\x00\x00\x00\x10example-district\x00\x00\x00\x00\x00\x00\x00\x0926-mj-104"))
	if s.Key != want {
		t.Fatalf("key %s", hex.EncodeToString(s.Key[:]))
	}
}

func TestASecondDeliveryHasTheSameKey(t *testing.T) {
	key := func(form, original string) [32]byte {
		s, err := read(form, original)
		if err != nil {
			t.Fatal(err)
		}
		return s.Key
	}
	unnumbered := strings.Replace(good, "number = \"26-mj-104\"\n", "", 1)
	other := strings.Replace(good, "26-mj-104", "26-mj-105", 1)
	agency := strings.Replace(good, "example-district", "another-district", 1)
	if key(good, "a") != key(strings.Replace(good, "Search", "A search", 1), "b") {
		t.Error("one number, two keys")
	}
	if key(unnumbered, "a") != key(unnumbered+"\n", "a") || key(unnumbered, "a") == key(unnumbered, "b") {
		t.Error("without a number the original decides")
	}
	if key(good, "a") == key(other, "a") || key(good, "a") == key(agency, "a") || key(good, "a") == key(unnumbered, "a") {
		t.Error("two demands, one key")
	}
	mail, err := intake.Read(context.Background(), "mail", "f", strings.NewReader(good), "o", strings.NewReader("a"))
	if err != nil || mail.Key == key(good, "a") {
		t.Error("another channel has a key of its own")
	}
}

func TestADocumentHasABound(t *testing.T) {
	_, err := read(good, "")
	wantCode(t, err, "intake.original_empty")
	zeros := &counting{}
	_, err = intake.Read(context.Background(), "portal", "f", strings.NewReader(good), "../../etc/o\u202e", zeros)
	wantCode(t, err, "intake.original_too_large")
	if zeros.n > intake.MaxOriginal+1<<20 {
		t.Errorf("%d bytes were read", zeros.n)
	}
	if p := problem.Of(err); p.Field != "o" {
		t.Errorf("the file is shown as %q", p.Field)
	}
	exact := io.LimitReader(&counting{}, intake.MaxOriginal)
	if _, err = intake.Read(context.Background(), "portal", "f", strings.NewReader(good), "o", exact); err != nil {
		t.Error(err)
	}
	endless := &counting{}
	_, err = intake.Read(context.Background(), "portal", "f", endless, "o", strings.NewReader("x"))
	wantCode(t, err, "intake.too_large")
	if endless.n > intake.MaxForm*2 {
		t.Errorf("%d bytes of the form were read", endless.n)
	}
}

type counting struct{ n int }

func (c *counting) Read(b []byte) (int, error) {
	clear(b)
	c.n += len(b)
	return len(b), nil
}

func TestReadingStopsWithItsStreamOrItsContext(t *testing.T) {
	broken := iotest.ErrReader(errors.New("disk /srv/x failed"))
	_, err := intake.Read(context.Background(), "portal", "f", broken, "o", strings.NewReader("x"))
	wantCode(t, err, "intake.read")
	_, err = intake.Read(context.Background(), "portal", "f", strings.NewReader(good), "o", broken)
	wantCode(t, err, "intake.read")
	if strings.Contains(err.Error(), "srv") {
		t.Error("internal detail in the message")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err = intake.Read(ctx, "portal", "f", &counting{}, "o", &counting{})
	wantCode(t, err, "intake.interrupted")
	for _, channel := range []string{"", "por\u200btal", strings.Repeat("x", 41)} {
		_, err = intake.Read(context.Background(), channel, "f", strings.NewReader(good), "o", strings.NewReader("x"))
		wantCode(t, err, "intake.channel")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("[facts]\nfields = [[["))
	f.Add([]byte("[[target]]\n\"a b\".c = {}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, facts, err := intake.Parse(b, "f")
		if err != nil {
			if p := problem.Of(err); !strings.HasPrefix(p.Code, "intake.") || !strings.HasPrefix(p.Field, "f line ") {
				t.Fatalf("%v", err)
			}
			return
		}
		// Whatever the door lets in, the core accepts and the codec can write.
		r.Channel, r.Original = "portal", sha256.Sum256(b)
		events, err := demand.Decide(new(demand.State), r, demand.Env{Actor: "door", ClockSane: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := demand.Encode("d", demand.Meta{Seq: 1, At: utc("2026-01-01T00:00:00Z")}, events[0]); err != nil && problem.Code(err) != "event.too_large" {
			t.Fatal(err)
		}
		if again, err := fact.Decode(r.Facts); err != nil || again != facts.Facts {
			t.Fatal("the facts changed", err)
		}
	})
}
