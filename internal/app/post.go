package app

import (
	"context"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/notice"
	"counterseal/internal/notice/mail"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// Post says which server takes letters as mail.
type Post struct {
	Server string `toml:"server"` // HOST:PORT; left out: every letter is posted
	From   string `toml:"from"`   // the sender's address
	TLS    string `toml:"tls"`    // starttls unless stated; implicit; none, for a server on this machine alone
	User   string `toml:"user"`   // its password is the file keys/mail
}

// postPassword is the name of the secret with which the office signs in there.
const postPassword = "mail"

// amiss names the first field that cannot be, and how to write it.
func (p Post) amiss() (field, fix string) {
	if p.Server == "" {
		if p != (Post{}) {
			return "server", "write HOST:PORT, or leave the section out"
		}
		return "", ""
	}
	if _, _, err := p.address(); err != nil {
		return "server", "write HOST:PORT, such as \"mail.cloud.example:587\""
	}
	if p.TLS != "" && p.TLS != "starttls" && p.TLS != "implicit" && p.TLS != "none" {
		return "tls", "write \"starttls\", \"implicit\" or \"none\""
	}
	return "", ""
}

func (p Post) address() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(p.Server)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// Mailed is where letters that go by mail are kept as sent, with what became of them.
func (f Folder) Mailed() string { return f.path("spool", "mailed") }

// post hands letters over: by mail where a server is named and the reader has an
// address, else into the spool, from which a person posts them.
type post struct {
	spool *notice.Spool
	mail  *mail.Channel // nil: no server is named
}

func (f Folder) openPost(p Post, now func() time.Time) (post, error) {
	out := post{spool: notice.NewSpool(f.Spool())}
	if p.Server == "" {
		return out, nil
	}
	host, port, err := p.address()
	if err != nil {
		return post{}, err
	}
	c := mail.Config{Host: host, Port: port, Implicit: p.TLS == "implicit", Plain: p.TLS == "none", From: p.From, Username: p.User}
	if p.User != "" {
		secret, err := f.readSecret(postPassword)
		if err != nil {
			return post{}, err
		}
		c.Password = strings.TrimRight(string(secret), "\r\n")
	}
	if err := os.MkdirAll(f.Mailed(), 0o700); err != nil {
		return post{}, folderProblem(err)
	}
	out.mail, err = mail.New(f.Mailed(), c, now)
	return out, err
}

// deliver hands a letter over once and says by which channel. A letter that went, or
// may have gone, by one channel never goes by the other, whatever the configuration
// and the reader's address say since. Codes: notice.conflict (another letter went
// under this id), notice.unknown, notice.mail, notice.spool.
func (p post) deliver(ctx context.Context, d notice.Dispatch) (channel string, err error) {
	posted, err := p.spool.Holds(d.ID)
	if err != nil {
		return "", err
	}
	if p.mail != nil && !posted {
		tried, err := p.mail.Tried(d.ID)
		if err != nil {
			return "mail", err
		}
		if tried != "" {
			d.To = tried
		}
	}
	if p.mail != nil && d.To != "" && !posted {
		return "mail", p.mail.Deliver(ctx, d)
	}
	return "post", p.spool.Deliver(ctx, d)
}

// went is the paper of a letter that has gone.
func (p post) went(channel, id string) ([]byte, error) {
	if channel == "mail" {
		return p.mail.Paper(id)
	}
	return p.spool.Paper(id)
}

// mailboxOf is where a letter of the clerk's goes by mail; "": it is posted. A
// person gets it under an address of the account itself; of an organisation the
// representative, whose account is not looked into.
func (o *Office) mailboxOf(ctx context.Context, l clerk.Letter) (string, error) {
	if l.Account == "" {
		duty, err := o.Docket.State(ctx, l.Demand)
		if err != nil {
			return "", err
		}
		first, err := o.Docket.State(ctx, duty.State.Duty.Covers[0].Demand)
		if err != nil {
			return "", err
		}
		agency, _ := o.Agencies.Agency(first.State.Instrument.Agency)
		return agency.Mail, nil
	}
	e := o.Estate.Now()
	holder, ok := e.Holder(l.Account)
	if !ok {
		return "", nil
	}
	rep, named := e.Representative(holder.ID)
	if a, err := netmail.ParseAddress(rep.Reach); err == nil && a.Address == rep.Reach {
		return rep.Reach, nil
	}
	if named || l.To == demand.Representative {
		return "", nil
	}
	return e.Mailbox(l.Account, o.Clock.Now()), nil
}

// Unsent are the letters by mail that no server has certainly taken.
type Unsent struct {
	Refused []string // nothing has gone; tried again by itself
	Unknown []string // may have gone; waits for a person (ResolveLetter)
}

// UnsentLetters lists them. Code: notice.mail.
func (o *Office) UnsentLetters(ctx context.Context) (Unsent, error) {
	if o.post.mail == nil {
		return Unsent{Refused: []string{}, Unknown: []string{}}, nil
	}
	all, err := o.post.mail.Unsent(ctx, o.Clock.Now().Add(time.Second))
	if err != nil {
		return Unsent{}, err
	}
	unknown, err := o.post.mail.Unknown(ctx)
	if err != nil {
		return Unsent{}, err
	}
	refused := slices.DeleteFunc(all, func(id string) bool { return slices.Contains(unknown, id) })
	return Unsent{Refused: append([]string{}, refused...), Unknown: append([]string{}, unknown...)}, nil
}

// ResolveLetter notes what a person found out about a letter of which it is not
// certain whether it went. If it did not, it is sent at the next attempt. Codes:
// app.no_mail, and those of mail.Channel.Resolve.
func (o *Office) ResolveLetter(ctx context.Context, reader, id string, went bool, how string) error {
	if o.post.mail == nil {
		return problem.New(problem.Refused, "app.no_mail", "no server for mail is named; letters lie in the spool").Fix("name one under [notice.mail] in counterseal.toml")
	}
	w, err := o.reader(reader)
	if err == nil {
		err = w.may("letter.resolve", policy.Resource{})
	}
	o.refusedSeat(reader, "letter.resolve", err)
	if err != nil {
		return err
	}
	return o.post.mail.Resolve(ctx, id, went, string(w.person), how)
}
