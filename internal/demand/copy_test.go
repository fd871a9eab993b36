package demand

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exporter lets cmp look into everything: what differs in a hidden field differs.
var exporter = cmp.Exporter(func(reflect.Type) bool { return true })

// filled is a value of a type with something in every exported field, two of each
// slice.
func filled(t *testing.T, typ reflect.Type, in string) reflect.Value {
	t.Helper()
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(typ, 2, 2))
		for i := range 2 {
			v.Index(i).Set(filled(t, typ.Elem(), in))
		}
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(filled(t, typ.Elem(), in))
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			if !f.IsExported() {
				if typ != reflect.TypeFor[time.Time]() && !strings.HasSuffix(typ.PkgPath(), "internal/scope") {
					t.Errorf("%s: %v hides %s, which a copy would share", in, typ, f.Name)
				}
				continue
			}
			v.Field(i).Set(filled(t, f.Type, in+"."+f.Name))
		}
	case reflect.String:
		v.SetString("a word")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	default:
		t.Errorf("%s: a copy would share a %v", in, typ)
	}
	return v
}

// scribble empties whatever can be reached through a slice.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
			v.Index(i).SetZero()
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribble(v.Field(i))
			}
		}
	}
}

func TestACopyOfAnEventSharesNothingThatCouldBeChanged(t *testing.T) {
	for _, k := range kinds {
		if k.stream == "" {
			continue // an old shape, which is lifted when it is read
		}
		value := filled(t, k.typ, k.name)
		event, want := value.Interface().(Event), filled(t, k.typ, k.name).Interface()
		got := Recorded{Event: event}.Copy()
		if d := cmp.Diff(want, any(got.Event), exporter); d != "" {
			t.Fatalf("%s is copied as another:\n%s", k.name, d)
		}
		scribble(value) // the slices of value are those of event
		if d := cmp.Diff(want, any(got.Event), exporter); d != "" {
			t.Errorf("%s: the copy changed with the original:\n%s", k.name, d)
		}
	}
}
