// Package calls reads records of calls out of rows, and the voicemail that lies
// beside them.
//
// Its words. A *call* is a row: an item of category traffic, made of the fields of
// Vocabulary that columns are mapped to. A *voicemail* is the sound file that the
// row names: an item of category content, byte for byte. Both are judged by the
// time at which the call began, and both take part under the numbers of caller and
// callee.
//
// Its promises. Those of package records about rows: what is not mapped is never
// given, what cannot be read or attributed is a gap, a time counts only as far as it
// is certain. The voicemail's name comes from whoever wrote the row, so it is
// looked for only when the gate opens it, inside the voicemail folder, and never
// through a link: a name that leaves the folder, is not plain or names nothing makes that
// voicemail unreadable, which the gate lists as withheld where it was asked for; a link
// there is an error.
//
// A call's item is one JSON object: store, account, category, fields, as in package
// records, and voicemail, where there is one: the name of its file. An id is that
// of source.IDs over store, account and the fields.
//
// It imports the standard library, source, source/rooted, source/table, scope and
// problem.
package calls
