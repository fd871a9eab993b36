package app

import (
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/law"
	"counterseal/internal/web/staff"
)

// otherwise says what the packs in force find otherwise than was recorded, on the facts
// that were assessed; nil where those packs were asked, nobody asked any, or the facts
// have changed since (findings.stale says that). Nothing recorded changes by it: packs
// propose, and a finding stands until somebody asks again.
func (o *Office) otherwise(s *demand.State, history []demand.Recorded) (*staff.Others, error) {
	if s.Findings.Seq == 0 || s.Findings.Facts != s.FactsSeq {
		return nil, nil
	}
	engine, err := o.Law()
	if err != nil {
		return nil, err
	}
	if packsDigest(engine.Packs()) == s.Findings.Packs {
		return nil, nil
	}
	now, _, err := o.assess(s)
	if err != nil {
		return nil, err
	}
	facts, err := o.facts(s)
	if err != nil {
		return nil, err
	}
	out := &staff.Others{Asked: history[s.Findings.Seq-1].At, Changes: []staff.Change{}}
	before := map[string]demand.Finding{}
	for _, f := range s.Findings.All {
		before[f.Rule] = f
	}
	for _, f := range now {
		out.Changes = append(out.Changes, changed(before[f.Rule], f)...)
		delete(before, f.Rule)
	}
	for _, f := range before {
		out.Changes = append(out.Changes, changed(f, demand.Finding{})...)
	}
	for _, d := range engine.Deadlines(facts) {
		if _, ours := deadlineKinds[d.Kind]; ours && d.Outcome == law.Counted && !standsSo(s, d) {
			out.Changes = append(out.Changes, staff.Change{Rule: d.Rule, Cite: d.Cite, Deadline: true, Was: lastDay(s, d.Rule), Now: d.Says})
		}
	}
	slices.SortFunc(out.Changes, func(a, b staff.Change) int { return strings.Compare(a.Rule, b.Rule) })
	return out, nil
}

// changed compares what one rule said and says. That it holds is no finding, as in
// law.Compare.
func changed(was, is demand.Finding) []staff.Change {
	before, after := said(was), said(is)
	if before == after && was.Severity == is.Severity && was.Cite == is.Cite || before == "" && after == "" {
		return nil
	}
	of := is
	if is.Rule == "" {
		of = was
	}
	return []staff.Change{{Rule: of.Rule, Cite: of.Cite, Was: before, Now: after, Severity: of.Severity}}
}

func said(f demand.Finding) string {
	if f.Outcome == string(law.Violated) || f.Outcome == string(law.Ask) {
		return f.Outcome
	}
	return ""
}

// lastDay is how a deadline of this rule is on record; "" where it is not.
func lastDay(s *demand.State, rule string) string {
	i := slices.IndexFunc(s.Deadlines, func(d demand.Deadline) bool { return d.ID == rule })
	if i < 0 {
		return ""
	}
	return s.Deadlines[i].Says
}
