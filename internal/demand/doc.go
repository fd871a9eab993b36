// Package demand is the core: one demand for data is the history of what was
// done about it.
//
// Its words. A *demand* names *targets* as the instrument states them; a target
// is *resolved* to none, one or several accounts by one person and checked by a
// second. A *line* is target × service × category × interval, the unit that is
// decided; a decision to comply names the *part* (a scope) that may be given. A
// *finding* is what a rule said; an *obstacle* is what still stands in the way
// of an act, with the events it rests on and the seat that can remove it. A
// *stay* is a court's order that stops a part. A *duty* is what falls due; a *duty
// of secrecy* is not to tell. An *incident* is a package that held too much; a
// *correction* tells of it whoever had been told of the demand before. A *contest* and
// a duty of secrecy may touch many demands and are *streams* of their own; a demand
// with those that touch it is its *dossier*, and guards are asked of the dossier.
//
// Its promises. History is append-only: a command is decided against the state
// and gives events or a problem, never both, and changes nothing itself. Apply
// never fails. Nothing here reads a clock, a file or randomness: what a decision
// may know beside the history is in Env. Guards live in guard.go, what they ask
// in check.go, and nowhere else; no screen or letter decides what is possible.
// Tracks hang on lines, targets, grants and findings, never on the demand alone,
// and every loop over them asks each one: a demand of three targets of which only
// the last is bad is bad.
//
// The record of an event is strict JSON: unknown, duplicate and missing keys are
// refused, and the stored bytes are hashed, never written again. A kind is never
// removed and a field never changes its meaning.
//
// It imports the standard library, scope and problem; facts pass through as the
// compact bytes that package fact defines.
package demand
