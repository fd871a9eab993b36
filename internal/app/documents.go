package app

import (
	"context"
	"encoding/hex"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/intake/mail"
	"counterseal/internal/intake/paper"
	"counterseal/internal/web/staff"
)

// What of a document is shown on a page.
const (
	maxShown   = 200 << 10 // bytes of text
	maxOnPage  = 256 << 10 // bytes of an original whose text stands on the demand's own page
	maxInPlace = 24 << 10  // bytes of that text
)

// bytesOf gives a document of a demand: the original, or one beside its history.
func (v Staff) bytesOf(ctx context.Context, id demand.ID, digest string) ([]byte, string, error) {
	c, err := v.Docket.State(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if c.State.Original.String() == digest {
		return v.Docket.Original(ctx, id)
	}
	raw, err := hex.DecodeString(digest)
	var d demand.Digest
	if err != nil || copy(d[:], raw) != len(d) {
		return nil, "", docket.NotFound()
	}
	return v.Docket.Document(ctx, id, d)
}

// Document implements staff.Documents.
func (v Staff) Document(ctx context.Context, reader, id, digest string) (staff.Document, error) {
	b, stated, err := v.bytesOf(as(ctx, reader), demand.ID(id), digest)
	if err != nil {
		return staff.Document{}, err
	}
	return v.shown(ctx, b, stated, maxShown), nil
}

// File implements staff.Documents.
func (v Staff) File(ctx context.Context, reader, id, digest string, attachment int) (staff.File, error) {
	b, stated, err := v.bytesOf(as(ctx, reader), demand.ID(id), digest)
	if err != nil {
		return staff.File{}, err
	}
	name := "document-" + digest[:12]
	if attachment > 0 {
		l, err := mail.Read(ctx, b, mail.Options{})
		if err != nil || attachment > len(l.Attachments) {
			return staff.File{}, docket.NotFound()
		}
		b, name = l.Attachments[attachment-1].Bytes, l.Attachments[attachment-1].Name
	}
	kind, _ := paper.Sniff(b)
	if attachment == 0 {
		if strings.HasPrefix(stated, "message/rfc822") {
			kind = paper.Mail
		}
		name += endings[kind]
	}
	return staff.File{Name: name, PDF: kind == paper.PDF, Bytes: b}, nil
}

// endings are for documents that came without a name.
var endings = map[paper.Kind]string{paper.PDF: ".pdf", paper.Text: ".txt", paper.Mail: ".eml"}

// onPage is the original as the demand's own page shows it; nil for a large one.
func (v Staff) onPage(ctx context.Context, id string, s *demand.State) (*staff.Document, error) {
	b, stated, err := v.Docket.Original(ctx, demand.ID(id))
	if err != nil || len(b) > maxOnPage {
		return nil, err
	}
	d := v.shown(ctx, b, stated, maxInPlace)
	return &d, nil
}

// shown makes a document inert.
func (v Staff) shown(ctx context.Context, b []byte, stated string, most int) staff.Document {
	p := paper.Read(ctx, "", stated, b, v.openPDF)
	d := staff.Document{Kind: string(p.Kind), Size: p.Size, Digest: hex.EncodeToString(p.SHA256[:]), Text: p.Text, PDF: p.Kind == paper.PDF}
	for _, r := range p.Remarks {
		d.Remarks = append(d.Remarks, mail.Says(r))
	}
	// What came as a mail is read as one, whatever hangs on it looks like.
	if p.Kind == paper.Mail || strings.HasPrefix(stated, "message/rfc822") {
		if l, err := mail.Read(ctx, b, mail.Options{Known: v.knownDomains(), Open: v.openPDF}); err == nil {
			letter(&d, l)
		}
	}
	if len(d.Text) > most {
		d.Text, d.Cut = strings.ToValidUTF8(d.Text[:most], ""), true
	}
	return d
}

func letter(d *staff.Document, l mail.Letter) {
	d.Kind, d.PDF, d.Text = string(paper.Mail), false, l.Text
	for _, m := range l.Senders {
		d.Facts = append(d.Facts, staff.Datum{Name: m.Field, Text: m.Stated})
	}
	for _, m := range l.Recipients {
		d.Facts = append(d.Facts, staff.Datum{Name: m.Field, Text: m.Stated})
	}
	d.Facts = append(d.Facts, datum("Date, as stated", l.Stated)...)
	d.Facts = append(d.Facts, datum("Subject", l.Subject)...)
	d.Remarks = nil
	for _, r := range l.Remarks {
		d.Remarks = append(d.Remarks, mail.Says(r))
	}
	for _, a := range l.Attachments {
		x := staff.Document{Name: a.Name, Kind: string(a.Kind), Size: a.Size, Digest: hex.EncodeToString(a.SHA256[:]), Text: a.Text, PDF: a.Kind == paper.PDF}
		for _, r := range a.Remarks {
			x.Remarks = append(x.Remarks, mail.Says(r))
		}
		if len(x.Text) > maxShown {
			x.Text, x.Cut = strings.ToValidUTF8(x.Text[:maxShown], ""), true
		}
		d.Attachments = append(d.Attachments, x)
	}
}
