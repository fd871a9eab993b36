// Package report says in public how many demands came and how they ended, so that
// no single demand can be seen in it.
//
// Its words. A *period* is a calendar half-year; only one that is over has a report.
// An *entry* is what of one demand counts: whose authority, by what class of
// instrument, how it ended; never whom it was about. A *row* is a country and a
// class; the *rest* is all rows that are too small to be named. A *figure* is a
// number as it is published: exact, a bound, or withheld. The *band* holds what the
// law lets be told in bands alone (50 USC 1874(a)(3): total process and total
// customer selectors, 0 to 249 and so on). The *minimum cell* k is the smallest
// number of demands that is told.
//
// Its promises.
//   - Every exact figure is 0 or at least k; of fewer than k nothing is told but
//     that, and 0 of a whole report is told as fewer than k too.
//   - Rows smaller than k are put into the rest, and so is the next larger one
//     while the rest is smaller than k. Outcomes are put together likewise.
//   - Where a cell of a row is smaller than k, the whole split of that row is
//     withheld, and that of other rows too, until what all withheld rows hold
//     together is 0 or at least k in every column. So, whatever totals are
//     subtracted from each other, each withheld number can still lie anywhere in
//     an interval of length at least k (TestWhatIsWithheldCannotBeComputed).
//   - What is in the band is in no other number.
//   - Periods do not overlap, and a report that was published never changes: the
//     difference of two reports is about disjoint demands.
//
// What it cannot do: whoever knows of some demands, as the customers who were told
// do, can subtract them. And a report is checkable, not proven: it names the heads
// of the logs at the moment of counting and is itself committed to the journal, but
// nothing proves yet that its numbers are those of the register.
//
// It imports the standard library and problem. All of it is pure.
package report
