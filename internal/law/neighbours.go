package law

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"

	"counterseal/internal/fact"
)

// mostFacts are read, and more are not.
const mostFacts = 5

// Beside names facts that rules beside a draft look at, the most frequent first: who wrote it
// may forget one. They are rules of packs that share a paper with it, of the same country or
// on a paper that is of one country alone; where the draft names no paper, those of its
// country that name none. What conditions of the draft look at, and what stands in one of
// many, is left out.
func (d *Draft) Beside(packs []*Pack, conditions ...string) (facts []string) {
	own, all := d.looksAt(conditions...), 0
	in := map[string]int{}
	for _, p := range packs {
		for i := range p.Rules {
			r := &p.Rules[i]
			if r.ID == d.ID || !d.near(p, r) {
				continue
			}
			all++
			for k := range d.looksAt(r.Applies, r.Requires) {
				if !own[k] {
					in[k.String()]++
				}
			}
		}
	}
	least := max(1+btoi(all > 3), all/4)
	for name, rules := range in {
		if rules >= least {
			facts = append(facts, name)
		}
	}
	slices.SortFunc(facts, func(a, b string) int { return cmp.Or(cmp.Compare(in[b], in[a]), cmp.Compare(a, b)) })
	return facts[:min(len(facts), mostFacts)]
}

func (d *Draft) near(p *Pack, r *Rule) bool {
	theirs := (&Draft{Pack: p.Name}).Country()
	if len(d.Instruments) == 0 || len(r.Instruments) == 0 {
		return len(d.Instruments) == len(r.Instruments) && theirs == d.Country() && theirs != ""
	}
	return slices.ContainsFunc(d.Instruments, func(paper string) bool {
		return slices.Contains(r.Instruments, paper) && (theirs == d.Country() || fact.Home(fact.Instrument, paper) != "")
	})
}

// hasField says whether a rule has a field of its own for a fact.
func hasField(k fact.Key) bool { return k == fact.Instrument || k == fact.AsOf || k == fact.Forum }

// looksAt gives the facts in expressions. What has a field of its own in a rule is none of
// them.
func (d *Draft) looksAt(sources ...string) map[fact.Key]bool {
	out := map[fact.Key]bool{}
	for _, src := range sources {
		tree, issues := d.env.Parse(src)
		if src == "" || issues.Err() != nil {
			continue
		}
		ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if k, ok := factIn(e); ok && !hasField(k) {
				out[k] = true
			}
		}))
	}
	return out
}

// Days gives the first days on which rules of packs are in force that cite the act which a
// draft cites, each with the rule that has it.
func (d *Draft) Days(packs []*Pack) (days, rules []string) {
	for _, p := range packs {
		for i := range p.Rules {
			r := &p.Rules[i]
			if strings.HasPrefix(d.Cite, "§") && (&Draft{Pack: p.Name}).Country() != d.Country() {
				continue // the StPO of Austria is not that of Germany
			}
			if r.From != "" && r.ID != d.ID && act(d.Cite) != "" && act(r.Cite) == act(d.Cite) && !slices.Contains(days, r.From) {
				days, rules = append(days, r.From), append(rules, r.ID)
			}
		}
	}
	return days, rules
}

var (
	usCode  = regexp.MustCompile(`\d+ USC \d+`)
	section = regexp.MustCompile(`(?i),? *(§§?|\b(ss?|arts?|sec|abs|para)\.|\b(section|sections|article|articles)\b).*$`)
)

// act is the act that a citation is of: the Act 2011 of Act 2011, s. 6; StPO of § 100j StPO.
func act(cite string) string {
	if code := usCode.FindString(cite); code != "" {
		return code
	}
	if name := section.ReplaceAllString(cite, ""); name != cite && name != "" {
		return name
	}
	if words := strings.Fields(cite); len(words) > 0 && strings.HasPrefix(cite, "§") {
		return words[len(words)-1]
	}
	return ""
}

// Twin says of a rule of packs that it says what a draft says: the same where both are in
// force, or, where whatever violates the draft violates it, that and more.
type Twin struct {
	Rule string
	Cite string
	Same bool
}

// AboutPapersOf says whether what stands here is about all papers that another is about.
func (e *Entry) AboutPapersOf(other *Entry) bool {
	return len(e.Instruments) == 0 || len(other.Instruments) > 0 && !slices.ContainsFunc(other.Instruments, func(paper string) bool { return !slices.Contains(e.Instruments, paper) })
}

// Twins finds the first rule that says the same as a draft, or else the first that catches
// all that it does, of the same country or of none. Questions of what can be are decided within the limits of solver.
func (d *Draft) Twins(packs []*Pack, today string) *Twin {
	const own = "draft"
	mine := &Pack{Name: d.Pack, File: own, Version: today, Rules: []Rule{d.Rule}}
	c := &check{own: map[string]bool{}}
	all := []*Pack{mine}
	for _, p := range packs {
		copied := *p
		of := (&Draft{Pack: p.Name}).Country()
		copied.Rules = slices.DeleteFunc(slices.Clone(p.Rules), func(r Rule) bool { return r.ID == d.ID || of != "" && d.Country() != "" && of != d.Country() })
		copied.Deadlines, copied.Reach = nil, nil
		all = append(all, &copied)
	}
	c.compile(all)
	draft := c.studies[d.ID]
	if draft == nil || draft.requires == nil {
		return nil
	}
	var found *Twin
	c.each(func(s *study) {
		if s == draft || s.requires == nil || !s.AboutPapersOf(&d.Entry) || found != nil && found.Same || !draft.meets(s) || !overlap(draft.requires.facts, s.requires.facts) {
			return
		}
		same := sameText(draft, s)
		if !same && !c.catches(s, draft) {
			return
		}
		if same = same || c.catches(draft, s); same || found == nil {
			found = &Twin{s.ID, s.Cite, same}
		}
	})
	return found
}

// catches says that what violates b violates a, where both are in force, and that something
// does.
func (c *check) catches(a, b *study) bool {
	in := question{in: []*study{a, b}, want: []wanted{{&b.applies, true}, {b.requires, false}}}
	return c.solver.holds(in) == canBe && c.solver.holds(in.and(&a.applies, false)) == cannotBe && c.solver.holds(in.and(a.requires, true)) == cannotBe
}
