-- Times in the store that a clock showed which was ahead: found by a reader, and bounded by now, row by row. See alarmd/leaps.py.

-- name: times_ahead
-- what is remembered to act by, a part of it, with the key of its row; the event log, signals and incidents are the record of what was
SELECT * FROM (SELECT 'device_life.last_seen' AS what, device AS row, '' AS kind, last_seen AS at FROM device_life WHERE last_seen > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'device_proof.tested_at', device, '', tested_at FROM device_proof WHERE tested_at > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'device_proof.test_until', device, '', test_until FROM device_proof WHERE test_until > :test_mode LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'exposure.since', id, '', max(since, noticed_at, coalesce(until, '')) FROM exposure
    WHERE (until IS NULL OR until > :now) AND max(since, noticed_at, coalesce(until, '')) > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'note_to_self.value', name, '', value FROM note_to_self WHERE name = 'last_ready' AND value > :now)
UNION ALL SELECT * FROM (SELECT 'callback_seen.at', token, '', at FROM callback_seen WHERE at > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'outbox.due_at', attempt, '', due_at FROM outbox WHERE due_at > :put_off LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'outbox.queued_at', attempt, '', max(queued_at, changed_at) FROM outbox
    WHERE rowid > (SELECT max(rowid) FROM outbox) - :newest AND max(queued_at, changed_at) > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'outbox.turn_at', attempt, '', turn_at FROM outbox WHERE due_at IS NOT NULL AND turn_at > :turn LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'sender_pace.next_at', who, '', max(next_at, told_at) FROM sender_pace
    WHERE next_at > :turn OR told_at > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'incident_behind.until', incident, '', until FROM incident_behind WHERE until > :turn LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'retired.at', id, kind, at FROM retired WHERE at > :now LIMIT :most)
UNION ALL SELECT * FROM (SELECT 'quarantine.received_at', id, '', received_at FROM quarantine WHERE received_at > :now LIMIT :most)

-- name: bound_last_seen
UPDATE device_life SET last_seen = min(last_seen, :now) WHERE device = :row

-- name: bound_tested_at
UPDATE device_proof SET tested_at = min(tested_at, :now) WHERE device = :row

-- name: bound_test_mode
-- it is over: nobody knows how long it was meant to last
UPDATE device_proof SET test_until = NULL, testing_by = '' WHERE device = :row AND test_until > :test_mode

-- name: bound_exposure
UPDATE exposure SET since = min(since, :now), noticed_at = min(noticed_at, :now), until = CASE WHEN until IS NULL THEN NULL ELSE min(until, :now) END
WHERE id = :row

-- name: bound_note
UPDATE note_to_self SET value = min(value, :now) WHERE name = :row

-- name: bound_callback
UPDATE callback_seen SET at = min(at, :now) WHERE token = :row

-- name: bound_outbox
-- what was queued by the old time would else count as the latest until then
UPDATE outbox SET queued_at = min(queued_at, :now), changed_at = min(changed_at, :now) WHERE attempt = :row

-- name: bound_outbox_due
UPDATE outbox SET due_at = :now WHERE attempt = :row AND due_at > :put_off

-- name: bound_turn
UPDATE outbox SET turn_at = :now WHERE attempt = :row AND turn_at > :turn

-- name: bound_pace
UPDATE sender_pace SET next_at = CASE WHEN next_at > :turn THEN :now ELSE next_at END, told_at = min(told_at, :now) WHERE who = :row

-- name: bound_behind
UPDATE incident_behind SET until = :now WHERE incident = :row AND until > :turn

-- name: bound_retired
UPDATE retired SET at = min(at, :now) WHERE id = :row AND kind = :kind

-- name: bound_quarantine
UPDATE quarantine SET received_at = min(received_at, :now) WHERE id = :row
