-- The first schema. CHECKs and partial unique indexes are the state machine's last guard: a bug must not be able to store nonsense.
-- Times are aware UTC as fixed-width ISO 8601 text (2026-11-21T19:30:22.000000Z), so that text order is time order.

CREATE TABLE circle (
    id     TEXT PRIMARY KEY CHECK (id <> ''),
    name   TEXT NOT NULL,
    tier   TEXT NOT NULL CHECK (tier IN ('street', 'community', 'point')),
    parent TEXT NOT NULL DEFAULT '',
    lat    REAL CHECK (lat BETWEEN -90 AND 90),
    lon    REAL CHECK (lon BETWEEN -180 AND 180),
    phone  TEXT NOT NULL DEFAULT '',
    CHECK ((lat IS NULL) = (lon IS NULL))
);

CREATE TABLE resident (
    id         TEXT PRIMARY KEY CHECK (id <> ''),
    name       TEXT NOT NULL CHECK (name <> ''),
    language   TEXT NOT NULL DEFAULT '',
    phone      TEXT NOT NULL DEFAULT '',
    birth_date TEXT,
    address    TEXT NOT NULL DEFAULT '',
    lat        REAL CHECK (lat BETWEEN -90 AND 90),
    lon        REAL CHECK (lon BETWEEN -180 AND 180),
    access     TEXT NOT NULL DEFAULT '',
    conditions TEXT NOT NULL DEFAULT '',
    medication TEXT NOT NULL DEFAULT '',
    allergies  TEXT NOT NULL DEFAULT '',
    mobility   TEXT NOT NULL DEFAULT '',
    categories TEXT NOT NULL DEFAULT '', -- ';'-list
    circle     TEXT NOT NULL DEFAULT '',
    plan       TEXT NOT NULL DEFAULT '',
    notes      TEXT NOT NULL DEFAULT '',
    CHECK ((lat IS NULL) = (lon IS NULL))
);

CREATE TABLE responder (
    id       TEXT PRIMARY KEY CHECK (id <> ''),
    name     TEXT NOT NULL CHECK (name <> ''),
    language TEXT NOT NULL DEFAULT '',
    phone    TEXT NOT NULL DEFAULT '',
    role     TEXT NOT NULL CHECK (role IN ('family', 'neighbour', 'volunteer', 'community_worker', 'nurse', 'doctor', 'keyholder', 'desk')),
    lat      REAL CHECK (lat BETWEEN -90 AND 90),
    lon      REAL CHECK (lon BETWEEN -180 AND 180),
    travel   TEXT NOT NULL CHECK (travel IN ('walk', 'bicycle', 'car')),
    skills   TEXT NOT NULL DEFAULT '', -- ';'-list
    on_call  TEXT NOT NULL DEFAULT '',
    circle   TEXT NOT NULL DEFAULT '',
    CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE INDEX responder_place ON responder (lat, lon);
CREATE INDEX responder_circle ON responder (circle);

CREATE TABLE contact (
    resident     TEXT NOT NULL REFERENCES resident (id),
    responder    TEXT NOT NULL REFERENCES responder (id),
    rank         INTEGER NOT NULL CHECK (rank >= 1),
    relationship TEXT NOT NULL DEFAULT '',
    has_key      INTEGER NOT NULL DEFAULT 0 CHECK (has_key IN (0, 1)),
    PRIMARY KEY (resident, responder)
);

CREATE TABLE device (
    id           TEXT PRIMARY KEY CHECK (id <> ''),
    family       TEXT NOT NULL CHECK (family <> ''),
    address      TEXT NOT NULL CHECK (address <> ''),
    resident     TEXT NOT NULL REFERENCES resident (id),
    kind         TEXT NOT NULL CHECK (kind <> ''),
    room         TEXT NOT NULL DEFAULT '',
    report_every INTEGER CHECK (report_every > 0),
    UNIQUE (family, address)
);
CREATE INDEX device_resident ON device (resident);

-- What supervision knows; written in batches, never on the way of an alarm.
CREATE TABLE device_life (
    device    TEXT PRIMARY KEY,
    last_seen TEXT NOT NULL,
    battery   REAL
);

CREATE TABLE incident (
    id           TEXT PRIMARY KEY,
    code         TEXT NOT NULL CHECK (code <> ''),
    subject      TEXT NOT NULL CHECK (subject <> ''),
    resident     TEXT REFERENCES resident (id),
    device       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind <> ''),
    status       TEXT NOT NULL CHECK (status IN ('opened', 'notifying', 'accepted', 'coming', 'arrived', 'closed')),
    opened_at    TEXT NOT NULL,
    due_at       TEXT, -- the earliest of its deadlines
    step         INTEGER NOT NULL,
    closed_at    TEXT,
    closed_by    TEXT NOT NULL DEFAULT '',
    close_reason TEXT NOT NULL DEFAULT '',
    revision     INTEGER NOT NULL CHECK (revision >= 1),
    state        TEXT NOT NULL CHECK (json_valid(state)),
    -- promise 2: no incident without a clock
    CHECK ((status = 'closed') = (due_at IS NULL)),
    -- promise 6: closing needs a person and a reason
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK (status <> 'closed' OR (trim(closed_by) <> '' AND trim(close_reason) <> ''))
);
CREATE UNIQUE INDEX incident_one_open ON incident (subject, kind) WHERE status <> 'closed';
CREATE UNIQUE INDEX incident_open_code ON incident (code) WHERE status <> 'closed';
CREATE INDEX incident_due ON incident (due_at) WHERE status <> 'closed';
CREATE INDEX incident_resident ON incident (resident, opened_at);
-- promise 6, again: what is closed stays closed, and nothing is deleted
CREATE TRIGGER incident_stays BEFORE DELETE ON incident BEGIN SELECT RAISE(ABORT, 'an incident is never deleted'); END;
CREATE TRIGGER incident_stays_closed BEFORE UPDATE ON incident WHEN old.status = 'closed' AND new.status <> 'closed'
    BEGIN SELECT RAISE(ABORT, 'a closed incident is never opened again'); END;

-- Who is engaged by whom: one person, one emergency at a time, unless nobody else is left.
CREATE TABLE engagement (
    person   TEXT NOT NULL,
    incident TEXT NOT NULL REFERENCES incident (id),
    home     TEXT NOT NULL,
    PRIMARY KEY (person, incident)
);
CREATE INDEX engagement_incident ON engagement (incident);

CREATE TABLE signal (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    device      TEXT NOT NULL, -- family/address
    ref         TEXT,
    type        TEXT NOT NULL,
    received_at TEXT NOT NULL,
    incident    TEXT REFERENCES incident (id),
    repeats     INTEGER NOT NULL DEFAULT 0,
    data        TEXT NOT NULL CHECK (json_valid(data))
);
CREATE UNIQUE INDEX signal_once ON signal (device, ref) WHERE ref IS NOT NULL;
CREATE INDEX signal_recent ON signal (device, type, received_at);
CREATE INDEX signal_incident ON signal (incident) WHERE incident IS NOT NULL;

CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    topic       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    payload     BLOB NOT NULL, -- of the last one, at most the first 4 kB
    repeats     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX quarantine_recent ON quarantine (topic, reason, received_at);

CREATE TABLE outbox (
    attempt    TEXT PRIMARY KEY CHECK (length(attempt) >= 16),
    incident   TEXT REFERENCES incident (id),
    person     TEXT NOT NULL,               -- a candidate's id, or the device's address
    channel    TEXT NOT NULL CHECK (channel IN ('sms', 'voice', 'device')),
    purpose    TEXT NOT NULL,
    lane       INTEGER NOT NULL,            -- 0 emergency first
    destination TEXT NOT NULL CHECK (destination <> ''), -- E.164, or a topic
    body       TEXT NOT NULL DEFAULT '',
    language   TEXT NOT NULL DEFAULT '',
    state      TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'unknown', 'refused', 'delivered', 'failed', 'withdrawn')),
    tries      INTEGER NOT NULL DEFAULT 0,
    due_at     TEXT,                        -- when to send, or to reconcile
    provider   TEXT NOT NULL DEFAULT '',
    sid        TEXT NOT NULL DEFAULT '',
    code       TEXT NOT NULL DEFAULT '',
    status     TEXT NOT NULL DEFAULT '',    -- the last status callback, in alarmd's words
    queued_at  TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    -- what is not finished has a time at which it goes on
    CHECK ((state IN ('queued', 'sending', 'unknown')) = (due_at IS NOT NULL))
);
CREATE INDEX outbox_due ON outbox (due_at, lane) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_incident ON outbox (incident, person);
CREATE INDEX outbox_destination ON outbox (destination, queued_at);
CREATE INDEX outbox_sid ON outbox (sid) WHERE sid <> '';

CREATE TABLE callback_seen (
    token TEXT PRIMARY KEY,
    at    TEXT NOT NULL
);

CREATE INDEX callback_seen_at ON callback_seen (at);

CREATE TABLE journal (
    seq      INTEGER PRIMARY KEY CHECK (seq >= 1),
    at       TEXT NOT NULL,
    event    TEXT NOT NULL CHECK (event <> ''),
    incident TEXT,
    resident TEXT,
    device   TEXT,
    actor    TEXT NOT NULL DEFAULT '',
    data     TEXT NOT NULL CHECK (json_valid(data)),
    prev     TEXT NOT NULL CHECK (length(prev) = 64),
    hash     TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
);
CREATE INDEX journal_incident ON journal (incident, seq);
CREATE INDEX journal_resident ON journal (resident, seq);
CREATE TRIGGER journal_append_only_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER journal_append_only_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

CREATE TABLE note_to_self (
    name  TEXT PRIMARY KEY, -- last_alive, …
    value TEXT NOT NULL
);
