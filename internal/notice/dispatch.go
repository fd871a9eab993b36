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
// another letter under the id is notice.conflict. Unsent lists the ids that the
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
	if !validID(d.ID) {
		return problem.New(problem.Invalid, "notice.id", "a letter's id is 1 to 64 of a–z, 0–9 and inner hyphens")
	}
	if len(d.Letter.Text) == 0 || len(d.Letter.HTML) == 0 || len(d.Letter.PDF) == 0 {
		return problem.New(problem.Invalid, "notice.dispatch", "a dispatch needs a rendered letter").At("letter")
	}
	if !dated(d.At) {
		return problem.New(problem.Invalid, "notice.dispatch", "a dispatch needs the time at which it was accepted").At("at")
	}
	return nil
}

func validID(id string) bool {
	return id != "" && len(id) <= 64 && id[0] != '-' && id[len(id)-1] != '-' && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
