// Package mbox reads mail out of mbox files: one or several for an account, or
// one for many accounts (a shared store, a journal), where a delivery header
// says whose each message is.
//
// Its words. A *separator* is a line that begins a message: it follows an empty
// line or the start of the file, begins "From " and ends in a date in the form
// of asctime (RFC 4155, appendix A). A *message* is what lies between two
// separators, without the one empty line that ends it. Its *header block* ends
// at its first empty line. The *flavour* says whether lines were quoted when
// they were stored: in "mboxo" they are given as they are, in "mboxrd" one ">"
// is taken from each line that begins with one or more ">" and then "From ".
// Length headers ("mboxcl") are not used, because a sender can write them.
//
// Its promises. One pass, in the store's order, with a fixed buffer: a message
// up to a mebibyte is given from the buffer, a longer one is read again from
// the file. Nothing is written, no symbolic link is followed. A file that
// changed while it was read is an error, not a shorter answer. Bytes before the
// first separator, a header block over 256 KiB, more than 1,000 addresses, and
// a message whose account cannot be told are gaps.
//
// What it cannot tell. A line in a body that follows an empty line, begins
// "From " and ends in a date begins a message here, as in every reader of this
// format; writers quote such lines.
//
// The rules for separators, header fields, dates and addresses stand in
// e2e/realmail/DATES.md, exactly enough that a second program in another
// language selects the same messages; there is one, and a test compares them.
// In short: received is the date of the topmost Received field, else that of
// the separator; sent is the date of the only Date field. A date without a
// known zone counts only where every offset from -12:00 to +14:00 gives the
// same answer (scope.Item's spread). Package letter has them.
//
// An item's id is "mbox-" and 32 hexadecimal digits: the first 16 bytes of the
// SHA-256 of "counterseal-mbox-item-v1", the account, the separator line and
// the header block, each preceded by its length in 8 bytes, most significant
// first. The second and later messages of a pass that share an id have "-2",
// "-3" and so on, in the store's order. The separator line and header block are
// taken as stored, without the line feed of the separator and with the empty
// line that ends the block.
//
// It imports the standard library, source, source/letter, source/rooted, scope and
// problem.
package mbox
