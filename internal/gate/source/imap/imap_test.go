package imap_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const alice scope.AccountID = "acc-alice-1"

func day(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }

func mail(at time.Time, subject string) []byte {
	return fmt.Appendf(nil, "Received: from a by b; %s\nDate: %s\nFrom: a@sender.example\nTo: b@customer.example\nSubject: %s\n\nbody\n",
		at.Format(time.RFC1123Z), at.Format(time.RFC1123Z), subject)
}

// collect gives "place: subject" of each item.
func collect(t testing.TB, s source.Source, q source.Query, during func(place string)) (out, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), q, func(it source.Item) error {
		place, _, _ := strings.Cut(it.Name, ";")
		if during != nil {
			during(place)
		}
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		_, subject, _ := bytes.Cut(b, []byte("Subject: "))
		subject, _, _ = bytes.Cut(subject, []byte("\r\n"))
		out = append(out, place+": "+string(subject))
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, gaps, err
}

// stage is a server with some mail folders of Alice's.
func stage(t testing.TB, further string) *dovecot {
	t.Helper()
	dir := t.TempDir()
	d := serve(t, dir, further)
	d.Deliver(t, string(alice), "", day(1), mail(day(1), "one"))
	d.Deliver(t, string(alice), "", day(2), mail(day(2), "two"))
	d.Deliver(t, string(alice), ".Arkiv.&AOY-lv", day(3), mail(day(3), "elf"))
	d.Deliver(t, string(alice), ".a \\\"q\"", day(3), mail(day(3), "quoted"))
	d.Deliver(t, "acc-bob-2", "", day(1), mail(day(1), "bob's"))
	d.Chown(t)
	return d
}

func TestMailFoldersAreReadWithTheirNamesInOrder(t *testing.T) {
	d := stage(t, servers.Alone)
	got, gaps, err := collect(t, d.source(t, nil), source.Query{Account: alice}, nil)
	want := []string{"Arkiv/ælv: elf", "INBOX: one", "INBOX: two", `a \"q": quoted`}
	if d := cmp.Diff(want, got); d != "" || err != nil || len(gaps) > 0 {
		t.Error(err, gaps, d)
	}
}

// What a mail program could see, and what Dovecot itself keeps of the messages.
func (d *dovecot) state(t testing.TB) (out []string) {
	t.Helper()
	out = append(out, lines(d.Doveadm(t, nil, "fetch", "-u", string(alice), "mailbox uid guid flags modseq date.received date.saved size.physical size.virtual", "all"))...)
	out = append(out, lines(d.Doveadm(t, nil, "mailbox", "status", "-u", string(alice), "all", "*"))...)
	return out
}

func TestNoFlagNoDateAndNothingInDovecotsIndexChanges(t *testing.T) {
	d := stage(t, servers.Alone)
	fresh := filepath.Join(d.Mail, string(alice), "new", "1772000999.M1P1.host")
	must(t, os.WriteFile(fresh, mail(day(5), "nobody has seen it"), 0o600))
	must(t, errors.Join(os.Chtimes(fresh, day(5), day(5)), os.Chown(fresh, 65534, 65534)))
	// The records of each message, and what the index's header says of them; not how
	// far Dovecot has written its log, in which it notes what of a message it has cached,
	// nor when it last compared the folders with the index, which is each time anybody
	// opens the mailbox in another second.
	index := func() (out []string) {
		for _, l := range lines(d.Doveadm(t, nil, "dump", "-t", "index", filepath.Join(d.Own, "index", string(alice), ".INBOX"))) {
			if strings.Contains(l, "_check_time") || strings.Contains(l, "log file head offset") || strings.Contains(l, "log file tail offset") {
				continue
			}
			if !strings.Contains(l, "log_file") && !strings.Contains(l, "log_seq") && !strings.Contains(l, "log_offset") && !strings.Contains(l, "cache") && !strings.Contains(l, "hdr.") || strings.Contains(l, "next_uid") || strings.Contains(l, "recent") || strings.Contains(l, "seen_messages") {
				out = append(out, l)
			}
		}
		return out
	}
	s := d.source(t, nil)
	if got, _, err := collect(t, s, source.Query{Account: alice}, nil); err != nil || len(got) != 5 { // the index is made
		t.Fatal(got, err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a message that is new is no longer: %v", err)
	}
	before, records := d.state(t), index()
	if len(records) < 10 {
		t.Fatalf("doveadm dump: %q", records)
	}
	if got, _, err := collect(t, s, source.Query{Account: alice}, nil); err != nil || len(got) != 5 {
		t.Fatal(got, err)
	}
	after, again := d.state(t), index()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(records, again); diff != "" {
		t.Error(diff)
	}
}

func TestOtherPeoplesMailInASharedNamespaceIsNotRead(t *testing.T) {
	d := stage(t, others)
	d.Doveadm(t, nil, "acl", "set", "-u", "acc-bob-2", "INBOX", "user=acc-alice-1", "lookup", "read")
	visible := d.Doveadm(t, nil, "mailbox", "list", "-u", string(alice))
	if !strings.Contains(visible, "others/acc-bob-2") {
		t.Fatalf("the shared folder is not visible, so nothing is tested: %s", visible)
	}
	got, _, err := collect(t, d.source(t, nil), source.Query{Account: alice}, nil)
	if err != nil || len(got) != 4 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "bob") }) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAChangeOfUIDVALIDITYWhileReadingIsReported(t *testing.T) {
	d := stage(t, servers.Alone)
	once := false
	_, _, err := collect(t, d.source(t, nil), source.Query{Account: alice}, func(place string) {
		if !once && place == "INBOX" {
			d.Doveadm(t, nil, "mailbox", "update", "-u", string(alice), "--uid-validity", "77777", "INBOX")
			once = true
		}
	})
	if c := problem.Code(err); c != "source.changed" && c != "source.unreadable" {
		t.Errorf("%v", err)
	}
	t.Log(err)
}

func TestWhatComesOrGoesMeanwhileIsSeen(t *testing.T) {
	asked := source.Query{Account: alice, From: day(1), Until: day(10)}
	for name, c := range map[string]struct {
		during func(d *dovecot)
		code   string
	}{
		"one that matters comes": {func(d *dovecot) { d.Deliver(t, string(alice), "", day(3), mail(day(3), "late")) }, "source.changed"},
		"one for later comes":    {func(d *dovecot) { d.Deliver(t, string(alice), "", day(20), mail(day(20), "late")) }, ""},
		"a mail folder comes":    {func(d *dovecot) { d.Doveadm(t, nil, "mailbox", "create", "-u", string(alice), "Fresh") }, "source.changed"},
		"the inbox is emptied":   {func(d *dovecot) { d.Doveadm(t, nil, "expunge", "-u", string(alice), "mailbox", "INBOX", "all") }, "source.changed"},
		"flags are set":          {func(d *dovecot) { d.Doveadm(t, nil, "flags", "add", "-u", string(alice), `\Deleted`, "all") }, ""},
	} {
		d := stage(t, servers.Alone)
		first := true
		got, _, err := collect(t, d.source(t, nil), asked, func(place string) {
			if first && place == "INBOX" {
				c.during(d)
				first = false
			}
		})
		if c.code == "" && (err != nil || len(got) != 4) || c.code != "" && problem.Code(err) != c.code {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestTheServersCertificateIsChecked(t *testing.T) {
	d := stage(t, servers.Alone)
	pinned := filepath.Join(d.Own, "cert.pem")
	for name, c := range map[string]struct {
		change func(*imap.Config)
		code   string
	}{
		"tls, pinned": {func(c *imap.Config) {
			c.Server = wire.Server{Address: fmt.Sprint("localhost:", d.TLS), Security: wire.TLS, CA: pinned}
		}, ""},
		"starttls, pinned": {func(c *imap.Config) {
			c.Server = wire.Server{Address: fmt.Sprint("localhost:", d.Port), Security: wire.StartTLS, CA: pinned}
		}, ""},
		"tls, not pinned": {func(c *imap.Config) {
			c.Server = wire.Server{Address: fmt.Sprint("localhost:", d.TLS), Security: wire.TLS}
		}, "source.unreadable"},
		"starttls, not": {func(c *imap.Config) {
			c.Server = wire.Server{Address: fmt.Sprint("localhost:", d.Port), Security: wire.StartTLS}
		}, "source.unreadable"},
	} {
		got, _, err := collect(t, d.source(t, c.change), source.Query{Account: alice}, nil)
		if problem.Code(err) != c.code && !(c.code == "" && err == nil) || err == nil && len(got) != 4 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	s := d.source(t, nil)
	must(t, s.Probe(t.Context()))
	if _, _, err := collect(t, s, source.Query{Account: "acc-carol-3"}, nil); problem.Code(err) != "source.login" {
		t.Errorf("a stated account that the server does not have: %v", err)
	}
	if _, _, err := collect(t, s, source.Query{Account: "acc-dora-4"}, nil); problem.Code(err) != "source.unknown_account" {
		t.Errorf("an account that is not stated: %v", err)
	}
	must(t, os.WriteFile(d.Password, []byte("wrong"), 0o600))
	if _, _, err := collect(t, s, source.Query{Account: alice}, nil); problem.Code(err) != "source.login" {
		t.Errorf("a wrong password: %v", err)
	}
	must(t, os.Chmod(d.Password, 0o644))
	if _, _, err := collect(t, s, source.Query{Account: alice}, nil); problem.Code(err) != "source.secret" || s.Probe(t.Context()) == nil {
		t.Errorf("a password for everybody to read: %v", err)
	}
}

func TestAConfigurationOfAServerHoldsTogether(t *testing.T) {
	for name, change := range map[string]func(*imap.Config){
		"no server":       func(c *imap.Config) { c.Server.Address = "" },
		"no tls far away": func(c *imap.Config) { c.Server.Address = "mail.cloud.example:143" },
		"no password":     func(c *imap.Config) { c.Password = "" },
		"no account":      func(c *imap.Config) { c.User = "gate" },
		"a line end":      func(c *imap.Config) { c.User = "{account}\r\nx" },
		"a NUL in a name": func(c *imap.Config) { c.Accounts = map[scope.AccountID]string{"acc-1": "a\x00gate"} },
	} {
		cfg := imap.Config{Server: wire.Server{Address: "127.0.0.1:143", Security: wire.None}, User: "{account}*gate", Password: "/etc/x"}
		change(&cfg)
		if _, err := imap.New(cfg); problem.Code(err) != "source.config" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
