-- Columns that may stay empty or have a default, and an index: the version before runs on beside them.

-- With whose telephone a text was written that the desk reads of no incident: what waits of one for one reader is one text.
ALTER TABLE outbox ADD COLUMN sender TEXT;
CREATE INDEX outbox_sender ON outbox (sender, destination) WHERE due_at IS NOT NULL AND sender IS NOT NULL;

-- What came of a number that guessed at codes: texts that would have been answers, and calls to its owner, the last one when.
ALTER TABLE wrong_code ADD COLUMN answers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wrong_code ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wrong_code ADD COLUMN rung_at TEXT NOT NULL DEFAULT '';
