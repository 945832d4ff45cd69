-- Only a table and triggers: the version before runs on beside them, and obeys them without knowing.

-- Another button under the same id (a new family, address or kind), or the same one in another home, has proved nothing there, and is in
-- no test mode. An import frees the addresses of all that it changes ('moving:…') before it gives them anew, so that two can be exchanged:
-- what a device was before is kept meanwhile, and it is judged by what it is in the end.
CREATE TABLE IF NOT EXISTS device_moving (
    device TEXT PRIMARY KEY,
    was    TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS device_proof_moving AFTER UPDATE OF address ON device
WHEN new.address LIKE 'moving:%' AND old.address NOT LIKE 'moving:%'
BEGIN
    INSERT INTO device_moving (device, was) VALUES (new.id, json_array(old.family, old.address, old.kind, old.resident))
        ON CONFLICT (device) DO UPDATE SET was = excluded.was;
END;
CREATE TRIGGER IF NOT EXISTS device_proof_of_one AFTER UPDATE OF family, address, kind, resident ON device WHEN new.address NOT LIKE 'moving:%'
BEGIN
    UPDATE device_proof SET tested_at = NULL, tested_by = '', testing_by = '', test_until = NULL
    WHERE device = new.id AND json_array(new.family, new.address, new.kind, new.resident) <> CASE WHEN old.address LIKE 'moving:%'
        THEN coalesce((SELECT was FROM device_moving WHERE device = new.id), '')
        ELSE json_array(old.family, old.address, old.kind, old.resident) END;
    DELETE FROM device_moving WHERE device = new.id;
END;
