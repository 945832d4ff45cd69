-- name: incident_get
SELECT id, state, revision FROM incident WHERE id = :id

-- name: incident_open_of
SELECT id, state, revision FROM incident WHERE subject = :subject AND kind = :kind AND status <> 'closed'

-- name: incidents_open_of_subject
SELECT id, state, revision FROM incident WHERE subject = :subject AND status <> 'closed' ORDER BY opened_at

-- name: incident_insert
INSERT INTO incident (id, code, subject, resident, device, kind, status, opened_at, due_at, step, closed_at, closed_by, close_reason, revision, state)
VALUES (:id, :code, :subject, :resident, :device, :kind, :status, :opened_at, :due_at, :step, :closed_at, :closed_by, :close_reason, 1, :state)

-- name: incident_update
UPDATE incident SET status = :status, due_at = :due_at, step = :step, closed_at = :closed_at, closed_by = :closed_by,
    close_reason = :close_reason, revision = revision + 1, state = :state
WHERE id = :id AND revision = :revision

-- name: incidents_due
SELECT id, state, revision, due_at FROM incident WHERE status <> 'closed' AND due_at <= :now ORDER BY due_at LIMIT :limit

-- name: incident_next_due
SELECT min(due_at) AS due_at FROM incident WHERE status <> 'closed'

-- name: incidents_without_live_deadline
SELECT id, state, revision, due_at FROM incident
WHERE status <> 'closed' AND (due_at IS NULL OR due_at < :before OR due_at > :beyond) ORDER BY due_at LIMIT :limit

-- name: incidents_open
SELECT id, state, revision, due_at FROM incident WHERE status <> 'closed' ORDER BY due_at

-- name: incidents_open_few
SELECT id, state, revision FROM incident WHERE status <> 'closed' ORDER BY due_at LIMIT :most

-- name: incident_open_of_code
SELECT id, state, revision FROM incident WHERE code = :code AND status <> 'closed'

-- name: incident_code_in_use
SELECT 1 FROM incident WHERE code = :code AND status <> 'closed'

-- name: codes_in_use
-- how many of that length
SELECT codes FROM code_use WHERE digits = :digits

-- name: incident_id_in_use
SELECT 1 FROM incident WHERE id = :id

-- name: engagement_clear
DELETE FROM engagement WHERE incident = :incident

-- name: engagement_add
INSERT INTO engagement (person, incident, home, phone, until) VALUES (:person, :incident, :home, :phone, :until)

-- name: engagement_elsewhere
-- of these people and telephones; in a town's emergency thousands are engaged
SELECT person, phone FROM engagement
WHERE person IN (SELECT value FROM json_each(:people)) AND incident <> :incident
  AND home NOT IN (SELECT value FROM json_each(:homes)) AND (until IS NULL OR until > :now)
UNION
SELECT person, phone FROM engagement
WHERE phone <> '' AND phone IN (SELECT value FROM json_each(:phones)) AND incident <> :incident
  AND home NOT IN (SELECT value FROM json_each(:homes)) AND (until IS NULL OR until > :now)

-- name: alarms_of_their_own
-- which of these people, each with a number, is a resident with an open alarm that is about a person; one of hours ago counts
-- again when they press again
SELECT json_extract(p.value, '$[0]') AS person FROM json_each(:people) p CROSS JOIN resident r CROSS JOIN incident i
WHERE r.phone = json_extract(p.value, '$[1]') AND r.phone <> '' AND r.id <> :resident
  AND i.subject = r.id AND i.status <> 'closed' AND json_extract(i.state, '$.plan.remind') IS NULL
  AND (i.status <> 'arrived' OR EXISTS (SELECT 1 FROM engagement e WHERE e.incident = i.id AND (e.until IS NULL OR e.until > :now))
    OR EXISTS (SELECT 1 FROM signal s WHERE s.incident = i.id AND s.received_at > :lately))
UNION
SELECT q.id FROM json_each(:people) p CROSS JOIN responder q CROSS JOIN resident r CROSS JOIN incident i
WHERE q.id = json_extract(p.value, '$[0]') AND r.lat = q.lat AND r.lon = q.lon AND r.lat IS NOT NULL AND r.name = q.name
  AND r.id <> :resident AND i.subject = r.id AND i.status <> 'closed' AND json_extract(i.state, '$.plan.remind') IS NULL
  AND (i.status <> 'arrived' OR EXISTS (SELECT 1 FROM engagement e WHERE e.incident = i.id AND (e.until IS NULL OR e.until > :now))
    OR EXISTS (SELECT 1 FROM signal s WHERE s.incident = i.id AND s.received_at > :lately))

-- name: incident_resident
SELECT resident FROM incident WHERE id = :id

-- name: incidents_unanswered
-- whose device may be told that nobody can be rung just now, oldest first
SELECT id FROM incident WHERE status <> 'closed' AND status IN ('opened', 'notifying') ORDER BY opened_at

-- name: incidents_of_people
-- the open incidents to which these people go, or of which their telephones were told last; a person has few
SELECT id, state FROM incident WHERE status <> 'closed' AND id <> :but AND id IN (
    SELECT incident FROM engagement WHERE person IN (SELECT value FROM json_each(:people))
    UNION SELECT incident FROM engagement WHERE phone <> '' AND phone IN (SELECT value FROM json_each(:phones))
    UNION SELECT incident FROM (SELECT incident FROM outbox WHERE destination IN (SELECT value FROM json_each(:phones))
        AND queued_at >= :since AND channel <> 'device' ORDER BY queued_at DESC LIMIT 200))
ORDER BY opened_at LIMIT 50

-- name: responders_who_live_as
-- who is the same person as a resident: of the same name at the very position; their telephone may be another
SELECT q.id, q.phone FROM resident r JOIN responder q ON q.lat = r.lat AND q.lon = r.lon AND q.name = r.name
WHERE r.id = :resident AND r.lat IS NOT NULL AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'resident' AND x.id = r.id)
