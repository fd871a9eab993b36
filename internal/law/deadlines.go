package law

import (
	"encoding/hex"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Deadlines gives every deadline that applies or may apply, by id. It never
// fails: what facts are missing for is asked, what no calendar covers is
// uncounted and says so. Stating more facts never changes a moment that was
// counted, unless a fact that was read is changed.
func (e *Engine) Deadlines(f fact.Facts) []Deadline {
	ev := e.evaluator()
	ev.begin(&f)
	word, known := f.Raw(fact.Instrument)
	g := whenAndWhere(&f)
	out := []Deadline{}
	for i := range e.deadlines {
		c := &e.deadlines[i]
		if known && !has(c.Instruments, fact.Instrument.Def().Values[word]) || g.outside(&c.entry) {
			continue
		}
		if d, ok := ev.deadline(c); ok {
			out = append(out, d)
		}
	}
	e.put(ev)
	return out
}

// has says whether a list, empty for all, holds the word.
func has(list []string, word string) bool {
	if list == nil {
		return true
	}
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func (ev *evaluator) deadline(c *compiledDeadline) (Deadline, bool) {
	applies, missing := ev.applies(&c.entry)
	if applies == no {
		return Deadline{}, false
	}
	d := Deadline{Rule: c.ID, Pack: c.pack.Name, PackDigest: hex.EncodeToString(c.pack.Digest[:]), Kind: c.Kind, Start: c.Start,
		Says: c.Says, Cite: c.Cite, Quote: c.Quote, LeavesOut: c.LeavesOut, Checked: c.Checked, Suspended: Runs}
	missing = missing.Union(ev.require(c.start))
	country, forum := c.Place, ""
	switch {
	case c.Place == "forum":
		missing = missing.Union(ev.require(fact.Forum))
		forum = ev.word(fact.Forum)
	case c.place.String() == c.Place: // the place is a fact
		missing = missing.Union(ev.require(c.place))
		country = ev.country(c.place)
	}
	if missing.Empty() && applies == yes {
		d.Outcome = Counted
		err := d.count(c, ev, country, forum)
		if err != nil {
			d.Outcome, d.Why = Uncounted, problem.Of(err).Message
		}
	} else {
		d.Outcome = AskFirst
	}
	if c.suspended != nil {
		truth, need := ev.eval(c.suspended)
		switch truth {
		case yes:
			d.Suspended = Rests
		case perhaps:
			d.Suspended = AskRest
			missing = missing.Union(need)
		}
	}
	d.Facts, d.Missing = ev.used().Names(), missing.Names()
	return d, true
}

// require reads a fact that an expression did not ask for.
func (ev *evaluator) require(k fact.Key) (missing fact.Bits) {
	ev.read.Add(k)
	if !ev.facts.Known().Has(k) {
		missing.Add(k)
	}
	return missing
}

func (ev *evaluator) word(k fact.Key) string {
	raw, known := ev.facts.Raw(k)
	if !known {
		return ""
	}
	return k.Def().Values[raw]
}

func (ev *evaluator) country(k fact.Key) string {
	raw, known := ev.facts.Raw(k)
	if !known {
		return ""
	}
	return string([]byte{byte(raw >> 8), byte(raw)})
}

// count fills in the moments. Every fact it needs is known.
func (d *Deadline) count(c *compiledDeadline, ev *evaluator, country, forum string) error {
	at, err := placeOf(country, forum)
	if err != nil {
		return err
	}
	zone, err := calendar.Zone(at.zone)
	if err != nil {
		return err
	}
	raw, _ := ev.facts.Raw(c.start)
	end := calendar.Counted{Calendar: calendar.EveryDay}
	switch {
	case c.Until:
		day := calendar.DayOf(fact.DayTime(raw))
		end.Says = "On its face: " + calendar.Words(day) + "."
		end.End, err = calendar.EndOfDay(day, zone, c.Kind.side())
	default:
		p := calendar.Period{N: c.N, Unit: c.Unit, Method: c.Method, Side: c.Kind.side(), Event: c.Event}
		var workdays *calendar.Workdays
		if calendar.NeedsWorkdays(c.Method, c.Unit) {
			workdays, err = calendar.WorkdaysOf(at.calendar)
			if err != nil {
				return err
			}
		}
		if c.start.Def().Type == fact.Instant {
			end, err = calendar.CountFromMoment(fact.SecondTime(raw), p, workdays, zone)
		} else {
			end, err = calendar.CountFromDay(calendar.DayOf(fact.DayTime(raw)), p, workdays, zone)
		}
	}
	if err != nil {
		return err
	}
	d.Zone, d.Calendar, d.Arithmetic = at.zone, end.Calendar, end.Says
	if c.NotBefore {
		d.NotBefore = end.End.In(time.UTC)
	}
	if c.Latest {
		d.Latest = end.End.In(time.UTC)
	}
	return nil
}
