-- Only a table: the version before runs on beside it.

-- People, devices and circles that were taken out of the directory, each with its row as it was. Responders, contacts and circles leave
-- their tables; a resident's and a device's rows stay, because incidents and exposures name them: without a telephone, and with the family
-- 'retired', so that no look-up by number or address finds them.
CREATE TABLE retired (
    kind    TEXT NOT NULL CHECK (kind IN ('resident', 'responder', 'device', 'circle', 'contact')),
    id      TEXT NOT NULL CHECK (id <> ''),
    name    TEXT NOT NULL DEFAULT '',
    at      TEXT NOT NULL,
    by      TEXT NOT NULL CHECK (trim(by) <> ''),
    reason  TEXT NOT NULL CHECK (trim(reason) <> ''),
    because TEXT NOT NULL DEFAULT '', -- 'resident/wang': with whom it was retired; empty = by itself
    family  TEXT NOT NULL DEFAULT '', -- of a device, as it was
    address TEXT NOT NULL DEFAULT '',
    data    TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX retired_because ON retired (because) WHERE because <> '';
CREATE INDEX retired_address ON retired (family, address) WHERE kind = 'device';
