package law

import (
	"regexp"
	"strings"

	"counterseal/internal/fact"
)

// withinForm is what a statute says of a term, up to what it runs from. The day of that
// is not counted, as in every comparison with days.
var withinForm = regexp.MustCompile(`(?i)^ (?:(?:is|was|are|were|be) )?(?:within|(?:not|no) more than|(?:not|no) later than|at most) (\d{1,6}) (?:calendar )?days? (?:after|from|of) `)

// within finds a term that a statute counts: served within 10 days after signature, and
// not more than 10 days after it.
func (h *heard) within(p phrase) (out []phrase) {
	m := withinForm.FindStringSubmatch(h.text[p.end:])
	if m == nil || p.kind != aTime {
		return nil
	}
	next := p.end + len(m[0])
	put := func(from string, end int) {
		out = append(out, phrase{expr: p.expr + " <= " + from + " + days(" + m[1] + ")", end: end})
	}
	for _, q := range h.things(next) {
		if q.kind == aTime {
			put(q.expr, q.end)
		}
	}
	for k, event := range events {
		if k.Def().Type != fact.Date {
			continue
		}
		event = strings.TrimPrefix(event, "the ")
		for _, said := range []string{event, "the " + event} {
			if end := h.afterWord(next, said); end > 0 {
				put(k.String(), end)
			}
		}
	}
	return out
}
