// Package paper reads a document by its bytes: what it claims to be, what it is,
// and what a person can read of it.
//
// Its words. A *paper* is one document as it came. It is *stated* to be of a
// media type by whoever sent it, by a header or by the end of its name; its
// *kind* is what its own bytes say. A *remark* is something that a person should
// know before believing a paper; it has a stable code and decides nothing. Text
// is *inert* when it holds letters, spaces, tabs and line ends alone: nothing
// that hides, turns the direction of writing, or moves a terminal's cursor.
//
// Its promises. Reading never fails: what cannot be understood is of an unknown
// kind and says so. It is deterministic, makes no connection, opens no file, runs
// nothing that a paper holds, and is bounded: MaxPaper bytes are looked at,
// MaxText bytes of text are given, and a zip's list is read but none of its
// members unpacked. A signature found is reported as found, never as good. PDF
// files are given to an Opener, which the caller supplies, because a reader of
// PDF is too large a thing to run beside everything else; without one, what the
// bytes show is all that is said.
//
// It imports the standard library, canon, problem and golang.org/x/net/html (the
// tokenizer). Values are safe for concurrent use once returned.
package paper
