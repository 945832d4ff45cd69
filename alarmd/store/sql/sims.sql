-- SIM cards and contracts that end; see alarmd/silence/sims.py.

-- name: sims
-- of everybody or of one resident; "until" is the last day that is paid for
SELECT d.id, d.resident, d.kind, d.room, r.name, r.phone, r.address, json_extract(s.data, '$.sim_until') AS until
FROM device_setting s JOIN device d ON d.id = s.device JOIN resident r ON r.id = d.resident
WHERE json_extract(s.data, '$.sim_until') IS NOT NULL AND d.family <> 'retired' AND (:resident IS NULL OR d.resident = :resident) ORDER BY d.resident, d.id

-- name: sim_resident
SELECT resident FROM device WHERE id = :device

-- name: sim_incidents_open
SELECT id, subject, kind, state FROM incident WHERE kind IN ('sim_ending', 'sim_ended') AND status <> 'closed'

-- name: sims_until
SELECT count(*) AS left FROM device_setting s JOIN device d ON d.id = s.device
WHERE json_extract(s.data, '$.sim_until') = :until AND d.family <> 'retired'

-- name: sim_exposures_since
SELECT e.data, r.id AS resident, r.name, r.phone, r.address FROM journal e JOIN resident r ON r.id = e.resident
WHERE e.event = 'exposure.closed' AND json_extract(e.data, '$.scope') = 'sim' AND json_extract(e.data, '$.to') >= :since ORDER BY e.seq
