-- Only indexes: the version before runs on beside them, and keeps them up without knowing.

-- Whose number a text or a call comes from: asked inside the write transaction, by whoever may send a text.
CREATE INDEX resident_phone ON resident (phone) WHERE phone <> '';
CREATE INDEX responder_phone ON responder (phone) WHERE phone <> '';
CREATE INDEX circle_phone ON circle (phone) WHERE phone <> '';
-- Who goes along when somebody is retired, and who would be left behind.
CREATE INDEX contact_responder ON contact (responder);
CREATE INDEX resident_circle ON resident (circle) WHERE circle <> '';
CREATE INDEX circle_parent ON circle (parent) WHERE parent <> '';
-- Whether a SIM card is left that ends on an incident's day: asked inside the write transaction, for each such incident.
CREATE INDEX device_setting_sim ON device_setting (json_extract(data, '$.sim_until')) WHERE json_extract(data, '$.sim_until') IS NOT NULL;
