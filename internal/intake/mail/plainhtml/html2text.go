// Package html2text stands in for the module of this name, which enmime needs for
// its envelopes alone. We read parts and no envelopes, so nothing here is ever run;
// with the module itself, a library that draws tables on terminals would be part of
// the program and take its time at each start (decision 0017).
package html2text

import "errors"

// FromString refuses: mail is read by its parts.
func FromString(string, ...struct{}) (string, error) {
	return "", errors.New("html2text: envelopes are not read in this program")
}
