-- name: residents_of_number
SELECT id FROM resident WHERE phone = :phone AND phone <> '' ORDER BY id

-- name: responders_of_number
SELECT id FROM responder WHERE phone = :phone AND phone <> '' ORDER BY id

-- name: cases_of_number
-- the open incidents this number was told of lately, the newest first; what a device or a resident was asked is none,
-- nor what was asked of somebody who was retired since: what comes from there is a stranger's
SELECT i.id, i.code, i.state, max(o.queued_at) AS told_at FROM outbox o JOIN incident i ON i.id = o.incident
WHERE o.destination = :destination AND o.queued_at >= :since AND o.channel <> 'device' AND o.purpose <> 'verify' AND i.status <> 'closed'
  AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'responder' AND x.id = o.person)
GROUP BY i.id ORDER BY told_at DESC, max(o.rowid) DESC LIMIT 50

-- name: cases_of_people
-- the open incidents that any of these people was told of lately, at whatever number they had then
SELECT i.id, i.code, i.state, max(o.queued_at) AS told_at FROM incident i INDEXED BY incident_due CROSS JOIN outbox o ON o.incident = i.id
WHERE i.status <> 'closed' AND o.person IN (SELECT value FROM json_each(:people)) AND o.queued_at >= :since AND o.channel <> 'device' AND o.purpose <> 'verify'
GROUP BY i.id ORDER BY told_at DESC, max(o.rowid) DESC LIMIT 50

-- name: closed_case_of_number
-- the one closed last, of those this number was told of lately: what is said without a code is about that
SELECT i.id, i.code, i.state FROM outbox o JOIN incident i ON i.id = o.incident
WHERE o.destination = :destination AND o.queued_at >= :since AND o.channel <> 'device' AND o.purpose <> 'verify'
  AND i.status = 'closed' AND i.closed_at >= :closed_since
  AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'responder' AND x.id = o.person)
ORDER BY i.closed_at DESC LIMIT 1
