package imap

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sort"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
)

const (
	maxFolders = 10_000
	maxHeard   = 3 * maxMessages // answers to one command: who sends more sends without end
	maxOthers  = 5 * maxFolders
)

// errRefused says that the server said NO or BAD.
var errRefused = errors.New("refused")

// A session is one connection. Nothing of it is used after an error.
type session struct {
	*reader
	server *wire.Server
	conn   net.Conn
	tag    string
	tags   int
	heard  int // answers to this command
	others int // those that tell of no message
}

// connect reads the greeting, and secures the connection where that is to be done.
func connect(ctx context.Context, server *wire.Server) (*session, error) {
	conn, err := server.Dial(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{reader: newReader(conn), server: server, conn: conn}
	err = s.greet(ctx)
	if err != nil {
		s.conn.Close()
		return nil, s.failed("", err)
	}
	return s, nil
}

func (s *session) greet(ctx context.Context) error {
	a, err := s.next()
	if err != nil {
		return err
	}
	text, err := s.line()
	if err != nil {
		return err
	}
	if a.tag == "*" && a.name == "BYE" { // it goes down, or comes up
		return fmt.Errorf("%w: %w", errForm, wire.ErrEnded)
	}
	if a.tag != "*" || a.name != "OK" { // PREAUTH: as somebody whom nobody named
		return fmt.Errorf("%w: greeted with %s %.200q", errForm, a.name, text)
	}
	if s.server.Security != wire.StartTLS {
		return nil
	}
	_, err = s.command("STARTTLS", nil)
	if err != nil {
		return err
	}
	if s.r.Buffered() > 0 {
		return fmt.Errorf("%w: bytes before the handshake", errForm)
	}
	secured, err := s.server.Secure(ctx, s.conn)
	if err != nil {
		return err
	}
	s.conn, s.reader = secured, newReader(secured)
	return nil
}

// login proves who we are by SASL PLAIN (RFC 4616). A refusal may mean a wrong
// password as well as an account that is not there: it is an error.
func (s *session) login(user, password string) error {
	err := s.send("AUTHENTICATE PLAIN")
	if err == nil {
		err = s.proceed()
	}
	if err == nil {
		err = s.write(base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password)))
	}
	if err == nil {
		_, err = s.finish(nil)
	}
	if errors.Is(err, errRefused) {
		return problem.New(problem.Refused, "source.login", "the store's server does not let the gate in as this account").At("%s", source.Escape(user, 200)).
			Fix("see to the name that the configuration states for the account, and to the password").Because(err)
	}
	return s.failed("", err)
}

// next reads the beginning of an answer, and counts.
func (s *session) next() (answer, error) {
	a, err := s.reader.next()
	s.heard++
	if a.name != "FETCH" {
		s.others++
	}
	if err == nil && (s.heard > maxHeard || s.others > maxOthers) {
		err = fmt.Errorf("%w: answers without end", errForm)
	}
	return a, err
}

func (s *session) send(text string) error {
	s.heard, s.others = 0, 0
	s.tags++
	s.tag = fmt.Sprintf("c%d", s.tags)
	return s.write(s.tag + " " + text)
}

func (s *session) write(text string) error {
	_, err := io.WriteString(s.conn, text+"\r\n")
	return err
}

// proceed waits for the server's "+".
func (s *session) proceed() error {
	for {
		a, err := s.next()
		if err != nil {
			return err
		}
		text, err := s.line()
		switch {
		case err != nil:
			return err
		case a.tag == "+":
			return nil
		case a.tag != "*" || a.name == "BYE":
			return refused(a, text)
		}
	}
}

// refused says that an answer is none of what was asked for. A server that ends the
// line, or is not there for now (RFC 5530 §3), can be asked again.
func refused(a answer, text string) error {
	if a.tag == "*" && a.name == "BYE" {
		return fmt.Errorf("%w: %.200q", wire.ErrEnded, text)
	}
	if strings.HasPrefix(strings.ToUpper(text), " [UNAVAILABLE]") {
		return fmt.Errorf("%w, %w: %.200q", errRefused, wire.ErrEnded, text)
	}
	return fmt.Errorf("%w: %s %.200q", errRefused, a.name, text)
}

// command sends one and reads its answers. on is called with each untagged one and
// reports whether it has read it. The text is that of the answer that ended it.
func (s *session) command(text string, on func(a answer) (bool, error)) (string, error) {
	err := s.send(text)
	if err != nil {
		return "", err
	}
	return s.finish(on)
}

// finish reads answers until the one that ends the command.
func (s *session) finish(on func(a answer) (bool, error)) (string, error) {
	for {
		a, err := s.next()
		if err != nil {
			return "", err
		}
		if a.tag == "*" && a.name != "BYE" && on != nil {
			read, err := on(a)
			if err != nil {
				return "", err
			}
			if read {
				continue
			}
		}
		text, err := s.line()
		switch {
		case err != nil:
			return "", err
		case a.tag == "*" && a.name != "BYE":
			continue
		case a.tag != "*" && a.tag != s.tag:
			return "", fmt.Errorf("%w: tag %.30q", errForm, a.tag)
		case a.name == "OK":
			return text, nil
		}
		return "", refused(a, text)
	}
}

// failed turns an error of a session into a problem; place is the mail folder.
func (s *session) failed(place string, err error) error {
	if err == nil {
		return nil
	}
	if place == "" {
		place = s.server.Address
	}
	if p := problem.Of(err); p.Code != "internal.unexpected" {
		return err
	}
	if errors.Is(err, errForm) {
		return problem.New(problem.Unavailable, "source.protocol", "the store's server gives an answer that cannot be read").At("%s", place).Because(err)
	}
	return problem.New(problem.Unavailable, "source.unreadable", "the store's server does not give what is asked").At("%s", place).Because(err)
}

// personal asks for the account's own namespaces and for those that are not.
func (s *session) personal() (own, others []string, err error) {
	found := false
	_, err = s.command("NAMESPACE", func(a answer) (bool, error) {
		if a.name != "NAMESPACE" {
			return false, nil
		}
		found = true
		own, err = s.prefixes()
		if err != nil {
			return true, err
		}
		for range 2 {
			more, err := s.prefixes()
			if err != nil {
				return true, err
			}
			others = append(others, more...)
		}
		return true, s.want("\r\n")
	})
	if err == nil && (!found || len(own) == 0) {
		err = fmt.Errorf("%w: no namespace of the account's own", errForm)
	}
	return own, others, err
}

// prefixes reads one kind of namespaces: NIL or ((prefix delimiter ...)...).
func (s *session) prefixes() (out []string, err error) {
	err = s.want(" ")
	if err != nil {
		return nil, err
	}
	open, err := s.is('(')
	if err != nil {
		return nil, err
	}
	if !open {
		return nil, s.want("NIL")
	}
	for {
		end, err := s.is(')')
		if err != nil || end {
			return out, err
		}
		_, err = s.is(' ')
		if err == nil {
			err = s.want("(")
		}
		if err != nil {
			return nil, err
		}
		prefix, _, err := s.text()
		if err != nil {
			return nil, err
		}
		out = append(out, prefix)
		for {
			end, err := s.is(')')
			if err != nil {
				return nil, err
			}
			if end {
				break
			}
			err = s.want(" ")
			if err == nil {
				err = s.skip(0)
			}
			if err != nil {
				return nil, err
			}
		}
	}
}

// A place is a mail folder's name as the server has it.
type place struct {
	name      string
	delimiter string
}

// folders lists the account's own mail folders, in the order of their names' bytes.
func (s *session) folders() ([]place, error) {
	own, others, err := s.personal()
	if err != nil {
		return nil, s.failed("", err)
	}
	seen := map[string]place{}
	for _, prefix := range own {
		name, err := mailbox(prefix)
		if err != nil {
			return nil, s.failed("", err)
		}
		_, err = s.command("LIST "+name+` "*"`, func(a answer) (bool, error) {
			if a.name != "LIST" {
				return false, nil
			}
			p, open, err := s.listed()
			if err != nil {
				return true, err
			}
			foreign := slices.ContainsFunc(others, func(o string) bool {
				return o != "" && (strings.HasPrefix(p.name, o) || p.delimiter != "" && p.name == strings.TrimSuffix(o, p.delimiter))
			})
			if open && !foreign && strings.HasPrefix(p.name, prefix) {
				seen[p.name] = p
			}
			if len(seen) > maxFolders {
				return true, problem.New(problem.Invalid, "source.too_large", "an account has more than %d mail folders", maxFolders).At("%s", s.server.Address)
			}
			return true, nil
		})
		if err != nil {
			return nil, s.failed("", err)
		}
	}
	if len(seen) == 0 { // as where the gate's user may not look: each account has an inbox (RFC 9051 §5.1)
		return nil, problem.New(problem.Unavailable, "source.unreadable", "the store's server shows the gate no mail folder of the account").At("%s", s.server.Address).
			Fix("see to the rights of the user as whom the gate logs in")
	}
	var out []place
	for _, p := range seen {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}

// listed reads the rest of a LIST answer; open says that the mail folder can be opened.
func (s *session) listed() (p place, open bool, err error) {
	open = true
	err = s.want(" (")
	for err == nil {
		var end bool
		end, err = s.is(')')
		if err != nil || end {
			break
		}
		var flag string
		_, err = s.is(' ')
		if err == nil {
			flag, err = s.atom()
		}
		if err == nil && flag == "" {
			err = fmt.Errorf("%w: a flag", errForm)
		}
		if strings.EqualFold(flag, `\Noselect`) || strings.EqualFold(flag, `\NonExistent`) {
			open = false
		}
	}
	var ok bool
	if err == nil {
		err = s.want(" ")
	}
	if err == nil {
		p.delimiter, ok, err = s.text()
	}
	if !ok {
		p.delimiter = ""
	}
	if err == nil {
		err = s.want(" ")
	}
	if err == nil {
		p.name, err = s.mailboxName()
	}
	if err == nil {
		_, err = s.line() // extended data
	}
	return p, open, err
}

// mailboxName reads a name; as an atom it may hold brackets, and NIL is a name.
func (s *session) mailboxName() (string, error) {
	c, err := s.peek()
	if err != nil {
		return "", err
	}
	if c == '"' || c == '{' {
		name, _, err := s.text()
		return name, err
	}
	var b []byte
	for {
		c, err := s.peek()
		if err != nil {
			return "", err
		}
		if c <= ' ' || c == '(' || c == ')' || c == '"' || c == '{' {
			break
		}
		_, err = s.byte()
		if err != nil {
			return "", err
		}
		b = append(b, c)
	}
	if len(b) == 0 {
		return "", fmt.Errorf("%w: a mail folder without a name", errForm)
	}
	return string(b), nil
}

// mailbox writes a name as a quoted string. One that has none cannot be asked for.
func mailbox(name string) (string, error) {
	if len(name) > 4096 || strings.ContainsAny(name, "\x00\r\n") {
		return "", fmt.Errorf("%w: the name of a mail folder", errForm)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`, nil
}
