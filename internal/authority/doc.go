// Package authority is who may demand: agencies with the contacts that the
// provider found independently of any demand, their officers, and the mailboxes
// that are theirs no more.
//
// Its words. An *agency* makes demands; its *contacts* are the numbers or persons
// that are called back, taken from a public register and never from a demand's
// own letterhead, because a mailbox proves nothing. A *designated emergency
// contact* answers at any hour. An *officer* is a person for whom the agency
// *vouched*. A *flag* says since when a mailbox is compromised; what came from it
// is *held*. A *recipient* is an age public key that packages may be encrypted
// to, and since when it is known.
//
// Its promises. Read-only, safe for concurrent use. What the gate believes about
// agencies stands in the charter; this is the docket's working copy.
//
// Imports: standard library, identifier, problem, strict, age (to check the form
// of keys).
package authority
