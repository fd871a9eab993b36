package records

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/gate/source/table"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// binding collects the columns that are read, each once.
type binding struct {
	columns map[string]Column
	names   []string
}

// place gives a column its place; "" has none.
func (b *binding) place(column string) (place, *problem.Error) {
	if column == "" {
		return place{index: -1}, nil
	}
	p := place{index: slices.Index(b.names, column), form: table.Text}
	if p.index < 0 {
		p.index = len(b.names)
		b.names = append(b.names, column)
	}
	c := b.columns[column]
	if c.Form != "" {
		p.form = c.Form
	}
	if !table.ValidTimeForm(p.form) {
		return p, table.Misconfigured("a time is stated as text, unix or unix-ms", fmt.Sprintf("column %.70q", column))
	}
	if c.Zone == "" {
		return p, nil
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil || c.Zone == "Local" {
		return p, table.Misconfigured("a zone is a name of the tz database, such as Europe/Copenhagen or UTC", fmt.Sprintf("column %.70q: %.70q", column, c.Zone))
	}
	p.zone = zone
	return p, nil
}

// group checks a group against the vocabulary.
func (b *binding) group(g Group) (group, *problem.Error) {
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
		to     *place
		column string
	}{{&out.time, g.Time}, {&out.from, g.From}, {&out.until, g.Until}} {
		*c.to, err = b.place(c.column)
		if err != nil {
			return out, err
		}
	}
	for i, m := range g.Fields {
		if m.Column == "" || slices.Contains(g.Fields[:i], m) {
			return out, table.Misconfigured("a field is mapped from a column, and from each once", fmt.Sprintf("field %.70q", m.Field))
		}
		err := b.field(&out, m)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (b *binding) field(g *group, m Mapping) *problem.Error {
	f, known := field(m.Field)
	if !known {
		return table.Misconfigured("no statute's field has this name", fmt.Sprintf("field %.70q", m.Field)).Fix("docs/formats.md lists the fields")
	}
	if !slices.Contains(f.Categories, g.Category) {
		return table.Misconfigured("this field is not of this category", fmt.Sprintf("field %s in category %s", f.Name, g.Category)).
			Fix("map it in a group of its own category")
	}
	p, err := b.place(m.Column)
	if err != nil {
		return err
	}
	for i := range g.values {
		if g.values[i].field.Name == f.Name {
			g.values[i].places = append(g.values[i].places, p)
			return nil
		}
	}
	g.values = append(g.values, value{f, []place{p}})
	return nil
}
