package notice

import (
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Dispatch is a letter on its way. Every channel keeps the same contract
// (notice/channeltest):
//
//	Deliver(ctx, Dispatch) error
//	Unsent(ctx, before time.Time) ([]string, error)
//
// Deliver returns nil when the letter has certainly been handed over; the same
// dispatch again is then no error and hands nothing over a second time, and
// another letter under the id is notice.conflict, which therefore means that one
// has gone. After any other error but notice.unknown nothing has gone, and the
// same or another letter can be delivered under the id. Unsent lists the ids that the
// channel accepted before a time and has not certainly handed over: none means
// that the channel is drained up to that time.
type Dispatch struct {
	ID     string    // 1 to 64 of a–z, 0–9 and inner hyphens
	To     string    // address, for channels that need one
	At     time.Time // when it was accepted
	Letter Rendered
}

// Check finds what no channel could deliver. Codes: notice.id, notice.dispatch.
func (d Dispatch) Check() error {
	err := CheckID(d.ID)
	if err != nil {
		return err
	}
	if len(d.Letter.Text) == 0 || len(d.Letter.HTML) == 0 || len(d.Letter.PDF) == 0 {
		return problem.New(problem.Invalid, "notice.dispatch", "a dispatch needs a rendered letter").At("letter")
	}
	if !dated(d.At) {
		return problem.New(problem.Invalid, "notice.dispatch", "a dispatch needs the time at which it was accepted").At("at")
	}
	return nil
}

// CheckID refuses what cannot be a dispatch's id. Code: notice.id.
func CheckID(id string) error {
	if id == "" || len(id) > 64 || id[0] == '-' || id[len(id)-1] == '-' || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return problem.New(problem.Invalid, "notice.id", "a letter's id is 1 to 64 of a–z, 0–9 and inner hyphens")
	}
	return nil
}

// Subject is the subject line of mail that carries the letter. It says who
// writes, in the reader's language, and nothing of what (invariant 17).
func Subject(r Rendered) string {
	w, ok := languages[r.Language]
	if !ok {
		w = languages[Languages[0]]
	}
	return strings.TrimSpace(w.letterTitle + " " + neutral(r.Sender))
}
