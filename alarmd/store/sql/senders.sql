-- Who asks for how much: devices that nobody registered, users of the door, numbers that guess codes.

-- name: stranger_incident
SELECT i.id, i.state, i.revision FROM stranger s JOIN incident i ON i.id = s.incident
WHERE s.who = :who AND s.kind = :kind AND i.status <> 'closed'

-- name: stranger_put
INSERT INTO stranger (who, kind, incident) VALUES (:who, :kind, :incident)
ON CONFLICT (who, kind) DO UPDATE SET incident = excluded.incident

-- name: strangers_of
SELECT count(*) AS n FROM stranger WHERE incident = :incident

-- name: sender_pace
SELECT next_at, told_at FROM sender_pace WHERE who = :who

-- name: sender_pace_put
INSERT INTO sender_pace (who, next_at, told_at) VALUES (:who, :next_at, :told_at)
ON CONFLICT (who) DO UPDATE SET next_at = excluded.next_at, told_at = excluded.told_at

-- name: incident_behind
SELECT until FROM incident_behind WHERE incident = :incident

-- name: incident_behind_put
INSERT INTO incident_behind (incident, until) VALUES (:incident, :until) ON CONFLICT (incident) DO UPDATE SET until = excluded.until

-- name: wrong_code_add
INSERT INTO wrong_code (incident, number, codes) VALUES (:incident, :number, 1)
ON CONFLICT (incident, number) DO UPDATE SET codes = codes + 1

-- name: wrong_codes
SELECT codes, answers, rung, rung_at FROM wrong_code WHERE incident = :incident AND number = :number

-- name: wrong_code_answer
UPDATE wrong_code SET answers = answers + 1 WHERE incident = :incident AND number = :number

-- name: wrong_code_rung
UPDATE wrong_code SET rung = rung + 1, rung_at = :now WHERE incident = :incident AND number = :number
