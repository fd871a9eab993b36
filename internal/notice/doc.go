// Package notice writes the letter that tells a customer of a demand, and puts
// it where letters are picked up for sending.
//
// Its words. A *letter* tells one customer of one demand: what happened, what was
// asked, what is or was given and when, how to object, why it comes late if it
// does, and the *opening* of the demand's leaf in the public ledger with the way
// to check it. A *spool* is a folder from which mail or print takes letters.
//
// Its promises. The first sentence says what happened. A letter with something
// missing is an error (notice.field), never a blank. Times stand in the
// customer's language and zone, with weekday and offset. Equal letters have
// equal bytes. A name or text from outside cannot add a line, turn the direction
// of writing or become markup. A delivered letter is never overwritten.
//
// Whether a letter may be sent at all, and when, is decided elsewhere.
// Imports: standard library, problem, scope (names of services and categories).
package notice
