-- What the two public logs are written from. An entry comes in with the event
-- that it is about, in one transaction; seq and place stay null until the
-- writer has fixed the leaf that holds it. secret is a journal leaf's interval
-- key, or the opening of a padding leaf of the register.

CREATE TABLE ledger_entries (
    number   INTEGER NOT NULL PRIMARY KEY,
    id       BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    log      INTEGER NOT NULL CHECK (log IN (1, 2)),
    urgent   INTEGER NOT NULL CHECK (urgent IN (0, 1)),
    hash     BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    salt     BLOB,
    digest   BLOB,
    leaf     BLOB,
    seq      INTEGER,
    place    INTEGER
) STRICT;

CREATE INDEX ledger_entries_pending ON ledger_entries (log, urgent DESC, number) WHERE seq IS NULL;

CREATE INDEX ledger_entries_by_seq ON ledger_entries (log, seq) WHERE seq IS NOT NULL;

CREATE TABLE ledger_leaves (
    log    INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    leaf   BLOB    NOT NULL,
    secret BLOB,
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_logs (
    log   INTEGER NOT NULL PRIMARY KEY CHECK (log IN (1, 2)),
    epoch INTEGER NOT NULL,
    size  INTEGER NOT NULL
) STRICT;

INSERT INTO ledger_logs (log, epoch, size) VALUES (1, 0, 0), (2, 0, 0);
