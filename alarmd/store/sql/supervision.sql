-- Who is alive, who was unprotected from when to when.

-- name: supervised_devices
SELECT d.id, d.family, d.address, d.resident, d.kind, d.report_every, l.last_seen, l.battery,
    coalesce(c.id, '') AS street, e.noticed_at AS silent_at
FROM device d JOIN resident r ON r.id = d.resident
LEFT JOIN circle c ON c.id = r.circle AND c.tier = 'street'
LEFT JOIN device_life l ON l.device = d.family || '/' || d.address
LEFT JOIN exposure e ON e.device = d.id AND e.until IS NULL
WHERE d.family <> 'retired'

-- name: supervised_device
SELECT d.id, d.resident, d.room, e.id AS exposure, e.incident, e.scope, i.status FROM device d
LEFT JOIN exposure e ON e.device = d.id AND e.until IS NULL
LEFT JOIN incident i ON i.id = e.incident
WHERE d.family = :family AND d.address = :address

-- name: exposures_moved
-- open ones of devices that are registered in another home than they were exposed in; for a reader
SELECT e.id FROM exposure e JOIN device d ON d.id = e.device
WHERE e.until IS NULL AND e.resident <> d.resident AND d.family <> 'retired' ORDER BY e.id LIMIT :most

-- name: exposure_moved
SELECT e.id AS exposure, e.resident AS was, e.incident, e.scope, i.subject, i.status, d.id, d.family, d.address
FROM exposure e JOIN device d ON d.id = e.device LEFT JOIN incident i ON i.id = e.incident
WHERE e.id = :id AND e.until IS NULL AND e.resident <> d.resident AND d.family <> 'retired'

-- name: exposure_open
INSERT INTO exposure (device, resident, since, noticed_at, scope, incident)
VALUES (:device, :resident, :since, :noticed_at, :scope, :incident)

-- name: exposure_move
UPDATE exposure SET scope = :scope, incident = :incident WHERE id = :id

-- name: exposure_close
UPDATE exposure SET until = max(:until, since) WHERE id = :id

-- name: exposure_of_incident
SELECT count(*) AS left FROM exposure WHERE incident = :incident AND until IS NULL

-- name: exposures_since
-- a home was unprotected whatever became of its device since; who was retired is not named. A silent device that was moved is the new
-- home's trouble at once, also while no daemon runs that would put it on record; and no time lies ahead of now
SELECT CASE WHEN d.family <> 'retired' THEN e.device ELSE '' END AS device, d.resident AS lives_now, e.resident,
    min(e.since, :now) AS since, CASE WHEN e.until IS NULL THEN NULL ELSE min(e.until, :now) END AS until, e.scope, e.incident
FROM exposure e JOIN device d ON d.id = e.device
WHERE (e.until IS NULL OR e.until >= :since) AND e.resident NOT IN (SELECT id FROM retired WHERE kind = 'resident')
ORDER BY e.resident, e.since, e.device

-- name: absences_since
-- when nobody was protected, and why; found by an index of these entries alone
SELECT json_extract(data, '$.from') AS since, json_extract(data, '$.to') AS until, json_extract(data, '$.scope') AS scope FROM journal
WHERE event = 'exposure.closed' AND json_extract(data, '$.who') = 'everybody' AND json_extract(data, '$.to') >= :since ORDER BY seq

-- name: absences_open
-- what has begun for everybody and was not closed since
SELECT json_extract(o.data, '$.from') AS since, json_extract(o.data, '$.scope') AS scope FROM journal o
WHERE o.event = 'exposure.opened' AND json_extract(o.data, '$.who') = 'everybody' AND NOT EXISTS (
    SELECT 1 FROM journal c WHERE c.event = 'exposure.closed' AND c.seq > o.seq
        AND json_extract(c.data, '$.who') = 'everybody' AND json_extract(c.data, '$.scope') = json_extract(o.data, '$.scope')
) ORDER BY o.seq

-- name: exposed_homes
-- everybody there is, with the first contact that has a telephone
SELECT r.id, r.name, r.phone, r.address, p.name AS contact, p.phone AS contact_phone,
    EXISTS (SELECT 1 FROM device d WHERE d.resident = r.id AND d.family <> 'retired') AS devices
FROM resident r LEFT JOIN responder p ON p.id = (
    SELECT c.responder FROM contact c JOIN responder q ON q.id = c.responder
    WHERE c.resident = r.id AND q.phone <> '' ORDER BY c.rank, c.responder LIMIT 1
) WHERE r.id NOT IN (SELECT id FROM retired WHERE kind = 'resident') ORDER BY r.id

-- name: devices_in_test
SELECT d.id, d.resident, p.test_until FROM device_proof p JOIN device d ON d.id = p.device
WHERE p.test_until > :now AND d.family <> 'retired' ORDER BY d.id

-- name: devices_health
SELECT d.id, d.family, d.address, d.resident, r.name, d.kind, d.room, d.report_every, l.last_seen, l.battery,
    e.since AS silent_since, e.scope, e.incident, p.tested_at, p.test_until, s.data AS setting,
    t.type AS trouble, json_extract(t.data, '$.text') AS trouble_text, t.received_at AS trouble_at
FROM device d JOIN resident r ON r.id = d.resident
LEFT JOIN device_life l ON l.device = d.family || '/' || d.address
LEFT JOIN exposure e ON e.device = d.id AND e.until IS NULL
LEFT JOIN device_proof p ON p.device = d.id LEFT JOIN device_setting s ON s.device = d.id
LEFT JOIN signal t ON t.seq = (
    SELECT seq FROM signal WHERE device = d.family || '/' || d.address AND received_at >= :trouble_since
        AND type IN ('battery_low', 'mains_lost', 'tamper', 'fault', 'repeats', 'odd_battery') ORDER BY seq DESC LIMIT 1
)
WHERE d.family <> 'retired' AND (:resident IS NULL OR d.resident = :resident) ORDER BY d.resident, d.id

-- name: device_settings
SELECT d.family, d.address, d.kind, s.data FROM device_setting s JOIN device d ON d.id = s.device WHERE d.family <> 'retired'

-- name: devices_of_kinds
--- ``kinds`` is a ``;``-list
SELECT family, address FROM device WHERE family <> 'retired' AND instr(';' || :kinds || ';', ';' || kind || ';') > 0

-- name: device_setting_put
INSERT INTO device_setting (device, data) VALUES (:device, :data) ON CONFLICT (device) DO UPDATE SET data = excluded.data

-- name: device_setting_of
SELECT data FROM device_setting WHERE device = :device

-- name: proof_begin
INSERT INTO device_proof (device, testing_by, test_until) SELECT id, :by, :until FROM device WHERE resident = :resident AND family <> 'retired'
ON CONFLICT (device) DO UPDATE SET testing_by = excluded.testing_by, test_until = excluded.test_until

-- name: proof_end
UPDATE device_proof SET test_until = NULL, testing_by = ''
WHERE test_until IS NOT NULL AND device IN (SELECT id FROM device WHERE resident = :resident)

-- name: proof_give
UPDATE device_proof SET tested_at = :at, tested_by = :by WHERE device = :device

-- name: proofs_of
SELECT d.id, p.tested_at, p.tested_by FROM device d LEFT JOIN device_proof p ON p.device = d.id
WHERE d.resident = :resident AND d.family <> 'retired' ORDER BY d.id

-- name: devices_unproved
-- a device that was replaced or moved has lost its proof: see the triggers of device_proof
SELECT d.id, d.resident, d.kind, d.room, r.name, l.last_seen FROM device d JOIN resident r ON r.id = d.resident
LEFT JOIN device_proof p ON p.device = d.id LEFT JOIN device_life l ON l.device = d.family || '/' || d.address
WHERE p.tested_at IS NULL AND d.family <> 'retired' AND (:resident IS NULL OR d.resident = :resident) ORDER BY d.resident, d.id

-- name: signal_data
SELECT data FROM signal WHERE seq = :seq

-- name: signal_of_today
-- somebody was heard that day, or it was asked about since the time was over (a time before midnight also after it)
-- and not by a clock that was ahead
SELECT 1 FROM signal WHERE device = :device AND received_at BETWEEN :since AND :now AND (
    type IN ('check_in', 'sos', 'assist', 'cancel', 'test') OR (type = 'no_check_in' AND received_at >= :by)
) LIMIT 1
