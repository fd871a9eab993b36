package mail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"counterseal/internal/notice"
	"counterseal/internal/notice/channeltest"
	"counterseal/internal/notice/mail"
	"counterseal/internal/problem"
)

// sink is a real SMTP server that keeps what it takes.
type sink struct {
	mu     sync.Mutex
	taken  [][]byte
	answer func(c *smtp.Conn, mail []byte) error // nil: takes it
	rcpt   error
	server *smtp.Server
	door   net.Listener
	addr   string
}

type session struct {
	*sink
	conn *smtp.Conn
}

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rcpt
}
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != nil {
		return s.answer(s.conn, b)
	}
	s.taken = append(s.taken, b)
	return nil
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	s.start(t, "127.0.0.1:0")
	t.Cleanup(s.stop)
	return s
}

func (s *sink) start(t *testing.T, addr string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s.addr, s.door = l.Addr().String(), l
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s, c}, nil }))
	s.server.Domain = "sink.example"
	go s.server.Serve(l)
}

// says sets what the server answers: nil for what it takes.
func (s *sink) says(rcpt error, answer func(*smtp.Conn, []byte) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcpt, s.answer = rcpt, answer
}

// stop closes the door first: a server that has not begun to serve does not know it yet.
func (s *sink) stop() {
	_ = s.door.Close()
	_ = s.server.Close()
}

func (s *sink) messages() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

func (s *sink) config(t *testing.T) mail.Config {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	return mail.Config{Host: "127.0.0.1", Port: a.Port, Plain: true, From: "letters@nordlys.example", Timeout: 5 * time.Second}
}

func now() time.Time { return channeltest.At }

func open(t *testing.T, dir string, c mail.Config) *mail.Channel {
	t.Helper()
	m, err := mail.New(dir, c, now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Opened {
		s, dir := newSink(t), t.TempDir()
		return channeltest.Opened{
			Channel: open(t, dir, s.config(t)),
			Reopen:  func(t *testing.T) channeltest.Channel { return open(t, dir, s.config(t)) },
			Handed:  func(*testing.T) [][]byte { return s.messages() },
			Break:   func(*testing.T) { s.stop() },
			Mend:    func(t *testing.T) { s.start(t, s.addr) },
		}
	})
}

func dispatch(t *testing.T, language string) notice.Dispatch {
	t.Helper()
	d := channeltest.Dispatch("m2fd-10-1", "Perché è così: "+strings.Repeat("una riga lunga ", 90)+"\n.\n.fine")
	d.Letter.Language = language
	return d
}

func TestTheMailCarriesTheLetterAndItsSubjectTellsNothing(t *testing.T) {
	for language, subject := range map[string]string{"en": "Letter from Nordlys Cloud A/S", "de": "Schreiben von Nordlys Cloud A/S", "da": "Brev fra Nordlys Cloud A/S", "it": "Lettera di Nordlys Cloud A/S"} {
		s, dir := newSink(t), t.TempDir()
		d := dispatch(t, language)
		c := open(t, dir, s.config(t))
		if err := c.Deliver(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		raw := s.messages()[0]
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || got != subject {
			t.Errorf("subject %q, %v", got, err)
		}
		if m.Header.Get("Message-Id") != "<"+c.MessageID(d.ID)+">" || m.Header.Get("To") != "<"+d.To+">" || m.Header.Get("Date") != "Thu, 01 Oct 2026 08:00:00 +0000" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("headers: %v", m.Header)
		}
		for name, values := range m.Header {
			if v := strings.Join(values, " "); strings.Contains(v, "m2fd") || strings.Contains(v, "Perch") {
				t.Errorf("%s tells of the demand: %s", name, v)
			}
		}
		text, sheet := parts(t, m)
		if strings.ReplaceAll(text, "\r\n", "\n") != string(d.Letter.Text) || !bytes.Equal(sheet, d.Letter.PDF) {
			t.Errorf("another letter arrived: %q", text)
		}
		kept, err := os.ReadFile(filepath.Join(dir, d.ID, "message.eml"))
		if err != nil || !bytes.Equal(bytes.TrimSpace(kept), bytes.TrimSpace(raw)) {
			t.Errorf("what is kept is not what was sent: %v", err)
		}
	}
}

// parts reads the text and the attached sheet with the standard library.
func parts(t *testing.T, m *netmail.Message) (string, []byte) {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	body := func(name string) []byte {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() != name {
			t.Fatalf("part %q, not %q", p.FileName(), name)
		}
		var from io.Reader = quotedprintable.NewReader(p)
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			from = base64.NewDecoder(base64.StdEncoding, p)
		}
		b, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return string(body("")), body(notice.PDFFile)
}

func TestAnUnknownOutcomeIsNeverSentAgainUntilAPersonResolvesIt(t *testing.T) {
	for _, went := range []bool{true, false} {
		s, dir := newSink(t), t.TempDir()
		var attempts atomic.Int32
		s.says(nil, func(c *smtp.Conn, _ []byte) error {
			attempts.Add(1)
			return c.Conn().Close() // after the letter, before the answer
		})
		c := open(t, dir, s.config(t))
		d := dispatch(t, "it")
		for range 3 {
			err := open(t, dir, s.config(t)).Deliver(context.Background(), d)
			if p := problem.Of(err); p == nil || p.Code != "notice.unknown" || p.Remedy == "" {
				t.Fatalf("got %v", err)
			}
		}
		if n := attempts.Load(); n != 1 {
			t.Fatalf("%d attempts", n)
		}
		lists(t, c, d.ID, d.ID)
		s.says(nil, nil)
		if err := c.Resolve(context.Background(), d.ID, went, "P. Brandt", "the server's log"); err != nil {
			t.Fatal(err)
		}
		if went {
			lists(t, c, "", "")
		} else {
			lists(t, c, d.ID, "")
		}
		if err := c.Deliver(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		if n := len(s.messages()); (n == 0) != went {
			t.Fatalf("went %v, and sent %d times afterwards", went, n)
		}
		lists(t, c, "", "")
		if err := c.Resolve(context.Background(), d.ID, true, "P. Brandt", "again"); problem.Code(err) != "notice.no_attempt" {
			t.Fatalf("got %v", err)
		}
	}
}

// lists checks what is unsent and what is unknown.
func lists(t *testing.T, c *mail.Channel, unsent, unknown string) {
	t.Helper()
	u, err := c.Unsent(context.Background(), channeltest.At.Add(1))
	k, err2 := c.Unknown(context.Background())
	if err != nil || err2 != nil || strings.Join(u, " ") != unsent || strings.Join(k, " ") != unknown {
		t.Fatalf("unsent %q, unknown %q, %v, %v", u, k, err, err2)
	}
}

func TestACrashDuringAnAttemptLeavesAnUnknownOutcome(t *testing.T) {
	s, dir := newSink(t), t.TempDir()
	s.says(&smtp.SMTPError{Code: 451, Message: "later"}, nil)
	c, d := open(t, dir, s.config(t)), dispatch(t, "it")
	if err := c.Deliver(context.Background(), d); problem.Code(err) != "notice.mail" {
		t.Fatalf("got %v", err)
	}
	// What a process that was killed between two steps has left.
	if err := os.WriteFile(filepath.Join(dir, d.ID, "sending"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.says(nil, nil)
	if err := open(t, dir, s.config(t)).Deliver(context.Background(), d); problem.Code(err) != "notice.unknown" {
		t.Fatalf("got %v", err)
	}
	if len(s.messages()) != 0 {
		t.Fatal("it was sent")
	}
}

func TestWhatTheServerRefusesIsNotSentAndCanBeDeliveredAgain(t *testing.T) {
	for name, refuse := range map[string]func(*sink){
		"recipient": func(s *sink) { s.says(&smtp.SMTPError{Code: 550, Message: "no such mailbox"}, nil) },
		"content": func(s *sink) {
			s.says(nil, func(*smtp.Conn, []byte) error { return &smtp.SMTPError{Code: 554, Message: "not here"} })
		},
		"later": func(s *sink) {
			s.says(nil, func(*smtp.Conn, []byte) error { return &smtp.SMTPError{Code: 451, Message: "try later"} })
		},
	} {
		s, dir := newSink(t), t.TempDir()
		refuse(s)
		c, d := open(t, dir, s.config(t)), dispatch(t, "it")
		err := c.Deliver(context.Background(), d)
		if p := problem.Of(err); p == nil || p.Code != "notice.mail" || strings.Contains(p.Error(), d.To) || strings.Contains(p.Error(), "127.0.0.1") {
			t.Fatalf("%s: got %v", name, err)
		}
		lists(t, c, d.ID, "")
		later := d
		later.At = d.At.Add(time.Hour) // it is unsent since the first attempt
		if err = c.Deliver(context.Background(), later); problem.Code(err) != "notice.mail" {
			t.Fatalf("%s: got %v", name, err)
		}
		lists(t, c, d.ID, "")
		s.says(nil, nil)
		if err = c.Deliver(context.Background(), later); err != nil || len(s.messages()) != 1 {
			t.Fatalf("%s: %v, sent %d times", name, err, len(s.messages()))
		}
		lists(t, c, "", "")
	}
}

func TestWhatIsAcceptedLaterDoesNotHinderTheDrain(t *testing.T) {
	s, dir := newSink(t), t.TempDir()
	s.says(&smtp.SMTPError{Code: 451, Message: "later"}, nil)
	c, d := open(t, dir, s.config(t)), dispatch(t, "it")
	if err := c.Deliver(context.Background(), d); problem.Code(err) != "notice.mail" {
		t.Fatalf("got %v", err)
	}
	for before, want := range map[time.Duration]int{0: 0, 1: 1} {
		if got, err := c.Unsent(context.Background(), d.At.Add(before)); err != nil || len(got) != want {
			t.Fatalf("%d: %q, %v", before, got, err)
		}
	}
}

func TestNothingGoesOverANetworkUnencrypted(t *testing.T) {
	s := newSink(t) // offers no TLS
	c := s.config(t)
	c.Plain = false
	if err := open(t, t.TempDir(), c).Deliver(context.Background(), dispatch(t, "it")); problem.Code(err) != "notice.mail" || len(s.messages()) != 0 {
		t.Fatalf("got %v", err)
	}
	c.Plain, c.Host = true, "mail.nordlys.example"
	if _, err := mail.New(t.TempDir(), c, now); problem.Code(err) != "notice.mail_config" {
		t.Fatalf("got %v", err)
	}
}

func TestBadInputIsRefusedBeforeAnythingIsNoted(t *testing.T) {
	s, dir := newSink(t), t.TempDir()
	c := open(t, dir, s.config(t))
	for _, to := range []string{"", "nobody", "a@b.example, c@d.example", "Marta <a@b.example>", "a@b.example\r\nBcc: c@d.example", "a@b.example\x00", strings.Repeat("a", 250) + "@b.example"} {
		d := dispatch(t, "it")
		d.To = to
		if err := c.Deliver(context.Background(), d); problem.Code(err) != "notice.address" {
			t.Errorf("%q: got %v", to, err)
		}
	}
	if es, err := os.ReadDir(dir); err != nil || len(es) != 0 {
		t.Errorf("%v, %v", es, err)
	}
	for _, id := range []string{"../x", "", "A"} {
		if err := c.Resolve(context.Background(), id, true, "P", "r"); problem.Code(err) != "notice.id" {
			t.Errorf("%q: got %v", id, err)
		}
	}
	if err := c.Resolve(context.Background(), "a", true, "", "r"); problem.Code(err) != "notice.resolution" {
		t.Errorf("got %v", err)
	}
	if err := c.Resolve(context.Background(), "a", true, "P", "r"); problem.Code(err) != "notice.no_attempt" {
		t.Errorf("got %v", err)
	}
	for _, spoil := range []func(*mail.Config){
		func(c *mail.Config) { c.From = "Nordlys <letters@nordlys.example>" }, func(c *mail.Config) { c.Host = "" }, func(c *mail.Config) { c.Port = 0 },
		func(c *mail.Config) { c.Password = "without a name" }, func(c *mail.Config) { c.Implicit = true },
	} {
		config := s.config(t)
		spoil(&config)
		if _, err := mail.New(dir, config, now); problem.Code(err) != "notice.mail_config" {
			t.Errorf("got %v", err)
		}
	}
}

func TestASubjectCannotBecomeAHeader(t *testing.T) {
	s := newSink(t)
	d := dispatch(t, "it")
	d.Letter.Sender = "Nordlys\r\nBcc: all@evil.example\u202e"
	if err := open(t, t.TempDir(), s.config(t)).Deliver(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(s.messages()[0]))
	if err != nil || m.Header.Get("Bcc") != "" || strings.ContainsRune(m.Header.Get("Subject"), '\u202e') {
		t.Fatalf("%v, %v", m.Header, err)
	}
}

func TestAStateThatCannotBeReadIsNeverSent(t *testing.T) {
	s, dir := newSink(t), t.TempDir()
	c, d := open(t, dir, s.config(t)), dispatch(t, "it")
	if err := os.MkdirAll(filepath.Join(dir, d.ID), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, d.ID, "accepted.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Deliver(context.Background(), d); problem.Code(err) != "notice.mail" || len(s.messages()) != 0 {
		t.Fatalf("got %v", err)
	}
}
