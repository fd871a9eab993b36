package prosody_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/prosody"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func config(dir string) prosody.Config {
	return prosody.Config{Store: "chat", Host: "chat.example", Table: table.Config{Form: table.SQLite, Root: dir, Files: []string{"prosody.sqlite"}}}
}

func open(t testing.TB, cfg prosody.Config) *prosody.Source {
	t.Helper()
	s, err := prosody.New(cfg)
	must(t, err)
	return s
}

// fill adds rows to a database of Prosody's form.
func fill(t testing.TB, dir string, rows func(insert func(host, user, store, key string, when any, with, kind, value string))) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "prosody.sqlite"))
	must(t, err)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS prosodyarchive ("sort_id" INTEGER PRIMARY KEY AUTOINCREMENT, "host" TEXT NOT NULL, "user" TEXT NOT NULL, "store" TEXT NOT NULL, "key" TEXT NOT NULL,
		"when" INTEGER NOT NULL, "with" TEXT NOT NULL, "type" TEXT NOT NULL, "value" MEDIUMTEXT NOT NULL)`)
	must(t, err)
	tx, err := db.Begin()
	must(t, err)
	rows(func(host, user, store, key string, when any, with, kind, value string) {
		_, err := tx.Exec(`INSERT INTO prosodyarchive (host, user, store, key, "when", "with", type, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, host, user, store, key, when, with, kind, value)
		must(t, err)
	})
	must(t, tx.Commit())
}

func add(t testing.TB, dir string, all []sourcetest.Planted) {
	fill(t, dir, func(insert func(host, user, store, key string, when any, with, kind, value string)) {
		for i, m := range all {
			insert("chat.example", string(m.Account), "archive", fmt.Sprintf("%d-%d", m.Received.Unix(), i), m.Received.Unix(), "writer@far.example", "xml", string(m.Bytes))
		}
	})
}

func TestAnArchiveKeepsTheContract(t *testing.T) {
	path := func(dir string) string { return filepath.Join(dir, "prosody.sqlite") }
	sourcetest.Run(t, sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, all []sourcetest.Planted) source.Source {
			add(t, dir, all)
			return open(t, config(dir))
		},
		Plant: func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
			var b bytes.Buffer
			fmt.Fprintf(&b, "<message xmlns='jabber:client' from='writer@far.example/phone' to='%s@chat.example' type='chat'><body>", account)
			must(t, xml.EscapeText(&b, body))
			b.WriteString("</body></message>")
			return sourcetest.Planted{Account: account, Received: sourcetest.At(n), Participants: []string{"writer@far.example", string(account) + "@chat.example"}, Bytes: b.Bytes(), Body: body}
		},
		Text: true, Longest: 200_000, Category: scope.Content, Snapshot: true,
		Damage: func(t testing.TB, dir string, _ scope.AccountID) {
			must(t, errors.Join(os.Remove(path(dir)), os.Mkdir(path(dir), 0o700)))
		},
		Link: func(t testing.TB, dir, outside string, _ scope.AccountID) {
			moved := filepath.Join(outside, "moved")
			must(t, errors.Join(os.Rename(path(dir), moved), os.Symlink(moved, path(dir))))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			db, err := sql.Open("sqlite", path(dir))
			must(t, err)
			defer db.Close()
			_, err = db.Exec(`INSERT INTO prosodyarchive (host, user, store, key, "when", "with", type, value) VALUES ('chat.example', ?, 'archive', 'late', ?, 'a@b', 'xml', ?)`, string(m.Account), m.Received.Unix(), string(m.Bytes))
			if err != nil && !strings.Contains(err.Error(), "locked") {
				t.Fatal(err)
			}
		},
	})
}

func collect(t testing.TB, s source.Source, a scope.AccountID) (out, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), source.Query{Account: a}, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		out = append(out, fmt.Sprint(it.Category, " ", strings.Join(it.Participants, ","), " ", strings.TrimSpace(string(b))))
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, gaps, err
}

func TestWhatIsNoStanzaIsAGapAndOtherHostsAreNotRead(t *testing.T) {
	dir := t.TempDir()
	const good = `<message from="a@b/c" to="ac-june@chat.example"/>`
	fill(t, dir, func(insert func(host, user, store, key string, when any, with, kind, value string)) {
		insert("chat.example", "ac-june", "archive", "k1", 1_800_000_000, "a@b", "xml", good)
		insert("other.example", "ac-june", "archive", "k2", 1_800_000_000, "a@b", "xml", good)
		insert("chat.example", "ac-june2", "archive", "k3", 1_800_000_000, "a@b", "xml", good)
		insert("chat.example", "ac-june", "muc_log", "k4", 1_800_000_000, "a@b", "xml", good)
		for _, bad := range []string{"", "text", "<a>", "<a/><b/>", "<a></b></a></c>", "<!DOCTYPE a><a/>", "<a/>text", "\x00", "<a b=c/>", `<message from="a@b" from="c@d" to="ac-june@chat.example"/>`, "<a><b></a></b>"} {
			insert("chat.example", "ac-june", "archive", "k5", 1_800_000_000, "a@b", "xml", bad)
		}
		insert("chat.example", "ac-june", "archive", "k6", 1_800_000_000, "a@b", "json", "{}")
		insert("chat.example", "ac-june", "archive", "k7", -5, "a@b", "xml", good)
		insert("chat.example", "ac-june", "archive", "k8", 1_800_000_000, "a b", "xml", good)
	})
	got, gaps, err := collect(t, open(t, config(dir)), "ac-june")
	must(t, err)
	want := []string{"content ac-june@chat.example,a@b,a@b,ac-june@chat.example " + good,
		`traffic ac-june@chat.example,a@b,a@b,ac-june@chat.example {"id":"k1","received":"2027-01-15T08:00:00Z","with":"a@b","from":"a@b/c","to":"ac-june@chat.example"}`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(gaps) != 14 || !strings.HasPrefix(gaps[0], "source.stanza at chat: ") {
		t.Errorf("%q", gaps)
	}
}

// Prosody itself writes the archive.
func TestMessagesThatProsodyArchivedAreRead(t *testing.T) {
	server := servers.Prosody(t, "june", "mercer")
	dir := server.Dir
	june := dial(t, server.Address, "june")
	defer june.Close()
	june.say(t, `<message to='mercer@chat.example' type='chat' id='m1'><body>Tea at four? &amp; cake</body></message>`)
	june.say(t, `<message to='mercer@chat.example' type='chat' id='m2'><body>ælv 日本</body></message>`)
	june.say(t, `<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>`)
	june.until(t, "id='last'")
	cfg := config(dir)
	cfg.Accounts = map[scope.AccountID]string{"ac-june-1": "june", "ac-mercer-2": "mercer", "ac-none-3": "none"}
	var got, gaps []string
	var err error
	for range 50 { // Prosody writes after it has answered
		got, gaps, err = collect(t, open(t, cfg), "ac-mercer-2")
		if err == nil && len(got) == 4 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil || len(got) != 4 || len(gaps) > 0 || !strings.Contains(got[0], "Tea at four? &amp; cake") || !strings.Contains(got[2], "ælv 日本") || !strings.HasPrefix(got[0], "content mercer@chat.example,june@chat.example,") {
		t.Fatalf("%q %q %v", got, gaps, err)
	}
	if !strings.Contains(got[1], `"with":"june@chat.example"`) || strings.Contains(got[1], "Tea") {
		t.Errorf("traffic: %s", got[1])
	}
	if got, _, err := collect(t, open(t, cfg), "ac-june-1"); err != nil || len(got) != 4 {
		t.Errorf("the sender's copies: %q %v", got, err)
	}
	if got, _, err := collect(t, open(t, cfg), "ac-none-3"); err != nil || len(got) != 0 {
		t.Errorf("%q %v", got, err)
	}
	must(t, open(t, cfg).Probe(t.Context()))
}

// A client speaks just enough XMPP to send.
type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, address, name string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	c := &client{conn, bufio.NewReader(conn)}
	const stream = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='chat.example' version='1.0'>`
	c.say(t, stream)
	c.until(t, "</stream:features>")
	c.say(t, `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>`+base64.StdEncoding.EncodeToString([]byte("\x00"+name+"\x00secret"))+`</auth>`)
	c.until(t, "<success")
	c.say(t, stream)
	c.until(t, "</stream:features>")
	c.say(t, `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`)
	c.until(t, "</iq>")
	return c
}

func (c *client) say(t *testing.T, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	must(t, err)
}

// until reads up to a text.
func (c *client) until(t *testing.T, text string) {
	t.Helper()
	var b []byte
	for !bytes.HasSuffix(b, []byte(text)) {
		x, err := c.r.ReadByte()
		if err != nil {
			t.Fatalf("waiting for %q: %v after %q", text, err, b)
		}
		b = append(b, x)
	}
}

func TestAConfigurationOfAnArchiveHoldsTogether(t *testing.T) {
	for name, change := range map[string]func(*prosody.Config){
		"no name": func(c *prosody.Config) { c.Store = "" }, "no host": func(c *prosody.Config) { c.Host = "" }, "a quote in the host": func(c *prosody.Config) { c.Host = "a' OR 'x" },
		"a file of rows": func(c *prosody.Config) { c.Table.Form = table.CSV }, "a query": func(c *prosody.Config) { c.Table.Query = "SELECT 1" },
		"a user whom Prosody writes otherwise": func(c *prosody.Config) { c.Accounts = map[scope.AccountID]string{"acc-1": "Alice"} },
		"a user with a host":                   func(c *prosody.Config) { c.Accounts = map[scope.AccountID]string{"acc-1": "a@b"} },
	} {
		c := config("/srv")
		change(&c)
		if _, err := prosody.New(c); problem.Code(err) != "source.config" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
