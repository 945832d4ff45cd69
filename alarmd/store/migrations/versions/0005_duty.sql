-- Only a table: the version before runs on beside it, and works shifts out by itself.

-- When people with one on-call text are on duty, unfolded beforehand for some weeks (alarmd/directory/rotas.py). A press
-- only looks here: a calendar is a text that somebody else wrote, and may take long to unfold, or for ever.
CREATE TABLE duty_rota (
    key      TEXT PRIMARY KEY,                                -- of the on-call text, the service's zone and country
    stamp    TEXT NOT NULL,                                   -- of what it was made from: the file, the holidays' lists
    since    INTEGER NOT NULL,                                -- seconds since 1970, as all of these
    until    INTEGER NOT NULL CHECK (until > since),
    readable INTEGER NOT NULL CHECK (readable IN (0, 1)),     -- 0 = on duty all the time, for nobody knows
    starts   BLOB NOT NULL,                                   -- of the shifts, in order: 8 bytes each, little-endian
    ends     BLOB NOT NULL CHECK (length(ends) = length(starts)),
    remarks  TEXT NOT NULL                                    -- JSON: what whoever keeps the text should hear
) WITHOUT ROWID;
