// Package fact is the facts of a demand: what a person read out of the document
// and recorded, in a closed schema that the rule packs question.
//
// Its words. A *fact* has a name, a type and a meaning (Schema, docs/facts.md).
// A fact is *known* when somebody stated it; otherwise it is *unknown*, which
// is a value of its own and never false, zero or empty. In every text form the
// word "unknown" states that; leaving a fact out says the same. A *slot* is the
// fixed place of a fact in the vector Facts; its number is part of the binary
// form, so a slot is never reused, a name never changes meaning, and
// enumerations only grow at their end.
//
// A word has a *home* where it is one of a single law (Home): a paper, a source of
// secrecy or a court. Facts go together where their homes do (GoTogether), which is
// ordinary and no promise of Validate. About says which facts the words of a law name,
// and of which words there is no fact; Find and Meant look for single ones.
//
// Its promises. Facts is a plain value: comparable with ==, copied by
// assignment, safe to read from several goroutines. Set refuses what the schema
// does not allow and then changes nothing. The binary form is canonical: equal
// facts have equal bytes, and Decode accepts only bytes that Encode would write.
// Every parser is bounded (sizes, ranges, the years 1970 to 2199), refuses
// unknown and duplicate names, and ends with Validate, which refuses facts that
// contradict each other.
//
// The facts are those that 18 USC 2510–2713 and 3121–3127, Regulation (EU)
// 2023/1543 and the provider's policy turn on; the packs hold the citations.
//
// It imports the standard library and problem only.
package fact
