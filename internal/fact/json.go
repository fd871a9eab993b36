package fact

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// MarshalJSON writes one object with the known facts in slot order, each as Get
// gives it.
func (f Facts) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for k := Key(0); k < end; k++ {
		if !f.known.Has(k) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, schema[k].Name), ':')
		v, err := json.Marshal(f.value(k))
		if err != nil {
			return nil, err
		}
		b = append(b, v...)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON replaces f by the facts of one JSON object, at most MaxInput
// bytes of valid UTF-8. Unknown names, duplicate names, null, fractions and
// anything nested deeper than a list of words are refused, and Validate has the
// last word. On an error f is unchanged: fact.json, fact.duplicate or the codes
// of Set and Validate.
func (f *Facts) UnmarshalJSON(data []byte) error {
	g, err := ParseJSON(data)
	if err != nil {
		return err
	}
	*f = g
	return nil
}

// ParseJSON is UnmarshalJSON on a value of its own.
func ParseJSON(data []byte) (Facts, error) {
	if len(data) > MaxInput {
		return Facts{}, badJSON("too long")
	}
	if !utf8.Valid(data) {
		return Facts{}, badJSON("not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	tok, err := dec.Token()
	if err != nil || tok != json.Delim('{') {
		return Facts{}, badJSON("not an object")
	}
	var f Facts
	seen := make(map[string]bool)
	for dec.More() {
		tok, err = dec.Token()
		name, ok := tok.(string)
		if err != nil || !ok {
			return Facts{}, badJSON("not well formed")
		}
		if seen[name] {
			return Facts{}, problem.New(problem.Invalid, "fact.duplicate", "the fact is stated twice").At("%.64q", name)
		}
		seen[name] = true
		v, err := jsonValue(dec, name)
		if err != nil {
			return Facts{}, err
		}
		err = f.Set(name, v)
		if err != nil {
			return Facts{}, err
		}
	}
	if _, err = dec.Token(); err != nil {
		return Facts{}, badJSON("not well formed")
	}
	if _, err = dec.Token(); err != io.EOF {
		return Facts{}, badJSON("something follows the object")
	}
	err = f.Validate()
	if err != nil {
		return Facts{}, err
	}
	return f, nil
}

func jsonValue(dec *json.Decoder, name string) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, badJSON("not well formed")
	}
	switch v := tok.(type) {
	case bool, string:
		return v, nil
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil || v.String() != strconv.FormatInt(n, 10) {
			return nil, problem.New(problem.Invalid, "fact.type", "a number is written as a whole number").At("%.64q", name)
		}
		return n, nil
	}
	if tok != json.Delim('[') {
		return nil, problem.New(problem.Invalid, "fact.type", "the value is neither a word, a number, true, false nor a list of words").
			At("%.64q", name).Fix("leave an unknown fact out, or write \"unknown\"")
	}
	list := []string{}
	for dec.More() {
		tok, err = dec.Token()
		w, ok := tok.(string)
		if err != nil || !ok {
			return nil, problem.New(problem.Invalid, "fact.type", "a set is a list of words").At("%.64q", name)
		}
		list = append(list, w)
	}
	_, err = dec.Token()
	if err != nil {
		return nil, badJSON("not well formed")
	}
	return list, nil
}

func badJSON(why string) error {
	return problem.New(problem.Invalid, "fact.json", "the facts are not one JSON object: %s", why)
}
