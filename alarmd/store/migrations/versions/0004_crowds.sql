-- Only indexes, a table and triggers: the version before runs on beside them, and keeps them up without knowing.

-- Who lives around a door, by way of travelling: in bands of a fiftieth of a degree, so that nobody is passed who merely lives on
-- the same latitude. SQLite's R*Tree would need a number of its own for each person, which a VACUUM may change here.
CREATE INDEX responder_near ON responder (travel, CAST((lat + 90) * 50 AS INTEGER), lon);

-- How many reply codes of each length are in use, so that a free one is found without trying the same few over and over.
CREATE TABLE code_use (
    digits INTEGER PRIMARY KEY,
    codes  INTEGER NOT NULL CHECK (codes >= 0)
);
INSERT INTO code_use (digits, codes) SELECT length(code), count(*) FROM incident WHERE status <> 'closed' GROUP BY length(code);
CREATE TRIGGER code_taken AFTER INSERT ON incident WHEN new.status <> 'closed' BEGIN
    INSERT INTO code_use (digits, codes) VALUES (length(new.code), 1) ON CONFLICT (digits) DO UPDATE SET codes = codes + 1;
END;
CREATE TRIGGER code_free_again AFTER UPDATE OF status ON incident WHEN old.status <> 'closed' AND new.status = 'closed' BEGIN
    UPDATE code_use SET codes = codes - 1 WHERE digits = length(old.code);
END;
