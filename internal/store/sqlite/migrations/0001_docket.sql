-- What docket keeps. Nothing here is readable without the keys, which lie
-- elsewhere: sealed columns hold AES-256-GCM ciphertext under the demand's key,
-- token columns hold keyed digests. Times are Unix milliseconds.

CREATE TABLE streams (
    demand      TEXT    NOT NULL PRIMARY KEY,
    compartment TEXT    NOT NULL,
    last        INTEGER NOT NULL,
    head        BLOB    NOT NULL
) STRICT;

CREATE TABLE events (
    demand TEXT    NOT NULL REFERENCES streams (demand),
    seq    INTEGER NOT NULL,
    chain  BLOB    NOT NULL,
    entry  BLOB,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (demand, seq)
) STRICT;

CREATE TABLE rows (
    demand      TEXT    NOT NULL PRIMARY KEY REFERENCES streams (demand),
    compartment TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    due         INTEGER NOT NULL,
    sealed      BLOB    NOT NULL
) STRICT;

CREATE INDEX rows_by_due ON rows (compartment, due, demand);

CREATE TABLE duties (
    demand TEXT    NOT NULL REFERENCES streams (demand),
    token  BLOB    NOT NULL,
    kind   TEXT    NOT NULL,
    seat   TEXT    NOT NULL,
    due    INTEGER NOT NULL,
    leased INTEGER NOT NULL DEFAULT 0,
    holder BLOB,
    tries  INTEGER NOT NULL DEFAULT 0,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (demand, token)
) STRICT;

CREATE INDEX duties_by_due ON duties (due, demand, token);

CREATE TABLE commands (
    token   BLOB    NOT NULL PRIMARY KEY,
    request BLOB    NOT NULL,
    demand  TEXT    NOT NULL REFERENCES streams (demand),
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL
) STRICT;

CREATE TABLE receipts (
    demand TEXT NOT NULL PRIMARY KEY REFERENCES streams (demand),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE clock (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    highest INTEGER NOT NULL
) STRICT;
