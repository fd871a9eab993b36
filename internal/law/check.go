package law

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Grade says what a remark is worth.
type Grade string

const (
	Defect Grade = "error"   // the pack does not load, or does not do what it says of itself
	Doubt  Grade = "warning" // somebody should look
	Note   Grade = "note"    // good to know
)

var grades = []Grade{Defect, Doubt, Note}

// Remark is what Check says of one place in a pack.
type Remark struct {
	File     string `json:"file"`
	Line     int    `json:"line"` // 0: the file as a whole
	Rule     string `json:"rule"` // "": the pack as a whole
	Severity Grade  `json:"severity"`
	Code     string `json:"code"`
	Says     string `json:"says"`
	Other    string `json:"other"` // the rule that it is compared with, where it is
}

// MaxRemarks is where listing stops.
const MaxRemarks = 2000

// Check reads packs and says all that is amiss in them: CheckOf all of them.
func Check(sources []Source) []Remark {
	return CheckOf(sources, func(Source) bool { return true })
}

// CheckOf reads packs and says all that is amiss in those that are own, by file and
// line; the others are there to be compared with. What is amiss between an own rule
// and another's is said of the own one, whichever stands first. It lists
// what ParsePack and NewEngine refuse, each rule on its own; runs the examples; and
// asks whether rules can apply, can be violated, contradict each other, follow each
// other without gaps, and speak four languages. Questions of what can be are decided
// within the limits of solver and domains; where they are reached, nothing is said
// of that rule but that it was not decided.
func CheckOf(sources []Source, own func(Source) bool) []Remark {
	c := &check{ids: map[string]placed{}, own: map[string]bool{}}
	var packs []*Pack
	for _, s := range sources {
		c.own[s.File] = own(s)
		if p := c.read(s); p != nil {
			packs = append(packs, p)
		}
	}
	c.compile(packs)
	for _, r := range []func(){c.examples, c.possible, c.opposites, c.inTime, c.languages, c.unchecked} {
		r()
	}
	c.remarks = slices.DeleteFunc(c.remarks, func(r Remark) bool { return r.File != "" && !c.own[r.File] })
	slices.SortStableFunc(c.remarks, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), slices.Index(grades, a.Severity)-slices.Index(grades, b.Severity), cmp.Compare(a.Code, b.Code))
	})
	return c.remarks[:min(len(c.remarks), MaxRemarks)]
}

type check struct {
	remarks []Remark
	own     map[string]bool // by file: it is what is asked about
	ids     map[string]placed
	packs   []*Pack
	engine  *Engine
	studies map[string]*study // of everything that compiles
	solver  *solver
}

// placed is an entry and its pack.
type placed struct {
	pack  *Pack
	entry *Entry
}

func (c *check) say(p *Pack, e *Entry, line int, g Grade, code, format string, args ...any) {
	c.remarks = append(c.remarks, Remark{p.File, line, e.ID, g, code, fmt.Sprintf(format, args...), ""})
}

// between says what is amiss of a beside b, whose id stands in the format.
func (c *check) between(a, b *study, g Grade, code, format string) {
	c.remarks = append(c.remarks, Remark{a.pack.File, a.Line, a.ID, g, code, fmt.Sprintf(format, b.ID), b.ID})
}

// refused takes down a problem of reading or compiling.
func (c *check) refused(file string, err error) {
	p := problem.Of(err)
	r := Remark{File: file, Severity: Defect, Code: p.Code, Says: p.Message}
	if at, ok := err.(*refusal); ok {
		r.Line, r.Rule = at.line, at.rule
		if _, of, named := strings.Cut(p.Field, "rule "+at.rule+", "); named && at.rule != "" {
			r.Says += " (" + of + ")" // the fact that it is about
		}
	}
	if p.Remedy != "" {
		r.Says += "; " + p.Remedy
	}
	c.remarks = append(c.remarks, r)
}

func (c *check) read(s Source) *Pack {
	var refusals []error
	r := &reader{file: s.File, all: &refusals, draft: true}
	p, err := r.pack(s.Data)
	for _, e := range refusals {
		c.refused(s.File, e)
	}
	if err == nil {
		err = s.named(p)
	}
	if err != nil {
		c.refused(s.File, err)
		return nil
	}
	c.unique(p)
	return p
}

// unique drops what has an id that stood before, here or in another pack.
func (c *check) unique(p *Pack) {
	again := func(e *Entry) bool {
		first, seen := c.ids[e.ID]
		if seen && first.pack != p { // in one pack, reading has said it
			about, other := placed{p, e}, first.pack
			if !c.own[p.File] {
				about, other = first, p
			}
			c.say(about.pack, about.entry, about.entry.Line, Defect, "law.duplicate_rule", "the pack %s has a rule with this id", other.Name)
		}
		if !seen {
			held := *e // the lists of the pack are shortened below
			c.ids[e.ID] = placed{p, &held}
		}
		return seen
	}
	p.Rules = slices.DeleteFunc(p.Rules, func(r Rule) bool { return again(&r.Entry) })
	p.Deadlines = slices.DeleteFunc(p.Deadlines, func(r DeadlineRule) bool { return again(&r.Entry) })
	p.Reach = slices.DeleteFunc(p.Reach, func(r ReachRule) bool { return again(&r.Entry) })
}

// compile makes an engine of what compiles, and the studies.
func (c *check) compile(packs []*Pack) {
	c.packs, c.studies = packs, map[string]*study{}
	files := map[string]string{}
	for _, p := range packs {
		for _, e := range p.entries() {
			files[e.ID] = p.File
		}
	}
	var refusals []error
	engine, err := newEngine(&refusals, packs...)
	if err != nil {
		c.refused("", err)
		return
	}
	for _, e := range refusals {
		file := ""
		if at, ok := e.(*refusal); ok {
			file = files[at.rule]
		}
		c.refused(file, e)
	}
	c.engine = engine
	env, err := newEnv()
	if err != nil {
		return // newEngine has made one
	}
	for i := range engine.rules {
		r := &engine.rules[i]
		s := c.study(env, r.entry, &r.Entry)
		if s == nil {
			continue
		}
		s.severity = r.Severity
		s.requires = studiedOf(env, r.pack, &r.Entry, "requires", r.Requires, r.requires)
	}
	for i := range engine.deadlines {
		c.study(env, engine.deadlines[i].entry, &engine.deadlines[i].Entry)
	}
	for i := range engine.reaches {
		c.study(env, engine.reaches[i].entry, &engine.reaches[i].Entry)
	}
	c.solver = &solver{ev: engine.evaluator()}
}

func (c *check) study(env *cel.Env, base entry, e *Entry) *study {
	applies := studiedOf(env, base.pack, e, "applies", e.Applies, base.applies)
	if applies == nil {
		return nil
	}
	s := &study{Entry: e, pack: base.pack, applies: *applies, from: base.from, to: base.to, forums: base.forums}
	if e.Instruments != nil {
		words := fact.Instrument.Def().Values
		s.instruments = make([]bool, len(words))
		for i, w := range words {
			s.instruments[i] = slices.Contains(e.Instruments, w)
		}
	}
	c.studies[e.ID] = s
	return s
}

func studiedOf(env *cel.Env, p *Pack, e *Entry, field, src string, program cel.Program) *studied {
	tree, err := readExpression(env, p, e, field, src)
	if err != nil {
		return nil // it has compiled before
	}
	w := written{words: map[string]bool{}}
	w.read(tree.NativeRep().Expr())
	return &studied{program, tree, w.facts}
}

// possible asks of everything whether it can apply, and of rules whether they can
// be violated.
func (c *check) possible() {
	c.each(func(s *study) {
		if !c.own[s.pack.File] {
			return
		}
		switch c.solver.holds(ask(s)) {
		case cannotBe:
			c.say(s.pack, s.Entry, s.Line, Defect, "law.never_applies", "no facts make it apply: applies, instruments, forum and the dates in force exclude each other")
			return
		case notDecided:
			c.say(s.pack, s.Entry, s.Line, Note, "law.not_decided", "whether it can apply was not decided: the facts in it have too many values to try")
			return
		}
		if s.requires != nil && c.solver.holds(ask(s).and(s.requires, false)) == cannotBe {
			c.say(s.pack, s.Entry, s.Line, Defect, "law.never_violated", "no facts violate it: what it requires follows from when it applies")
		}
	})
}

// each goes over all studies in the order of their packs.
func (c *check) each(do func(*study)) {
	for _, p := range c.packs {
		for _, e := range p.entries() {
			if s := c.studies[e.ID]; s != nil {
				do(s)
			}
		}
	}
}

// opposites compares rules in pairs of which one at least is own. Only those whose
// requirements look at a common fact can be the same or contradict each other; only
// what an own rule looks at can keep another from ever being met.
func (c *check) opposites() {
	var rules []*study
	c.each(func(s *study) {
		if s.requires != nil {
			rules = append(rules, s)
		}
	})
	for i, later := range rules {
		for _, earlier := range rules[:i] {
			about, other := later, earlier
			if !c.own[about.pack.File] {
				about, other = other, about
			}
			if !c.own[about.pack.File] || !about.meets(other) || c.solver.exhausted {
				continue
			}
			c.compare(about, other)
		}
	}
	if c.solver != nil && c.solver.exhausted {
		file := ""
		for _, p := range c.packs {
			if file == "" && c.own[p.File] {
				file = p.File
			}
		}
		c.remarks = append(c.remarks, Remark{File: file, Severity: Note, Code: "law.not_decided", Says: "there are too many rules to compare each with each: not all pairs were"})
	}
}

// compare says of a what is amiss between it and b.
func (c *check) compare(a, b *study) {
	if !overlap(a.requires.facts, b.requires.facts) {
		c.eitherOverruled(a, b)
		return
	}
	if sameText(a, b) {
		c.between(a, b, Doubt, "law.same_rule", "it says the same as %s, where both are in force")
		return
	}
	if a.severity == Information || b.severity == Information {
		return // it demands nothing
	}
	both := ask(a, b)
	if c.solver.holds(both.and(a.requires, true)) != canBe || c.solver.holds(both.and(b.requires, true)) != canBe {
		c.eitherOverruled(a, b)
		return
	}
	if c.solver.holds(both.and(a.requires, true).and(b.requires, true)) != cannotBe {
		return
	}
	if c.within(a, b) && c.within(b, a) {
		c.between(a, b, Defect, "law.contradiction", "it contradicts %s: they apply alike, and what both require is never so")
		return
	}
	c.between(a, b, Doubt, "law.contradiction", "where %s applies, too, what both require is never so")
}

func sameText(a, b *study) bool {
	return plainText(a.Applies) == plainText(b.Applies) && a.requires.tree.Source().Content() == b.requires.tree.Source().Content()
}

func (c *check) eitherOverruled(a, b *study) {
	c.overruled(a, b)
	if c.own[b.pack.File] {
		c.overruled(b, a)
	}
}

// overruled says of a that what b requires, a blocking rule, is never so where a
// applies, too, though it can be elsewhere: what a proposes does not count there.
func (c *check) overruled(a, b *study) {
	if b.severity != Blocking || a.severity == Information || !overlap(a.applies.facts, b.requires.facts) {
		return
	}
	both := ask(a, b)
	if c.solver.holds(both.and(b.requires, true)) != cannotBe || c.solver.holds(both) != canBe || c.solver.holds(ask(b).and(b.requires, true)) != canBe || !c.within(a, b) {
		return
	}
	c.between(a, b, Doubt, "law.overruled", "wherever it applies within the papers and the time of %s, that is violated: it blocks, whatever this one finds")
}

func overlap(a, b fact.Bits) bool { return !a.Without(a.Without(b)).Empty() }

// within says that b applies wherever a does.
func (c *check) within(a, b *study) bool {
	q := question{in: []*study{a, b}, want: []wanted{{&a.applies, true}, {&b.applies, false}}}
	return c.solver.holds(q) == cannotBe
}

func plainText(s string) string { return strings.Join(strings.Fields(s), " ") }

// Replaces says of each pack of a folder that takes the place of one of the program's
// which of that one's rules would go with it. Packs that cannot be read are left out:
// Check says why.
func Replaces(base, over []Source) (out []Remark) {
	for _, o := range over {
		i := slices.IndexFunc(base, func(b Source) bool { return b.Name == o.Name })
		if i < 0 {
			continue
		}
		was, err := ParseDraft(base[i].File, base[i].Data)
		if err != nil {
			continue
		}
		is, err := ParseDraft(o.File, o.Data)
		if err != nil {
			continue
		}
		kept := is.IDs()
		gone := slices.DeleteFunc(was.IDs(), func(id string) bool { return slices.Contains(kept, id) })
		if len(gone) == 0 {
			continue
		}
		names := strings.Join(gone[:min(len(gone), 5)], ", ")
		if len(gone) > 5 {
			names += ", …"
		}
		out = append(out, Remark{File: o.File, Severity: Doubt, Code: "law.replaces",
			Says: fmt.Sprintf("it takes the place of the program's %s, and %d of its rules would go: %s; give it a name of its own to add to them", o.Name, len(gone), names)})
	}
	return out
}
