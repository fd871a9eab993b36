// Package country is the names of states and regions by their codes of two capital
// letters (ISO 3166), in the four languages of the program, as the CLDR has them.
//
// Its promises. A code that has no name is its own name. It has no state beside the
// table, which is read once.
//
// It imports the standard library only.
package country
