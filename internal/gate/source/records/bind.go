package records

import (
	"fmt"
	"slices"

	"counterseal/internal/gate/source/table"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// bind checks a group against the vocabulary.
func bind(b *table.Binding, g Group) (group, *problem.Error) {
	out := group{Group: g}
	lasting := g.Category == scope.Subscriber
	switch {
	case g.Category != scope.Subscriber && g.Category != scope.Identification && g.Category != scope.Traffic:
		return out, table.Misconfigured("records are of category subscriber, identification or traffic", fmt.Sprintf("category %.40q", string(g.Category)))
	case lasting && g.Time != "":
		return out, table.Misconfigured("subscriber data lasts: it has from and until, not a time", "time")
	case !lasting && (g.Time == "" || g.From != "" || g.Until != ""):
		return out, table.Misconfigured("records of what happened have the column of their time, and neither from nor until", "time")
	case len(g.Fields) == 0:
		return out, table.Misconfigured("a group has at least one field", "fields")
	}
	var err *problem.Error
	for _, c := range []struct {
		to     *table.Place
		column string
	}{{&out.time, g.Time}, {&out.from, g.From}, {&out.until, g.Until}} {
		*c.to, err = b.Place(c.column)
		if err != nil {
			return out, err
		}
	}
	for i, m := range g.Fields {
		if m.Column == "" || slices.Contains(g.Fields[:i], m) {
			return out, table.Misconfigured("a field is mapped from a column, and from each once", fmt.Sprintf("field %.70q", m.Field))
		}
		err := mapped(b, &out, m)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// mapped adds a column to a group.
func mapped(b *table.Binding, g *group, m table.Mapping) *problem.Error {
	f, known := field(m.Field)
	if !known {
		return table.Misconfigured("no statute's field has this name", fmt.Sprintf("field %.70q", m.Field)).Fix("docs/fields.md lists the fields")
	}
	if !slices.Contains(f.Categories, g.Category) {
		return table.Misconfigured("this field is not of this category", fmt.Sprintf("field %s in category %s", f.Name, g.Category)).
			Fix("map it in a group of its own category")
	}
	p, err := b.Place(m.Column)
	if err != nil {
		return err
	}
	g.values.Add(f.Field, p)
	return nil
}
