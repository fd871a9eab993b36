package estate

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// MaxField bounds one field of a row, in bytes.
const MaxField = 4096

// Add takes a row from a source that has names and values: a query, a program.
// The table and its fields are those of the TOML file. A value is a string, an
// int64, a time.Time, a []string, or nil for a field that the row does not have;
// a string can also stand for a time (RFC 3339) or a list (with commas). Codes:
// estate.row, estate.too_large.
func (t *Tables) Add(table string, fields map[string]any) error {
	into, ok := reflect.ValueOf(t).Elem(), false
	var column reflect.Value
	for i := range into.NumField() {
		if into.Type().Field(i).Tag.Get("toml") == table {
			column, ok = into.Field(i), true
		}
	}
	if !ok {
		return badRow("there is no such table").At("%.40q", table).Fix("use %s", strings.Join(TableNames(), ", "))
	}
	if t.len() >= MaxRows {
		return tooLarge()
	}
	row := reflect.New(column.Type().Elem()).Elem()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := setField(row, name, fields[name]); err != nil {
			return problem.Of(err).At("%s %d: %.40q", table, column.Len()+1, name)
		}
	}
	column.Set(reflect.Append(column, row))
	return nil
}

// TableNames lists the tables of a map.
func TableNames() []string {
	var out []string
	for f := range reflect.TypeFor[Tables]().Fields() {
		out = append(out, f.Tag.Get("toml"))
	}
	return out
}

func badRow(says string) *problem.Error {
	return problem.New(problem.Invalid, "estate.row", "a row of the map cannot be taken: %s", says)
}

func setField(row reflect.Value, name string, value any) error {
	field := reflect.Value{}
	for i := range row.NumField() {
		if row.Type().Field(i).Tag.Get("toml") == name {
			field = row.Field(i)
		}
	}
	if !field.IsValid() {
		return badRow("there is no such field").Fix("take it out, or map it to another name")
	}
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return setText(field, v)
	case time.Time:
		if field.Type() == reflect.TypeFor[time.Time]() {
			field.Set(reflect.ValueOf(v))
			return nil
		}
	case int64:
		if field.Kind() == reflect.Int && v >= 0 && v <= 1<<31 {
			field.SetInt(v)
			return nil
		}
	case []string:
		if field.Kind() == reflect.Slice {
			return setList(field, v)
		}
	}
	return badRow("a value is not of its field's type")
}

func setText(field reflect.Value, v string) error {
	if len(v) > MaxField || !utf8.ValidString(v) {
		return badRow("a field is text of up to 4096 bytes")
	}
	switch {
	case field.Kind() == reflect.String:
		field.SetString(v)
	case field.Kind() == reflect.Slice && v == "":
	case field.Kind() == reflect.Slice:
		return setList(field, strings.Split(v, ","))
	case field.Type() == reflect.TypeFor[time.Time]() && v == "":
	case field.Type() == reflect.TypeFor[time.Time]():
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return badRow("a time has its date, its seconds and its zone").Fix("write 2026-01-05T15:00:00Z").Because(err)
		}
		field.Set(reflect.ValueOf(at))
	default:
		return badRow("a value is not of its field's type")
	}
	return nil
}

func setList(field reflect.Value, words []string) error {
	if len(words) > 256 {
		return badRow("a list has at most 256 words")
	}
	list := reflect.MakeSlice(field.Type(), len(words), len(words))
	for i, w := range words {
		if len(w) > MaxField {
			return badRow("a field is text of up to 4096 bytes")
		}
		list.Index(i).SetString(strings.TrimSpace(w))
	}
	field.Set(list)
	return nil
}
