package cli

import (
	"errors"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/web/ui"
)

// obstacle is one thing that stands in the way of an act.
type obstacle struct {
	Code  string     `json:"code"`
	Says  string     `json:"says"`
	Seat  string     `json:"seat"` // who can remove it
	Until *time.Time `json:"until,omitempty"`
}

// inTheWay is an obstacle in words: what it is, what it is about, until when.
func inTheWay(words *ui.Words, code, subject string, until time.Time) string {
	says := strings.TrimSpace(words.Obstacle(code).Says + " " + about(subject))
	if until.IsZero() {
		return says
	}
	return says + ", until " + until.UTC().Format("2 Jan 2006 15:04 MST")
}

// blocked lists what a guard found, if a guard refused; never nil.
func blocked(err error) []obstacle {
	out := []obstacle{}
	var b demand.Blocked
	if !errors.As(err, &b) {
		return out
	}
	words := ui.WordsFor("en")
	for _, o := range b {
		x := obstacle{Code: o.Code, Says: inTheWay(words, o.Code, o.About, o.Until), Seat: o.Seat}
		if !o.Until.IsZero() {
			until := o.Until.UTC()
			x.Until = &until
		}
		out = append(out, x)
	}
	return out
}
