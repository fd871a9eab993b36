package law

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"counterseal/internal/fact"
)

// Neighbourhood is what rules beside a draft look at, and the draft does not: who wrote it
// may have forgotten that.
type Neighbourhood struct {
	Rules int
	Facts []Neighbour
	Words []Neighbour // of facts that both look at: words that the draft does not name
}

// Neighbour is a fact, or a word of one, and in how many of the rules it stands.
type Neighbour struct {
	Fact  string
	Word  string
	Rules int
}

// So many neighbours are read, and more are not: facts stand on a line each, ranks on one
// together.
const (
	mostFacts = 5
	mostRanks = 8
)

// Beside looks at the rules of packs that share a paper with a draft, of the same country or
// on a paper that is of one country alone; where the draft names no paper, at those of its
// country that name none. What stands in one of many is left out.
func (d *Draft) Beside(packs []*Pack) (n Neighbourhood) {
	own := d.looksAt(d.Applies, d.Requires)
	facts, words := map[string]int{}, map[Neighbour]int{}
	for _, p := range packs {
		for i := range p.Rules {
			r := &p.Rules[i]
			if r.ID == d.ID || !d.near(p, r) {
				continue
			}
			n.Rules++
			for k, named := range d.looksAt(r.Applies, r.Requires) {
				mine, looks := own[k]
				if !looks {
					facts[k.String()]++
					continue
				}
				for _, word := range named {
					if ranked(k) && !slices.Contains(mine, word) && fact.Exists(k, word, d.Country()) && word != "none" {
						words[Neighbour{Fact: k.String(), Word: word}]++
					}
				}
			}
		}
	}
	least := max(1+btoi(n.Rules > 3), n.Rules/4)
	for name, rules := range facts {
		if rules >= least {
			n.Facts = append(n.Facts, Neighbour{Fact: name, Rules: rules})
		}
	}
	for w, rules := range words {
		w.Rules = rules
		n.Words = append(n.Words, w)
	}
	n.Facts, n.Words = likeliest(n.Facts, mostFacts), likeliest(n.Words, mostRanks)
	return n
}

func likeliest(list []Neighbour, most int) []Neighbour {
	slices.SortFunc(list, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Rules, a.Rules), cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.Word, b.Word))
	})
	return list[:min(len(list), most)]
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

// looksAt gives the facts in expressions with the words that each is compared with. What
// has a field of its own in a rule is none of them.
func (d *Draft) looksAt(sources ...string) map[fact.Key][]string {
	out := map[fact.Key][]string{}
	for _, src := range sources {
		tree, issues := d.env.Parse(src)
		if src == "" || issues.Err() != nil {
			continue
		}
		ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if k, ok := factIn(e); ok && !hasField(k) {
				out[k] = append(out[k], []string{}...)
			}
			if e.Kind() != ast.CallKind || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.In}, e.AsCall().FunctionName()) {
				return
			}
			k, ok := factIn(e.AsCall().Args()[0])
			if !ok || hasField(k) {
				return
			}
			with := []ast.Expr{e.AsCall().Args()[1]}
			if with[0].Kind() == ast.ListKind {
				with = with[0].AsList().Elements()
			}
			for _, x := range with {
				if x.Kind() != ast.LiteralKind {
					continue
				}
				if word, ok := x.AsLiteral().(types.String); ok {
					out[k] = append(out[k], string(word))
				}
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

// Twins finds the first rule that says the same as a draft, or else the first that catches
// all that it does. Questions of what can be are decided within the limits of solver.
func (d *Draft) Twins(packs []*Pack, today string) *Twin {
	const own = "draft"
	mine := &Pack{Name: d.Pack, File: own, Version: today, Rules: []Rule{d.Rule}}
	c := &check{own: map[string]bool{}}
	all := []*Pack{mine}
	for _, p := range packs {
		copied := *p
		copied.Rules = slices.DeleteFunc(slices.Clone(p.Rules), func(r Rule) bool { return r.ID == d.ID })
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
		if s == draft || s.requires == nil || found != nil && found.Same || !draft.meets(s) || !overlap(draft.requires.facts, s.requires.facts) {
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
