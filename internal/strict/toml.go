// Package strict reads the TOML files that people write: unknown keys are
// refused, size is bounded, and an error names file, line and key.
//
// It imports the standard library, problem and go-toml.
package strict

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"counterseal/internal/problem"
)

// TOML decodes text into a pointer to a struct. Name is how the caller knows the
// file; code is the problem's code, of the room that asks.
func TOML(name string, text []byte, limit int, code string, into any) error {
	if len(text) > limit {
		return problem.New(problem.Invalid, code, "the file is larger than %d bytes", limit).At("%s", name)
	}
	if !utf8.Valid(text) {
		return problem.New(problem.Invalid, code, "the file is not UTF-8 text").At("%s", name)
	}
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(into)
	if err == nil {
		return nil
	}
	p := problem.New(problem.Invalid, code, "the file cannot be read").Because(err)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		line, _ := unknown.Errors[0].Position()
		return p.At("%s, line %d: %s", name, line, strings.Join(unknown.Errors[0].Key(), ".")).Fix("there is no such key; take it out or correct it")
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		line, column := de.Position()
		return p.At("%s, line %d, column %d", name, line, column).Fix("%s", strings.TrimPrefix(de.Error(), "toml: "))
	}
	return p.At("%s", name)
}
