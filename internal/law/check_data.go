package law

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
)

// examples runs every worked example on the packs as they are.
func (c *check) examples() {
	if c.engine == nil {
		return
	}
	for i := range c.engine.rules {
		r := &c.engine.rules[i]
		if !c.own[r.pack.File] {
			continue
		}
		for _, ex := range r.Examples {
			got, missing := c.engine.one(r, ex.Facts)
			if got != ex.Expect || !slices.Equal(missing, ex.Missing) {
				c.example(r.pack, &r.Entry, ex.Line, ex.Name, said(string(ex.Expect), ex.Missing), said(string(got), missing))
			}
		}
	}
	for i := range c.engine.deadlines {
		d := &c.engine.deadlines[i]
		if !c.own[d.pack.File] {
			continue
		}
		for _, ex := range d.Examples {
			want, got := ex.says(), c.engine.counted(d, ex.Facts)
			if want != got {
				c.example(d.pack, &d.Entry, ex.Line, ex.Name, want, got)
			}
		}
	}
	for i := range c.engine.reaches {
		r := &c.engine.reaches[i]
		if !c.own[r.pack.File] {
			continue
		}
		for _, ex := range r.Examples {
			got, by := c.engine.reachesWhom(r, ex.Facts)
			if got != ex.Expect || ex.By != nil && !slices.Equal(by, ex.By) {
				c.example(r.pack, &r.Entry, ex.Line, ex.Name, said(string(ex.Expect), ex.By), said(string(got), by))
			}
		}
	}
}

func (c *check) example(p *Pack, e *Entry, line int, name, want, got string) {
	c.say(p, e, line, Defect, "law.example_fails", "the example “%s” expects %s, but the packs say %s", name, want, got)
}

func said(outcome string, list []string) string {
	if len(list) == 0 {
		return outcome
	}
	return outcome + " (" + strings.Join(list, ", ") + ")"
}

func (ex DeadlineExample) says() string {
	rests := ""
	if ex.Suspended != Runs { // what runs is not said to: most deadlines cannot rest
		rests = string(ex.Suspended)
	}
	return said(string(ex.Expect), ex.Missing) + stated(", not before ", ex.NotBefore) + stated(", latest ", ex.Latest) + stated(", suspended ", rests)
}

func stated(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// counted says of one deadline what an example would.
func (e *Engine) counted(c *compiledDeadline, f factsOf) string {
	got := DeadlineExample{Expect: NoDeadline, Suspended: Runs}
	ev := e.evaluator()
	defer e.put(ev)
	ev.begin(&f)
	if word, known := f.Raw(fact.Instrument); known && !has(c.Instruments, fact.Instrument.Def().Values[word]) || whenAndWhere(&f).outside(&c.entry) {
		return got.says()
	}
	d, applies := ev.deadline(c)
	if !applies {
		return got.says()
	}
	got.Expect, got.Suspended, got.Missing = d.Outcome, d.Suspended, d.Missing
	zone, err := calendar.Zone(d.Zone)
	if d.Outcome == Counted && err == nil {
		got.NotBefore, got.Latest = Face(d.NotBefore, zone), Face(d.Latest, zone)
	}
	return got.says()
}

// one is the outcome of one rule, and what it misses.
func (e *Engine) one(c *compiled, f factsOf) (Outcome, []string) {
	ev := e.evaluator()
	defer e.put(ev)
	ev.begin(&f)
	if word, known := f.Raw(fact.Instrument); known && !has(c.Instruments, fact.Instrument.Def().Values[word]) || whenAndWhere(&f).outside(&c.entry) {
		return None, nil
	}
	r, applies := ev.rule(c)
	if !applies {
		return None, nil
	}
	return r.Outcome, r.Missing.Names()
}

func (e *Engine) reachesWhom(c *compiledReach, f factsOf) (ReachOutcome, []string) {
	ev := e.evaluator()
	defer e.put(ev)
	outcome, by, _ := ev.reach(c, f)
	return outcome, by
}

// inTime looks at what follows what: between a rule and its successors no day may
// be without, and two with one condition are not in force at once.
func (c *check) inTime() {
	for _, p := range c.packs {
		byID := map[string]*Rule{}
		for i := range p.Rules {
			byID[p.Rules[i].ID] = &p.Rules[i]
		}
		for i := range p.Rules {
			r := &p.Rules[i]
			for _, id := range r.ReplacedBy {
				next := byID[id]
				if next != nil && dayAfter(r.To) < next.From {
					c.say(p, &r.Entry, r.Line, Doubt, "law.date_gap", "between its last day, %s, and the first of %s, %s, no rule is in force", r.To, id, next.From)
				}
			}
		}
		c.sameCondition(p, p.entries())
		for _, e := range p.entries() {
			if e.To != "" && !followed(p, e, byID[e.ID]) {
				c.say(p, e, e.Line, Note, "law.ends", "it ends on %s, and nothing in the pack follows it", e.To)
			}
		}
	}
}

// followed says whether a rule names its successors, or something in the pack
// begins on the day after.
func followed(p *Pack, e *Entry, r *Rule) bool {
	if r != nil && r.ReplacedBy != nil {
		return true
	}
	return slices.ContainsFunc(p.entries(), func(o *Entry) bool { return o.From == dayAfter(e.To) })
}

// sameCondition compares entries with the same applies, papers and forums, of which
// one has an end.
func (c *check) sameCondition(p *Pack, all []*Entry) {
	groups := map[string][]*Entry{}
	for _, e := range all {
		s := c.studies[e.ID]
		if s == nil {
			continue
		}
		kind := "deadline"
		if s.requires != nil {
			kind = "rule " + plainText(s.requires.tree.Source().Content())
		}
		for i := range p.Reach {
			if x := &p.Reach[i]; x.ID == e.ID {
				kind = "reach " + string(x.Role) + x.Paper
			}
		}
		key := strings.Join([]string{kind, plainText(e.Applies), strings.Join(e.Instruments, " "), strings.Join(e.Inside, " "), strings.Join(e.Outside, " ")}, "|")
		groups[key] = append(groups[key], e)
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *Entry) int { return strings.Compare(a.From+a.ID, b.From+b.ID) })
		for i := 1; i < len(g); i++ {
			a, b := g[i-1], g[i]
			switch {
			case a.To == "" || b.From == "" || strings.HasPrefix(c.kindOf(p, a), "deadline"):
			case b.From <= a.To:
				c.say(p, b, b.Line, Doubt, "law.date_overlap", "from %s to %s %s is in force, too, under the same condition", b.From, a.To, a.ID)
			case dayAfter(a.To) < b.From && !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.ID == a.ID && slices.Contains(r.ReplacedBy, b.ID) }):
				c.say(p, b, b.Line, Doubt, "law.date_gap", "between the last day of %s, %s, and its first, %s, neither is in force", a.ID, a.To, b.From)
			}
		}
	}
}

// kindOf says in which list of its pack an entry stands.
func (c *check) kindOf(p *Pack, e *Entry) string {
	if slices.ContainsFunc(p.Deadlines, func(d DeadlineRule) bool { return d.ID == e.ID }) {
		return "deadlines"
	}
	return "rules"
}

func dayAfter(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// languages finds sentences that were copied and not translated.
func (c *check) languages() {
	for _, p := range c.packs {
		for i := range p.Rules {
			c.translated(p, &p.Rules[i].Entry, p.Rules[i].Letter)
		}
		for i := range p.Reach {
			c.translated(p, &p.Reach[i].Entry, p.Reach[i].Says)
		}
	}
}

func (c *check) translated(p *Pack, e *Entry, s Sentences) {
	var same []string
	for i, lang := range Languages {
		if slices.ContainsFunc(Languages[:i], func(o string) bool { return s.In(o) == s.In(lang) }) {
			same = append(same, lang)
		}
	}
	if len(same) > 0 {
		c.say(p, e, e.Line, Doubt, "law.untranslated", "in %s the sentence is missing, or is that of another language: translate it before the rule is put in force", strings.Join(same, ", "))
	}
}

// unchecked lists what nobody has read in a source.
func (c *check) unchecked() {
	for _, p := range c.packs {
		for _, e := range p.entries() {
			if e.Checked.Level == Unchecked {
				c.say(p, e, e.Line, Note, "law.unchecked", "not read in a source: %s (%s)", e.Cite, e.Checked.Source)
			}
		}
	}
}
