package app

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync/atomic"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/intake"
	"counterseal/internal/intake/mail"
	"counterseal/internal/intake/paper"
	"counterseal/internal/problem"
	"counterseal/internal/receipt"
)

// TakeUnread takes a document as it came, with nothing said about it: kept byte for
// byte, committed to the logs, receipted, and in the queue for somebody to read. The
// same bytes again are the same demand. What comes from a mailbox that is flagged is
// held at once. Codes: intake.empty, intake.too_large, docket.Submit's.
func (o *Office) TakeUnread(ctx context.Context, channel, name string, b []byte, by string) (Receipt, error) {
	if len(b) == 0 {
		return Receipt{}, problem.New(problem.Invalid, "intake.empty", "the document has no bytes").At("%.80q", name).Fix("save it again from where it came")
	}
	if len(b) > docket.MaxOriginal {
		return Receipt{}, problem.New(problem.Invalid, "intake.too_large", "a document has at most %d MiB", docket.MaxOriginal>>20).At("%.80q", name).Fix("divide it")
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	l, isMail := o.letterIn(ctx, channel, name, b)
	_, media := paper.Sniff(b)
	if isMail {
		media = "message/rfc822"
	} else if media == "" {
		media = "application/octet-stream"
	}
	a, err := o.Docket.Submit(ctx, docket.Submission{Channel: channel, Key: sha256.Sum256(b), Original: b, MediaType: media, By: demand.Person(by), Receive: demand.Receive{Unread: true}})
	if err != nil {
		return Receipt{}, err
	}
	if !a.Known && isMail {
		if _, err := o.holdFlagged(ctx, a.ID, l); err != nil {
			return Receipt{}, err
		}
	}
	return o.receiptFor(a, int64(len(b)))
}

// readWithin bounds the reading of one hostile document, and its being taken in.
const readWithin = time.Minute

// letterIn reads what came by mail, or is named like one, as a mail.
func (o *Office) letterIn(ctx context.Context, channel, name string, b []byte) (mail.Letter, bool) {
	if channel != "mail" && !strings.HasSuffix(strings.ToLower(name), ".eml") {
		return mail.Letter{}, false
	}
	l, err := mail.Read(ctx, b, mail.Options{Known: o.knownDomains(), Open: o.openPDF})
	return l, err == nil
}

// knownDomains are those of the agencies on file, to find names that look like them.
func (o *Office) knownDomains() (out []string) {
	for _, a := range o.Agencies.All() {
		out = append(out, a.Domains...)
	}
	return out
}

// holdFlagged lets nothing of a demand leave that came from a mailbox which was
// found to be in other hands.
func (o *Office) holdFlagged(ctx context.Context, id demand.ID, l mail.Letter) (bool, error) {
	for _, m := range l.Senders {
		if flag, held := o.Agencies.Held(m.Address, o.Clock.Now()); held {
			_, err := o.act(ctx, id, "door:mail", nil, "the mailbox is flagged", demand.PlaceHold{Kind: "action", Why: flaggedMailbox + ": " + flag.Why})
			return err == nil, err
		}
	}
	return false, nil
}

// flaggedMailbox begins the reason of a hold on what came from one.
const flaggedMailbox = "flagged mailbox"

func (o *Office) receiptFor(a docket.Accepted, size int64) (Receipt, error) {
	r := receipt.Receipt{Provider: o.Config.Provider, Demand: string(a.ID), Received: a.At, Channel: a.Channel, OriginalSHA256: a.OriginalDigest,
		OriginalBytes: size, JournalSalt: a.Journal.Salt, JournalDigest: a.Journal.Digest, RegisterOpening: a.RegisterOpening}
	text, signed, err := r.Sign(o.signer)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Demand: a.ID, Received: a.At, Original: demand.Digest(a.OriginalDigest).String(), Again: a.Known, Text: text, Signature: signed}, nil
}

// Reading is what the program can say about a document before anybody has read it:
// what it is, what a person should know before believing it, and what the text seems
// to ask. Nothing of it is decided.
type Reading struct {
	Mail      *mail.Letter     `json:"mail,omitempty"`
	Paper     *paper.Paper     `json:"paper,omitempty"`
	Proposals intake.Proposals `json:"proposals"`
}

// Reading looks at the original of a demand. It changes nothing. Codes: those of
// docket.Original.
func (o *Office) Reading(ctx context.Context, id demand.ID) (Reading, error) {
	b, media, err := o.Docket.Original(ctx, id)
	if err != nil {
		return Reading{}, err
	}
	var r Reading
	what := intake.Reading{}
	if media == "message/rfc822" {
		l, err := mail.Read(ctx, b, mail.Options{Known: o.knownDomains(), Open: o.openPDF})
		if err == nil {
			r.Mail, what.Text = &l, l.Text
			for _, m := range l.Senders {
				if m.Field == "From" && m.Address != "" {
					what.From = append(what.From, m.Address)
				}
			}
			for _, at := range l.Attachments {
				what.Text += "\n\n" + at.Text
			}
		}
	}
	if r.Mail == nil {
		p := paper.Read(ctx, "", media, b, o.openPDF)
		r.Paper, what.Text = &p, p.Text
	}
	r.Proposals = intake.Proposed(what, agenciesAt{o})
	return r, nil
}

// agenciesAt finds agencies by the domain of their mail. It implements
// intake.Agencies.
type agenciesAt struct{ *Office }

// AgenciesAt implements intake.Agencies.
func (x agenciesAt) AgenciesAt(domain string) (out []string) {
	for _, a := range x.Agencies.All() {
		for _, d := range a.Domains {
			if strings.EqualFold(d, domain) {
				out = append(out, a.ID)
				break
			}
		}
	}
	return out
}

// mailboxes knows how far the folders have been read that a renewal could come
// through. The portal and the command line take in what they are given at once.
type mailboxes struct {
	watched atomic.Int64 // folders that are watched
	through atomic.Int64 // Unix nanoseconds of the last look that read a folder whole
}

// DrainedThrough implements clerk.Channels: now, where no folder is watched; else
// when the last look into it began.
func (o *Office) DrainedThrough(context.Context) (time.Time, error) {
	if o.mailboxes.watched.Load() == 0 {
		return o.Clock.Now(), nil
	}
	return time.Unix(0, o.mailboxes.through.Load()).UTC(), nil
}

// WatchMail takes in what lies in a folder of mail and what is dropped into it, until
// ctx ends. Nothing there is changed. each hears of every file: its receipt, or why
// it was not taken in. One that cannot be taken in is tried again at the next look
// and keeps no other waiting. Code: folder.open.
func (o *Office) WatchMail(ctx context.Context, dir string, settle time.Duration, each func(intake.Found, Receipt, error)) error {
	f, err := intake.OpenFolder(dir, settle, o.Clock.Now)
	if err != nil {
		return err
	}
	defer f.Close()
	f.Known = func(key [32]byte) (bool, error) { return o.Docket.Delivered(ctx, key, "mail", "files") }
	o.mailboxes.watched.Add(1)
	defer o.mailboxes.watched.Add(-1)
	for {
		begun := o.Clock.Now()
		look, err := f.Look(ctx, func(found intake.Found) error {
			r, err := o.TakeUnread(ctx, channelOf(found), found.Place, found.Bytes, "door:mail")
			each(found, r, err)
			return err
		})
		for _, s := range look.Skipped {
			each(intake.Found{Place: s.Place}, Receipt{}, s.Err)
		}
		if err == nil && look.Waiting == 0 {
			o.mailboxes.through.Store(begun.UnixNano())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookEvery):
		}
	}
}

const lookEvery = time.Second

func channelOf(f intake.Found) string {
	if f.Mail {
		return "mail"
	}
	return "files"
}
