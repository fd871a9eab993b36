package ui

import "counterseal/internal/country"

// Country names a state, or a union of states, by its code of two capital letters
// in the language of the words; a code that has no name is its own.
func (w *Words) Country(code string) string { return country.Name(code, w.Lang) }
