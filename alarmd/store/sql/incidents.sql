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
INSERT INTO engagement (person, incident, home) VALUES (:person, :incident, :home)

-- name: engagement_elsewhere
-- of these people; in a town's emergency thousands are engaged
SELECT DISTINCT person FROM engagement
WHERE person IN (SELECT value FROM json_each(:people)) AND incident <> :incident AND home <> :home

-- name: incident_resident
SELECT resident FROM incident WHERE id = :id

-- name: incidents_unanswered
-- whose device may be told that nobody can be rung just now, oldest first
SELECT id FROM incident WHERE status <> 'closed' AND status IN ('opened', 'notifying') ORDER BY opened_at

-- name: engagement_of
SELECT 1 FROM engagement WHERE person = :person AND incident <> :incident AND home <> :home LIMIT 1
