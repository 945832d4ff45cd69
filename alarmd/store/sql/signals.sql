-- name: signal_by_ref
SELECT s.seq, s.incident, s.repeats, s.type, s.received_at, i.status, i.resident AS home
FROM signal s LEFT JOIN incident i ON i.id = s.incident WHERE s.device = :device AND s.ref = :ref

-- name: signal_shared_by_ref
-- the signal whose entry stands for what was said with that reference too
SELECT s.seq, s.incident, s.repeats, s.type, s.received_at, i.status, i.resident AS home
FROM signal_shared o JOIN signal s ON s.seq = o.signal LEFT JOIN incident i ON i.id = s.incident
WHERE o.device = :device AND o.ref = :ref AND o.type = :type

-- name: signal_is_shared
SELECT 1 FROM signal_shared WHERE device = :device AND ref = :ref

-- name: signal_share
INSERT OR IGNORE INTO signal_shared (device, ref, type, signal) SELECT :device, value, :type, :signal FROM json_each(:refs)

-- name: signal_shared_forget
-- all but the newest
DELETE FROM signal_shared WHERE number <= (SELECT max(number) FROM signal_shared) - :most

-- name: signal_shared_over
DELETE FROM signal_shared WHERE device = :device AND ref = :ref

-- name: signal_ref_over
-- its reference is used anew: it stays on record in the signal's own data
UPDATE signal SET ref = NULL WHERE seq = :seq

-- name: signal_recent
-- not what belongs to a closed incident: who presses again after the close asks anew; and nothing from a time to come, for
-- after a clock was set back every press of the hours before would else be taken for this one; nor what was another home's alarm
SELECT s.seq, s.incident, s.repeats FROM signal s LEFT JOIN incident i ON i.id = s.incident
WHERE s.device = :device AND s.type = :type AND s.received_at BETWEEN :since AND :until AND coalesce(i.status, '') <> 'closed'
  AND (i.resident IS NULL OR :home IS NULL OR i.resident = :home)
ORDER BY s.seq DESC LIMIT 1

-- name: signal_newest
SELECT s.seq, s.incident, i.status FROM signal s LEFT JOIN incident i ON i.id = s.incident
WHERE s.device = :device AND s.type = :type AND s.received_at BETWEEN :since AND :until
  AND (i.resident IS NULL OR :home IS NULL OR i.resident = :home)
ORDER BY s.received_at DESC LIMIT 1

-- name: signal_counted
-- the newest press of one input of a device that counts its presses, whatever it was taken for then
SELECT s.seq, s.incident, s.repeats, s.received_at, json_extract(s.data, '$.measurements.event_cnt') AS count, i.resident AS home
FROM signal s LEFT JOIN incident i ON i.id = s.incident
WHERE s.device = :device AND json_extract(s.data, '$.measurements.event_cnt') IS NOT NULL
  AND json_extract(s.data, '$.measurements.input') IS :input
ORDER BY s.seq DESC LIMIT 1

-- name: signal_first
SELECT min(seq) AS seq FROM signal WHERE device = :device

-- name: signal_insert
INSERT INTO signal (device, ref, type, received_at, incident, data) VALUES (:device, :ref, :type, :received_at, NULL, :data)

-- name: signal_link
UPDATE signal SET incident = :incident WHERE seq = :seq

-- name: signal_repeat
UPDATE signal SET repeats = repeats + :times WHERE seq = :seq

-- name: quarantine_insert
INSERT INTO quarantine (received_at, topic, reason, size, payload, repeats)
VALUES (:received_at, :topic, :reason, :size, :payload, :repeats)

-- name: quarantine_trim
DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - :keep

-- name: device_life_touch
INSERT INTO device_life (device, last_seen, battery) VALUES (:device, :last_seen, :battery)
ON CONFLICT (device) DO UPDATE SET last_seen = excluded.last_seen, battery = coalesce(excluded.battery, device_life.battery)

-- name: device_life_kept
-- with what is kept of it: a kill -9 between the press and the next batch leaves no device heard earlier than its press
INSERT INTO device_life (device, last_seen, battery) VALUES (:device, :last_seen, :battery)
ON CONFLICT (device) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen), battery = coalesce(excluded.battery, device_life.battery)

-- name: note_set
INSERT INTO note_to_self (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: note_get
SELECT value FROM note_to_self WHERE name = :name

-- name: device_for_signal
SELECT d.id, d.kind, d.resident, d.report_every, r.plan, s.data AS setting, p.test_until
FROM device d JOIN resident r ON r.id = d.resident
LEFT JOIN device_setting s ON s.device = d.id LEFT JOIN device_proof p ON p.device = d.id
WHERE d.family = :family AND d.address = :address

-- name: device_by_id
SELECT id, family, address, room FROM device WHERE id = :id

-- name: devices_of_incident
-- the devices that spoke in the incident, the latest first, each with its latest reference; of its last signals, for one may stick
SELECT json_extract(s.data, '$.family') AS family, json_extract(s.data, '$.device') AS address, d.id, s.ref,
    d.report_every, t.data AS setting, max(s.seq) AS latest
FROM (SELECT seq, device, ref, data FROM signal WHERE incident = :incident ORDER BY seq DESC LIMIT 2000) s
LEFT JOIN device d ON d.family = json_extract(s.data, '$.family') AND d.address = json_extract(s.data, '$.device')
LEFT JOIN device_setting t ON t.device = d.id
GROUP BY s.device ORDER BY latest DESC LIMIT :count

-- name: devices_followed
-- the devices that spoke in the newest open incidents, each with the last position that its incident knows
SELECT DISTINCT json_extract(s.data, '$.family') AS family, json_extract(s.data, '$.device') AS address, d.kind,
    json_extract(i.state, '$.fix') AS fix
FROM (SELECT id, state FROM incident WHERE status <> 'closed' ORDER BY opened_at DESC LIMIT :most) i
JOIN signal s ON s.incident = i.id
LEFT JOIN device d ON d.family = json_extract(s.data, '$.family') AND d.address = json_extract(s.data, '$.device')

-- name: quarantine_recent
SELECT id FROM quarantine WHERE topic = :topic AND reason = :reason AND received_at BETWEEN :since AND :until LIMIT 1

-- name: quarantine_latest
SELECT topic, payload FROM quarantine WHERE reason = :reason ORDER BY id DESC LIMIT :limit

-- name: signals_unregistered
--- what spoke lately under an address that no device is registered with
SELECT DISTINCT s.device FROM (SELECT device FROM signal ORDER BY seq DESC LIMIT :limit) s
LEFT JOIN device d ON d.family || '/' || d.address = s.device WHERE d.id IS NULL

-- name: quarantine_again
UPDATE quarantine SET repeats = repeats + :times, size = :size, payload = :payload WHERE id = :id

-- name: signals_counted
-- as far as it matters: a button that sticks says it hundreds of thousands of times
SELECT sum(1 + repeats) AS count FROM (
    SELECT repeats FROM signal WHERE device = :device AND type = :type AND received_at BETWEEN :since AND :until LIMIT 100)

-- name: device_elsewhere
SELECT d.id, d.kind, d.resident, r.name FROM device d JOIN resident r ON r.id = d.resident
WHERE d.family = :family AND d.address = :address

-- name: devices_of_family
SELECT address, kind FROM device WHERE family = :family
