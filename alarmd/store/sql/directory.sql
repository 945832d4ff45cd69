-- Residents, devices, responders, contacts and circles: looked up on the way of a press, and written by `alarmd import`.

-- name: directory_resident
SELECT * FROM resident r WHERE id = :id AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'resident' AND x.id = r.id)

-- name: directory_resident_ever
SELECT id FROM resident WHERE id = :id

-- name: directory_residents
SELECT * FROM resident WHERE id NOT IN (SELECT id FROM retired WHERE kind = 'resident') ORDER BY id

-- name: directory_device_at
SELECT * FROM device WHERE family = :family AND address = :address

-- name: directory_devices
SELECT * FROM device WHERE family <> 'retired' ORDER BY id

-- name: directory_device
SELECT * FROM device WHERE id = :id AND family <> 'retired'

-- name: directory_devices_of
SELECT * FROM device WHERE resident = :resident AND family <> 'retired' ORDER BY id

-- name: directory_responder
SELECT * FROM responder WHERE id = :id

-- name: directory_responders
SELECT * FROM responder ORDER BY id

-- name: directory_responders_in_box
-- band by band, each searched for its longitudes; CROSS JOIN keeps SQLite from turning that round
WITH RECURSIVE band (number) AS (
    SELECT CAST((:south + 90) * 50 AS INTEGER)
    UNION ALL
    SELECT number + 1 FROM band WHERE number < CAST((:north + 90) * 50 AS INTEGER)
)
SELECT r.* FROM band CROSS JOIN responder r
WHERE r.travel = :travel AND CAST((r.lat + 90) * 50 AS INTEGER) = band.number AND r.lon BETWEEN :west AND :east
  AND r.lat BETWEEN :south AND :north

-- name: directory_crowd_in_box
-- as above: how many, counted no farther than the limit
WITH RECURSIVE band (number) AS (
    SELECT CAST((:south + 90) * 50 AS INTEGER)
    UNION ALL
    SELECT number + 1 FROM band WHERE number < CAST((:north + 90) * 50 AS INTEGER)
)
SELECT count(*) AS n FROM (SELECT 1 FROM band CROSS JOIN responder r
WHERE r.travel = :travel AND CAST((r.lat + 90) * 50 AS INTEGER) = band.number AND r.lon BETWEEN :west AND :east
  AND r.lat BETWEEN :south AND :north
LIMIT :limit)

-- name: directory_responders_of_role
SELECT * FROM responder WHERE role = :role ORDER BY id

-- name: directory_responders_of_circle
SELECT * FROM responder WHERE circle = :circle ORDER BY id

-- name: directory_contacts
SELECT * FROM contact ORDER BY resident, rank, responder

-- name: directory_contacts_of
SELECT * FROM contact WHERE resident = :resident ORDER BY rank, responder

-- name: directory_contacts_by
-- who named this responder
SELECT * FROM contact WHERE responder = :responder ORDER BY resident

-- name: directory_responders_named_by
SELECT r.* FROM responder r JOIN contact c ON c.responder = r.id WHERE c.resident = :resident ORDER BY c.rank, r.id

-- name: directory_circle
SELECT * FROM circle WHERE id = :id

-- name: directory_circles
SELECT * FROM circle ORDER BY id

-- name: directory_circle_chain
-- the depth ends a loop of parents, should one ever be stored
WITH RECURSIVE chain (id, depth) AS (
    SELECT :id, 0
    UNION ALL
    SELECT c.parent, chain.depth + 1 FROM chain JOIN circle c ON c.id = chain.id WHERE c.parent <> '' AND chain.depth < 8
)
SELECT c.* FROM chain JOIN circle c ON c.id = chain.id GROUP BY c.id ORDER BY min(chain.depth)

-- name: directory_put_circle
INSERT INTO circle (id, name, tier, parent, lat, lon, phone)
VALUES (:id, :name, :tier, :parent, :lat, :lon, :phone)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, tier = excluded.tier, parent = excluded.parent, lat = excluded.lat,
    lon = excluded.lon, phone = excluded.phone

-- name: directory_put_resident
INSERT INTO resident (id, name, language, phone, birth_date, address, lat, lon, access, conditions, medication, allergies,
    mobility, categories, circle, plan, notes)
VALUES (:id, :name, :language, :phone, :birth_date, :address, :lat, :lon, :access, :conditions, :medication, :allergies,
    :mobility, :categories, :circle, :plan, :notes)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language, phone = excluded.phone,
    birth_date = excluded.birth_date, address = excluded.address, lat = excluded.lat, lon = excluded.lon,
    access = excluded.access, conditions = excluded.conditions, medication = excluded.medication,
    allergies = excluded.allergies, mobility = excluded.mobility, categories = excluded.categories,
    circle = excluded.circle, plan = excluded.plan, notes = excluded.notes

-- name: directory_put_responder
INSERT INTO responder (id, name, language, phone, role, lat, lon, travel, skills, on_call, circle)
VALUES (:id, :name, :language, :phone, :role, :lat, :lon, :travel, :skills, :on_call, :circle)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language, phone = excluded.phone,
    role = excluded.role, lat = excluded.lat, lon = excluded.lon, travel = excluded.travel, skills = excluded.skills,
    on_call = excluded.on_call, circle = excluded.circle

-- name: directory_put_device
INSERT INTO device (id, family, address, resident, kind, room, report_every)
VALUES (:id, :family, :address, :resident, :kind, :room, :report_every)
ON CONFLICT (id) DO UPDATE SET family = excluded.family, address = excluded.address, resident = excluded.resident,
    kind = excluded.kind, room = excluded.room, report_every = excluded.report_every

-- name: directory_free_address
UPDATE device SET address = 'moving:' || id WHERE id = :id

-- name: directory_put_contact
INSERT INTO contact (resident, responder, rank, relationship, has_key)
VALUES (:resident, :responder, :rank, :relationship, :has_key)
ON CONFLICT (resident, responder) DO UPDATE SET rank = excluded.rank, relationship = excluded.relationship,
    has_key = excluded.has_key

-- name: directory_device_of
SELECT id FROM device WHERE resident = :resident AND family <> 'retired' LIMIT 1

-- name: directory_residents_alone
-- those for whom no plan can find anybody but the desk: no position, nobody named, no circle that answers
SELECT id, name FROM resident r
WHERE lat IS NULL AND id NOT IN (SELECT id FROM retired WHERE kind = 'resident')
  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.resident = r.id)
  AND NOT EXISTS (SELECT 1 FROM circle c WHERE c.id = r.circle AND c.phone <> '')
  AND NOT EXISTS (SELECT 1 FROM responder p WHERE r.circle <> '' AND p.circle = r.circle)
ORDER BY id

-- name: directory_counts
SELECT (SELECT count(*) FROM resident WHERE id NOT IN (SELECT id FROM retired WHERE kind = 'resident')) AS residents,
    (SELECT count(*) FROM device WHERE family <> 'retired') AS devices,
    (SELECT count(*) FROM responder) AS responders, (SELECT count(*) FROM responder WHERE role = 'desk') AS desk

-- name: directory_names_of_number
-- everybody who can be reached there, for a page of simulated phones
SELECT name, role FROM responder WHERE phone = :phone AND phone <> ''
UNION ALL SELECT name, 'resident' FROM resident WHERE phone = :phone AND phone <> ''
UNION ALL SELECT name, 'circle' FROM circle WHERE phone = :phone AND phone <> ''

-- name: directory_holders_of_number
-- the same, by the ids under which they are asked, always in one order
SELECT 'circle:' || id AS id, 0 AS nth FROM circle WHERE phone = :phone AND phone <> ''
UNION ALL SELECT id, 1 FROM responder WHERE phone = :phone AND phone <> ''
UNION ALL SELECT 'resident:' || id, 2 FROM resident WHERE phone = :phone AND phone <> ''
ORDER BY nth, id LIMIT 20

-- name: directory_of_one_home
-- who lives with a resident: at the same address; or on one telephone at one position; or on one of both where an address is missing
SELECT r.id FROM resident h JOIN resident r ON r.address = h.address
WHERE h.id = :id AND h.address <> '' AND r.address <> ''
  AND (h.lat IS NULL OR r.lat IS NULL OR (abs(h.lat - r.lat) < 0.01 AND abs(h.lon - r.lon) < 0.02))
UNION
SELECT r.id FROM resident h JOIN resident r ON r.lat = h.lat AND r.lon = h.lon
WHERE h.id = :id AND r.lat IS NOT NULL AND (r.address = '' OR h.address = '' OR (r.phone = h.phone AND r.phone <> ''))
UNION
SELECT r.id FROM resident h JOIN resident r ON r.phone = h.phone
WHERE h.id = :id AND r.phone <> '' AND h.phone <> '' AND (r.address = '' OR h.address = '')
LIMIT 50

-- name: directory_is_house
-- whether others live at a resident's position, in other homes: then it is a house's, and says nothing of one of them
SELECT 1 FROM resident h JOIN resident r ON r.lat = h.lat AND r.lon = h.lon
WHERE h.id = :id AND r.lat IS NOT NULL AND r.id <> h.id AND r.address <> '' AND h.address <> '' AND r.address <> h.address
  AND (r.phone = '' OR r.phone <> h.phone) AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'resident' AND x.id = r.id) LIMIT 1

-- name: retired_put
INSERT OR REPLACE INTO retired (kind, id, name, at, by, reason, because, family, address, data)
VALUES (:kind, :id, :name, :at, :by, :reason, :because, :family, :address, :data)

-- name: retired_of
SELECT * FROM retired WHERE kind = :kind AND id = :id

-- name: retiring_named
-- who is called so: before anything is held, for that is looked through
SELECT id FROM (
    SELECT 'resident' AS kind, id, name FROM resident WHERE id NOT IN (SELECT id FROM retired WHERE kind = 'resident')
    UNION ALL SELECT 'responder', id, name FROM responder UNION ALL SELECT 'circle', id, name FROM circle
) WHERE kind = :kind AND name = :name ORDER BY id LIMIT 9

-- name: retired_named
SELECT id FROM retired WHERE kind = :kind AND name = :name ORDER BY id LIMIT 9

-- name: retired_all
SELECT * FROM retired ORDER BY at DESC, kind, id

-- name: retired_because
SELECT * FROM retired WHERE because = :because AND because <> '' ORDER BY kind DESC, id

-- name: retired_device_at
-- who lived with a device that still speaks though it was retired, the latest first
SELECT x.id, json_extract(x.data, '$.kind') AS kind, json_extract(x.data, '$.resident') AS resident, r.name, r.address AS home
FROM retired x JOIN resident r ON r.id = json_extract(x.data, '$.resident')
WHERE x.kind = 'device' AND x.family = :family AND x.address = :address ORDER BY x.at DESC LIMIT 1

-- name: retired_remove
DELETE FROM retired WHERE kind = :kind AND id = :id

-- name: retire_responder
DELETE FROM responder WHERE id = :id

-- name: retire_contact
DELETE FROM contact WHERE resident = :resident AND responder = :responder

-- name: retire_circle
DELETE FROM circle WHERE id = :id

-- name: retire_resident
UPDATE resident SET phone = '' WHERE id = :id

-- name: retire_device
UPDATE device SET family = 'retired', address = id WHERE id = :id

-- name: retire_exposures
UPDATE exposure SET until = max(:until, since) WHERE device = :device AND until IS NULL

-- name: retiring_incidents
-- the open incidents of a home or of a device
SELECT id FROM incident WHERE status <> 'closed' AND (resident = :resident OR device = :device) ORDER BY opened_at

-- name: retiring_engaged
-- the open incidents in which a person was asked, or goes; in a town's emergency thousands are open, and few are taken apart
SELECT i.id, json_extract(p.value, '$.standing') AS standing
FROM incident i, json_each(i.state, '$.participants') p
WHERE i.status <> 'closed' AND instr(i.state, json_quote(:person)) AND json_extract(p.value, '$.who.id') = :person
  AND coalesce(json_extract(p.value, '$.standing'), 'asked') NOT IN ('declined', 'unreachable') ORDER BY i.opened_at

-- name: retire_messages
-- what waits to be sent to somebody who is retired, of an open incident or of none; whatever else comes to wait is withdrawn when it is due
UPDATE outbox SET state = 'withdrawn', due_at = NULL, changed_at = :at
WHERE incident IS :incident AND person = :person AND state = 'queued' AND channel <> 'device'

-- name: retiring_members
-- who would be left without a circle
SELECT id FROM resident r WHERE circle = :id AND circle <> '' AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'resident' AND x.id = r.id)
UNION ALL SELECT id FROM responder WHERE circle = :id UNION ALL SELECT id FROM circle WHERE parent = :id AND parent <> '' LIMIT 200
