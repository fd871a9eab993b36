// Package grant is what docket and gate must agree on: the text of one grant,
// the charter that says who may approve it, and the checks between the two.
//
// Its words. A *grant* is one permission to collect for one demand. An
// *approval* is a person's signature over the grant's exact text. A *stop* is
// any one person's signed word that a demand, a grant or everything must halt; a
// *still in force* is a person's signed word, minutes old, that the order
// stands. The *charter* is a chain of *statements*, each signed by the quorum of
// the one before: the roster of persons and their keys, the gate policy, the
// gates, the estate (accounts, aliases), the agencies with their contacts and
// recipient keys, the log policy and the list of rule packs. An *export* is the
// manifest of files that a person, its *collector*, collected by hand; a grant
// *by hand* names its digest. A *call* is the signed word of a *caller* that they
// called the agency back: the *emergency lane* rests on one. Neither collector
// nor caller approves. A *production* is what kind of answer a grant is: first,
// rolling, supplement or correction.
//
// A *copy* is data that a gate keeps for an order that may follow; a grant *to keep*
// makes one or moves its end and needs one approval, and a grant *from a copy* is a
// release like any other that draws on it. *Kept* is the gate's signed word about it.
//
// A grant can name a *ZIP* in the place of a key: a package under a passphrase, where the
// charter says that the agency may get one, and whether content may go that way. A
// *telling* is a person's signed word that they are about to read the passphrase out on a
// call; *reached* is what they say after it.
//
// A grant's text has three versions; which one follows from the grant. What was
// signed under an earlier one stays valid.
//
// Its promises. All these texts are canonical (package canon) and readable:
// what a person reads is what the signature covers. Check asks everything that
// can be known from grant, charter, approvals and time, in one list that a test
// takes apart check by check. Persons are counted, not keys.
//
// It imports the standard library, scope, identifier, canon, signature, problem and
// x/text for the forms of file names. The gate
// adds what only it can know: the journal's proofs, its own record, its stops.
package grant
