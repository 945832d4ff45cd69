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
SELECT EXISTS (SELECT 1 FROM device_setting s JOIN device d ON d.id = s.device WHERE json_extract(s.data, '$.sim_until') = :until
    AND json_extract(s.data, '$.sim_until') IS NOT NULL AND d.family <> 'retired') AS left

-- name: sim_exposures_since
-- whose SIM cards were not paid for; the devices that were retired since are not named
SELECT e.resident, json_extract(e.data, '$.from') AS since, json_extract(e.data, '$.to') AS until,
    (SELECT json_group_array(value) FROM json_each(e.data, '$.devices') WHERE value NOT IN (SELECT id FROM retired WHERE kind = 'device')) AS devices
FROM journal e
WHERE e.event = 'exposure.closed' AND json_extract(e.data, '$.scope') = 'sim' AND json_extract(e.data, '$.to') >= :since
    AND e.resident IS NOT NULL AND e.resident NOT IN (SELECT id FROM retired WHERE kind = 'resident') ORDER BY e.seq
