// Package sqlite keeps the provider's records in one SQLite file: the embedded
// default, one process, local disk.
//
// Its words. A *migration* is one embedded file, migrations/NNNN_name.sql, that
// brings the file's tables one step further; once applied it is recorded with
// its digest and never changes. A *group* is several callers' transactions that
// reach the disk with one sync: each is a savepoint of its own, so one that
// fails takes nothing of the others with it, and nobody is answered before the
// sync.
//
// Its promises. What a call reported as done survives a power cut (write-ahead
// log, synchronous=FULL). All writing goes through one connection and one lock:
// writers of this process wait for each other and never meet a busy file. A
// migration that was applied and is missing or different now refuses to start
// (store.migration). The file is created readable by its owner alone. Driver
// texts never reach a message; they are causes, for the log. SQL stands in
// constants and migration files, with named columns and $n placeholders, so that
// PostgreSQL can share it; no driver error code is looked at: conflicts are found
// with ON CONFLICT DO NOTHING and the number of rows affected.
//
// It implements interfaces that other rooms declare (docket.Store and others)
// and imports those rooms for their types, problem, batch, database/sql and
// modernc.org/sqlite.
package sqlite
