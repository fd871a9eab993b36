package cli_test

import (
	"errors"
	"io"
	"net"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"
)

// hangup VARIABLE runs a mail server that reads every letter to its end and then ends
// the connection without a word, so that nobody knows what became of it.
func hangup(ts *testscript.TestScript, _ bool, args []string) {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return silent{c}, nil }))
	server.Domain = "mail.cloud.example"
	go server.Serve(door)
	ts.Defer(func() { server.Close() })
	ts.Setenv(args[0], door.Addr().String())
}

// silent is a session with the server that hangs up.
type silent struct{ conn *smtp.Conn }

func (silent) Reset()                               {}
func (silent) Logout() error                        { return nil }
func (silent) Mail(string, *smtp.MailOptions) error { return nil }
func (silent) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s silent) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if err != nil {
		return err
	}
	return errors.Join(errors.New("gone"), s.conn.Conn().Close())
}
