-- Columns with defaults, and indexes: the version before runs on beside them.

-- Who is engaged by whom, by telephone too, and until when at the latest: who arrived long ago is free, whether or not anybody closed.
ALTER TABLE engagement ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE engagement ADD COLUMN until TEXT;
CREATE INDEX engagement_phone ON engagement (phone) WHERE phone <> '';
-- A silent device makes nobody busy; nor does the desk, which serves many at once.
DELETE FROM engagement WHERE incident IN (SELECT id FROM incident WHERE json_extract(state, '$.plan.remind') IS NOT NULL);
DELETE FROM engagement WHERE person LIKE 'desk:%' OR person LIKE 'operator:%' OR person IN ('line', 'ambulance');
-- Those who were there before this was kept are free an hour after the alarm.
UPDATE engagement SET until = (
    SELECT strftime('%Y-%m-%dT%H:%M:%S.000000Z', i.opened_at, '+1 hour') FROM incident i WHERE i.id = engagement.incident
) WHERE EXISTS (
    SELECT 1 FROM incident i, json_each(i.state, '$.participants') p
    WHERE i.id = engagement.incident AND json_extract(p.value, '$.who.id') = engagement.person
      AND json_extract(p.value, '$.standing') = 'arrived'
);
-- Who lives at the same place: asked inside the write transaction.
CREATE INDEX resident_place ON resident (lat, lon, name) WHERE lat IS NOT NULL;
CREATE INDEX resident_address ON resident (address) WHERE address <> '';
