package gate_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"counterseal/internal/evidence"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/prosody"
	"counterseal/internal/gate/source/provider"
	"counterseal/internal/gate/source/records"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

// A place is how a store is opened, also in another process.
type place struct {
	Form, Address, Secret, Connection, Dir string
	Argv                                   []string
}

// A far store is one that a program reads which nobody here wrote, with things of
// acct-a1's in it.
type far struct {
	place
	service  scope.Service
	category scope.Category
	planted  int             // how many things
	server   *servers.Server // nil: none
	restart  func()          // it serves again; nil: server.Start
	mark     string          // matches strace's words for what is the store's
	pooled   bool            // it is spoken to by threads that the runtime chooses
	again    bool            // a line that breaks is taken up
	swell    func()          // makes it hold more than lines and buffers do; nil: it does
}

// served says that a server gives a store, and not a program or a file.
func served(name string) bool { return name != "program" && !strings.Contains(name, "sqlite") }

// fars makes each of them.
var fars = map[string]func(*testing.T) *far{
	"s3": func(t *testing.T) *far {
		dir := t.TempDir()
		f := &far{service: scope.Files, category: scope.Content}
		f.inFolder(t, filepath.Join(dir, "store", "home", "acct-a1"))
		return f.servedBy(t, "s3", servers.S3(t, dir))
	},
	"webdav": func(t *testing.T) *far {
		dir := t.TempDir()
		f := &far{service: scope.Files, category: scope.Content}
		f.inFolder(t, filepath.Join(dir, "store", "home", "acct-a1"))
		return f.servedBy(t, "webdav", servers.WebDAV(t, dir))
	},
	"imap": func(t *testing.T) *far {
		d := servers.Mail(t, t.TempDir(), servers.Alone, "acct-a1")
		f := &far{service: scope.Mail, category: scope.Content, planted: 6}
		for i := range f.planted {
			at := thatJanuary(i)
			d.Deliver(t, "acct-a1", []string{"", ".old"}[i/4], at, []byte(fmt.Sprintf("Received: from a by b; %[1]s\nDate: %[1]s\nFrom: a@far.example\nTo: ada@lindworm.example\nSubject: %[2]d\n\n", at.Format(time.RFC1123Z), i)+filler(i)))
		}
		d.Chown(t)
		f = f.servedBy(t, "imap", d.Server)
		f.Secret = d.Password
		return f
	},
	"records in postgresql": func(t *testing.T) *far {
		p := servers.PostgreSQL(t)
		f := &far{service: scope.Records, category: scope.Identification, planted: 60, restart: p.Start}
		rows(t, "pgx", p.Connection, "CREATE TABLE sessions (account text, login_at timestamp, agent text)", "INSERT INTO sessions VALUES ($1, $2, $3)", f.planted, func(i int) []any {
			return []any{"acct-a1", thatJanuary(i).Format(time.DateTime), filler(i)}
		})
		f = f.servedBy(t, "records", p.Server)
		f.Connection = p.Connection
		f.swell = func() {
			f.planted += 120
			rows(t, "pgx", p.Connection, "", "INSERT INTO sessions VALUES ($1, $2, $3)", 120, func(i int) []any {
				return []any{"acct-a1", thatJanuary(i).Format(time.DateTime), strings.Repeat(filler(i), 80)}
			})
		}
		return f
	},
	"archive of prosody in postgresql": func(t *testing.T) *far {
		p := servers.PostgreSQL(t)
		f := &far{service: scope.Messages, category: scope.Content, planted: 40, restart: p.Start}
		stanzas(t, "pgx", p.Connection, "sort_id SERIAL", f.planted, 1)
		f = f.servedBy(t, "archive", p.Server)
		f.Connection = p.Connection
		f.swell = func() { f.planted += 120; stanzas(t, "pgx", p.Connection, "", 120, 80) }
		return f
	},
	"archive of prosody in sqlite": func(t *testing.T) *far {
		dir := t.TempDir()
		f := &far{service: scope.Messages, category: scope.Content, planted: 40, mark: `prosody\.sqlite`, place: place{Form: "archive", Dir: dir}}
		stanzas(t, "sqlite", "file:"+filepath.Join(dir, "prosody.sqlite"), "sort_id INTEGER PRIMARY KEY AUTOINCREMENT", f.planted, 1)
		return f
	},
	"program": func(t *testing.T) *far {
		dir := t.TempDir()
		f := &far{service: scope.Mail, category: scope.Content, mark: `pipe:\[`, place: place{Form: "program", Argv: []string{exampleProgram(t), dir}}}
		f.inFolder(t, filepath.Join(dir, "acct-a1"))
		return f
	},
}

// thatJanuary is a time that the grant of the tests asks for.
func thatJanuary(i int) time.Time {
	return gatetest.Mail("acct-a1").From.Add(time.Duration(i+1) * time.Hour)
}

// filler is a text of its own, and of a length of its own, for each thing.
func filler(i int) string {
	return strings.Repeat(fmt.Sprintf("what stands in number %d of them\n", i), 20+i%5*15)
}

// inFolder lays files, one of them too large for one read.
func (f *far) inFolder(t *testing.T, dir string) {
	t.Helper()
	f.planted = 6
	for i := range f.planted {
		path := filepath.Join(dir, fmt.Sprintf("%d.txt", i))
		if f.service == scope.Files {
			path = filepath.Join(dir, []string{"", "deeper"}[i/4], fmt.Sprintf("%d.txt", i))
		}
		text := filler(i)
		if i == 2 {
			text = strings.Repeat(text, 200)
		}
		at := thatJanuary(i)
		if err := errorsOf(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *far) servedBy(t *testing.T, form string, s *servers.Server) *far {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	f.Form, f.Address, f.Secret, f.server = form, s.Address, servers.Secret(t), s
	if f.restart == nil {
		f.restart = s.Start
	}
	f.pooled = f.service == scope.Files // by HTTP
	f.again = f.pooled || form == "imap"
	f.mark = fmt.Sprintf(`htons\(%[1]s\)|->[0-9.]+:%[1]s\]`, port)
	return f
}

// rows makes a table, and puts rows into it.
func rows(t *testing.T, driver, at, create, insert string, n int, values func(int) []any) {
	t.Helper()
	db, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if create != "" {
		if _, err := db.Exec(create); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if _, err := db.Exec(insert, values(i)...); err != nil {
			t.Fatal(err)
		}
	}
}

// stanzas makes the table of mod_storage_sql, unless it is there, and puts messages into
// it, each of so many texts.
func stanzas(t *testing.T, driver, at, id string, n, texts int) {
	t.Helper()
	create := ""
	if id != "" {
		create = "CREATE TABLE prosodyarchive (" + id + `, "host" TEXT, "user" TEXT, "store" TEXT, "key" TEXT, "when" INTEGER, "with" TEXT, "type" TEXT, "value" TEXT)`
	}
	rows(t, driver, at, create,
		`INSERT INTO prosodyarchive ("host", "user", "store", "key", "when", "with", "type", "value") VALUES ('chat.example', 'acct-a1', 'archive', $1, $2, 'far@far.example', 'xml', $3)`, n, func(i int) []any {
			return []any{fmt.Sprint("k", texts, "-", i), thatJanuary(i).Unix(), "<message from='far@far.example/x' to='acct-a1@chat.example'><body>" + strings.Repeat(filler(i), texts) + "</body></message>"}
		})
}

// exampleProgram writes the program of docs/source-protocol.md.
func exampleProgram(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("SKIPPED: python3 is not installed: apt-get install python3")
	}
	page, err := os.ReadFile("../../docs/source-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```python example.py\n")
	text, _, ok := strings.Cut(rest, "```")
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil || !ok {
		t.Fatal(err, ok)
	}
	return path
}

// state is the place, for another process.
func (f *far) state() string { return string(must(json.Marshal(f.place))) }

// storeAt opens a store.
func storeAt(t *testing.T, state string, patience time.Duration) source.Source {
	t.Helper()
	var p place
	if err := json.Unmarshal([]byte(state), &p); err != nil {
		t.Fatal(err)
	}
	src, err := p.open(patience)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (p place) open(patience time.Duration) (source.Source, error) {
	server := wire.Server{Address: p.Address, Security: wire.None, Patience: patience}
	rows := table.Config{Form: table.Postgres, Connection: p.Connection, Patience: patience}
	switch p.Form {
	case "s3":
		return objects.New(objects.Config{Form: objects.S3, Server: server, Bucket: "store", Folder: "home/{account}", User: "gate", Password: p.Secret})
	case "webdav":
		return objects.New(objects.Config{Form: objects.WebDAV, Server: server, Base: "dav/store", Folder: "home/{account}", User: "gate", Password: p.Secret})
	case "imap":
		return imap.New(imap.Config{Server: server, User: "{account}*gate", Password: p.Secret})
	case "records":
		rows.Query = "SELECT * FROM sessions WHERE account = $1"
		return records.New(records.Config{Store: "sessions", Table: rows, Account: "account", Columns: map[string]table.Column{"login_at": {Zone: "UTC"}},
			Groups: []records.Group{{Category: scope.Identification, Time: "login_at", Fields: []table.Mapping{{Field: "session_start", Column: "login_at"}, {Field: "device", Column: "agent"}}}}})
	case "archive":
		if p.Dir != "" {
			rows = table.Config{Form: table.SQLite, Root: p.Dir, Files: []string{"prosody.sqlite"}, Patience: patience}
		}
		return prosody.New(prosody.Config{Store: "chat", Host: "chat.example", Table: rows})
	case "program":
		return provider.New(provider.Config{Store: "tickets", Service: scope.Mail, Categories: []scope.Category{scope.Content}, Argv: p.Argv, Patience: patience})
	}
	return nil, fmt.Errorf("form %q", p.Form)
}

// holds reads the store itself and gives the digests of what a package must hold.
func (f *far) holds(t *testing.T, src source.Source) map[[32]byte]int {
	t.Helper()
	want, n := map[[32]byte]int{}, 0
	sel := f.selector()
	err := src.Items(context.Background(), source.Query{Account: "acct-a1", From: sel.From, Until: sel.Until}, func(it source.Item) error {
		if it.Category != f.category {
			return nil
		}
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		want[sha256.Sum256(b)]++
		n++
		return errors.Join(err, r.Close())
	}, func(g source.Gap) error { return fmt.Errorf("gap %+v", g) })
	if err != nil || n != f.planted {
		t.Fatalf("%d of %d things that were planted, %v", n, f.planted, err)
	}
	return want
}

func (f *far) selector() scope.Selector {
	s := gatetest.Mail("acct-a1")
	s.Service, s.Category = f.service, f.category
	return s
}

// asked is a grant for what lies in the store.
func (f *far) asked(g grant.Grant) grant.Grant {
	g.Scope = scopeOf(f.selector())
	g.Compelled = g.Scope
	return g
}

// allServices lets a world's accounts have every kind of data.
func allServices(w *gatetest.World) {
	for i := range w.First.Accounts {
		w.First.Accounts[i].Services = scope.Services
	}
	w.Reword(w.First)
}

// isHonest holds the one package to what the store holds: nothing else is in it, and
// what is missing is listed. It gives how many are.
func (s *scene) isHonest(want map[[32]byte]int) (missing int) {
	s.t.Helper()
	bag := s.bag()
	left := map[[32]byte]int{}
	n := 0
	for k, v := range want {
		left[k] = v
		n += v
	}
	for _, line := range strings.Split(strings.TrimSpace(bag[evidence.ItemsFile]), "\n") {
		var row evidence.ItemRow
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			s.t.Fatal(err)
		}
		d := sha256.Sum256([]byte(bag[row.Path]))
		if left[d]--; left[d] < 0 {
			s.t.Errorf("%s is not what the store holds, or is in the package twice", row.Path)
		}
		n--
	}
	withheld := strings.Count(bag[evidence.WithheldFile], "\n")
	if n != withheld {
		s.t.Errorf("%d things are missing, and %d are said to be: %s", n, withheld, bag[evidence.WithheldFile])
	}
	return withheld
}

// holdsFar holds what a release from a store gave, and says what it was. storeAlone says
// that nothing but the store was harmed.
func (s *scene) holdsFar(f *far, want map[[32]byte]int, well, storeAlone bool) (outcome string) {
	s.t.Helper()
	st, err := s.gate.Status(ctx, "g-1")
	out := s.out()
	if err != nil || s.staging() != 0 || (st.State == gate.Released) != (len(out) == 1) || well && st.State != gate.Released {
		s.t.Fatalf("reported as well: %v; %+v, %v; staging %d, visible %v", well, st, err, s.staging(), out)
	}
	outcome = string(st.State)
	switch st.State {
	case gate.Released:
		if r := s.verified(out[0], s.Agency); !r.Complete {
			s.t.Errorf("not complete: %+v", r)
		}
		if s.isHonest(want) > 0 {
			outcome = "released, and says what is missing"
		}
	case gate.Refused:
		outcome += ": " + st.Code
		if storeAlone && st.Code != "gate.incomplete" {
			s.t.Errorf("the store alone was harmed, and the gate says %s", st.Code)
		}
		if st.Code == "gate.incomplete" && s.docket.asked != 0 {
			s.t.Error("the docket was asked about what was not read to its end")
		}
	case gate.Offered, gate.Interrupted, gate.Unknown:
	default:
		s.t.Errorf("state %s", st.State)
	}
	if st.State != gate.Released && st.State != gate.Offered {
		if _, err := s.gate.Release(ctx, "g-1"); err == nil || len(s.out()) != 0 {
			s.t.Errorf("a spent grant is released: %v", s.out())
		}
	}
	s.later(f, want)
	return outcome
}

// later holds that a new grant of the same data is released whole.
func (s *scene) later(f *far, want map[[32]byte]int) {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.dir, "out", "k7wq-93_g-1")); err != nil { // so that the next is the only one
		s.t.Fatal(err)
	}
	if _, err := s.released(f.asked(s.Grant(2))); err != nil {
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			s.t.Errorf("the next grant: %v", cause)
		}
		return
	}
	if missing := s.isHonest(want); missing > 0 {
		s.t.Errorf("the next package lacks %d", missing)
	}
}
