package law

import (
	"slices"
	"time"

	"counterseal/internal/fact"
)

// outside adds a case on the days next to those on which the draft is in force, or where
// it is bound to none one long ago, and one before a court that it does not name: of each
// the draft would say something, were it not bound.
func (w *sitting) outside(d *Draft, today string) error {
	loose := *d
	loose.From, loose.To, loose.Inside, loose.Outside = "", "", nil, nil
	free, err := loose.engine(today)
	if err != nil {
		return err
	}
	var days []any
	if from, err := time.Parse(time.DateOnly, w.rule.From); err == nil {
		days = append(days, from.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	if to, err := time.Parse(time.DateOnly, w.rule.To); err == nil {
		days = append(days, to.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	at := -1
	for _, day := range days {
		at = w.beyond(free, fact.AsOf, day, at, "the law is in force on the day")
	}
	w.longAgo()
	if court := w.elsewhere(); court != "" {
		w.beyond(free, fact.Forum, court, -1, "the court is one of those named")
	}
	return nil
}

// before is a day on which hardly a law about such data was in force.
const before = "1980-01-01"

// longAgo adds the first case on a day before the law was likely in force, where few cases
// stand and the draft of a country's law says of no day that it is: who forgot it sees it there.
func (w *sitting) longAgo() {
	f := w.cases[0].Facts
	if w.rule.From != "" || w.rule.To != "" || w.country == "" || f.Known().Has(fact.AsOf) || len(w.cases) >= ordinarily {
		return
	}
	_ = f.Set(fact.AsOf.String(), before) // a day
	w.addAs(f, 0)
}

// elsewhere is a court that the draft is not bound to; "" where it is bound to none. It
// stands beside its own in the schema.
func (w *sitting) elsewhere() string {
	if w.study.forums == nil {
		return ""
	}
	courts := fact.Forum.Def().Values
	at := 0
	if len(w.rule.Inside) > 0 {
		at = max(slices.Index(courts, w.rule.Inside[0]), 0)
	}
	for n := 1; n < len(courts); n++ {
		for _, i := range []int{at + n, at - n} {
			if i >= 0 && i < len(courts) && !w.study.forums[i] && courts[i] != "none" && courts[i] != "other" {
				return courts[i]
			}
		}
	}
	return ""
}

// beyond adds the first case that one value of a fact puts beyond what the draft is bound
// to, or puts its facts beside one that is there, and gives its place; where there is no
// such case, what is bound goes to the untold.
func (w *sitting) beyond(free *Engine, k fact.Key, value any, beside int, bound string) int {
	for i := range w.cases {
		f := w.cases[i].Facts
		if f.Set(k.String(), value) != nil || f.Validate() != nil {
			continue
		}
		says, _ := free.one(&free.rules[0], f)
		if says == None || w.judge(f).Says != None {
			continue
		}
		if beside >= 0 && w.also(beside, f) {
			return beside
		}
		if w.addAs(f, i) {
			return len(w.cases) - 1
		}
	}
	w.unbound = append(w.unbound, bound)
	return beside
}
