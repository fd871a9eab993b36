package staff

import (
	"strconv"
	"time"
)

// width is the drawing's own unit; the page stretches it.
const (
	width = 1000
	least = 12
)

// timeline is the tracks on one scale, from receipt to the later of now, what is due
// and what ends within a year.
type timeline struct {
	From, Until time.Time
	Today       string // x of now
	EndsDue     bool   // the scale ends when the answer is due
	Rows        []drawn
}

type drawn struct {
	Track
	Bars []bar
}

// bar is a span between two x.
type bar struct {
	Span
	X1, X2 string
}

// draw puts the tracks on a scale. Spans outside it are cut to it; a span so short
// that nobody would see it is drawn twelve units wide.
func draw(tracks []Track, begin, due, now time.Time) timeline {
	t := timeline{From: begin, Until: now}
	if due.After(t.Until) {
		t.Until = due
	}
	for _, tr := range tracks {
		for _, s := range tr.Spans {
			if s.Until.After(t.Until) && s.Until.Before(now.AddDate(1, 0, 0)) {
				t.Until = s.Until
			}
		}
	}
	whole := t.Until.Sub(t.From)
	if whole <= 0 {
		whole, t.Until = time.Hour, t.From.Add(time.Hour)
	}
	x := func(at time.Time) float64 {
		return min(max(float64(at.Sub(t.From))/float64(whole), 0), 1) * width
	}
	t.Today, t.EndsDue = number(x(now)), !due.IsZero() && t.Until.Equal(due)
	for _, tr := range tracks {
		row := drawn{Track: tr}
		for _, s := range tr.Spans {
			until := s.Until
			switch {
			case until.IsZero() && s.Shape == "ahead":
				until = t.Until
			case until.IsZero():
				until = now
			}
			from, to := x(s.From), x(until)
			if to-from < least {
				from = min(from, width-least)
				to = from + least
			}
			row.Bars = append(row.Bars, bar{Span: s, X1: number(from), X2: number(to)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
