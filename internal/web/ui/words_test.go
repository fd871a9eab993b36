package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterseal/internal/act"
	"counterseal/internal/demand"
	"counterseal/internal/web/ui"
)

// source is what a package's files say about codes, read as Go and not as text.
type source struct{ files []*ast.File }

func read(t *testing.T, dir string) source {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var s source
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), dir+"/"+e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
	}
	return s
}

func (s source) visit(f func(ast.Node)) {
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool { f(n); return true })
	}
}

// fields gives every literal given to a field of that name.
func (s source) fields(name string) map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		if k, ok := kv.Key.(*ast.Ident); ok && k.Name == name {
			add(out, kv.Value)
		}
	})
	return out
}

// constants gives every literal of the constants of that type.
func (s source) constants(typ string) map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return
		}
		name := ""
		switch x := v.Type.(type) {
		case *ast.Ident:
			name = x.Name
		case *ast.SelectorExpr: // demand.Status, in another package
			name = x.Sel.Name
		}
		if name == typ {
			for _, x := range v.Values {
				add(out, x)
			}
		}
	})
	return out
}

// kinds gives the names of every kind of event: of[T]("name", …).
func (s source) kinds() map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return
		}
		if x, ok := call.Fun.(*ast.IndexExpr); ok {
			if id, ok := x.X.(*ast.Ident); ok && id.Name == "of" {
				add(out, call.Args[0])
			}
		}
	})
	return out
}

// calls gives the first literal of every call of a function of that name.
func (s source) calls(name string) map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == name {
				add(out, call.Args[0])
			}
		}
	})
	return out
}

// results gives every literal that a function of that name returns.
func (s source) results(name string) map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		f, ok := n.(*ast.FuncDecl)
		if !ok || f.Name.Name != name {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok {
				for _, x := range r.Results {
					add(out, x)
				}
			}
			return true
		})
	})
	return out
}

func both(a, b map[string]bool) map[string]bool {
	for k := range b {
		a[k] = true
	}
	return a
}

func add(out map[string]bool, x ast.Expr) {
	if l, ok := x.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, err := strconv.Unquote(l.Value)
		if err == nil {
			out[s] = true
		}
	}
}

func TestEveryCodeThatTheCoreCanGiveHasWords(t *testing.T) {
	core, law := read(t, "../../demand"), read(t, "../../law")
	w := ui.WordsFor("en")
	codes := both(core.fields("Code"), core.calls("at"))
	if len(codes) < 20 || !codes["release.stayed"] || !codes["notice.not_armed"] || !codes["line.not_released"] {
		t.Fatalf("the source was not read: %v", codes)
	}
	for code := range codes {
		if !w.HasObstacle(code) {
			t.Errorf("obstacle %q has no words", code)
		}
	}
	for _, c := range []struct {
		group ui.Group
		least int
		found map[string]bool
	}{
		{ui.Seats, 6, core.fields("Seat")}, {ui.Events, 18, core.kinds()}, {ui.Decisions, 7, core.constants("Decision")},
		{ui.Statuses, 7, core.constants("Status")}, {ui.Statuses, 5, read(t, "../../docket").constants("Status")}, {ui.Duties, 2, core.results("askKind")}, {ui.Releases, 4, core.constants("Outcome")}, {ui.Duties, 5, core.duties()},
		{ui.Verdicts, 4, law.constants("Outcome")}, {ui.Severities, 3, law.constants("Severity")}, {ui.Responses, 8, law.constants("Response")},
		{ui.Checks, 3, law.constants("Level")}, {ui.Channels, 6, law.constants("Channel")}, {ui.Services, 5, read(t, "../../scope").constants("Service")},
		{ui.Categories, 4, read(t, "../../scope").constants("Category")}, {ui.Bases, 2, read(t, "../../scope").constants("Basis")},
	} {
		if len(c.found) < c.least {
			t.Errorf("%s: only %d codes were found in the source", c.group, len(c.found))
		}
		for code := range c.found {
			if !w.Has(c.group, code) {
				t.Errorf("%s %q has no words", c.group, code)
			}
		}
	}
}

// duties gives the kinds of every Duty literal.
func (s source) duties() map[string]bool {
	out := map[string]bool{}
	s.visit(func(n ast.Node) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return
		}
		if id, ok := lit.Type.(*ast.Ident); ok && id.Name == "Duty" {
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Kind" {
					add(out, kv.Value)
				}
			}
		}
	})
	return out
}

func TestACodeWithoutWordsSaysItself(t *testing.T) {
	w := ui.WordsFor("en")
	if w.Of(ui.Seats, "janitor") != "janitor" || w.Obstacle("new.code").Says != "new.code" || w.HasObstacle("new.code") || w.Has(ui.Seats, "janitor") {
		t.Error("an unknown code was hidden")
	}
}

func TestALanguageWithoutATableGetsEnglish(t *testing.T) {
	for _, lang := range []string{"en", "fr", ""} {
		if got := ui.WordsFor(lang).Lang; got != "en" {
			t.Errorf("%q: %q", lang, got)
		}
	}
}

func TestEveryActOfTheCatalogueHasWordsForItselfItsFieldsAndItsChoices(t *testing.T) {
	w := ui.WordsFor("en")
	for _, a := range act.All() {
		if !w.Has(ui.Deeds, a.Name) {
			t.Errorf("act %q has no words", a.Name)
		}
		fields := a.Fields
		if target := a.Target(); target != "" {
			fields = append([]act.Field{{Name: target}}, fields...)
		}
		for _, f := range fields {
			if w.Label(a.Name, f.Name) == f.Name {
				t.Errorf("field %q of %s has no words", f.Name, a.Name)
			}
			for _, c := range f.Choices {
				if w.Choice(f.Name, c) == c && f.Name != "instrument" {
					t.Errorf("choice %q of %s in %s has no words", c, f.Name, a.Name)
				}
			}
		}
	}
}

func TestEveryListOfTheCoreHasWords(t *testing.T) {
	w := ui.WordsFor("en")
	for _, k := range demand.DeadlineKinds {
		if !w.Has(ui.Duties, "deadline."+k) || !w.Has(ui.Deadlines, k) {
			t.Errorf("a deadline to %s has no words", k)
		}
	}
	for _, l := range demand.LinkTypes {
		if !w.Has(ui.Links, l) || !w.Has(ui.Links, "back."+l) {
			t.Errorf("the link %s has no words both ways", l)
		}
	}
	for _, k := range demand.DemandKinds {
		if !w.Has(ui.Kinds, string(k)) {
			t.Errorf("kind %s has no words", k)
		}
	}
	for _, r := range demand.Rulings {
		if !w.Has(ui.Rulings, r) {
			t.Errorf("ruling %s has no words", r)
		}
	}
	for _, h := range demand.Conclusions {
		if w.Choice("how", h) == h {
			t.Errorf("conclusion %s has no words", h)
		}
	}
}

// What customers and officers read is there in every language, under the same codes.
func TestCustomersAndOfficersReadEveryCodeInTheirLanguage(t *testing.T) {
	en := ui.WordsFor("en")
	for _, lang := range []string{"de", "da", "it"} {
		w := ui.WordsFor(lang)
		if w.Lang != lang {
			t.Fatalf("no table of %s", lang)
		}
		for _, g := range []ui.Group{ui.Services, ui.Categories, ui.Bases, ui.Checks, ui.Channels, ui.Papers} {
			codes := en.Codes(g)
			if len(codes) < 2 {
				t.Fatalf("%s: no codes", g)
			}
			for _, code := range codes {
				if !w.Has(g, code) || (w.Of(g, code) == en.Of(g, code) && code != "files") {
					t.Errorf("%s: %s %q", lang, g, code)
				}
			}
		}
		for _, key := range []string{"skip", "main", "where", "leave", "footer", "reader", "promises"} {
			if w.Chrome(key) == "" || w.Chrome(key) == en.Chrome(key) {
				t.Errorf("%s: chrome %q", lang, key)
			}
		}
	}
}

func TestADateAndAStateAreToldInTheLanguage(t *testing.T) {
	day := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "1 October 2026, Germany, European Union", "de": "1. Oktober 2026, Deutschland, Europäische Union",
		"da": "1. oktober 2026, Tyskland, Den Europæiske Union", "it": "1º ottobre 2026, Germania, Unione europea"} {
		w := ui.WordsFor(lang)
		if got := w.Date(day) + ", " + w.Country("DE") + ", " + w.Country("EU"); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := ui.WordsFor("en").Country("??"); got != "??" {
		t.Errorf("a code that is none became %q", got)
	}
}
