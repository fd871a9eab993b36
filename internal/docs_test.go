package internal_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/gate/source/calls"
	"counterseal/internal/gate/source/records"
	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/web/ui"
)

var update = flag.Bool("update", false, "write the generated pages of docs/ anew")

// generated compares a page of docs/ with what the code says today.
func generated(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("..", "docs", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(old), text); d != "" {
		t.Errorf("docs/%s is out of date; run go test ./internal -run Page -update\n%s", name, d)
	}
}

func TestThePageOfFactsSaysWhatTheSchemaSays(t *testing.T) {
	generated(t, "facts.md", fact.Doc())
}

// The pages of docs/law are what the packs give, and there are no others.
func TestThePagesOfTheLawSayWhatThePacksSay(t *testing.T) {
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := law.NewEngine(packs...)
	if err != nil {
		t.Fatal(err)
	}
	words, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := book.Pages(engine, words, book.Newest(packs))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range pages {
		generated(t, "law/"+name, text)
	}
	files, err := os.ReadDir(filepath.Join("..", "docs", "law"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if pages[f.Name()] == "" {
			t.Errorf("docs/law/%s is of no pack", f.Name())
		}
	}
}

func TestThePageOfFieldsListsBothVocabularies(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Fields\n\nGenerated from the sources. What a column of a store can be mapped to ([operations.md](operations.md#stores)). What is in none of these is not given: passwords above all.\n\n" +
		"## Records\n\n| Field | Means | Statute | Categories |\n|---|---|---|---|\n")
	for _, f := range records.Vocabulary {
		var categories []string
		for _, c := range f.Categories {
			categories = append(categories, string(c))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Means, f.Statute, strings.Join(categories, ", "))
	}
	b.WriteString("\n## Calls\n\n| Field | Means | Statute |\n|---|---|---|\n")
	for _, f := range calls.Vocabulary {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Means, f.Statute)
	}
	generated(t, "fields.md", b.String())
}

func TestThePageOfCodesListsEveryProblem(t *testing.T) {
	generated(t, "codes.md", codesPage(readSources(t).codes()))
}

// A code never changes its meaning, so it has one form and one kind.
func TestEveryCodeHasOneKind(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][a-z_]*\.[a-z][a-z0-9_]*$`)
	codes := readSources(t).codes()
	for code, c := range codes {
		if !form.MatchString(code) {
			t.Errorf("%s: a code is room.reason, in lower case", code)
		}
		if kinds := slices.Sorted(maps.Keys(c.kinds)); len(kinds) != 1 && !slices.Contains(severalKinds, code) {
			t.Errorf("%s is %s: a code has one kind", code, strings.Join(kinds, " and "))
		}
	}
	for _, code := range severalKinds {
		if c := codes[code]; c == nil || len(c.kinds) == 1 {
			t.Errorf("%s has one kind now; take it off the list", code)
		}
	}
}

// severalKinds are codes whose exit code depends on where they arise. No code is added here.
var severalKinds = strings.Fields(`app.address charter.quorum demand.closed demand.line demand.target evidence.item evidence.row findings.stale gate.damaged
	gate.log_rolled_back gate.order_document gate.record_damaged gatehttp.listen grant.missing history.unsound law.read line.part
	signature.key`)

// A comparison with a code that nobody makes is a branch that never runs.
func TestNobodyAsksForACodeThatNobodyMakes(t *testing.T) {
	s := readSources(t)
	codes := s.codes()
	if len(s.asked) < 10 {
		t.Fatal("the comparisons were not found")
	}
	for code, where := range s.asked {
		if codes[code] == nil && code != "internal.unexpected" {
			t.Errorf("%s asks for %s, which no problem has", where, code)
		}
	}
}

// code is one stable code with everything that is made under it.
type code struct{ kinds, messages map[string]bool }

// makes is a function that makes a problem under a code that it is given, in one
// of its parameters. Message -1: the format is fixed, else a parameter too.
type makes struct {
	kind          string
	code, message int
	suffix        string // follows the code that is given
	fixed         string
}

// sources is what was found in the program's own files.
type sources struct {
	files  map[string][]*ast.File // by package folder
	makers map[string][]makes     // by folder and function name
	found  map[string]*code
	asked  map[string]string // code compared with → where
	set    *token.FileSet
}

func readSources(t *testing.T) *sources {
	t.Helper()
	s := &sources{files: map[string][]*ast.File{}, makers: map[string][]makes{}, found: map[string]*code{}, asked: map[string]string{}, set: token.NewFileSet()}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
			return err
		}
		f, err := parser.ParseFile(s.set, path, nil, parser.SkipObjectResolution)
		s.files[filepath.Dir(path)] = append(s.files[filepath.Dir(path)], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.files) < 20 {
		t.Fatal("the sources were not found")
	}
	return s
}

// codes finds the problems that are made directly, the functions that make them
// for others, and, until nothing new turns up, the calls of those.
func (s *sources) codes() map[string]*code {
	for before := -1; before != s.size(); {
		before = s.size()
		for dir, files := range s.files {
			for _, f := range files {
				s.file(dir, f)
			}
		}
	}
	s.found["cli.usage"] = &code{map[string]bool{"Usage": true}, map[string]bool{"the command line cannot be understood; what is wrong with it is said": true}}
	return s.found
}

func (s *sources) size() int {
	n := len(s.found)
	for _, m := range s.makers {
		n += len(m)
	}
	return n
}

func (s *sources) file(dir string, f *ast.File) {
	for _, d := range f.Decls {
		var params []string
		name := ""
		if fn, ok := d.(*ast.FuncDecl); ok {
			name, params = fn.Name.Name, paramNames(fn.Type)
		}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				s.call(dir, name, params, n)
			case *ast.CompositeLit:
				s.obstacle(n)
			case *ast.BinaryExpr:
				s.comparison(n)
			}
			return true
		})
	}
}

func paramNames(t *ast.FuncType) (out []string) {
	for _, field := range t.Params.List {
		for _, n := range field.Names {
			out = append(out, n.Name)
		}
	}
	return out
}

// call looks at one call inside the function of this name.
func (s *sources) call(dir, inside string, params []string, c *ast.CallExpr) {
	var all []makes
	switch fn := c.Fun.(type) {
	case *ast.Ident:
		all = s.makers[dir+"."+fn.Name]
	case *ast.SelectorExpr:
		callee := fn.Sel.Name
		if x, ok := fn.X.(*ast.Ident); ok && x.Name == "problem" && callee == "New" && len(c.Args) > 2 {
			s.made(dir, inside, params, makes{kind: kindOf(c.Args[0])}, c.Args[1], c.Args[2])
			return
		}
		all = s.makers[dir+"."+callee] // a method of this package
		if x, ok := fn.X.(*ast.Ident); ok && s.files[x.Name] != nil {
			all = s.makers[x.Name+"."+callee]
		}
	}
	for _, m := range all {
		if m.code >= len(c.Args) || (m.message >= len(c.Args)) {
			continue
		}
		var message ast.Expr
		if m.message >= 0 {
			message = c.Args[m.message]
		}
		s.made(dir, inside, params, m, c.Args[m.code], message)
	}
}

// made records a problem with a literal code, or that the function makes one under
// a parameter.
func (s *sources) made(dir, inside string, params []string, by makes, under, message ast.Expr) {
	text, literal := word(message)
	if !literal {
		text = by.fixed
	}
	suffix := by.suffix
	if sum, ok := under.(*ast.BinaryExpr); ok { // room+".reason"
		end, _ := word(sum.Y)
		under, suffix = sum.X, end+suffix
	}
	if name, ok := word(under); ok {
		name += suffix
		c := s.found[name]
		if c == nil {
			c = &code{map[string]bool{}, map[string]bool{}}
			s.found[name] = c
		}
		c.kinds[by.kind] = true
		if text != "" {
			c.messages[text] = true
		}
		return
	}
	id, ok := under.(*ast.Ident)
	if !ok || inside == "" || !slices.Contains(params, id.Name) {
		return
	}
	m := makes{kind: by.kind, code: slices.Index(params, id.Name), suffix: suffix, message: -1, fixed: text}
	if p, ok := message.(*ast.Ident); ok {
		m.message = slices.Index(params, p.Name)
	}
	if key := dir + "." + inside; !slices.Contains(s.makers[key], m) {
		s.makers[key] = append(s.makers[key], m)
	}
}

// obstacle takes the code of a literal Obstacle: what a guard found is refused
// under the first one's code.
func (s *sources) obstacle(c *ast.CompositeLit) {
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		name, literal := word(kv.Value)
		if !ok || key.Name != "Code" || !literal || !ui.WordsFor("en").HasObstacle(name) {
			continue
		}
		if s.found[name] == nil {
			s.found[name] = &code{map[string]bool{}, map[string]bool{}}
		}
		s.found[name].kinds["Refused"] = true
		s.found[name].messages[ui.WordsFor("en").Obstacle(name).Says] = true
	}
}

// comparison takes the code in problem.Code(err) == "room.reason".
func (s *sources) comparison(b *ast.BinaryExpr) {
	call, ok := b.X.(*ast.CallExpr)
	if !ok || (b.Op != token.EQL && b.Op != token.NEQ) {
		return
	}
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fn.Sel.Name != "Code" {
		return
	}
	if name, ok := word(b.Y); ok && strings.Contains(name, ".") {
		s.asked[name] = s.set.Position(b.Pos()).String()
	}
}

func word(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func kindOf(e ast.Expr) string {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return "as its cause"
}

var exits = map[string]string{"Usage": "2", "Internal": "1", "Invalid": "3", "Missing": "4", "Conflict": "5", "Refused": "6", "Unavailable": "7", "Unverified": "8"}

func codesPage(codes map[string]*code) string {
	var b strings.Builder
	b.WriteString("# Codes\n\nGenerated from the sources. Every problem has a stable code: scripts may rely on it. A code never changes its meaning and is never used again for another.\n" +
		"The exit code follows from the kind ([exit-codes.md](exit-codes.md)). In a message, `…` stands for what is filled in.\n")
	room := ""
	for _, name := range slices.Sorted(maps.Keys(codes)) {
		if r, _, _ := strings.Cut(name, "."); r != room {
			room = r
			fmt.Fprintf(&b, "\n## %s\n\n| Code | Kind | Exit | Message |\n|---|---|---|---|\n", room)
		}
		c := codes[name]
		kinds := slices.Sorted(maps.Keys(c.kinds))
		var numbers []string
		for _, k := range kinds {
			numbers = append(numbers, exits[k])
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(strings.Join(kinds, ", ")), strings.Join(numbers, ", "), messages(c))
	}
	return b.String()
}

var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

func messages(c *code) string {
	var out []string
	for _, m := range slices.Sorted(maps.Keys(c.messages)) {
		out = append(out, strings.ReplaceAll(verb.ReplaceAllString(m, "…"), "|", `\|`))
	}
	return strings.Join(slices.Compact(out), " · ")
}
