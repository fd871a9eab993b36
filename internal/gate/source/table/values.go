package table

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// Column says how a column of times is to be read.
type Column struct {
	Zone string   // of the tz database; "": times that state no offset lie in some zone
	Form TimeForm // "": Text
}

// Field is a kind of data that a statute names, and that a column can be mapped to.
type Field struct {
	Name    string
	Means   string
	Statute string
	Time    bool // its values are times
}

// Mapping gives a column as a field, by their names.
type Mapping struct{ Field, Column string }

// Place is where a column stands in a row, and how its times are read. Its index
// is -1 where there is none.
type Place struct {
	Index int
	form  TimeForm
	zone  *time.Location
}

// Moment reads the row's time there.
func (p Place) Moment(cells []string) Moment { return ParseTime(cells[p.Index], p.form, p.zone) }

// Binding collects the columns that are read, each once.
type Binding struct {
	Columns map[string]Column // how those of times are read
	Names   []string          // in the order of a row's cells
}

// Place gives a column its place; "" has none. Code: source.config.
func (b *Binding) Place(column string) (Place, *problem.Error) {
	if column == "" {
		return Place{Index: -1}, nil
	}
	p := Place{Index: slices.Index(b.Names, column), form: Text}
	if p.Index < 0 {
		p.Index = len(b.Names)
		b.Names = append(b.Names, column)
	}
	c := b.Columns[column]
	if c.Form != "" {
		p.form = c.Form
	}
	if !slices.Contains([]TimeForm{Text, Unix, UnixMilli}, p.form) {
		return p, Misconfigured("a time is stated as text, unix or unix-ms", fmt.Sprintf("column %.70q", column))
	}
	if c.Zone == "" {
		return p, nil
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil || c.Zone == "Local" {
		return p, Misconfigured("a zone is a name of the tz database, such as Europe/Copenhagen or UTC", fmt.Sprintf("column %.70q: %.70q", column, c.Zone))
	}
	p.zone = zone
	return p, nil
}

// Unread names a column whose zone or form is stated although nothing reads it.
// Code: source.config.
func (b *Binding) Unread() error {
	for name := range b.Columns {
		if !slices.Contains(b.Names, name) {
			return Misconfigured("a column's zone or form is stated, but it is not read", fmt.Sprintf("column %.70q", name))
		}
	}
	return nil
}

// Values are the fields that a row gives, in the order of the configuration.
type Values []value

// value is a field with the places of its columns.
type value struct {
	field  Field
	places []Place
}

// Add maps a column to a field, beside others of the same field.
func (vs *Values) Add(f Field, at Place) {
	for i := range *vs {
		if (*vs)[i].field.Name == f.Name {
			(*vs)[i].places = append((*vs)[i].places, at)
			return
		}
	}
	*vs = append(*vs, value{f, []Place{at}})
}

// Filled reports whether a row states any of them.
func (vs Values) Filled(cells []string) bool {
	return slices.ContainsFunc(vs, func(v value) bool { return v.stated(cells) })
}

// Parts adds names and cells for an id.
func (vs Values) Parts(to, cells []string) []string {
	for _, v := range vs {
		to = append(to, v.field.Name)
		for _, at := range v.places {
			to = append(to, cells[at.Index])
		}
	}
	return to
}

// Append writes a JSON object of what the row states: text exactly as the store
// has it; a time as AppendTime; of a field with several columns a list without
// those that are empty.
func (vs Values) Append(b []byte, cells []string) []byte {
	b = append(b, '{')
	first := true
	for i := range vs {
		v := &vs[i]
		if !v.stated(cells) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(source.AppendJSON(b, v.field.Name), ':')
		b = v.append(b, cells)
	}
	return append(b, '}')
}

func (v *value) stated(cells []string) bool {
	return slices.ContainsFunc(v.places, func(at Place) bool { return cells[at.Index] != "" })
}

func (v *value) append(b []byte, cells []string) []byte {
	if len(v.places) == 1 {
		return v.cell(b, v.places[0], cells)
	}
	b = append(b, '[')
	first := true
	for _, at := range v.places {
		if cells[at.Index] == "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = v.cell(b, at, cells)
	}
	return append(b, ']')
}

func (v *value) cell(b []byte, at Place, cells []string) []byte {
	if !v.field.Time {
		return source.AppendJSON(b, cells[at.Index])
	}
	return AppendTime(b, cells[at.Index], at.Moment(cells))
}
