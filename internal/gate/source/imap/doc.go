// Package imap reads the mail of an account from an IMAP server (RFC 3501, RFC 9051).
//
// Its words. The gate *logs in* as the account, by the name that the configuration
// states: usually that of a master user, who may read every account and change
// none. A *mail folder* is a mailbox of the protocol; only those in the account's
// personal namespaces (RFC 2342) are read, because in the others lies other
// people's mail. A *key* is a message's UID in a mail folder with a UIDVALIDITY.
//
// Its promises. Mail folders are opened by EXAMINE, and one that a server opens for
// writing is an error; bytes are asked for by BODY.PEEK[]: no flag, no date and no
// "recent" changes. Nothing is decoded: the bytes are those that the server sends,
// with the line ends of the protocol. The number of bytes must be that which the
// server announced. An answer that cannot be read, a message that is gone before it
// was read, a UIDVALIDITY that changed, a list of mail folders that changed, a
// message that came meanwhile (unless both its times lie outside what is asked),
// are errors; so is a refused log-in, which is never the same as an unknown
// account. Lines are at most 64 KiB, and memory grows with the number of messages in
// one mail folder, of which there may be a million.
//
// A line that breaks is taken up as the same user in the same mail folder, and what broke
// off is asked for again; the bytes of a message that had been given must come again
// (docs/decisions/0042-a-line-that-breaks.md).
//
// Received is INTERNALDATE, held against the topmost Received field: where they
// differ, it is the span between them (letter.Head.Stored). What differs from the
// answer of `doveadm search` is told in docs/stores.md, and a test compares them.
//
// The client is our own, because a reader must bound what a server sends
// (decisions/0018).
//
// An item's id is that of source.IDs over account, mail folder and key.
//
// It imports the standard library, source, source/letter, source/wire, scope and
// problem.
package imap
