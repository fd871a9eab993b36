-- What the office keeps for gates: which subject digests are in the journal, and
-- the last counter that each gate has committed.

CREATE INDEX ledger_entries_by_digest ON ledger_entries (digest) WHERE digest IS NOT NULL;

CREATE TABLE gate_counters (
    gate    TEXT    NOT NULL PRIMARY KEY,
    counter INTEGER NOT NULL,
    digest  BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;
