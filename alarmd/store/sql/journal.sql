-- name: journal_last
SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1

-- name: journal_append
INSERT INTO journal (seq, at, event, incident, resident, device, actor, data, prev, hash)
VALUES (:seq, :at, :event, :incident, :resident, :device, :actor, :data, :prev, :hash)

-- name: journal_read
SELECT seq, at, event, incident, resident, device, actor, data, prev, hash FROM journal
WHERE seq > :after
  AND (:incident IS NULL OR incident = :incident)
  AND (:resident IS NULL OR resident = :resident)
  AND (:since IS NULL OR at >= :since)
ORDER BY seq LIMIT :limit

-- name: journal_stretch
-- as above, of a part of the log only: however little of it fits, one look is never long
SELECT seq, at, event, incident, resident, device, actor, data, prev, hash FROM journal
WHERE seq > :after AND seq <= :upto
  AND (:incident IS NULL OR incident = :incident)
  AND (:resident IS NULL OR resident = :resident)
  AND (:since IS NULL OR at >= :since)
ORDER BY seq LIMIT :limit

-- name: journal_since_audit
SELECT max(at) AS latest FROM journal WHERE seq > (SELECT CAST(value AS INTEGER) FROM note_to_self WHERE name = 'audited')

-- name: store_damage
-- the first thing that is wrong with the pages, or 'ok'
PRAGMA quick_check(1)
