// Package table reads rows of named columns out of a store: CSV, JSON lines, a
// query of SQLite or PostgreSQL, or a program's output.
//
// Its words. A *column* is wanted by its name; a *cell* is its text in a row, ""
// where the row has none. A *bad* row cannot be given in cells, and says why in
// a stable code; it is the caller's to report, never dropped.
//
// Its promises. Only the wanted columns leave it. One pass, in the store's order,
// with bounded memory: a row is at most a mebibyte. Nothing is written: files
// are opened inside the store's folder and never through a link, databases in a
// transaction that cannot write. A store that cannot be read to its end, or
// that changed meanwhile, is an error: files are compared when they have been
// read, databases give one snapshot, and a program must say how many rows it gave.
// A row whose quotation marks do not pair is an error too, because what follows
// could be read as rows that nobody wrote.
//
// # Forms
//
//	csv       RFC 4180 in UTF-8, the first row names the columns; the separator can
//	          be chosen. A line break inside quotation marks is given as a line feed.
//	jsonl     one JSON object a line. Strings, numbers (as they are written) and
//	          true and false are cells; null is no cell; a key that stands twice, and
//	          an object or a list in a wanted column, make the row bad.
//	sqlite    a query of a file of the store's folder; its columns are read as text.
//	postgres  a query, in a read-only transaction with UTC as its zone.
//	command   a program, started without a shell. It is given one line of JSON
//	          {"account":…,"from":…,"until":…} and writes rows as in jsonl, then
//	          {"end":N} with the number of its rows, and ends with status 0.
//
// In a query $1 is the account that is asked for, if it stands there.
//
// It imports the standard library, x/sys, source, source/rooted and problem. Whoever
// links it registers the drivers "sqlite" (modernc.org/sqlite) and "pgx"
// (jackc/pgx/v5/stdlib).
package table
