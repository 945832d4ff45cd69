-- What the desk, the log tools and the health page read. Nothing here changes an incident: only the engine does.

-- name: health_touch
INSERT INTO note_to_self (name, value) VALUES ('last_ready', :now) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: desk_open_count
SELECT count(*) AS n FROM incident WHERE status <> 'closed'

-- name: desk_incidents
SELECT i.state, coalesce(r.name, '') AS resident_name,
    EXISTS (SELECT 1 FROM retired t WHERE t.kind = 'resident' AND t.id = i.resident) AS resident_retired,
    EXISTS (SELECT 1 FROM retired t WHERE t.kind = 'device' AND t.id = json_extract(i.state, '$.device')) AS device_retired
FROM incident i LEFT JOIN resident r ON r.id = i.resident
WHERE (:include_closed OR i.status <> 'closed')
  AND (:resident IS NULL OR i.resident = :resident OR
    (i.status <> 'closed' AND EXISTS (SELECT 1 FROM json_each(i.state, '$.also') a WHERE a.value = :resident)))
ORDER BY i.status = 'closed', i.opened_at DESC, i.id LIMIT :limit

-- name: desk_incident
SELECT i.state, coalesce(r.name, '') AS resident_name,
    EXISTS (SELECT 1 FROM retired t WHERE t.kind = 'resident' AND t.id = i.resident) AS resident_retired,
    EXISTS (SELECT 1 FROM retired t WHERE t.kind = 'device' AND t.id = json_extract(i.state, '$.device')) AS device_retired
FROM incident i LEFT JOIN resident r ON r.id = i.resident WHERE i.id = :id

-- name: desk_incident_like
-- a whole reference first, else what begins or ends so; substr rather than LIKE, so that % and _ mean themselves
SELECT id FROM incident WHERE id = :part
   OR substr(id, 1, length(:part)) = :part COLLATE NOCASE OR substr(id, -length(:part)) = :part COLLATE NOCASE
ORDER BY id <> :part, opened_at DESC LIMIT 9

-- name: desk_messages
SELECT person, channel, purpose, state, status, code, tries, provider, queued_at, changed_at FROM outbox
WHERE incident = :incident ORDER BY queued_at, attempt

-- name: desk_waiting
-- texts and calls that do not get out: found by the index of what has a time
SELECT incident, sum(channel = 'sms') AS texts, sum(channel = 'voice') AS calls, min(queued_at) AS since, max(tries) AS tries,
    max(provider) AS provider
FROM outbox INDEXED BY outbox_due WHERE due_at IS NOT NULL AND channel <> 'device' AND incident IS NOT NULL
    AND ((state = 'queued' AND tries > 0) OR state = 'unknown' OR queued_at < :before)
GROUP BY incident

-- name: desk_people
-- everybody who can be rung, or those who are called so; a name's beginning will do
SELECT id, name, role, phone, language, on_call FROM responder
WHERE :who IS NULL OR id = :who OR role = :role OR phone = :phone OR substr(name, 1, length(:who)) = :who COLLATE NOCASE
ORDER BY role = 'desk' DESC, id

-- name: desk_resident
SELECT * FROM resident WHERE id = :id

-- name: desk_contacts
SELECT c.rank, c.relationship, c.has_key, p.id, p.name, p.role, p.phone FROM contact c JOIN responder p ON p.id = c.responder
WHERE c.resident = :resident ORDER BY c.rank, p.id

-- name: desk_devices
SELECT d.id, d.family, d.address, d.kind, d.room, d.report_every, l.last_seen, l.battery
FROM device d LEFT JOIN device_life l ON l.device = d.id OR l.device = d.family || '/' || d.address
WHERE d.resident = :resident AND d.family <> 'retired' ORDER BY d.id

-- name: desk_responder
SELECT id, name FROM responder WHERE id = :who

-- name: desk_responders_named
SELECT id, name FROM responder WHERE name = :who ORDER BY id LIMIT 9

-- name: name_of_person
SELECT name FROM resident WHERE id = :id UNION ALL SELECT name FROM responder WHERE id = :id
UNION ALL SELECT name FROM retired WHERE kind = 'responder' AND id = :id LIMIT 1

-- name: desk_residents_like
-- of those who are there; the log also knows who was retired
SELECT id FROM resident WHERE (id = :who OR name = :who)
    AND (:retired OR id NOT IN (SELECT id FROM retired WHERE kind = 'resident')) ORDER BY id <> :who LIMIT 9

-- name: name_of_circle
SELECT name FROM circle WHERE id = :id UNION ALL SELECT name FROM retired WHERE kind = 'circle' AND id = :id LIMIT 1

-- name: data_version
PRAGMA data_version

-- name: journal_before
-- the last :count entries that fit, newest first
SELECT seq, at FROM journal
WHERE (:incident IS NULL OR incident = :incident) AND (:resident IS NULL OR resident = :resident) AND (:since IS NULL OR at >= :since)
ORDER BY seq DESC LIMIT 1 OFFSET :count

-- name: desk_sender
SELECT device FROM signal WHERE incident = :incident ORDER BY seq DESC LIMIT 1

-- name: desk_log_span
SELECT min(seq) AS first, count(*) AS entries FROM journal WHERE incident = :incident

-- name: metrics_events
-- what, which: family and type of a signal, the reason of a quarantine, the channel of a message
SELECT event,
    CASE WHEN event = 'signal.kept' THEN json_extract(data, '$.family')
         WHEN event = 'signal.quarantined' THEN json_extract(data, '$.reason')
         WHEN event LIKE 'message.%' THEN json_extract(data, '$.channel') END AS what,
    CASE WHEN event = 'signal.kept' THEN json_extract(data, '$.type') END AS which,
    sum(CASE WHEN event = 'watchdog.late' THEN json_extract(data, '$.late_seconds') END) AS seconds,
    count(*) AS n, max(seq) AS last
FROM journal WHERE seq > :after GROUP BY event, what, which

-- name: metrics_seq_before
SELECT seq FROM journal WHERE at < :started ORDER BY seq DESC LIMIT 1

-- name: metrics_open
SELECT status, count(*) AS n FROM incident WHERE status <> 'closed' GROUP BY status

-- name: metrics_overdue
SELECT count(*) AS n FROM incident WHERE status <> 'closed' AND due_at < :now

-- name: metrics_silent
SELECT scope, count(*) AS n FROM exposure WHERE until IS NULL GROUP BY scope

-- name: metrics_unprotected
SELECT count(DISTINCT resident) AS n FROM exposure WHERE until IS NULL

-- name: metrics_devices
SELECT count(*) AS n FROM device WHERE family <> 'retired'

-- name: metrics_waiting
SELECT state, count(*) AS n FROM outbox WHERE due_at IS NOT NULL GROUP BY state
