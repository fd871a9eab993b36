package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

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
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == typ {
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
	codes := core.fields("Code")
	if len(codes) < 20 || !codes["release.stayed"] || !codes["line.not_released"] {
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
		{ui.Statuses, 7, core.constants("Status")}, {ui.Releases, 4, core.constants("Outcome")}, {ui.Duties, 5, core.duties()},
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
	for _, lang := range []string{"en", "da", ""} {
		if got := ui.WordsFor(lang).Lang; got != "en" {
			t.Errorf("%q: %q", lang, got)
		}
	}
}
