// Package policy says who of the staff may do what. It is the only place that does.
//
// Its words. A *rule* permits or forbids actions to seats. An *action* is a route of
// the pages ("GET /queue"), an act ("line.decide"), or to read a stream. A *question*
// asks it for somebody's seats and one resource: whether that is closed, and whether
// it lies in a sealed case, of which whoever asks is a member or is not.
//
// Its promises. What no rule permits is denied, so that a route or an act which
// nobody has thought of is for nobody. A rule that forbids wins over every rule that
// permits. The rules are one file, office.toml, which the program carries and prints;
// a file that names a seat, an action or a key that is not there is refused whole
// (policy.form). Asking is pure. Cedar writes the same rules in the Cedar language:
// a test asks Cedar's own evaluator every question and holds the answers against ours
// (docs/decisions/0027).
//
// What it does not say: whether an act fits what happened to a demand (package demand
// does), and whose key counts at the gate (the charter does).
//
// It imports the standard library, problem and strict.
package policy
