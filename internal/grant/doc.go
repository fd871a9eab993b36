// Package grant is what docket and gate must agree on: the text of one grant,
// the charter that says who may approve it, and the checks between the two.
//
// Its words. A *grant* is one permission to collect for one demand. An
// *approval* is a person's signature over the grant's exact text. A *stop* is
// any one person's signed word that a demand, a grant or everything must halt; a
// *still in force* is a person's signed word, minutes old, that the order
// stands. The *charter* is a chain of *statements*, each signed by the quorum of
// the one before: the roster of persons and their keys, the gate policy, the
// gates, the estate (accounts, aliases), the agencies with their recipient keys,
// the log policy and the list of rule packs.
//
// Its promises. All these texts are canonical (package canon) and readable:
// what a person reads is what the signature covers. Check asks everything that
// can be known from grant, charter, approvals and time, in one list that a test
// takes apart check by check. Persons are counted, not keys.
//
// It imports the standard library, scope, identifier, canon, signature and problem. The gate
// adds what only it can know: the journal's proofs, its own record, its stops.
package grant
