-- What may go out next on a channel, most urgent first, without sorting all that waits: in a town's emergency that is 60,000 rows.
CREATE INDEX outbox_lane ON outbox (channel, lane, due_at) WHERE due_at IS NOT NULL;
-- The desk's people, and those of any role, without reading a whole town's directory for each step that rings them.
CREATE INDEX responder_role ON responder (role, id);
