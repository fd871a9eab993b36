package law

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"counterseal/internal/country"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Wording says expressions over the facts in English, for who reads rules and not
// programs. It is safe for concurrent use.
type Wording struct{ env *cel.Env }

// NewWording makes one. The error is law.language.
func NewWording() (*Wording, error) {
	env, err := newEnv()
	if err != nil {
		return nil, problem.New(problem.Internal, "law.language", "the rule language could not be set up").Because(err)
	}
	return &Wording{env}, nil
}

// Say gives the words of an expression. What it has no words for, and what does not
// parse, stays as it is written.
func (w *Wording) Say(src string) string {
	tree, issues := w.env.Parse(src)
	if issues.Err() != nil {
		return src
	}
	return clause(tree.NativeRep().Expr(), true)
}

// SayFacts gives the words of known facts: of those that are named, or of all.
func (w *Wording) SayFacts(f fact.Facts, names ...string) string {
	if len(names) == 0 {
		names = f.Known().Names()
	}
	var out []string
	for _, name := range names {
		v, known, err := f.Get(name)
		if err != nil || !known {
			continue
		}
		out = append(out, sayFact(w, name, v))
	}
	return strings.Join(out, "; ")
}

// sayFact gives the words of one fact: of a set all that is in it.
func sayFact(w *Wording, name string, v any) string {
	switch v := v.(type) {
	case []string:
		if len(v) == 0 {
			return "no records are asked for by name"
		}
		words := make([]string, len(v))
		for i := range v {
			words[i] = fmt.Sprint(plainWord(v[i]))
		}
		return noun(name) + " are " + listed(words, "and") + " alone"
	case string:
		if k, _ := fact.Lookup(name); k.Def().Type == fact.Token {
			return noun(name) + " is " + v
		}
	}
	return w.Say(asExpression(name, v))
}

// listed joins words as a sentence does.
func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// asExpression is what is true of a fact with a value.
func asExpression(name string, v any) string {
	k, _ := fact.Lookup(name)
	switch v := v.(type) {
	case bool:
		return map[bool]string{true: "", false: "!"}[v] + name
	case string:
		if k.Def().Type == fact.Date {
			return name + " == date('" + v + "')"
		}
		return name + " == '" + v + "'"
	}
	return fmt.Sprint(name, " == ", v)
}

// clause says that an expression is so, or is not.
func clause(e ast.Expr, so bool) string {
	switch e.Kind() {
	case ast.IdentKind:
		return plainFact(e.AsIdent(), so)
	case ast.LiteralKind:
		if v, ok := e.AsLiteral().(types.Bool); ok {
			if bool(v) == so {
				return "always"
			}
			return "never"
		}
		return thing(e)
	case ast.ComprehensionKind:
		return loop(e.AsComprehension(), so)
	case ast.CallKind:
		return callWords(e.AsCall(), so)
	}
	return "what is written here"
}

func callWords(c ast.CallExpr, so bool) string {
	a := c.Args()
	switch c.FunctionName() {
	case operators.LogicalNot:
		return clause(a[0], !so)
	case operators.LogicalAnd:
		return joined(c, so, map[bool]string{true: " and ", false: " or "}[so])
	case operators.LogicalOr:
		return joined(c, so, map[bool]string{true: " or ", false: " and "}[so])
	case operators.Conditional:
		return fmt.Sprintf("if %s, then %s, otherwise %s", clause(a[0], true), clause(a[1], so), clause(a[2], so))
	case operators.In:
		return member(a[0], a[1], so)
	}
	for _, r := range relations {
		if r.op != c.FunctionName() {
			continue
		}
		says := r.is
		if !so {
			says = r.not
		}
		after := a[1].Kind() == ast.CallKind && a[1].AsCall().FunctionName() == operators.Add // at most 90 days after
		if (isTime(a[0]) || isTime(a[1])) && !after {
			says = times[says]
		}
		return thing(a[0]) + " " + says + " " + value(a[0], a[1])
	}
	return thing(a[0])
}

var relations = []struct{ op, is, not string }{
	{operators.Equals, "is", "is not"}, {operators.NotEquals, "is not", "is"},
	{operators.Less, "is less than", "is at least"}, {operators.GreaterEquals, "is at least", "is less than"},
	{operators.Greater, "is more than", "is at most"}, {operators.LessEquals, "is at most", "is more than"},
}

// times are the same relations of days.
var times = map[string]string{"is": "is", "is not": "is not", "is less than": "is before", "is at least": "is not before", "is more than": "is after", "is at most": "is not after"}

// isTime says whether it is a day or a moment, and not the length between two.
func isTime(e ast.Expr) bool {
	switch e.Kind() {
	case ast.IdentKind:
		k, ok := fact.Lookup(e.AsIdent())
		return ok && (k.Def().Type == fact.Date || k.Def().Type == fact.Instant)
	case ast.CallKind:
		c := e.AsCall()
		switch c.FunctionName() {
		case overloads.TypeConvertTimestamp, operators.Add:
			return true
		case operators.Subtract:
			return !isTime(c.Args()[1])
		}
	}
	return false
}

// joined says a chain of and, or or, with brackets where the other one stands inside.
func joined(c ast.CallExpr, so bool, word string) string {
	var parts []string
	var add func(e ast.Expr)
	add = func(e ast.Expr) {
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == c.FunctionName() {
			for _, x := range e.AsCall().Args() {
				add(x)
			}
			return
		}
		s := clause(e, so)
		if e.Kind() == ast.CallKind && compound(e.AsCall()) {
			s = "(" + s + ")"
		}
		parts = append(parts, s)
	}
	for _, x := range c.Args() {
		add(x)
	}
	return strings.Join(parts, word)
}

func compound(c ast.CallExpr) bool {
	switch c.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr, operators.Conditional:
		return true
	case operators.LogicalNot:
		return c.Args()[0].Kind() == ast.CallKind && compound(c.Args()[0].AsCall())
	}
	return false
}

func member(x, list ast.Expr, so bool) string {
	if list.Kind() == ast.IdentKind {
		return thing(list) + map[bool]string{true: " include ", false: " do not include "}[so] + thing(x)
	}
	return thing(x) + map[bool]string{true: " is ", false: " is not "}[so] + value(x, list)
}

// value is what a fact is compared with: a country and a State of the United States by
// their names.
func value(of, e ast.Expr) string {
	k, ok := factIn(of)
	if !ok {
		return thing(e)
	}
	list := []ast.Expr{e}
	if e.Kind() == ast.ListKind {
		list = e.AsList().Elements()
	}
	words := make([]string, len(list))
	for i, x := range list {
		text, isText := "", false
		if x.Kind() == ast.LiteralKind {
			text, isText = x.AsLiteral().Value().(string)
		}
		if !isText {
			return thing(e)
		}
		words[i] = text
	}
	if name := statesOf(words); name != "" {
		return name
	}
	for i := range words {
		words[i] = word(k, words[i])
	}
	return listed(words, "or")
}

// word is how a word of a fact is called.
func word(k fact.Key, text string) string {
	switch {
	case k == fact.USState || k == fact.EntityUSState:
		return fact.StateName(text)
	case k.Def().Type == fact.Country:
		return stateName(text)
	case k.Def().Type == fact.Token:
		return text
	}
	return fmt.Sprint(plainWord(text))
}

// stateName is a state by its name and its code, which is what a pack holds.
func stateName(code string) string {
	if name := country.Name(code, "en"); name != code {
		return name + " (" + code + ")"
	}
	return code
}

// loop says what all and exists were expanded to.
func loop(c ast.ComprehensionExpr, so bool) string {
	step := c.LoopStep()
	if step.Kind() != ast.CallKind || len(step.AsCall().Args()) != 2 {
		return "what is written here"
	}
	each := step.AsCall().Args()[1]
	all := step.AsCall().FunctionName() == operators.LogicalAnd
	if each.Kind() == ast.CallKind && each.AsCall().FunctionName() == operators.In && each.AsCall().Args()[0].Kind() == ast.IdentKind && each.AsCall().Args()[0].AsIdent() == c.IterVar() {
		words := thing(each.AsCall().Args()[1])
		switch {
		case all && so:
			return thing(c.IterRange()) + " are " + words + " alone"
		case all:
			return "one of " + thing(c.IterRange()) + " is not " + words
		case so:
			return "one of " + thing(c.IterRange()) + " is " + words
		}
		return "none of " + thing(c.IterRange()) + " is " + words
	}
	which := map[bool]string{true: "for each ", false: "for one "}[all == so]
	return which + c.IterVar() + " of " + thing(c.IterRange()) + ", " + clause(each, so)
}

// thing is the name of a fact, a value or a time.
func thing(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return noun(e.AsIdent())
	case ast.LiteralKind:
		return fmt.Sprint(plainWord(e.AsLiteral().Value()))
	case ast.ListKind:
		return either(e.AsList().Elements())
	case ast.CallKind:
		return timeWords(e.AsCall())
	}
	return clause(e, true)
}

func either(list []ast.Expr) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = thing(x)
	}
	return listed(words, "or")
}

func timeWords(c ast.CallExpr) string {
	a := c.Args()
	switch c.FunctionName() {
	case overloads.TypeConvertTimestamp:
		if t, err := time.Parse(time.RFC3339, fmt.Sprint(a[0].AsLiteral().Value())); err == nil {
			return DayWords(t.Format(time.DateOnly))
		}
	case overloads.TypeConvertDuration:
		if d, err := time.ParseDuration(fmt.Sprint(a[0].AsLiteral().Value())); err == nil {
			return count(int64(d/(24*time.Hour)), "day")
		}
	case operators.Add:
		return thing(a[1]) + " after " + thing(a[0])
	case operators.Subtract:
		if isTime(a[1]) {
			return "the time from " + thing(a[1]) + " to " + thing(a[0])
		}
		return thing(a[1]) + " before " + thing(a[0])
	}
	return clause(ast.NewExprFactory().NewCall(0, c.FunctionName(), a...), true)
}

// statesOf names a long list of states; "" for any other. Of the European Economic Area
// are three more than of the Union.
func statesOf(words []string) string {
	list := slices.Sorted(slices.Values(words))
	union := strings.Fields(fact.Union)
	switch {
	case slices.Equal(list, union):
		return "a state of the European Union"
	case slices.Equal(list, slices.DeleteFunc(slices.Clone(union), func(c string) bool { return c == "DK" })):
		return "a state of the European Union other than " + stateName("DK")
	case slices.Equal(list, slices.Sorted(slices.Values(append(union, "IS", "LI", "NO")))):
		return "a state of the European Economic Area"
	}
	return ""
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func plainWord(v any) any {
	if s, ok := v.(string); ok {
		return strings.ReplaceAll(s, "_", " ")
	}
	return v
}

// noun is how a fact that is no truth is called.
func noun(name string) string {
	k, ok := fact.Lookup(name)
	if !ok {
		return name
	}
	switch {
	case k == fact.AsOf:
		return "the day in question"
	case k == fact.USState:
		return "the State"
	case k == fact.EntityUSState:
		return "the State of the company served"
	case k == fact.Fields:
		return "the records asked for"
	case k == fact.TargetsNamed:
		return "the number of accounts or persons named"
	case k == fact.OffenceMaxMonths:
		return "the maximum penalty in months"
	case k.Def().Type == fact.Instant:
		return "the moment of " + events[k]
	case k.Def().Type == fact.Date && events[k] != "":
		if strings.HasPrefix(events[k], "the last day") || strings.HasPrefix(events[k], "the da") {
			return events[k]
		}
		return "the day of " + events[k]
	}
	return "the " + strings.ReplaceAll(name, "_", " ")
}

// plainFact says a fact that is true or false, by its meaning in the schema.
func plainFact(name string, so bool) string {
	k, ok := fact.Lookup(name)
	if !ok || k.Def().Type != fact.Bool {
		return noun(name)
	}
	meaning, _, _ := strings.Cut(k.Def().Meaning, ";")
	if so {
		return meaning
	}
	switch k { // whose sentences have more than one verb
	case fact.PaperReceived:
		return "the paper that confirms an emergency request has not come"
	case fact.SenderFlagged:
		return "the mailbox or officer it came from is not flagged"
	case fact.Geofence:
		return "it is not everyone in an area and a time that is asked for"
	case fact.EnterpriseAsked:
		return "the customer organisation was not asked for the data first, and the paper does not say why"
	}
	for _, turn := range []struct{ from, to string }{
		{" are asked for", " are not asked for"}, {" is asked for", " is not asked for"}, {" states ", " does not state "}, {" binds ", " does not bind "}, {" names ", " does not name "},
		{" rests ", " does not rest "}, {" confirms ", " does not confirm "}, {" requires ", " does not require "}, {" withholds ", " does not withhold "}, {"has possession", "does not have possession"}, {" has ", " has not "},
		{" was ", " was not "}, {" is ", " is not "},
	} {
		if at := strings.Index(meaning, turn.from); at >= 0 {
			return meaning[:at] + turn.to + meaning[at+len(turn.from):]
		}
	}
	return "it is not so that " + meaning
}

// DayWords writes a pack's date as a person reads it; what is none stays as it is.
func DayWords(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 January 2006")
}
