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
func (s *session) inTheWay(code, subject string, until time.Time) string {
	words := ui.WordsFor("en")
	says := strings.TrimSpace(words.Obstacle(code).Says + " " + about(subject))
	if until.IsZero() {
		return says
	}
	return says + ", until " + s.told.End(until).Text
}

// blocked lists what a guard found, if a guard refused; never nil.
func (s *session) blocked(err error) []obstacle {
	out := []obstacle{}
	var b demand.Blocked
	if !errors.As(err, &b) {
		return out
	}
	for _, o := range b {
		x := obstacle{Code: o.Code, Says: s.inTheWay(o.Code, o.About, o.Until), Seat: o.Seat}
		if !o.Until.IsZero() {
			until := o.Until.UTC()
			x.Until = &until
		}
		out = append(out, x)
	}
	return out
}
