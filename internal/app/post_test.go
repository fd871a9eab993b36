package app_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/problem"
)

// mailServer is a real SMTP server that keeps what it takes.
type mailServer struct {
	mu    sync.Mutex
	to    []string
	taken [][]byte
	drop  bool // ends the connection when it has read a mail
}

type mailSession struct {
	*mailServer
	conn *smtp.Conn
	rcpt string
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.rcpt = to
	return nil
}
func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drop {
		s.conn.Conn().Close()
		return errors.New("gone")
	}
	s.to, s.taken = append(s.to, s.rcpt), append(s.taken, b)
	return nil
}

func (s *mailServer) letters() ([]string, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, m := range s.taken {
		text, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(m)))
		texts = append(texts, string(text))
	}
	return s.to, texts
}

// officeWithMail is the demo's folder, its letters sent by a real server.
func officeWithMail(t *testing.T, s *mailServer) (*demo.Stage, app.Staff) {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &mailSession{mailServer: s, conn: c}, nil }))
	server.Domain = "sink.example"
	go server.Serve(door)
	t.Cleanup(func() { door.Close(); server.Close() })
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(stage.Folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	config = append(config, "\n[notice.mail]\nserver = \""+door.Addr().String()+"\"\nfrom = \"letters@nordwind.example\"\ntls = \"none\"\n"...)
	agencies, err := os.ReadFile(stage.Folder.Agencies())
	if err != nil {
		t.Fatal(err)
	}
	agencies = bytes.Replace(agencies, []byte("country = \"US\"\n"), []byte("country = \"US\"\nmail = \"clerk@court.example\"\n"), 1)
	for path, text := range map[string][]byte{stage.Folder.Config(): config, stage.Folder.Agencies(): agencies} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o, err := app.Open(t.Context(), stage.Folder, app.Options{Clock: app.NewClock(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return stage, app.Staff{Office: o}
}

// seated signs the charter: letters to authorities are sent by who holds a seat.
func seated(t *testing.T, stage *demo.Stage, v app.Staff) {
	t.Helper()
	if err := stage.Sign(v.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.InitGate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func spooled(t *testing.T, f app.Folder) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.Spool(), "*", "letter.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestWhereAServerIsNamedACustomerIsToldByMailAndNotByPost(t *testing.T) {
	s := &mailServer{}
	stage, v := officeWithMail(t, s)
	seated(t, stage, v)
	id := decided(t, stage, v, 1)
	tellable(t, v, id)
	to, texts := s.letters()
	if len(to) != 1 || to[0] != "june.hartwell@nordwind.example" || !strings.Contains(texts[0], string(id)) || !strings.Contains(texts[0], "letter.pdf") {
		t.Fatalf("%q %.400q", to, texts)
	}
	if subject := texts[0][strings.Index(texts[0], "Subject:"):]; strings.Contains(subject[:strings.Index(subject, "\n")], string(id)) {
		t.Error("the subject says which demand")
	}
	if n := spooled(t, stage.Folder); n != 0 {
		t.Fatalf("%d letters lie in the spool too", n)
	}
	if err := v.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if to, _ := s.letters(); len(to) != 1 {
		t.Fatalf("sent %d times", len(to))
	}
}

func TestALetterToAnAuthorityGoesToTheAddressOnRecordAndTheThreadSaysByMail(t *testing.T) {
	s := &mailServer{}
	stage, v := officeWithMail(t, s)
	seated(t, stage, v)
	id := submit(t, stage, v, 1)
	sent, err := v.SendAnswer(t.Context(), "p-okafor", id, "acknowledgement", app.Answer{}, "")
	if err != nil {
		t.Fatal(err)
	}
	to, texts := s.letters()
	if sent.Channel != "mail" || len(to) != 1 || to[0] != "clerk@court.example" || !strings.Contains(texts[0], string(id)) {
		t.Fatalf("%s %q %.400q", sent.Channel, to, texts)
	}
	c, err := v.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if m := c.State.Thread[len(c.State.Thread)-1]; m.Channel != "mail" || !m.Out {
		t.Errorf("%+v", m)
	}
}

// A connection that ends in the middle leaves an unknown outcome. The letter is not
// sent again, neither by mail nor by post, until a person says what became of it.
func TestALetterThatMayHaveGoneWaitsForAPersonAndGoesByNoOtherWay(t *testing.T) {
	s := &mailServer{drop: true}
	stage, v := officeWithMail(t, s)
	seated(t, stage, v)
	id := decided(t, stage, v, 1)
	if _, err := v.Act(t.Context(), id, "p-okafor", "none is known", demand.StateSecrecy{None: true}); err != nil {
		t.Fatal(err)
	}
	_ = v.Round(t.Context()) // the round goes on with what else is due, and tells of the letter
	s.mu.Lock()
	s.drop = false
	s.mu.Unlock()
	_ = v.Round(t.Context())
	unsent, err := v.UnsentLetters(t.Context())
	if err != nil || len(unsent.Unknown) != 1 || len(unsent.Refused) != 0 {
		t.Fatalf("%+v %v", unsent, err)
	}
	if to, _ := s.letters(); len(to) != 0 || spooled(t, stage.Folder) != 0 {
		t.Fatal("it went a second time")
	}
	if h := v.Examine(t.Context()); !strings.Contains(mailCheck(h), "notice.unknown") {
		t.Errorf("doctor does not say so: %q", mailCheck(h))
	}
	letter := unsent.Unknown[0]
	if err := v.ResolveLetter(t.Context(), "p-okafor", letter, false, ""); problem.Code(err) != "notice.resolution" {
		t.Error(err)
	}
	if err := v.ResolveLetter(t.Context(), "p-okafor", letter, false, "the server's log has nothing of it"); err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(time.Hour) // past the lease of the attempt
	if err := v.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if to, _ := s.letters(); len(to) != 1 {
		t.Fatalf("sent %d times", len(to))
	}
	if err := v.ResolveLetter(t.Context(), "p-okafor", letter, true, "again"); problem.Code(err) != "notice.no_attempt" {
		t.Error(err)
	}
}

// Of a letter to an authority that went before it could be recorded, the paper that
// went is recorded, and not the words that somebody would send now.
func TestALetterThatWentUnrecordedIsRecordedAsItWent(t *testing.T) {
	s := &mailServer{drop: true}
	stage, v := officeWithMail(t, s)
	seated(t, stage, v)
	id := submit(t, stage, v, 1)
	send := func(want string) {
		t.Helper()
		if _, err := v.SendAnswer(t.Context(), "p-okafor", id, "acknowledgement", app.Answer{}, ""); problem.Code(err) != want {
			t.Fatalf("%v, want %q", err, want)
		}
	}
	send("notice.unknown")
	send("notice.unknown")
	unsent, err := v.UnsentLetters(t.Context())
	if err != nil || len(unsent.Unknown) != 1 {
		t.Fatalf("%+v %v", unsent, err)
	}
	if err := v.ResolveLetter(t.Context(), "p-okafor", unsent.Unknown[0], true, "the court has it"); err != nil {
		t.Fatal(err)
	}
	v.Clock.Advance(72 * time.Hour) // another date, so other words
	s.mu.Lock()
	s.drop = false
	s.mu.Unlock()
	send("letter.earlier")
	c, err := v.Docket.State(t.Context(), id)
	if err != nil || len(c.State.Thread) != 1 {
		t.Fatalf("%+v %v", c.State.Thread, err)
	}
	paper, err := os.ReadFile(filepath.Join(stage.Folder.Mailed(), unsent.Unknown[0], "letter.pdf"))
	if err != nil || c.State.Thread[0].Document != demand.Digest(sha256.Sum256(paper)) {
		t.Fatalf("another paper is recorded: %v", err)
	}
	send("")
	if to, _ := s.letters(); len(to) != 1 {
		t.Fatalf("sent %d times", len(to))
	}
}

func mailCheck(h app.Health) string {
	for _, c := range h.Checks {
		if c.About == "mail" {
			return c.Says + " " + c.Code
		}
	}
	return ""
}

func TestASectionOnMailThatNamesNoServerIsRefused(t *testing.T) {
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(stage.Folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"from = \"a@b.example\"\n", "server = \"mail.example\"\n", "server = \"mail.example:25\"\ntls = \"ssl\"\n", "server = \"mail.example:25\"\ntls = \"none\"\nfrom = \"a@b.example\"\n", "server = \"mail.example:25\"\n"} {
		if err := os.WriteFile(stage.Folder.Config(), append([]byte(string(config)+"\n[notice.mail]\n"), bad...), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := app.Open(t.Context(), stage.Folder, app.Options{})
		if code := problem.Code(err); code != "app.config" && code != "notice.mail_config" {
			t.Errorf("%q: %v", bad, err)
		}
		if err == nil {
			o.Close()
		}
	}
}
