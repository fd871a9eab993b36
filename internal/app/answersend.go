package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// AnswerSending is a letter to an authority as a person sends it.
type AnswerSending struct {
	Demand demand.ID
	Kind   string
	Answer
	Wording string     // "": as the record has it
	Seen    demand.Seq // the last event that the person saw; 0: whatever stands
	Command [16]byte   // of this sending: the same again is one
}

// SentAnswer is a letter that has gone by mail, or into the spool.
type SentAnswer struct {
	ID      string // of the dispatch
	Channel string // mail, post
	Number  int    // in the thread
	Text    []byte
}

// SendAnswer is Send for those who send what stands and have no form: the command
// line and the stories.
func (o *Office) SendAnswer(ctx context.Context, reader string, id demand.ID, kind string, a Answer, wording string) (SentAnswer, error) {
	command, err := o.NewCommandID()
	if err != nil {
		return SentAnswer{}, err
	}
	return o.Send(ctx, reader, AnswerSending{Demand: id, Kind: kind, Answer: a, Wording: wording, Command: command})
}

// Send sends a drafted letter, with counsel's wording where one is given: the letter
// is kept as a document of the demand, stands in its thread, and goes by mail or lies in the spool.
// The difference to the draft is counsel's and is kept among the privileged notes.
// What was sent with the same page before is not sent again; with a page that is
// older than the demand nothing is. Codes: staff.changed, app.roster, app.seat,
// letter.earlier, notice.unknown, those of DraftAnswer, notice.edit, and those of docket.Do.
func (o *Office) Send(ctx context.Context, reader string, x AnswerSending) (_ SentAnswer, err error) {
	defer func() { o.refusedSeat(reader, "letter", err) }()
	o.sending.Lock() // a place in the thread is one letter's
	defer o.sending.Unlock()
	ctx = docket.For(ctx, demand.Person(reader))
	c, err := o.answered(ctx, x.Demand)
	if err != nil {
		return SentAnswer{}, err
	}
	w, err := o.reader(reader)
	if err != nil {
		return SentAnswer{}, err
	}
	err = w.may(sendLetter, resourceOf(c))
	if err != nil {
		return SentAnswer{}, err
	}
	if x.Seen > 0 && x.Seen != c.State.Last {
		return o.sentBefore(ctx, c, w, x)
	}
	return o.send(ctx, c, w, x)
}

// answered is the demand that a letter is about: nothing else is answered.
func (o *Office) answered(ctx context.Context, id demand.ID) (docket.Case, error) {
	c, err := o.Docket.State(ctx, id)
	if err == nil && c.State.Stream != demand.DemandStream {
		return c, docket.NotFound()
	}
	return c, err
}

// sendLetter is the act of sending a letter to an authority.
const sendLetter = "letter.send"

func (o *Office) send(ctx context.Context, c docket.Case, w who, x AnswerSending) (SentAnswer, error) {
	d, err := o.draftAnswer(ctx, c, x.Kind, x.Answer)
	if err != nil {
		return SentAnswer{}, err
	}
	rendered, edit, err := o.worded(d, x.Wording, string(w.person))
	if err != nil {
		return SentAnswer{}, err
	}
	number := len(c.State.Thread) + 1
	out := SentAnswer{ID: answerID(c.ID, x.Kind, number), Number: number, Text: rendered.Text}
	// First delivered, then recorded: what is recorded as sent has been sent.
	agency, _ := o.Agencies.Agency(c.State.Instrument.Agency)
	out.Channel, err = o.post.deliver(ctx, notice.Dispatch{ID: out.ID, To: agency.Mail, At: o.Clock.Now(), Letter: rendered})
	if problem.Code(err) == "notice.conflict" {
		return o.recordEarlier(ctx, c, w, x, out)
	}
	if err != nil {
		return SentAnswer{}, err
	}
	err = o.recordSent(ctx, c, w, x, out.Channel, rendered.PDF)
	if err != nil || edit == "" || !w.holds("counsel") {
		return out, err
	}
	_, err = o.act(ctx, demand.NotesOf(c.ID), w.person, w.seats, "", demand.WriteNote{Text: edit})
	return out, err
}

// recordSent keeps the paper that went and puts it into the thread.
func (o *Office) recordSent(ctx context.Context, c docket.Case, w who, x AnswerSending, channel string, paper []byte) error {
	digest, err := o.Docket.KeepDocument(ctx, c.ID, paper, "application/pdf")
	if err != nil {
		return err
	}
	_, err = o.Docket.Do(ctx, docket.Act{ID: c.ID, CommandID: x.Command, Actor: w.person, Seats: w.seats, Command: demand.KeepMessage{Out: true, Party: cmp.Or(c.State.Instrument.Agency, "the sender"),
		Channel: channel, Subject: x.Kind, Document: digest, Letter: x.Kind, Question: x.Kind == "clarification-request"}})
	return err
}

// recordEarlier is for a letter that went from this place of the thread while the
// program stopped before it was recorded: that one is recorded, and the new one is
// not sent. Code: letter.earlier.
func (o *Office) recordEarlier(ctx context.Context, c docket.Case, w who, x AnswerSending, out SentAnswer) (SentAnswer, error) {
	paper, err := o.post.went(out.Channel, out.ID)
	if err != nil {
		return SentAnswer{}, err
	}
	err = o.recordSent(ctx, c, w, x, out.Channel, paper)
	if err != nil {
		return SentAnswer{}, err
	}
	return SentAnswer{}, problem.New(problem.Conflict, "letter.earlier", "a letter of this kind had gone already and was not recorded; it is recorded now, and yours was not sent").
		At("message %d", out.Number).Fix("read it in the thread; send yours if it still has something to say")
}

// sentBefore answers for a page that is older than the demand: with the letter,
// where it is what this very page has sent, and else that the demand has changed.
func (o *Office) sentBefore(ctx context.Context, c docket.Case, w who, x AnswerSending) (SentAnswer, error) {
	number := 1
	for _, m := range c.State.Thread {
		if m.Seq <= x.Seen {
			number++
		}
	}
	if number > len(c.State.Thread) || x.Wording == "" || x.Written.IsZero() {
		return SentAnswer{}, staff.ErrChanged
	}
	history, err := o.Docket.History(ctx, c.ID)
	if err != nil {
		return SentAnswer{}, err
	}
	m := c.State.Thread[number-1]
	d := notice.Draft{Kind: notice.Kind(x.Kind), Language: o.languageOf(c.State, x.Answer), Sender: o.Config.Provider, Date: x.Written.In(o.Zone())}
	rendered, _, err := o.worded(d, x.Wording, string(w.person))
	same := err == nil && m.Out && m.Letter == x.Kind && history[m.Seq-1].By == w.person && m.Document == demand.Digest(sha256.Sum256(rendered.PDF))
	if !same {
		return SentAnswer{}, staff.ErrChanged
	}
	return SentAnswer{ID: answerID(c.ID, x.Kind, number), Channel: m.Channel, Number: number, Text: rendered.Text}, nil
}

// worded renders the draft, or counsel's wording of it, and says what was changed.
func (o *Office) worded(d notice.Draft, wording, by string) (notice.Rendered, string, error) {
	if wording == "" {
		r, err := d.Render()
		return r, "", err
	}
	e, err := notice.NewEdit(d, wording, by, o.Clock.Now())
	if err != nil {
		return notice.Rendered{}, "", err
	}
	r, err := e.Render()
	if err != nil || e.Wording == d.Wording {
		return r, "", err
	}
	return r, changesOf(e), nil
}

// changesOf writes what somebody changed in a draft, in the bounds of a note.
func changesOf(e notice.Edit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The letter %s was edited:\n", e.Draft.Kind)
	for _, c := range e.Diff() {
		if c.Op != notice.Same {
			fmt.Fprintf(&b, "%s %s\n", c.Op, c.Text)
		}
	}
	text := b.String()
	if len(text) > demand.MaxNote {
		text = strings.ToValidUTF8(text[:demand.MaxNote-4], "") + " …"
	}
	return text
}

// answerID is the dispatch of a place in a demand's thread.
func answerID(id demand.ID, kind string, number int) string {
	s := sha256.Sum256(fmt.Appendf(nil, "counterseal-answer-v1\n%s\n%s\n%d", id, kind, number-1))
	return hex.EncodeToString(s[:16])
}
