-- name: outbox_insert
INSERT INTO outbox (attempt, incident, person, channel, purpose, lane, destination, body, language, state, due_at, queued_at, changed_at)
VALUES (:attempt, :incident, :person, :channel, :purpose, :lane, :destination, :body, :language, 'queued', :now, :now, :now)

-- name: outbox_due
-- in turn: lane by lane, and in each the one first that is not ahead of its share; with all_of_them = 0 only those that are not
SELECT * FROM outbox WHERE due_at <= :now AND channel = :channel AND (:all_of_them OR coalesce(turn_at, '') <= :now)
ORDER BY lane, coalesce(turn_at, queued_at) LIMIT :limit

-- name: outbox_turn
UPDATE outbox SET turn_at = :turn_at WHERE attempt = :attempt

-- name: outbox_waits_of
-- how many messages of one incident wait, as far as it matters
SELECT count(*) AS n FROM (SELECT 1 FROM outbox WHERE due_at IS NOT NULL AND incident = :incident AND channel = :channel LIMIT :most)

-- name: outbox_waits_to
-- and how many to one telephone
SELECT count(*) AS n FROM (SELECT 1 FROM outbox WHERE due_at IS NOT NULL AND destination = :destination AND channel = :channel LIMIT :most)

-- name: outbox_next_due
SELECT min(due_at) AS due_at FROM outbox WHERE due_at IS NOT NULL

-- name: outbox_get
SELECT * FROM outbox WHERE attempt = :attempt

-- name: outbox_with_state
SELECT o.attempt, o.purpose, o.person, i.state FROM outbox o JOIN incident i ON i.id = o.incident WHERE o.attempt = :attempt

-- name: outbox_claim
UPDATE outbox SET state = 'sending', tries = tries + 1, provider = :provider, status = '', due_at = :due_at, changed_at = :now
WHERE attempt = :attempt AND state = 'queued'

-- name: outbox_settle
UPDATE outbox SET state = :state, due_at = :due_at, sid = coalesce(nullif(:sid, ''), sid), code = :code, changed_at = :now
WHERE attempt = :attempt

-- name: outbox_status
UPDATE outbox SET state = :state, due_at = :due_at, sid = coalesce(nullif(:sid, ''), sid), status = :status, code = :code, changed_at = :now
WHERE attempt = :attempt

-- name: outbox_withdraw
-- what a person said is never taken back: not even the close makes it unsaid
UPDATE outbox SET state = 'withdrawn', due_at = NULL, changed_at = :now
WHERE incident = :incident AND state = 'queued' AND channel <> 'device' AND purpose <> 'said'
    AND (:purpose IS NULL OR purpose = :purpose) AND person <> :keep

-- name: outbox_waiting
-- the same to the same telephone, not gone out yet
SELECT attempt, body, code, tries FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = :channel AND purpose = :purpose AND state = 'queued'
ORDER BY rowid DESC LIMIT 1

-- name: outbox_said_by
-- what somebody read last of what a person said; of what anybody said, where :by is empty
SELECT body FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = :channel AND purpose = 'said'
    AND instr(body, :by) > 0 AND queued_at >= :since AND state NOT IN ('refused', 'failed', 'withdrawn') ORDER BY rowid DESC LIMIT 1

-- name: outbox_waiting_count
SELECT count(*) AS n FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = :channel AND purpose = :purpose AND state = 'queued'

-- name: outbox_of_writer
UPDATE outbox SET sender = :sender WHERE attempt = :attempt

-- name: outbox_waiting_of_writer
-- what waits of one telephone for one reader, about no incident
SELECT attempt, body FROM outbox WHERE sender = :sender AND destination = :destination AND due_at IS NOT NULL AND state = 'queued'
ORDER BY rowid DESC LIMIT 1

-- name: outbox_held_back
UPDATE outbox SET due_at = :due_at, lane = :lane WHERE attempt = :attempt AND state = 'queued'

-- name: outbox_reworded
UPDATE outbox SET body = :body WHERE attempt = :attempt

-- name: outbox_readdressed
UPDATE outbox SET destination = :destination, body = :body WHERE attempt = :attempt AND state = 'queued'

-- name: directory_changed_since
SELECT 1 FROM note_to_self n JOIN journal j ON j.seq = CAST(n.value AS INTEGER) WHERE n.name = 'directory' AND j.at >= :at

-- name: outbox_now
UPDATE outbox SET due_at = min(due_at, :now) WHERE attempt = :attempt AND state = 'queued'

-- name: outbox_there_now
-- a call that is being placed or rings, or news that came a moment ago; a call of which no word came after the first
-- moments is taken for one whose provider does not report, and holds nobody up, nor does one that is looked up for
-- longer than it could ring. Who took a call heard how things stood then: news after that (:news) is told anew
SELECT 1 FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = :channel AND purpose = :purpose
    AND (state = 'sending' OR (state = 'unknown' AND queued_at >= :since) OR (state IN ('sent', 'delivered') AND status NOT IN ('completed', 'unanswered', 'ending', 'ended')
        AND (channel <> 'voice' OR :news = 0 OR status <> 'answered')
        AND changed_at >= :since AND (channel <> 'voice' OR status <> '' OR changed_at >= :moment)))

-- name: outbox_call_goes_on
-- another call of that alarm to that telephone, which is being placed, rings, or was taken just now
SELECT 1 FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = 'voice' AND attempt <> :attempt
    AND state IN ('sending', 'sent', 'delivered') AND status NOT IN ('completed', 'unanswered', 'failed', 'ended')
    AND changed_at >= :since AND (state = 'sending' OR status <> '' OR changed_at >= :moment) LIMIT 1

-- name: outbox_texted_there
-- whether what a call says is told there in writing too
SELECT 1 FROM outbox WHERE incident = :incident AND +destination = :destination AND channel = 'sms'
    AND queued_at >= :since AND state NOT IN ('refused', 'failed', 'withdrawn') LIMIT 1

-- name: outbox_call_of_another
-- a call of another alarm to that telephone, which is being placed, rings, or was taken just now
SELECT 1 FROM outbox WHERE destination = :destination AND queued_at >= :lately AND channel = 'voice' AND incident IS NOT :incident
    AND state IN ('sending', 'sent', 'delivered') AND status NOT IN ('completed', 'unanswered', 'failed', 'ended')
    AND changed_at >= :since AND (state = 'sending' OR status <> '' OR changed_at >= :moment) LIMIT 1

-- name: outbox_calls_before
-- how many calls wait for that telephone before one of that place, as far as it matters
SELECT count(*) AS n FROM (SELECT 1 FROM outbox WHERE due_at IS NOT NULL AND destination = :destination AND channel = 'voice'
    AND state = 'queued' AND (lane < :lane OR (lane = :lane AND queued_at < :queued_at)) LIMIT :most)

-- name: outbox_calls_more_urgent
SELECT attempt FROM outbox WHERE due_at IS NOT NULL AND destination = :destination AND channel = 'voice' AND state = 'queued'
    AND lane < :lane

-- name: outbox_held
-- a call waits for another; that changes nothing of what became of it
UPDATE outbox SET due_at = :due_at WHERE attempt = :attempt AND state = 'queued'

-- name: outbox_under_way
-- what a start takes up: what is being sent or looked up, and what was refused just now and waits to be tried again. What
-- is under way has a time, and is found by it; a town's outbox is not read at each start
SELECT * FROM outbox WHERE due_at IS NOT NULL AND (state = 'sending'
    OR (due_at > :soon AND (state = 'unknown' OR (state = 'queued' AND tries > 0 AND code <> ''))))

-- name: outbox_by_reply
SELECT o.* FROM outbox o JOIN incident i ON i.id = o.incident
-- what is answered is the last text that went out; a call, or a text still queued, only where there is none
WHERE o.destination = :destination AND o.channel <> 'device' AND i.code = :code
  AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'responder' AND x.id = o.person)
ORDER BY (i.status = 'closed'), (o.channel <> 'sms'), (o.tries = 0), o.queued_at DESC, o.rowid DESC LIMIT 1

-- name: outbox_of_case
-- as above for an incident that is known: by its own few rows (the +), however often that number was told of others
SELECT * FROM outbox WHERE incident = :incident AND +destination = :destination AND channel <> 'device'
ORDER BY (channel <> 'sms'), (tries = 0), queued_at DESC, rowid DESC

-- name: outbox_of_people
SELECT * FROM outbox WHERE incident = :incident AND person IN (SELECT value FROM json_each(:people)) AND channel <> 'device'
ORDER BY (channel <> 'sms'), (tries = 0), queued_at DESC, rowid DESC

-- name: outbox_open_for
SELECT o.* FROM outbox o JOIN incident i ON i.id = o.incident
WHERE o.destination = :destination AND o.channel <> 'device' AND i.status <> 'closed'
  AND NOT EXISTS (SELECT 1 FROM retired x WHERE x.kind = 'responder' AND x.id = o.person)
ORDER BY o.queued_at DESC, o.rowid DESC LIMIT 1

-- name: callback_first
INSERT INTO callback_seen (token, at) VALUES (:token, :at) ON CONFLICT (token) DO NOTHING

-- name: callback_trim
DELETE FROM callback_seen WHERE at < :before

-- name: outbox_sid_of_another
SELECT 1 FROM outbox WHERE sid = :sid AND sid <> '' AND attempt <> :attempt

-- name: canary_clear
-- nobody's message and nobody's record: the only rows that ever go; found by what they are no part of, for an outbox is never emptied
DELETE FROM outbox WHERE incident IS NULL AND person = :person AND purpose = :purpose AND state NOT IN ('queued', 'sending', 'unknown')

-- name: bodies_old
-- the next rows that still have words, by the index of those; `over`: of no incident, or of one that was closed long ago
SELECT o.rowid AS rowid, o.changed_at, (o.incident IS NULL OR (i.status = 'closed' AND i.closed_at < :before)) AS over
FROM outbox o INDEXED BY outbox_bodies LEFT JOIN incident i ON i.id = o.incident
WHERE o.body <> '' AND o.due_at IS NULL AND o.changed_at < :before AND (o.changed_at, o.rowid) > (:changed_at, :rowid)
ORDER BY o.changed_at, o.rowid LIMIT :limit

-- name: body_empty
UPDATE outbox SET body = '' WHERE rowid = :rowid
