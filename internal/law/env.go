package law

import (
	"fmt"
	"math"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"counterseal/internal/fact"
)

const (
	maxExpression = 2000 // characters of one expression
	maxNesting    = 40
	// MaxCost bounds EstimateCost of one expression. A normal rule costs some
	// hundreds; nested loops over sets cost powers of their length.
	MaxCost = 5000
	maxDays = 36500
)

// newEnv is the language of the packs: the facts by name, and no function that
// could fail on facts the schema accepts, apart from overflow of absurd times.
func newEnv() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset())),
		cel.Macros(
			cel.AllMacro, cel.ExistsMacro,
			parser.NewGlobalMacro("date", 1, expandDate),
			parser.NewGlobalMacro("days", 1, expandDays),
		),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxNesting),
		cel.DefaultUTCTimeZone(true),
	}
	for _, d := range fact.Schema() {
		opts = append(opts, cel.Variable(d.Name, celType(d.Type)))
	}
	return cel.NewCustomEnv(opts...)
}

func subset() *env.LibrarySubset {
	f := func(name string, ids ...string) *env.Function {
		list := make([]*env.Overload, len(ids))
		for i, id := range ids {
			list[i] = &env.Overload{ID: id}
		}
		return env.NewFunction(name, list...)
	}
	return &env.LibrarySubset{
		DisableMacros: true,
		IncludeFunctions: []*env.Function{
			f(operators.LogicalAnd), f(operators.LogicalOr), f(operators.LogicalNot), f(operators.Conditional),
			f(operators.Equals), f(operators.NotEquals), f(operators.NotStrictlyFalse),
			f(operators.In, overloads.InList),
			f(operators.Less, overloads.LessInt64, overloads.LessTimestamp, overloads.LessDuration),
			f(operators.LessEquals, overloads.LessEqualsInt64, overloads.LessEqualsTimestamp, overloads.LessEqualsDuration),
			f(operators.Greater, overloads.GreaterInt64, overloads.GreaterTimestamp, overloads.GreaterDuration),
			f(operators.GreaterEquals, overloads.GreaterEqualsInt64, overloads.GreaterEqualsTimestamp, overloads.GreaterEqualsDuration),
			f(operators.Add, overloads.AddTimestampDuration),
			f(operators.Subtract, overloads.SubtractTimestampDuration, overloads.SubtractTimestampTimestamp),
			f(overloads.TypeConvertTimestamp, overloads.StringToTimestamp),
			f(overloads.TypeConvertDuration, overloads.StringToDuration),
		},
	}
}

func celType(t fact.Type) *cel.Type {
	switch t {
	case fact.Bool:
		return cel.BoolType
	case fact.Int:
		return cel.IntType
	case fact.Date, fact.Instant:
		return cel.TimestampType
	case fact.Set:
		return cel.ListType(cel.StringType)
	default:
		return cel.StringType
	}
}

// expandDate turns date('2018-03-23') into the midnight, UTC, by which facts of
// type date are compared.
func expandDate(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	if args[0].Kind() == ast.LiteralKind {
		if s, ok := args[0].AsLiteral().(types.String); ok {
			var f fact.Facts
			err := f.Set(fact.AsOf.String(), string(s))
			if err == nil && s != fact.Unknown {
				return eh.NewCall(overloads.TypeConvertTimestamp, eh.NewLiteral(s+"T00:00:00Z")), nil
			}
		}
	}
	return nil, eh.NewError(args[0].ID(), "date takes a date written 'YYYY-MM-DD'")
}

func expandDays(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	if args[0].Kind() == ast.LiteralKind {
		if n, ok := args[0].AsLiteral().(types.Int); ok && 0 <= n && n <= maxDays {
			return eh.NewCall(overloads.TypeConvertDuration, eh.NewLiteral(types.String(fmt.Sprintf("%dh", int64(n)*24)))), nil
		}
	}
	return nil, eh.NewError(args[0].ID(), fmt.Sprintf("days takes a whole number up to %d", maxDays))
}

// sizes declares how large each fact can be; the parsers of fact enforce it.
type sizes struct{}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	p := n.Path()
	if len(p) == 0 {
		return nil
	}
	k, ok := fact.Lookup(p[0])
	if !ok {
		return nil
	}
	size := uint64(1)
	switch d := k.Def(); {
	case len(p) == 1 && d.Type == fact.Set:
		size = uint64(len(d.Values))
	case d.Type == fact.Set, d.Type == fact.Enum, d.Type == fact.Token, d.Type == fact.Country:
		size = fact.MaxToken
	}
	est := cost.RangedSizeEstimate(0, size)
	return &est
}

// checkWords refuses comparisons of a fact with words that are not in its list:
// they would be silently false for ever.
func checkWords(a *ast.AST) error {
	var bad error
	loops := map[string]*fact.Def{}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.ComprehensionKind {
			c := e.AsComprehension()
			if d := closedList(c.IterRange(), nil); d != nil {
				loops[c.IterVar()] = d
			}
		}
	}))
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || bad != nil {
			return
		}
		c := e.AsCall()
		switch c.FunctionName() {
		case operators.Equals, operators.NotEquals, operators.In:
			args := c.Args()
			for i, other := range []int{1, 0} {
				if d := closedList(args[i], loops); d != nil {
					bad = literalsIn(d, args[other])
				}
				if bad != nil {
					return
				}
			}
		case overloads.TypeConvertTimestamp, overloads.TypeConvertDuration:
			if c.Args()[0].Kind() != ast.LiteralKind {
				bad = fmt.Errorf("%s takes a written value", c.FunctionName())
			}
		}
	}))
	return bad
}

func closedList(e ast.Expr, loops map[string]*fact.Def) *fact.Def {
	if e.Kind() != ast.IdentKind {
		return nil
	}
	if d := loops[e.AsIdent()]; d != nil {
		return d
	}
	k, ok := fact.Lookup(e.AsIdent())
	if !ok {
		return nil
	}
	d := k.Def()
	if d.Type == fact.Enum || d.Type == fact.Set || d.Type == fact.Country {
		return &d
	}
	return nil
}

func literalsIn(d *fact.Def, e ast.Expr) error {
	switch e.Kind() {
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			err := literalsIn(d, x)
			if err != nil {
				return err
			}
		}
	case ast.LiteralKind:
		s, ok := e.AsLiteral().(types.String)
		if !ok {
			return nil // the type checker has spoken
		}
		if d.Type == fact.Country {
			var f fact.Facts
			if s == fact.Unknown || f.Set(fact.IssuingCountry.String(), string(s)) != nil {
				return fmt.Errorf("%q is not a country: it is written as two capital letters, such as 'NO'", string(s))
			}
			return nil
		}
		if _, ok := d.Index(string(s)); !ok {
			return fmt.Errorf("%q is not in the list of %s", string(s), d.Name)
		}
	}
	return nil
}

// dayNumber counts a pack's date from 1970-01-01; open is the bound for "".
func dayNumber(s string, open int64) int64 {
	if s == "" {
		return open
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return open
	}
	return t.Unix() / 86400
}

const (
	firstDay = math.MinInt64
	lastDay  = math.MaxInt64
)
