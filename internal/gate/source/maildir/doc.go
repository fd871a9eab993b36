// Package maildir reads the mail of an account out of a Maildir of its own.
//
// Its words. The account's *Maildir* lies in the store's folder under the name that
// the configuration states. It is a *mail folder* itself, the inbox, and so is each
// directory in it whose name begins with a dot and which holds cur or new
// (Maildir++); names of mail folders are in modified UTF-7. A *message* is a file
// in cur or new. Its *key* is its name up to the first colon; what follows are its
// flags, which change by renaming. What lies in tmp was not delivered.
//
// Its promises. Nothing is written, renamed, flagged or moved, no time of access
// changes where the reader owns the files, and no link is followed. A message that
// is renamed while it is read (a flag set, moved from new to cur) is found again by
// its key; one that is gone before it was read, or whose bytes change, is an error
// (source.changed), and so is one that came meanwhile, unless both its times lie
// outside what is asked. In a large mail folder up to 128 messages are opened before
// their turn, by readers of their own; one that goes after that is given all the same.
// A list counts when a second one holds nothing more, or when the directory certainly
// stood still since before the first (rooted.Dir.State). Of messages that come from a store with compression or
// encryption at rest, the file is no mail: each is a gap (source.not_plain), and
// the store is read by IMAP. A directory that holds cur or new and is no mail folder
// (another layout, a folder in a folder) is a gap (source.folder_layout), a name
// that is not modified UTF-7 is given escaped. Memory grows with the number of
// messages in one mail folder, of which there may be a million. Each message is opened:
// its Date stands nowhere else, and a file's time alone proves nothing.
//
// Received is the file's time of change, which is what an IMAP server gives as
// INTERNALDATE, held against the topmost Received field: where they differ, it is
// the span between them (letter.Head.Stored).
//
// An item's id is that of source.IDs over account, mail folder and key: it stays
// when flags change, and is another when the message is moved.
//
// It imports the standard library, source, source/letter, source/rooted, scope and
// problem.
package maildir
