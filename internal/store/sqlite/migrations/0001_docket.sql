-- What docket keeps. Nothing here says anything without the keys, which lie
-- elsewhere: sealed columns hold AES-256-GCM ciphertext under the demand's key
-- that also binds the plain columns beside it; tokens, requests and chains are
-- keyed digests. Times are Unix milliseconds. compartment, status, kind, seat and
-- due are the codes by which a read model is found.

CREATE TABLE streams (
    demand TEXT    NOT NULL PRIMARY KEY,
    last   INTEGER NOT NULL,
    head   BLOB    NOT NULL
) STRICT;

CREATE TABLE events (
    demand TEXT    NOT NULL REFERENCES streams (demand),
    seq    INTEGER NOT NULL,
    chain  BLOB    NOT NULL,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (demand, seq)
) STRICT;

CREATE TABLE commands (
    token   BLOB NOT NULL PRIMARY KEY,
    request BLOB NOT NULL,
    demand  TEXT NOT NULL REFERENCES streams (demand),
    sealed  BLOB NOT NULL
) STRICT;

CREATE INDEX commands_by_demand ON commands (demand);

CREATE TABLE receipts (
    demand TEXT NOT NULL PRIMARY KEY REFERENCES streams (demand),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE queue (
    demand      TEXT    NOT NULL PRIMARY KEY REFERENCES streams (demand),
    compartment TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    due         INTEGER NOT NULL,
    sealed      BLOB    NOT NULL
) STRICT;

CREATE INDEX queue_by_due ON queue (compartment, due, demand);

CREATE TABLE duties (
    demand TEXT    NOT NULL REFERENCES streams (demand),
    token  BLOB    NOT NULL,
    clerk  INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    seat   TEXT    NOT NULL,
    due    INTEGER NOT NULL,
    sealed BLOB    NOT NULL,
    leased INTEGER NOT NULL DEFAULT 0,
    holder BLOB,
    tries  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (demand, token)
) STRICT;

CREATE INDEX duties_by_due ON duties (clerk, due, demand, token);

CREATE TABLE clock (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    highest INTEGER NOT NULL,
    seal    BLOB    NOT NULL
) STRICT;
