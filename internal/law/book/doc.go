// Package book writes what the packs say for people: a rule explained, the matrix of
// instruments and data, guidelines for authorities, and the pages of docs/law. It adds
// headings and nothing of law: every sentence about a law is a pack's, or the words of
// one of its expressions.
//
// It is pure: the same packs give the same bytes.
package book
