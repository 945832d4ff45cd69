-- Only new tables: the version before runs on beside them.

-- Who was unprotected from when to when, by which device. Open while ``until`` is null.
CREATE TABLE exposure (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    device     TEXT NOT NULL REFERENCES device (id),
    resident   TEXT NOT NULL REFERENCES resident (id),
    since      TEXT NOT NULL, -- when the device was last heard
    noticed_at TEXT NOT NULL,
    until      TEXT,
    scope      TEXT NOT NULL CHECK (scope IN ('all', 'gateway', 'street', 'home')),
    incident   TEXT REFERENCES incident (id),
    CHECK (until IS NULL OR until >= since)
);
CREATE UNIQUE INDEX exposure_one_open ON exposure (device) WHERE until IS NULL;
CREATE INDEX exposure_until ON exposure (until);
CREATE INDEX exposure_incident ON exposure (incident) WHERE until IS NULL;
CREATE TRIGGER exposure_stays BEFORE DELETE ON exposure BEGIN SELECT RAISE(ABORT, 'an exposure is never deleted'); END;

-- What devices.toml says about a device: what its gestures mean, its limits, its night, how it is answered.
CREATE TABLE device_setting (
    device TEXT PRIMARY KEY REFERENCES device (id),
    data   TEXT NOT NULL CHECK (json_valid(data))
);

-- Which signals of a device came as a real test, and until when it is in test mode.
CREATE TABLE device_proof (
    device     TEXT PRIMARY KEY REFERENCES device (id),
    tested_at  TEXT,
    tested_by  TEXT NOT NULL DEFAULT '',
    testing_by TEXT NOT NULL DEFAULT '',
    test_until TEXT
);
