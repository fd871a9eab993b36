package mbox_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const owner scope.AccountID = "acc-1"

// store makes a store of the given files and a source over all of them.
func store(t *testing.T, change func(*mbox.Config), files ...string) (string, *mbox.Source) {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, f := range files {
		name := fmt.Sprintf("%d.mbox", i+1)
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(f), 0o600))
		names = append(names, name)
	}
	cfg := mbox.Config{Root: dir, Flavour: mbox.MboxO, Accounts: map[scope.AccountID][]string{owner: names}}
	if change != nil {
		change(&cfg)
	}
	s, err := mbox.New(cfg)
	must(t, err)
	return dir, s
}

type got struct {
	Received, Sent, Undated, Bytes string
	Spread                         [2]time.Duration
	Participants                   []string
}

func all(t *testing.T, s *mbox.Source, q source.Query) (items []got, ids []string, gaps []source.Gap, err error) {
	t.Helper()
	err = s.Items(t.Context(), q, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		items = append(items, got{stamp(it.Received), stamp(it.Sent), it.Undated, string(b), [2]time.Duration{it.ReceivedSpread, it.SentSpread}, it.Participants})
		ids = append(ids, it.ID)
		return nil
	}, func(g source.Gap) error {
		gaps = append(gaps, g)
		return nil
	})
	return items, ids, gaps, err
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

const sep = "From a b Thu Aug 22 12:00:00 2002\n"

func TestTheTwoTimesOfAMessage(t *testing.T) {
	const received, date = "Received: by x; 22 Aug 2002 10:00:00 +0000\n", "Date: 22 Aug 2002 09:00:00 +0000\n"
	const r, d, s, early, spread = "2002-08-22T10:00:00Z", "2002-08-22T09:00:00Z", "2002-08-22T12:00:00Z", "2002-08-21T22:00:00Z", 26 * time.Hour
	for _, c := range []struct {
		name, head string
		utc        bool
		want       got
	}{
		{"both", received + date, false, got{Received: r, Sent: d}},
		{"the topmost Received counts", received + "Received: by y; 1 Jan 2001 00:00:00 +0000\n" + date, false, got{Received: r, Sent: d}},
		{"what follows the last semicolon counts", "Received: by x (a; b); 22 Aug 2002\n 10:00:00 +0000 (c)\n" + date, false, got{Received: r, Sent: d}},
		{"without Received the separator counts", date, false, got{Received: early, Sent: d, Undated: "received:zone_unknown", Spread: [2]time.Duration{spread, 0}}},
		{"in a store that writes UTC, exactly", date, true, got{Received: s, Sent: d}},
		{"also where Received has no semicolon", "Received: by x\n" + date, true, got{Received: s, Sent: d}},
		{"or a date of another form", "Received: by x; yesterday\n" + received + date, true, got{Received: s, Sent: d}},
		{"or one out of range", "Received: by x; 22 Aug 1950 10:00:00 +0000\n" + date, true, got{Received: s, Sent: d}},
		{"Received without a zone is an interval", "Received: by x; 22 Aug 2002 12:00:00\n" + date, true, got{Received: early, Sent: d, Undated: "received:zone_unknown", Spread: [2]time.Duration{spread, 0}}},
		{"no Date", received, false, got{Received: r, Undated: "sent:no_date"}},
		{"two Dates", received + date + date, false, got{Received: r, Undated: "sent:date_twice"}},
		{"a Date of another form", received + "Date: soon\n", false, got{Received: r, Undated: "sent:date_form"}},
		{"a Date of long ago", received + "Date: 1 Jan 1904 00:00:00 +0000\n", false, got{Received: r, Undated: "sent:date_range"}},
		{"a Date to come", received + "Date: 1 Jan 2100 00:00:00 +0000\n", false, got{Received: r, Undated: "sent:date_range"}},
		{"Date without zone", received + "Date: 22 Aug 2002 12:00:00\n", false, got{Received: r, Sent: early, Undated: "sent:zone_unknown", Spread: [2]time.Duration{0, spread}}},
		{"nothing at all", "", false, got{Received: early, Undated: "received:zone_unknown sent:no_date", Spread: [2]time.Duration{spread, 0}}},
	} {
		_, src := store(t, func(cfg *mbox.Config) { cfg.SeparatorUTC = c.utc }, sep+c.head+"\nbody\n\n")
		items, _, gaps, err := all(t, src, source.Query{Account: owner})
		c.want.Bytes = c.head + "\nbody\n"
		if d := cmp.Diff([]got{c.want}, items, cmpopts.EquateEmpty()); d != "" || err != nil || len(gaps) > 0 {
			t.Errorf("%s: %v %v %s", c.name, err, gaps, d)
		}
	}
}

func TestASeparatorOutOfRangeIsNoTimeOfReceipt(t *testing.T) {
	_, src := store(t, func(cfg *mbox.Config) { cfg.SeparatorUTC = true }, "From a Thu Jan  1 00:00:00 1903\nDate: x\n\n")
	items, _, _, err := all(t, src, source.Query{Account: owner})
	if err != nil || len(items) != 1 || items[0].Undated != "received:date_range sent:date_form" || items[0].Received != "" {
		t.Errorf("%v %v", items, err)
	}
}

func TestOnlyWhatCertainlyLiesOutsideTheQueryIsLeftOut(t *testing.T) {
	day := func(d int) string { return fmt.Sprintf("%d Aug 2002 12:00:00 +0000", d) }
	q := source.Query{Account: owner, From: time.Date(2002, 8, 10, 0, 0, 0, 0, time.UTC), Until: time.Date(2002, 8, 20, 23, 59, 59, 0, time.UTC)}
	for _, c := range []struct {
		received, sent string
		given          bool
	}{
		{day(9), day(9), false}, {day(21), day(21), false}, {day(9), day(21), false}, // by no time
		{day(15), day(15), true}, {day(9), day(15), true}, {day(15), day(21), true},
		{"9 Aug 2002 23:59:59 +0000", "21 Aug 2002 00:00:00 +0000", false},
		{"10 Aug 2002 00:00:00 +0000", day(1), true}, {"20 Aug 2002 23:59:59 +0000", day(1), true},
		{day(9), "soon", true}, {day(9), "", true}, // the other time might be inside
		{day(1), "9 Aug 2002 12:00:00", true},   // 9 August noon at -12:00 is the 10th
		{day(1), "9 Aug 2002 11:59:59", false},  // every offset is before
		{day(1), "21 Aug 2002 13:59:59", true},  // at +14:00 it is the 20th
		{day(1), "21 Aug 2002 14:00:00", false}, // every offset is after
		{"9 Aug 2002 12:00:00", day(1), true}, {"9 Aug 2002 11:59:59", day(1), false},
	} {
		_, src := store(t, nil, sep+"Received: x; "+c.received+"\nDate: "+c.sent+"\n\n")
		items, _, _, err := all(t, src, q)
		if err != nil || (len(items) == 1) != c.given {
			t.Errorf("received %q, sent %q: %d items, error %v", c.received, c.sent, len(items), err)
		}
	}
}

func TestAnIdIsTheHashThatTheDocumentationSays(t *testing.T) {
	const head = "Subject: x\r\n\r\n"
	_, src := store(t, nil, strings.TrimSpace(sep)+"\r\n"+head+"one\n\n"+sep+head+"two\n\n"+strings.TrimSpace(sep)+"\r\n"+head+"three\n")
	_, ids, _, err := all(t, src, source.Query{Account: owner})
	must(t, err)
	h := sha256.New()
	for _, part := range []string{"counterseal-mbox-item-v1", string(owner), strings.TrimSpace(sep), head} {
		must(t, binary.Write(h, binary.BigEndian, uint64(len(part))))
		_, err := io.WriteString(h, part)
		must(t, err)
	}
	want := "mbox-" + hex.EncodeToString(h.Sum(nil)[:16])
	if d := cmp.Diff([]string{want, want + "-2", want + "-3"}, ids); d != "" {
		t.Error(d)
	}
}

func TestQuotedSeparatorsAreGivenAsTheFlavourSays(t *testing.T) {
	body := "S: x\n\n>From here\n>>From there\nx>From not\n" + strings.Repeat("long line ", 300_000) + "\n>From the end\n"
	for _, b := range []string{"S: x\n\n>From here\n>>From there\nx>From not\n", "S: x\n\nnone\n", body} {
		_, o := store(t, nil, sep+b+"\n"+sep+"S: last\n\n")
		_, rd := store(t, func(cfg *mbox.Config) { cfg.Flavour = mbox.MboxRD }, sep+b+"\n"+sep+"S: last\n\n")
		items, _, _, err := all(t, o, source.Query{Account: owner})
		if err != nil || len(items) != 2 || items[0].Bytes != b {
			t.Errorf("mboxo changes %.60q: %v", b, err)
		}
		items, _, _, err = all(t, rd, source.Query{Account: owner})
		want := strings.ReplaceAll(strings.ReplaceAll(b, "\n>From ", "\nFrom "), "\n>>From ", "\n>From ")
		if err != nil || len(items) != 2 || items[0].Bytes != want {
			t.Errorf("mboxrd gives %.60q for %.60q: %v", items[0].Bytes, b, err)
		}
	}
}

func TestHostileMessagesAreGapsWithTheirPlace(t *testing.T) {
	long := strings.Repeat("X-Long: y\n", 30_000)
	many := "To: " + strings.Repeat("a@b.example, ", 1001) + "\n"
	enough := "To: " + strings.Repeat("a@b.example, ", 1000) + "\n"
	endless := "Subject: " + strings.Repeat("z", 5<<20) // outgrows the buffer as well
	file := "what is this\n\n" + sep + "S: 1\n\n" + "\n" + sep + long + "\n\n" + sep + many + "\n\n" + sep + enough + "\n\n" + sep + endless + "\n\n" + sep + "S: last\n\n"
	at := func(s string) string {
		return fmt.Sprintf("2.mbox, byte %d", strings.Index(file, sep+s))
	}
	_, src := store(t, nil, sep+"S: 0\n\n", file)
	items, _, gaps, err := all(t, src, source.Query{Account: owner})
	want := []source.Gap{
		{Place: "2.mbox, byte 0", Reason: "source.no_separator"},
		{Place: at("X-Long"), Reason: "source.header_too_long"},
		{Place: at("To: "), Reason: "source.too_many_addresses"},
		{Place: at("Subject"), Reason: "source.header_too_long"},
	}
	if d := cmp.Diff(want, gaps); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if len(items) != 4 || items[3].Bytes != "S: last\n\n" && items[3].Bytes != "S: last\n" {
		t.Errorf("%d items", len(items))
	}
	mine := errors.New("stop")
	err = src.Items(t.Context(), source.Query{Account: owner}, func(source.Item) error { return nil }, func(source.Gap) error { return mine })
	if !errors.Is(err, mine) {
		t.Errorf("a gap's error is lost: %v", err)
	}
}

func TestOddButLawfulFiles(t *testing.T) {
	nested := strings.Repeat("Content-Type: multipart/mixed; boundary=x\n\n--x\n", 100)
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"no bytes":             {"", nil},
		"empty lines":          {"\n\n \n", nil},
		"a separator alone":    {sep, []string{""}},
		"no final line end":    {sep + "S: x\n\nend", []string{"S: x\n\nend"}},
		"a header alone":       {sep + "S: x", []string{"S: x"}},
		"CR LF":                {"From a Thu Aug 22 12:00:00 2002\r\nS: x\r\n\r\nb\r\n\r\nFrom a Thu Aug 22 12:00:00 2002\r\nS: y\r\n\r\n", []string{"S: x\r\n\r\nb\r\n", "S: y\r\n"}},
		"NUL":                  {sep + "S: \x00\n\n\x00\x00\n\n", []string{"S: \x00\n\n\x00\x00\n"}},
		"From in a body":       {sep + "S: x\n\nFrom afar\n\nFrom here on\nFrom a Thu Aug 22 12:00:00 2002\n\n", []string{"S: x\n\nFrom afar\n\nFrom here on\nFrom a Thu Aug 22 12:00:00 2002\n"}},
		"separators in a row":  {sep + "\n" + sep + "\n" + sep, []string{"", "", ""}},
		"parts in parts":       {sep + nested + "\n", []string{strings.TrimSuffix(nested, "")}},
		"a line of 50 million": {sep + "S: x\n\n" + strings.Repeat("x", 50_000_000) + "\n\n" + sep + "S: y\n\n", []string{"S: x\n\n" + strings.Repeat("x", 50_000_000) + "\n", "S: y\n"}},
	} {
		_, src := store(t, nil, c.file)
		items, _, gaps, err := all(t, src, source.Query{Account: owner})
		var bytes []string
		for _, it := range items {
			bytes = append(bytes, it.Bytes)
		}
		if err != nil || len(gaps) > 0 || !cmp.Equal(bytes, c.want) {
			t.Errorf("%s: %v %v, %d items, want %d: %.80q", name, err, gaps, len(items), len(c.want), bytes)
		}
	}
}

func TestOnlyRegularFilesInsideTheStoreAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(path string) error
		want string
	}{
		"directory":        {func(p string) error { return os.Mkdir(p, 0o700) }, "source.not_a_file"},
		"fifo":             {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "source.not_a_file"},
		"link inside":      {func(p string) error { return os.Symlink("1.mbox", p) }, "source.outside"},
		"link to a device": {func(p string) error { return os.Symlink("/dev/zero", p) }, "source.outside"},
		"nothing":          {func(string) error { return nil }, "source.unreadable"},
	} {
		dir, src := store(t, nil, sep+"S: 1\n\n", sep+"S: 2\n\n", sep+"S: 3\n\n")
		must(t, os.Remove(filepath.Join(dir, "3.mbox"))) // only the last of three is bad
		must(t, c.put(filepath.Join(dir, "3.mbox")))
		_, _, _, err := all(t, src, source.Query{Account: owner})
		p := problem.Of(err)
		if p == nil || p.Code != c.want || p.Field != "3.mbox" || strings.Contains(p.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADirectoryThatIsALinkIsNotFollowed(t *testing.T) {
	dir, _ := store(t, nil, sep+"S: 1\n\n")
	must(t, os.Symlink(".", filepath.Join(dir, "sub")))
	src, err := mbox.New(mbox.Config{Root: dir, Flavour: mbox.MboxO, Accounts: map[scope.AccountID][]string{owner: {"sub/1.mbox"}}})
	must(t, err)
	_, _, _, err = all(t, src, source.Query{Account: owner})
	if problem.Code(err) != "source.outside" {
		t.Error(err)
	}
}

func TestAnyChangeWhileReadingIsAnError(t *testing.T) {
	file := sep + "S: 1\n\n" + sep + "S: 2\n\n" + sep + "\n" + strings.Repeat("x", 4<<20) + "\n"
	for name, change := range map[string]func(path string) error{
		"time":     func(p string) error { return os.Chtimes(p, time.Now(), time.Now().Add(-time.Hour)) },
		"replaced": func(p string) error { return errors.Join(os.Rename(p, p+".old"), os.WriteFile(p, []byte(file), 0o600)) },
		"gone":     os.Remove,
		"longer, with its time put back": func(p string) error {
			was, err := os.Stat(p)
			must(t, err)
			f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteString("more\n")
			return errors.Join(err, f.Close(), os.Chtimes(p, was.ModTime(), was.ModTime()))
		},
		"replaced by an equal one, with its time": func(p string) error {
			was, err := os.Stat(p)
			must(t, err)
			return errors.Join(os.Rename(p, p+".old"), os.WriteFile(p, []byte(file), 0o600), os.Chtimes(p, was.ModTime(), was.ModTime()))
		},
		"cut": func(p string) error { return os.Truncate(p, 100) },
	} {
		dir, src := store(t, nil, file)
		done := false
		err := src.Items(t.Context(), source.Query{Account: owner}, func(it source.Item) error {
			if !done {
				done = true
				return change(filepath.Join(dir, "1.mbox"))
			}
			return nil
		}, func(source.Gap) error { return nil })
		if problem.Code(err) != "source.changed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileCutWhileALongMessageIsReadAgain(t *testing.T) {
	dir, src := store(t, nil, sep+"\n"+strings.Repeat("x", 4<<20)+"\n")
	err := src.Items(t.Context(), source.Query{Account: owner}, func(it source.Item) error {
		must(t, os.Truncate(filepath.Join(dir, "1.mbox"), 3<<20))
		r, err := it.Open()
		if err != nil {
			return err
		}
		_, err = io.ReadAll(r)
		if problem.Code(err) != "source.changed" {
			t.Errorf("the item ends early without a word: %v", err)
		}
		return err
	}, func(source.Gap) error { return nil })
	if problem.Code(err) != "source.changed" {
		t.Error(err)
	}
}

func TestASharedStoreResolvesEachMessage(t *testing.T) {
	moved := time.Date(2002, 8, 22, 0, 0, 0, 0, time.UTC)
	_, src := store(t, func(cfg *mbox.Config) {
		cfg.Shared = &mbox.Shared{Files: cfg.Accounts[owner], Header: "X-Original-To", Resolve: func(address string, at time.Time) (scope.AccountID, bool) {
			switch {
			case address == "one@x.example", address == "alias@x.example":
				return owner, true
			case address == "recycled@x.example" && !at.IsZero() && at.Before(moved):
				return owner, true
			case address == "recycled@x.example" && !at.IsZero():
				return "acc-2", true
			}
			return "", false
		}}
		cfg.Accounts = nil
	}, strings.Join([]string{
		sep + "x-original-to: One@x.example\nX-Original-To: two@x.example\nS: mine\n\n",
		sep + "X-Original-To: <alias@x.example>\nS: by alias\n\n",
		sep + "To: one@x.example\nS: no header\n\n",
		sep + "X-Original-To: one@x.example, alias@x.example\nS: two addresses\n\n",
		sep + "X-Original-To: nobody@x.example\nS: nobody's\n\n",
		sep + "Received: x; 21 Aug 2002 23:59:59 +0000\nX-Original-To: recycled@x.example\nS: mine then\n\n",
		sep + "Received: x; 22 Aug 2002 00:00:00 +0000\nX-Original-To: recycled@x.example\nS: another's then\n\n",
		sep + "X-Original-To: recycled@x.example\nS: whose, without a zone\n\n",
		"From a Thu Aug 22 12:00:00 1902\nX-Original-To: recycled@x.example\nS: whose, without a time\n\n",
		sep + "X-Original-To:\nS: empty\n\n",
	}, ""))
	items, _, gaps, err := all(t, src, source.Query{Account: owner})
	must(t, err)
	var subjects, reasons []string
	for _, it := range items {
		_, s, _ := strings.Cut(it.Bytes, "S: ")
		subjects = append(subjects, strings.TrimSpace(s))
	}
	for _, g := range gaps {
		reasons = append(reasons, g.Reason)
	}
	if d := cmp.Diff([]string{"mine", "by alias", "mine then"}, subjects); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"source.no_recipient", "source.recipient_form", "source.not_resolved", "source.not_resolved", "source.not_resolved", "source.recipient_form"}, reasons); d != "" {
		t.Error(d)
	}
}

func TestConfigurationsThatCannotBeMeant(t *testing.T) {
	good := func() mbox.Config {
		return mbox.Config{Root: "x", Flavour: mbox.MboxRD, Accounts: map[scope.AccountID][]string{"acc-1": {"a"}, "acc-2": {"b"}, "acc-3": {"c/d"}}}
	}
	shared := func(f func(*mbox.Shared)) func(*mbox.Config) {
		return func(c *mbox.Config) {
			c.Accounts = nil
			c.Shared = &mbox.Shared{Files: []string{"a", "b", "c"}, Header: "Delivered-To", Resolve: resolve}
			f(c.Shared)
		}
	}
	for name, change := range map[string]func(*mbox.Config){
		"no root":             func(c *mbox.Config) { c.Root = "" },
		"no flavour":          func(c *mbox.Config) { c.Flavour = "" },
		"another flavour":     func(c *mbox.Config) { c.Flavour = "mboxcl" },
		"no files":            func(c *mbox.Config) { c.Accounts = nil },
		"both":                func(c *mbox.Config) { c.Shared = &mbox.Shared{} },
		"an address":          func(c *mbox.Config) { c.Accounts["a@b"] = []string{"x"} },
		"the last has none":   func(c *mbox.Config) { c.Accounts["acc-3"] = nil },
		"the last leaves":     func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"a", "b", "../x"} },
		"the last is rooted":  func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"a", "b", "/x"} },
		"the last is unclean": func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"a", "b", "c/../b"} },
		"the last is again":   func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"a", "b", "a"} },
		"another's file":      func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"c/d", "b"} },
		"the root itself":     func(c *mbox.Config) { c.Accounts["acc-3"] = []string{"."} },
		"shared: no header":   shared(func(s *mbox.Shared) { s.Header = "" }),
		"shared: no name":     shared(func(s *mbox.Shared) { s.Header = "Delivered To" }),
		"shared: no resolver": shared(func(s *mbox.Shared) { s.Resolve = nil }),
		"shared: no files":    shared(func(s *mbox.Shared) { s.Files = nil }),
		"shared: last leaves": shared(func(s *mbox.Shared) { s.Files[2] = "../c" }),
	} {
		cfg := good()
		change(&cfg)
		s, err := mbox.New(cfg)
		if problem.Code(err) != "source.config" || s != nil {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	_, err := mbox.New(good())
	must(t, err)
}
