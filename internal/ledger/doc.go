// Package ledger writes and reads the two public logs: the journal (one leaf a
// tick, busy or idle) and the register (one leaf per demand, in padded,
// permuted batches). Package proof has the formats and all checking.
//
// Its words. An *entry* is a row in the database's *outbox*, written by another
// room in the transaction of its own event. The *writer* takes pending entries
// and *sequences* them: it fixes the bytes and the *sequence* (index) of the
// next leaves in one database transaction, and only then appends them to the
// log. The *interval key* is the secret behind one tick's fillers. To
// *reconcile* is to compare the log with the database and replay what the log
// lacks. The *epoch* is a number that fences out every earlier writer.
//
// Its promises.
//   - The database is the truth: sequenced leaves reach the log in order, each
//     once, through any crash. A log that holds more leaves than the database,
//     or another leaf, stops the writer (ledger.mismatch), so a database that
//     was rolled back cannot start unnoticed.
//   - One writer for a log: an OS lock on its directory (ledger.busy), and an
//     epoch that every transaction of the writer checks.
//   - One journal leaf for each tick while the writer runs; its length and its
//     look do not depend on what happened. Urgent entries go first; what does
//     not fit waits for the next tick.
//   - A proof is handed out only after it verified under the reader's policy.
//   - A checkpoint follows as soon as the log has grown, without a pause, and its
//     root is that of the database's leaves.
//   - Tessera's deduplication, its publisher and its asking of witnesses are not used.
//   - Without k witnesses of the policy nothing is published. Each is asked by itself, for
//     the newest checkpoint: one that hangs, lies or is late is passed over, follows the
//     log when it can, and its cosignature joins the published checkpoint.
//
// The log directory is C2SP tlog-tiles as Tessera's POSIX driver writes it, on
// a local disk. Reader and Check need no lock and may run in another process.
//
// What it may import: the standard library (not database/sql), Tessera,
// golang.org/x/mod, ledger/proof and internal/problem.
package ledger
