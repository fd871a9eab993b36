// Package prosody reads messages between people out of the archive of a Prosody
// server (mod_mam) that keeps it in a database (mod_storage_sql).
//
// Its words. A *stanza* is one message as the server keeps it, for each account that
// took part. Its *time* is when the server took it. *With* is the other side's
// address.
//
// Its promises. One query over the table prosodyarchive, in a snapshot that cannot be
// written; rows of other hosts and of other stores than "archive" are not looked at. A
// stanza gives two items: itself, byte for byte, as content; and
// {"id","received","with","from","to"} as traffic, for a demand that may have no
// content. A row whose stanza is not one XML element, whose time is none, or whose
// sides cannot be compared, is a gap. Participants are the account's address, "with",
// and the stanza's from and to, without the resource.
//
// What it cannot tell: whether an account without a row exists (Prosody keeps accounts
// elsewhere), rooms (mod_muc_mam: the store "muc_log"), files that were sent by a link,
// and what end-to-end encryption hid. Received and sent are both the server's time.
//
// An item's id is that of source.IDs over category, account and the archive's own id.
//
// It imports the standard library, source, source/table, scope and problem.
package prosody
