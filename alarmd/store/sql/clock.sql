-- Times in the store that a clock showed which was ahead: found, and bounded by now. See alarmd/leaps.py.

-- name: times_ahead
-- what is remembered to act by; the event log, signals and incidents are the record of what was, and are bounded where they are used
SELECT 'device_life.last_seen' AS what, count(*) AS n, max(last_seen) AS latest FROM device_life WHERE last_seen > :now
UNION ALL SELECT 'device_proof.tested_at', count(*), max(tested_at) FROM device_proof WHERE tested_at > :now
UNION ALL SELECT 'device_proof.test_until', count(*), max(test_until) FROM device_proof WHERE test_until > :test_mode
UNION ALL SELECT 'exposure.since', count(*), max(since) FROM exposure WHERE until IS NULL AND since > :now
UNION ALL SELECT 'exposure.noticed_at', count(*), max(noticed_at) FROM exposure WHERE until IS NULL AND noticed_at > :now
UNION ALL SELECT 'exposure.until', count(*), max(until) FROM exposure WHERE until > :now
UNION ALL SELECT 'note_to_self.value', count(*), max(value) FROM note_to_self WHERE name IN ('last_alive', 'last_ready') AND value > :now
UNION ALL SELECT 'callback_seen.at', count(*), max(at) FROM callback_seen WHERE at > :now
UNION ALL SELECT 'outbox.due_at', count(*), max(due_at) FROM outbox WHERE due_at > :put_off
UNION ALL SELECT 'outbox.queued_at', count(*), max(queued_at) FROM outbox
    WHERE rowid > (SELECT max(rowid) FROM outbox) - :newest AND (queued_at > :now OR changed_at > :now)
UNION ALL SELECT 'retired.at', count(*), max(at) FROM retired WHERE at > :now
UNION ALL SELECT 'quarantine.received_at', count(*), max(received_at) FROM quarantine WHERE received_at > :now

-- name: bound_last_seen
UPDATE device_life SET last_seen = :now WHERE last_seen > :now

-- name: bound_tested_at
UPDATE device_proof SET tested_at = :now WHERE tested_at > :now

-- name: bound_test_mode
-- the rest of it, or all of it, is over
UPDATE device_proof SET test_until = NULL, testing_by = '' WHERE test_until > :test_mode

-- name: bound_exposures
UPDATE exposure SET since = min(since, :now), noticed_at = min(noticed_at, :now), until = CASE WHEN until IS NULL THEN NULL ELSE min(until, :now) END
WHERE (until IS NULL AND (since > :now OR noticed_at > :now)) OR until > :now

-- name: bound_notes
-- not of 'last_alive': by that the auditor knows that the clock was set back, until it has repaired what follows from it
UPDATE note_to_self SET value = :now WHERE name = 'last_ready' AND value > :now

-- name: bound_callbacks
UPDATE callback_seen SET at = :now WHERE at > :now

-- name: bound_outbox
-- the newest only, for an outbox is never emptied; what was queued by the old time would else count as the latest until then
UPDATE outbox SET queued_at = min(queued_at, :now), changed_at = min(changed_at, :now)
WHERE rowid > (SELECT max(rowid) FROM outbox) - :newest AND (queued_at > :now OR changed_at > :now)

-- name: bound_outbox_due
UPDATE outbox SET due_at = :now WHERE due_at > :put_off

-- name: bound_retired
UPDATE retired SET at = :now WHERE at > :now

-- name: bound_quarantine
UPDATE quarantine SET received_at = :now WHERE received_at > :now
