// Package canon is the line-based text in which everything that people sign is
// written: grant, stop, still in force, charter, receipt, release.
//
// A canonical text is a header line that names the kind and version, then one
// line for each *field*, `key: value`, each ended by a line feed; there is at
// least one. Keys are of a–z, 0–9 and inner hyphens. Values are UTF-8 of visible
// characters and spaces of ASCII inside: no controls, no direction
// overrides, no blank letters, nothing unassigned, and no marks that pile up upon a
// letter and cover what is beside it. So a person reads on the
// screen exactly the bytes that ssh-keygen signs. Reading is strict by one rule only: a text is accepted
// if encoding what was read gives the same bytes again. Each kind of text makes
// that comparison itself, with Same.
//
// It imports the standard library and problem.
package canon
