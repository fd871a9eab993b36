// Package act is the catalogue of what staff can do: each act once, with the
// fields that it takes, so that pages, the command line and the API offer the same
// acts under the same names.
//
// Its words. An *act* is a command of package demand that a person gives, with a
// name such as "contest.stay", the kind of stream that it is done on, and the page
// from which it is offered. A *field* is one thing that a person states: a text, a
// day, a choice, lines of the demand, a document. *Input* is what was stated,
// together with what the act may look at.
//
// Its promises. Reading an input has no effect; what is wrong with it is one
// problem that names the field (act.field, act.missing, act.choice, act.day). A
// day is read in the zone that is stated with it; where a day is an end, it ends at
// its last moment in that zone, and a day that would be ambiguous is read to the
// safer side (invariant 22). Nothing here decides whether an act is possible:
// package demand does; nor who may do it: package policy does. Acts that take a
// person's own key (approvals, stops, "still in force", release) are not here.
//
// It imports the standard library, calendar, demand, scope and problem.
package act
