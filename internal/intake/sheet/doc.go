// Package sheet reads a list of past demands out of a table that somebody kept:
// CSV or a workbook (.xlsx, ISO/IEC 29500). It imports nothing into anything: it
// gives every row back with a verdict, so that a person can look before the docket
// takes the good ones in.
//
// Its words. A *line* is the number of a row as a table program shows it, counted
// from 1. The *header* is the first line that is not empty; it says which *column*
// holds what. A *record* is one past demand as read. A row's *verdict* is ok;
// duplicate (the same demand, the same words); conflict (the same agency and number,
// other words); malformed, with a *fault* for each cell that cannot be read; or
// empty. A record's *key* recognises it among others: agency and number, or, where
// there is no number, all of it.
//
// Its promises. No row is lost: each comes back in order with its cells as they
// stood. Nothing is guessed: a date is read in the one form that the caller names,
// a number that a workbook does not mark as a date is not one, an unknown heading
// is reported. Formulas are never evaluated: a cell with one holds its text, also
// where the workbook stores a result beside it. Nothing is fetched. Bounds: MaxSheet
// bytes, maxUnpacked bytes unpacked, maxRows, maxColumns, maxCell; a table beyond
// them is refused whole. What is written out again (WriteCSV) is neutralised, so that
// no table program takes a cell for a formula. Deterministic; no clock of its own.
//
// The workbook's reader is its own, because libraries at hand give the stored
// results of formulas and dates already formatted, which cannot be told from text;
// tests compare it with what xuri/excelize writes.
//
// It imports the standard library, calendar, canon, problem and paper.
package sheet
