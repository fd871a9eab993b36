package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// Config says which server takes the mail.
type Config struct {
	Host     string
	Port     int
	Implicit bool // TLS from the first byte (port 465); else STARTTLS, which is required
	Plain    bool // no TLS; only for a server on this machine
	Username string
	Password string
	Roots    *tls.Config   // nil: the machine's roots
	From     string        // address of the sender; its domain is that of Message-IDs
	Timeout  time.Duration // of each step; 0: 30 s
}

// Channel sends letters by mail. See the package.
type Channel struct {
	dir    string
	config Config
	domain string
	now    func() time.Time
}

// New names the folder, which must exist, and the server. now is asked when
// something is noted. Code: notice.mail_config.
func New(dir string, c Config, now func() time.Time) (*Channel, error) {
	bad := func(what string) error {
		return problem.New(problem.Invalid, "notice.mail_config", "the server for mail is not described well enough").At("%s", what)
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil || from.Name != "" || from.Address != c.From {
		return nil, bad("from")
	}
	if c.Host == "" || c.Port < 1 || c.Port > 65535 {
		return nil, bad("host and port")
	}
	if c.Plain && (c.Implicit || !local(c.Host)) {
		return nil, bad("plain: only for a server on this machine")
	}
	if (c.Username == "") != (c.Password == "") {
		return nil, bad("username and password")
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	return &Channel{dir: dir, config: c, domain: c.From[strings.LastIndex(c.From, "@")+1:], now: now}, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// MessageID is the one under which the letter with this id is sent, without its brackets.
func (c *Channel) MessageID(id string) string {
	s := sha256.Sum256([]byte("counterseal-message-id-v1\n" + id))
	return hex.EncodeToString(s[:16]) + "@" + c.domain
}

// message composes the mail: the letter's text, and its sheet of paper attached.
// Equal arguments give equal bytes.
func (c *Channel) message(d notice.Dispatch) (*gomail.Msg, []byte, error) {
	sum := sha256.Sum256([]byte("counterseal-boundary-v1\n" + d.ID))
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("letter-"+hex.EncodeToString(sum[:12])))
	err := m.From(c.config.From)
	if err != nil {
		return nil, nil, err
	}
	err = m.To(d.To)
	if err != nil {
		return nil, nil, err
	}
	m.Subject(notice.Subject(d.Letter))
	m.SetDateWithValue(d.At.UTC())
	m.SetMessageIDWithValue(c.MessageID(d.ID))
	m.SetGenHeader("Content-Language", d.Letter.Language)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	m.SetBodyString(gomail.TypeTextPlain, string(d.Letter.Text))
	m.AttachReadSeeker(notice.PDFFile, bytes.NewReader(d.Letter.PDF), gomail.WithFileContentType("application/pdf"))
	var b bytes.Buffer
	_, err = m.WriteTo(&b)
	return m, b.Bytes(), err
}

// addressed accepts one plain address.
func addressed(to string) error {
	a, err := mail.ParseAddress(to)
	if err != nil || a.Name != "" || a.Address != to || len(to) > 254 || strings.ContainsAny(to, "\r\n\x00") {
		return problem.New(problem.Invalid, "notice.address", "a letter by mail needs one plain address").At("to").Because(err)
	}
	return nil
}

// An outcome is what is known after an attempt.
type outcome int

const (
	refused outcome = iota // certainly not handed over
	unknown
	sent
)

// send hands the message to the server.
func (c *Channel) send(ctx context.Context, m *gomail.Msg) (outcome, string, error) {
	options := []gomail.Option{gomail.WithPort(c.config.Port), gomail.WithTimeout(c.config.Timeout), gomail.WithHELO(c.domain), gomail.WithoutNoop()}
	switch {
	case c.config.Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case c.config.Implicit:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.config.Roots != nil {
		options = append(options, gomail.WithTLSConfig(c.config.Roots))
	}
	if c.config.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.config.Username), gomail.WithPassword(c.config.Password))
	}
	client, err := gomail.NewClient(c.config.Host, options...)
	if err != nil {
		return refused, "", err
	}
	err = client.DialAndSendWithContext(ctx, m)
	if m.IsDelivered() { // whatever happened after the server's answer
		return sent, m.ServerResponse(), nil
	}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return refused, "", err // the conversation never came to this message
	}
	switch {
	case failed.Reason == gomail.ErrSMTPDataClose && failed.ErrorCode() < 400: // no answer from the server
		return unknown, "", err
	case failed.Reason == gomail.ErrWriteContent:
		return unknown, "", err
	}
	return refused, "", err
}
