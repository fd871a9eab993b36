// Package records reads what a provider keeps about its subscribers and their
// sessions, in the fields that statutes name.
//
// Its words. A *field* is one of Vocabulary: what it means, which provision speaks
// of it, and in which categories it may be given. A *group* maps columns of a store
// to fields of one category. A *record* is what one row gives in one group: an
// item of service records, in that category. *Lasting* records, such as a name,
// hold from one time until another; the others happened at one.
//
// Its promises. What is not mapped is never read out of the row. A row gives one
// item for each group, so that a demand for subscriber data never gets log-in
// records, and the reverse: fields of sessions cannot be mapped into category
// subscriber, nor names into another. A row whose account cannot be told, or that
// cannot be read, is a gap. A row's times are used only as far as they are certain:
// the zone of a column is configured, and a clock that was set back gives a spread.
//
// An item is one JSON object and a line feed: store, account, category, and under
// fields the value of each field, as text exactly as the store has it. A time is
// an object: stated, and what it means in UTC (utc, or earliest and latest), or why
// that cannot be told (unclear). A field that is mapped from several columns is a list, in the
// order of the configuration. What is empty is left out; a record without any
// value is none. docs/decisions/0012 says why this is not CSV.
//
// A record's id is that of source.IDs over store, account, category and its
// values: never over a column that is not mapped.
//
// It imports the standard library, source, source/table, scope and problem.
package records
