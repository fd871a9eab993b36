package app

import (
	"context"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/intake/mail"
)

// What is shown of documents that nobody has read, beside their rows. Large ones and
// many take time to open, so a page waits for them no longer than this; what was not
// opened by then stands there as not read.
const (
	statedWithin = 2 * time.Second
	maxStated    = 80       // characters of a sender, and of a subject
	statedFields = 64 << 10 // bytes of a mail in which its fields are looked for; what is attached is not opened
)

// Stated says of the mails among one page of rows that nobody has read whom they say
// they come from, and about what. It is their word alone. ctx names the reader.
func (o *Office) Stated(ctx context.Context, items []docket.Item) map[demand.ID]string {
	ctx, cancel := context.WithTimeout(ctx, statedWithin)
	defer cancel()
	out := map[demand.ID]string{}
	for _, it := range items {
		if !it.View.Unread || it.Problem != nil || ctx.Err() != nil {
			continue
		}
		said := o.statedBy(ctx, it.ID)
		if said != "" {
			out[it.ID] = said
		}
	}
	return out
}

// statedBy is "" for what is no mail, and for what cannot be read: the demand's own
// page says why.
func (o *Office) statedBy(ctx context.Context, id demand.ID) string {
	b, media, err := o.Docket.Original(ctx, id)
	if err != nil || !strings.HasPrefix(media, "message/rfc822") {
		return ""
	}
	l, err := mail.Read(ctx, b[:min(len(b), statedFields)], mail.Options{})
	if err != nil {
		return ""
	}
	from := ""
	for _, m := range l.Senders {
		if m.Field == "From" {
			from = "from " + quotedShort(m.Stated)
			break
		}
	}
	subject := ""
	if l.Subject != "" {
		subject = quotedShort(l.Subject)
	}
	return sentence(from, subject)
}

// quotedShort is a stranger's word within quotes: without what steers a screen, and
// no longer than a row.
func quotedShort(s string) string {
	r := []rune(canon.Text(s))
	if len(r) > maxStated {
		r = append(r[:maxStated], '…')
	}
	return "“" + string(r) + "”"
}
