// Package query reads the provider's map from a database: one SELECT a table,
// columns named or mapped to the fields of estate.toml.
//
// Its promises. All tables are read in one transaction, so that they are of one
// moment. Reading is all that it does: a SQLite file is opened read-only, and on
// other databases the transaction is read-only; give it an account that can do
// nothing else beside. Bounded by estate.MaxRows and by the time that Read's
// context leaves. No driver's text reaches a problem.
//
// Codes: estate.query, estate.unavailable, and those of estate.Tables.Add.
//
// It imports the standard library, estate, problem and the driver of SQLite.
package query
