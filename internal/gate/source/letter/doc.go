// Package letter reads what selecting needs of a mail's header block: its two
// times, its people, and whose it is by a delivery header. The readers of mail
// (mbox, maildir, imap) share it, so that a message has the same times and people
// in whatever store it lies.
//
// Its words. The *header block* ends at the first empty line. A *trace* is the date
// of the topmost Received field, which the last server wrote. A *Moment* is what a
// date says: an instant, or a span where the zone is unknown.
//
// Its promises. Nothing is decoded and nothing guessed: the rules for header
// fields, dates and addresses stand in e2e/realmail/DATES.md, exactly enough that
// a second program selects the same messages. net/mail.ParseDate is not used: it
// reads "EST" as +0000 and refuses forms that mail has. A block over 256 KiB and
// more than 1,000 addresses are refused.
//
// It imports the standard library, source and scope.
package letter
