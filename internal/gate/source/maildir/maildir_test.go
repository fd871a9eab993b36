package maildir_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const owner scope.AccountID = "acc-1"

func day(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }

func mail(at time.Time, subject string) []byte {
	return fmt.Appendf(nil, "Received: from a by b; %s\nDate: %s\nFrom: a@sender.example\nTo: b@customer.example\nSubject: %s\n\nbody\n",
		at.Format(time.RFC1123Z), at.Format(time.RFC1123Z), subject)
}

type given struct{ Name, Text, Undated string }

func collect(t testing.TB, s source.Source, q source.Query, during func(source.Item)) (out []given, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), q, func(it source.Item) error {
		if during != nil {
			during(it)
		}
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		_, subject, _ := bytes.Cut(b, []byte("Subject: "))
		subject, _, _ = bytes.Cut(subject, []byte("\n"))
		out = append(out, given{it.Name, string(subject), it.Undated})
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, gaps, err
}

func TestFoldersComeInOrderWithTheirNamesInModifiedUTF7(t *testing.T) {
	dir := t.TempDir()
	h := home(dir, owner)
	lay(t, h, "", "cur/2.x:2,S", day(1), mail(day(1), "two"))
	lay(t, h, "", "new/1.x", day(1), mail(day(1), "one"))
	lay(t, h, ".Arkiv.&AOY-lv", "cur/3.x:2,", day(1), mail(day(1), "elf"))
	lay(t, h, ".A&B", "cur/4.x", day(1), mail(day(1), "no utf-7"))
	lay(t, h, ".\xff\u202e", "cur/5.x", day(1), mail(day(1), "no utf-8"))
	lay(t, h, ".a", "cur/6.x", day(1), mail(day(1), "small"))
	lay(t, h, ".A", "cur/6.x", day(1), mail(day(1), "large"))
	lay(t, h, ".e\u0301", "cur/7.x", day(1), mail(day(1), "two letters"))
	lay(t, h, ".\u00e9", "cur/7.x", day(1), mail(day(1), "one letter"))
	must(t, os.WriteFile(filepath.Join(h, "dovecot-uidlist"), []byte("x"), 0o600))
	must(t, os.Mkdir(filepath.Join(h, ".sieve"), 0o700))
	must(t, os.WriteFile(filepath.Join(h, "tmp", "8.x"), []byte("not delivered"), 0o600))
	got, gaps, err := collect(t, open(t, dir), source.Query{Account: owner}, nil)
	must(t, err)
	want := []given{{"INBOX/1.x", "one", ""}, {"INBOX/2.x", "two", ""}, {"A/6.x", "large", ""}, {"A&B/4.x", "no utf-7", ""}, {"Arkiv/ælv/3.x", "elf", ""},
		{"a/6.x", "small", ""}, {"e\u0301/7.x", "two letters", ""}, {"\u00e9/7.x", "one letter", ""}, {"%FF%E2%80%AE/5.x", "no utf-8", ""}}
	if d := cmp.Diff(want, got); d != "" || len(gaps) > 0 {
		t.Error(d, gaps)
	}
}

func TestWhatIsNoMessageIsAGap(t *testing.T) {
	dir := t.TempDir()
	h := home(dir, owner)
	lay(t, h, "", "cur/1.x", day(1), mail(day(1), "one"))
	outside := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(outside, mail(day(1), "secret"), 0o600))
	must(t, os.Symlink(outside, filepath.Join(h, "cur", "link")))
	must(t, syscall.Mkfifo(filepath.Join(h, "new", "pipe"), 0o600))
	must(t, os.Mkdir(filepath.Join(h, "cur", "folder"), 0o700))
	must(t, os.WriteFile(filepath.Join(h, "cur", ":2,S"), mail(day(1), "no key"), 0o600))
	must(t, os.WriteFile(filepath.Join(h, "cur", "1.x:2,S"), mail(day(1), "another of the same key"), 0o600))
	must(t, os.WriteFile(filepath.Join(h, "cur", "2.gz"), []byte("\x1f\x8b\x08packed"), 0o600))
	must(t, os.WriteFile(filepath.Join(h, "cur", "3.long"), bytes.Repeat([]byte("X: y\n"), 60_000), 0o600))
	must(t, os.Symlink(filepath.Dir(outside), filepath.Join(h, ".Shared")))
	lay(t, h, "Work", "cur/4.x", day(1), mail(day(1), "another layout"))
	lay(t, h, ".Sub/Inner", "cur/5.x", day(1), mail(day(1), "a folder in a folder"))
	must(t, os.MkdirAll(filepath.Join(h, ".Sub", "cur"), 0o700))
	got, gaps, err := collect(t, open(t, dir), source.Query{Account: owner}, nil)
	must(t, err)
	if d := cmp.Diff([]given{{"INBOX/1.x", "one", ""}}, got); d != "" {
		t.Error(d)
	}
	slices.Sort(gaps)
	want := []string{"source.folder_layout at .Sub/Inner", "source.folder_layout at Work", "source.header_too_long at INBOX/3.long", "source.key_form at cur/:2,S", "source.key_twice at cur/1.x:2,S",
		"source.link at .Shared", "source.link at INBOX/link", "source.not_a_file at INBOX/folder", "source.not_a_file at INBOX/pipe", "source.not_plain at INBOX/2.gz"}
	if d := cmp.Diff(want, gaps); d != "" {
		t.Error(d)
	}
}

// Where the store's time and the trace differ, nobody can say which is right.
func TestATimeIsCertainWhereStoreAndTraceAgree(t *testing.T) {
	dir := t.TempDir()
	h := home(dir, owner)
	lay(t, h, "", "cur/1", day(5), mail(day(5), "agree"))
	lay(t, h, "", "cur/2", day(9), mail(day(5), "differ"))
	lay(t, h, "", "cur/3", day(5), []byte("Subject: no trace\n\n"))
	lay(t, h, "", "cur/4", time.Unix(-5, 0), mail(day(5), "before time"))
	lay(t, h, "", "cur/5", day(5), []byte("Received: x; 5 Mar 2026 12:00 LOCAL\nSubject: a zone nobody knows\n\n"))
	type times struct {
		Received time.Time
		Spread   time.Duration
		Undated  string
	}
	var got []times
	must(t, open(t, dir).Items(t.Context(), source.Query{Account: owner}, func(it source.Item) error {
		got = append(got, times{it.Received, it.ReceivedSpread, it.Undated})
		return nil
	}, func(source.Gap) error { return nil }))
	want := []times{{day(5), 0, ""}, {day(5), 4 * 24 * time.Hour, "received:store_differs"}, {day(5), 0, "sent:no_date"}, {day(5), 0, ""}, {day(5), 0, "sent:no_date"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNeitherFlagsNorDatesNorTheTimeOfAccessChange(t *testing.T) {
	dir := t.TempDir()
	h := home(dir, owner)
	lay(t, h, "", "new/1.x", day(1), mail(day(1), "one"))
	lay(t, h, ".Sub", "cur/2.x:2,RS", day(1), mail(day(1), "two"))
	look := func() (out []string) {
		for _, name := range []string{"new/1.x", ".Sub/cur/2.x:2,RS"} {
			var st syscall.Stat_t
			must(t, syscall.Stat(filepath.Join(h, name), &st))
			out = append(out, fmt.Sprint(name, st.Atim, st.Mtim, st.Ctim, st.Ino))
		}
		return out
	}
	before := look()
	got, _, err := collect(t, open(t, dir), source.Query{Account: owner}, nil)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if d := cmp.Diff(before, look()); d != "" {
		t.Error(d)
	}
}

func TestAMessageThatIsRenamedWhileItIsReadIsGivenOnce(t *testing.T) {
	dir := t.TempDir()
	h := home(dir, owner)
	var want []given
	for i := range 300 {
		lay(t, h, "", fmt.Sprintf("new/%03d.x", i), day(1), mail(day(1), fmt.Sprint(i)))
		want = append(want, given{fmt.Sprintf("INBOX/%03d.x", i), fmt.Sprint(i), ""})
	}
	var stop atomic.Bool
	done := make(chan struct{})
	go func() { // another program reads, flags and unflags them
		defer close(done)
		for round := 0; !stop.Load(); round++ {
			for i := range 300 {
				old, _ := filepath.Glob(filepath.Join(h, "*", fmt.Sprintf("%03d.x*", i)))
				for _, o := range old {
					_ = os.Rename(o, filepath.Join(h, "cur", fmt.Sprintf("%03d.x:2,%s", i, []string{"S", "RS", ""}[round%3])))
				}
				time.Sleep(200 * time.Microsecond)
			}
		}
	}()
	for range 5 {
		got, gaps, err := collect(t, open(t, dir), source.Query{Account: owner}, nil)
		if d := cmp.Diff(want, got); d != "" || err != nil || len(gaps) > 0 {
			t.Errorf("%v, gaps %v: %.500s", err, gaps, d)
		}
	}
	stop.Store(true)
	<-done
}

func TestAMessageThatComesOrGoesMeanwhileIsSeen(t *testing.T) {
	asked := source.Query{Account: owner, From: day(1), Until: day(10)}
	for name, c := range map[string]struct {
		during func(h string)
		code   string
	}{
		"one that matters comes": {func(h string) { lay(t, h, "", "new/9", day(3), mail(day(3), "late")) }, "source.changed"},
		"one in a new folder":    {func(h string) { lay(t, h, ".New", "new/9", day(3), mail(day(3), "late")) }, "source.changed"},
		"one for later comes":    {func(h string) { lay(t, h, "", "new/9", day(20), mail(day(20), "late")) }, ""},
		"one that was sent then": {func(h string) { lay(t, h, "", "new/9", day(20), mail(day(3), "late")) }, "source.changed"},
		"the next one goes":      {func(h string) { must(t, os.RemoveAll(filepath.Join(h, "cur", "2"))) }, "source.changed"},
		"the one read goes":      {func(h string) { must(t, os.RemoveAll(filepath.Join(h, "cur", "1"))) }, ""},
		"the one read changes":   {func(h string) { must(t, os.WriteFile(filepath.Join(h, "cur", "1"), []byte("short"), 0o600)) }, "source.changed"},
	} {
		dir := t.TempDir()
		h := home(dir, owner)
		lay(t, h, "", "cur/1", day(2), mail(day(2), "one"))
		lay(t, h, "", "cur/2", day(2), mail(day(2), "two"))
		first := true
		got, _, err := collect(t, open(t, dir), asked, func(source.Item) {
			if first {
				c.during(h)
			}
			first = false
		})
		if c.code == "" && (err != nil || len(got) != 2) || c.code != "" && problem.Code(err) != c.code {
			t.Errorf("%s: %d given, %v", name, len(got), err)
		}
	}
}

// What stands in a message's place when its turn comes is no message: it is a gap, and
// nobody waits for it. A large folder is read ahead, by readers of their own.
func TestAMessageThatBecomesSomethingElseIsAGap(t *testing.T) {
	for name, c := range map[string]struct {
		put func(path string) error
		gap string
	}{
		"a link":           {func(p string) error { return os.Symlink("/etc/hostname", p) }, "source.link"},
		"a link to device": {func(p string) error { return os.Symlink("/dev/zero", p) }, "source.link"},
		"a pipe":           {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "source.not_a_file"},
		"a folder":         {func(p string) error { return os.Mkdir(p, 0o700) }, "source.not_a_file"},
	} {
		for _, messages := range []int{2, 600} {
			dir := t.TempDir()
			h := home(dir, owner)
			for i := range messages {
				lay(t, h, "", fmt.Sprintf("cur/%03d", i), day(2), mail(day(2), "one"))
			}
			last, done := fmt.Sprintf("%03d", messages-1), false
			got, gaps, err := collect(t, open(t, dir), source.Query{Account: owner}, func(source.Item) {
				if !done {
					done = true
					p := filepath.Join(h, "cur", last)
					must(t, errors.Join(os.Remove(p), c.put(p)))
				}
			})
			if err != nil || len(got) != messages-1 || !slices.Equal(gaps, []string{c.gap + " at INBOX/" + last}) {
				t.Errorf("%s, of %d: %d given, %q %v", name, messages, len(got), gaps, err)
			}
		}
	}
}

// A mail folder that is something else when its turn comes is an error: what was in it
// is not known.
func TestAMailFolderThatBecomesSomethingElseIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(path string) error
		code string
	}{
		"a link inside":  {func(p string) error { return os.Symlink(".B", p) }, "source.outside"},
		"a link outside": {func(p string) error { return os.Symlink("/etc", p) }, "source.outside"},
		"a pipe":         {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "source.not_a_file"},
	} {
		for _, what := range []string{".C", ".C/cur"} {
			dir := t.TempDir()
			h := home(dir, owner)
			lay(t, h, "", "cur/1", day(2), mail(day(2), "one"))
			lay(t, h, ".B", "cur/2", day(2), mail(day(2), "two"))
			lay(t, h, ".C", "cur/3", day(2), mail(day(2), "three"))
			done := false
			_, _, err := collect(t, open(t, dir), source.Query{Account: owner}, func(source.Item) {
				if !done {
					done = true
					p := filepath.Join(h, what)
					must(t, errors.Join(os.Rename(p, filepath.Join(dir, "was")), c.put(p)))
				}
			})
			if problem.Code(err) != c.code {
				t.Errorf("%s in the place of %s: %v", name, what, err)
			}
		}
	}
}

func TestAnAccountHasTheNameThatIsStated(t *testing.T) {
	dir := t.TempDir()
	lay(t, filepath.Join(dir, "june"), "", "cur/1", day(1), mail(day(1), "june's"))
	s, err := maildir.New(maildir.Config{Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"ac-june-1": "june", "ac-gone-2": "gone"}})
	must(t, err)
	if got, _, err := collect(t, s, source.Query{Account: "ac-june-1"}, nil); err != nil || len(got) != 1 {
		t.Error(got, err)
	}
	for _, a := range []scope.AccountID{"june", "ac-gone-2", "", "../june"} {
		if _, _, err := collect(t, s, source.Query{Account: a}, nil); problem.Code(err) != "source.unknown_account" {
			t.Errorf("%q: %v", a, err)
		}
	}
	must(t, os.Mkdir(filepath.Join(dir, "gone"), 0o700))
	if _, _, err := collect(t, s, source.Query{Account: "ac-gone-2"}, nil); problem.Code(err) != "source.unreadable" {
		t.Errorf("a folder that is no Maildir: %v", err)
	}
	for _, cfg := range []maildir.Config{{Folder: "{account}"}, {Root: dir}, {Root: dir, Folder: "../{account}"}, {Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"acc-1": "../x"}},
		{Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"acc-1": "a\x00"}}, {Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"acc-1": strings.Repeat("x", 5000)}},
		{Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"acc-1": ""}}, {Root: dir, Folder: "{account}", Accounts: map[scope.AccountID]string{"A": "x"}}} {
		if _, err := maildir.New(cfg); problem.Code(err) != "source.config" {
			t.Errorf("%.100v: %v", cfg, err)
		}
	}
}

func TestAProbeMissesTheStore(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "home"), 0o700))
	must(t, open(t, dir).Probe(t.Context()))
	must(t, os.Remove(filepath.Join(dir, "home")))
	if err := open(t, dir).Probe(t.Context()); problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
}
