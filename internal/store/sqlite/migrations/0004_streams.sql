-- Contests, duties of secrecy, matters and sealed cases have streams and rows
-- beside those of demands: column demand holds the id of any of them. What was
-- there before is demands.

ALTER TABLE queue ADD COLUMN stream TEXT NOT NULL DEFAULT 'demand';
ALTER TABLE queue ADD COLUMN seat TEXT NOT NULL DEFAULT '';
ALTER TABLE queue ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0;

DROP INDEX queue_by_due;

-- The queue itself and each register: one kind of stream by what falls due.
CREATE INDEX queue_by_due ON queue (compartment, stream, due, demand);

-- The views of a seat ("for counsel") and of a status ("on hold"): in a docket of
-- a million, most of it closed, few rows have either.
CREATE INDEX queue_by_seat ON queue (compartment, stream, seat, due, demand);
CREATE INDEX queue_by_status ON queue (compartment, stream, status, due, demand);

-- Emergencies are rare, and found at once.
CREATE INDEX queue_emergencies ON queue (compartment, stream, due, demand) WHERE emergency = 1;

-- Who belongs to which sealed case, by keyed names. It only finds the case, whose
-- history says who its members are.
CREATE TABLE members (
    token  BLOB NOT NULL,
    demand TEXT NOT NULL REFERENCES streams (demand),
    PRIMARY KEY (token, demand)
) STRICT;

-- For replacing and auditing the members of one case.
CREATE INDEX members_by_case ON members (demand);

CREATE TABLE documents (
    demand TEXT NOT NULL REFERENCES streams (demand),
    token  BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (demand, token)
) STRICT;

-- When a person's duty is next escalated: a day before it is due, when it is due,
-- an hour after and a day after; then never again.
ALTER TABLE duties ADD COLUMN alarm INTEGER NOT NULL DEFAULT 0;
UPDATE duties SET alarm = due - 86400000;

-- A pass finds what is to be escalated now, whatever else lies ahead.
CREATE INDEX duties_by_alarm ON duties (clerk, alarm, demand, token);
