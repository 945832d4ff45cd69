-- Tables, a column that may stay empty, and indexes: the version before runs on beside them, without the fair order.

-- Devices that nobody registered, and whoever brings their messages: which open incident they are told in. One sender's are one incident
-- of each kind, however many addresses it thinks up.
CREATE TABLE stranger (
    who      TEXT NOT NULL CHECK (who <> ''), -- 'device:family/address', or 'sender:' and by which way and with which user
    kind     TEXT NOT NULL CHECK (kind <> ''),
    incident TEXT NOT NULL REFERENCES incident (id),
    PRIMARY KEY (who, kind)
) WITHOUT ROWID;
CREATE INDEX stranger_incident ON stranger (incident);
CREATE TRIGGER stranger_over AFTER UPDATE OF status ON incident WHEN old.status <> 'closed' AND new.status = 'closed'
    BEGIN DELETE FROM stranger WHERE incident = new.id; END;

-- How far a user of the door is ahead of the rate at which one may open incidents (virtual time: each costs a moment), and when the desk
-- was told so.
CREATE TABLE sender_pace (
    who     TEXT PRIMARY KEY CHECK (who <> ''),
    next_at TEXT NOT NULL,
    told_at TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Incidents above a sender's rate: their messages let others pass until then. Written before the incident itself, whose first messages
-- are queued as it is stored.
CREATE TABLE incident_behind (
    incident TEXT PRIMARY KEY,
    until    TEXT NOT NULL
) WITHOUT ROWID;

-- In which order messages go out that cannot go out at once: empty = as they were queued. What is ahead of its share (many for one
-- incident, many to one telephone) has its turn later than it was queued.
ALTER TABLE outbox ADD COLUMN turn_at TEXT;
CREATE INDEX outbox_turn ON outbox (channel, lane, coalesce(turn_at, queued_at)) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_waits_of ON outbox (incident, channel) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_waits_to ON outbox (destination, channel) WHERE due_at IS NOT NULL;

-- Codes that no open alarm of a number has, by the number they came from: who may claim a number may guess four digits.
CREATE TABLE wrong_code (
    incident TEXT NOT NULL REFERENCES incident (id),
    number   TEXT NOT NULL CHECK (number <> ''),
    codes    INTEGER NOT NULL CHECK (codes >= 1),
    PRIMARY KEY (incident, number)
) WITHOUT ROWID;
