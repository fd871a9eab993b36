// Package notice writes the provider's letters, to customers and to authorities,
// and puts them where they are sent from.
//
// Its words. A *letter* says one thing to one reader; its *kind* says which, and
// each kind is a struct of *facts* without prose. The words stand in templates,
// one for each kind and language. A *sentence* comes from a finding, with its
// citation, and is carried along so that a reader can ask where it came from. A
// *draft* is the letter's wording; an *edit* keeps counsel's wording beside it.
// *Rendered* is the letter as text, page (HTML) and one sheet of paper (PDF).
// A *dispatch* is a rendered letter on its way, under an id of its own. A
// *channel* takes it: the *spool*, a folder that mail or print takes letters
// from, and notice/mail. The *opening* lets a customer check that the demand has
// stood in the public ledger since it came.
//
// Its promises. The first sentence says what happened. A letter with something
// missing is an error (notice.field), never a blank. What may still not be told
// cannot be handed over by mistake: its field must be empty. Times stand in the
// reader's language and zone. Equal letters have equal bytes, on paper too. A
// name or text from outside cannot add a line, turn the direction of writing or
// become markup. A dispatch is taken once: the same again is no error, another
// one under its id is. Reading and writing are safe from any number of goroutines.
//
// A PDF is always one sheet. What does not fit in the smallest size is counted
// there ("and 12 more"); the text and the page hold all of it.
//
// Whether a letter may be sent at all, and when, is decided elsewhere.
// Imports: standard library, fpdf, problem, scope (names of services and categories).
package notice
