// Package messages reads messages between people out of JSON lines of one schema.
//
// Its words. A *message* is one line: an object with these keys and no others, each
// once.
//
//	account   whose copy it is: an account's id; required
//	id        the store's own name of the message, up to 512 bytes; required
//	received  when the store took it: RFC 3339 with an offset; or null
//	sent      when its sender's program says that it was sent: the same; or null
//	from      the sender's address; required
//	to        the recipients' addresses, up to 1,000; required, may be empty
//	text      what it says; required, may be empty
//
// Its promises. A message gives two items: its line, byte for byte, as content;
// and {"id","received","sent","from","to"} as traffic, for a demand that may have no
// content. A line that is not such an object (a key too many or missing, a key
// twice, a value of another kind, no UTF-8, over a mebibyte) is a gap, because what
// it holds beside the schema was not meant to be given. An address is compared in
// the form of scope.NormalAddress; one that has none makes the line a gap. A time
// that is null, or states no offset, is unknown or has a spread as in package table.
//
// An item's id is that of source.IDs over category and line.
//
// It imports the standard library, source, source/rooted, source/table, scope and
// problem.
package messages
