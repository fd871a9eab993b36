package mail

import (
	"context"
	"crypto/sha256"
	"time"

	"counterseal/internal/intake/paper"
	"counterseal/internal/problem"
)

// Bounds of one mail.
const (
	MaxMail        = 64 << 20 // bytes
	MaxAttachments = 200
	maxHeader      = 256 << 10 // bytes of the header block
	maxValue       = 2000      // bytes of a field as shown
	maxMailboxes   = 200
)

// Mailbox is one name and address as a field states them. All of it is inert;
// none of it is proven.
type Mailbox struct {
	Field   string `json:"field"`             // From, Sender, Reply-To, To, Cc
	Stated  string `json:"stated"`            // the whole value that it stands in
	Name    string `json:"name,omitempty"`    // decoded
	Address string `json:"address,omitempty"` // empty where it could not be read
	Domain  string `json:"domain,omitempty"`  // after the last @, ASCII letters in lower case
}

// Claim is a field that says a check was made, or carries a signature.
type Claim struct {
	Field string `json:"field"`
	By    string `json:"by,omitempty"` // the machine or domain that it names
	Says  string `json:"says"`         // inert, shortened
}

// Attachment is one part that is not the letter's own text.
type Attachment struct {
	paper.Paper
	Bytes []byte `json:"-"`
}

// Letter is one mail as read.
type Letter struct {
	SHA256      [32]byte       `json:"-"` // of the original
	Size        int            `json:"size"`
	Senders     []Mailbox      `json:"senders"`         // every From, Sender and Reply-To, in order
	Recipients  []Mailbox      `json:"recipients"`      // every To and Cc
	Subject     string         `json:"subject"`         // several are joined by " | "
	Received    string         `json:"received_stated"` // the top Received field: the trace of the server that gave it to us, if it was ours
	Stated      string         `json:"date_stated"`     // the Date field: what the sender says
	Date        time.Time      `json:"date"`            // UTC; zero where none, several or unreadable
	MessageID   string         `json:"message_id"`
	Text        string         `json:"text"`
	Layout      string         `json:"layout,omitempty"` // the words of the HTML text, where there is a plain one beside it
	Attachments []Attachment   `json:"attachments"`
	Claims      []Claim        `json:"claims"`
	Remarks     []paper.Remark `json:"remarks"`
}

// Options are what the reader knows of its own house.
type Options struct {
	Ours  []string     // machines whose Authentication-Results are ours
	Known []string     // domains of agencies on file, to find names that look like them
	Open  paper.Opener // for PDF attachments; may be nil
}

// Read reads one mail. It does not change original, and keeps none of it but in
// what it returns. Codes: mail.empty, mail.too_large, mail.not_mail. Everything
// else that is wrong with a mail is a remark.
func Read(ctx context.Context, original []byte, o Options) (Letter, error) {
	if len(original) == 0 {
		return Letter{}, problem.New(problem.Invalid, "mail.empty", "the mail has no bytes").Fix("save it again from the mail program")
	}
	if len(original) > MaxMail {
		return Letter{}, problem.New(problem.Invalid, "mail.too_large", "a mail has at most %d MiB", MaxMail>>20).Fix("save its attachments and hand them in one by one")
	}
	l := Letter{SHA256: sha256.Sum256(original), Size: len(original)}
	h, ok := l.header(original)
	if !ok {
		return Letter{}, problem.New(problem.Invalid, "mail.not_mail", "this does not begin with the fields of a mail").Fix("hand it in as a document")
	}
	l.fields(h)
	l.senders(h, o)
	l.claims(h, o)
	l.body(ctx, original, o)
	return l, nil
}
