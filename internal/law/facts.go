package law

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

type factsOf = fact.Facts

// ParseFactsYAML reads a facts file: one mapping of fact names to values, as
// docs/facts.md lists them, at most MaxFacts bytes. Every refusal names file and
// line: the law codes of a strict YAML reader, and the fact codes of the schema.
func ParseFactsYAML(name string, data []byte) (fact.Facts, error) {
	return parseFactsOver(fact.Facts{}, name, data)
}

// parseFactsOver reads facts in place of some that are stated; unknown takes one back.
func parseFactsOver(f fact.Facts, name string, data []byte) (fact.Facts, error) {
	r := &reader{file: name}
	root, err := r.document(data, MaxFacts)
	if err != nil {
		return fact.Facts{}, err
	}
	return r.factsOver(f, root)
}

func (r *reader) facts(n *yaml.Node) (fact.Facts, error) { return r.factsOver(fact.Facts{}, n) }

func (r *reader) factsOver(f fact.Facts, n *yaml.Node) (fact.Facts, error) {
	ps, err := r.pairs(n)
	if err != nil {
		return fact.Facts{}, err
	}
	for _, p := range ps {
		r.name(p.value, p.key)
		v, err := r.factValue(p.value)
		if err != nil {
			return fact.Facts{}, err
		}
		err = f.Set(p.key, v)
		if err != nil {
			return fact.Facts{}, r.locate(err, p.line)
		}
	}
	err = f.Validate()
	if err != nil {
		return fact.Facts{}, r.locate(err, n.Line)
	}
	return f, nil
}

// locate adds file and line to a problem of the schema.
func (r *reader) locate(err error, line int) error {
	p := problem.Of(err)
	if r.rule != "" {
		return &refusal{p.At("%s:%d, rule %s, %s", r.file, line, r.rule, p.Field), line, r.rule}
	}
	return &refusal{p.At("%s:%d, %s", r.file, line, p.Field), line, ""}
}

func (r *reader) factValue(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.SequenceNode:
		words := make([]string, 0, len(n.Content))
		for _, c := range n.Content {
			r.name(c, r.of(n))
			s, err := r.text(c)
			if err != nil {
				return nil, err
			}
			words = append(words, s)
		}
		return words, nil
	case n.Kind != yaml.ScalarNode:
		return nil, r.fail("law.type", n.Line, "a fact has a plain value or a list of words, and %s has neither", r.of(n))
	}
	switch n.ShortTag() {
	case "!!bool":
		// true and false alone: the YAML 1.1 words yes, no, on, off are text.
		if n.Value == "true" || n.Value == "false" {
			return n.Value == "true", nil
		}
	case "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err == nil && strconv.FormatInt(i, 10) == n.Value {
			return i, nil
		}
	case "!!str", "!!timestamp":
		return n.Value, nil
	}
	return nil, r.fail("law.type", n.Line, "the value of %s is neither a word, a whole number, true nor false; write unknown for an unknown fact", r.of(n))
}
