package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/fact"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// stateFacts is the act that states the facts. Its form follows from the schema of
// facts, so it is no act of the catalogue.
const stateFacts = "facts.state"

// factParts are the headings of the form, each with the fact that it begins with.
var factParts = map[fact.Key]string{
	fact.Kind: "Who demands what", fact.Instrument: "The paper", fact.EntityServed: "Whom it was served on", fact.CustomerKind: "The customer", fact.AsksSubscriber: "What it asks for",
	fact.StorageCountry: "Where the data lie, and the offence", fact.Signed: "Days", fact.SecrecySource: "Secrecy", fact.Emergency: "What else it says",
}

func factsForm(f staff.Form, s *demand.State, w who, at policy.Resource) (staff.Form, error) {
	if err := w.may(stateFacts, at); err != nil && !leftToDocket(err) {
		return f, err
	}
	stated, err := statedFacts(s)
	if err != nil {
		return f, err
	}
	for i, def := range fact.Schema() {
		x := staff.Field{Name: def.Name, Part: factParts[fact.Key(i)], Label: capital(def.Meaning), Kind: factKinds[def.Type]}
		value, known, err := stated.Get(def.Name)
		if err != nil {
			return f, err
		}
		switch def.Type {
		case fact.Bool:
			x.Choices = []staff.Option{{Value: "true", Says: "yes"}, {Value: "false", Says: "no"}}
		case fact.Enum, fact.Set:
			for _, v := range def.Values {
				x.Choices = append(x.Choices, staff.Option{Value: v, Says: strings.ReplaceAll(v, "_", " ")})
			}
			x.Many = def.Type == fact.Set
		}
		if known {
			x.Values = factValues(value)
		}
		f.Fields = append(f.Fields, x)
	}
	f.Warns = "A fact that nobody stated is unknown, which is neither no nor zero. After this the rules are asked again."
	return f, nil
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

var factKinds = map[fact.Type]string{
	fact.Bool: "choice", fact.Enum: "choice", fact.Int: "number", fact.Date: "day", fact.Instant: "line", fact.Set: "words", fact.Country: "line", fact.Token: "line",
}

// factValues is a fact as a form holds it.
func factValues(value any) []string {
	switch v := value.(type) {
	case []string:
		return v
	case nil:
		return nil
	}
	return []string{fmt.Sprint(value)}
}

func factText(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []string:
		if len(v) == 0 {
			return "none"
		}
		return strings.ReplaceAll(strings.Join(v, ", "), "_", " ")
	}
	return strings.ReplaceAll(fmt.Sprint(value), "_", " ")
}

// factsOf reads the form. Codes: act.unknown, and those of fact.Set and Validate.
func factsOf(values map[string][]string) (fact.Facts, error) {
	var f fact.Facts
	seen := 0
	for _, def := range fact.Schema() {
		v, there := values[def.Name]
		if !there || len(v) == 0 {
			continue
		}
		seen++
		value, err := factValue(def, v)
		if err != nil {
			return f, err
		}
		if err := f.Set(def.Name, value); err != nil {
			return f, err
		}
	}
	if seen != len(values) {
		return f, problem.New(problem.Invalid, "act.unknown", "this act has no such field")
	}
	return f, f.Validate()
}

func factValue(def fact.Def, v []string) (any, error) {
	switch def.Type {
	case fact.Set:
		return v, nil
	case fact.Bool:
		if v[0] != "true" && v[0] != "false" {
			return nil, problem.New(problem.Invalid, "act.choice", "there is no such choice").At("%s", def.Name)
		}
		return v[0] == "true", nil
	case fact.Int:
		n, err := strconv.ParseInt(v[0], 10, 64)
		if err != nil {
			return nil, problem.New(problem.Invalid, "act.field", "this is no number").At("%s", def.Name)
		}
		return n, nil
	}
	return v[0], nil
}

// giveFacts records the facts as the form states them.
func (v Staff) giveFacts(ctx context.Context, reader string, g staff.Given) (staff.Result, error) {
	w, err := v.reader(reader)
	if err != nil {
		return staff.Result{}, err
	}
	ctx, id := as(ctx, reader), demand.ID(g.Page)
	c, err := v.Docket.State(ctx, id)
	if err != nil {
		return staff.Result{}, err
	}
	if err := w.may(stateFacts, resourceOf(c)); err != nil && !leftToDocket(err) {
		return staff.Result{}, err
	}
	f, err := factsOf(g.Values)
	if err != nil {
		return staff.Result{}, err
	}
	encoded := f.Encode(nil)
	r, err := v.Docket.Do(asSeen(ctx, id, demand.Seq(g.Seen)), docket.Act{ID: id, CommandID: g.Command, Actor: w.person, Seats: slices.Clone(w.seats), Reason: g.Reason, Command: demand.StateFacts{Facts: encoded}})
	if err != nil {
		return staff.Result{}, v.orChanged(ctx, id, g.Seen, err)
	}
	return staff.Result{Stream: g.Page, First: uint64(r.First), Last: uint64(r.Last)}, nil
}
