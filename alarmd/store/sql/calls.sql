-- name: calls_placed
-- the calls of an incident that ask somebody for something, and were placed or are being placed; nobody hangs up on the
-- resident, nor on the ambulance's line
SELECT attempt, person, purpose, channel, incident, provider, state, status, sid, queued_at FROM outbox
WHERE incident = :incident AND channel = 'voice' AND purpose IN ('ask', 'again', 'desk', 'handoff', 'aftercare') AND person <> :line
    AND (state IN ('sending', 'unknown') OR (state = 'sent' AND status NOT IN ('answered', 'completed', 'unanswered', 'ended', 'failed')))

-- name: calls_placed_lately
-- the incidents with such calls, after a start; among the newest rows only, for an outbox is never emptied
SELECT DISTINCT incident FROM outbox NOT INDEXED WHERE rowid > (SELECT max(rowid) FROM outbox) - :newest AND incident IS NOT NULL
    AND channel = 'voice' AND changed_at >= :since
    AND (state IN ('sending', 'unknown') OR (state = 'sent' AND status NOT IN ('answered', 'completed', 'unanswered', 'ended', 'failed')))

-- name: call_ending
-- as if it rang no more: who is asked again a moment later is rung anew. Nothing is said yet of whether it ends
UPDATE outbox SET status = 'ending' WHERE attempt = :attempt

-- name: call_ended
-- nobody let it ring out: alarmd took it back, and the provider's own word for that may have come before
UPDATE outbox SET status = 'ended', changed_at = :now WHERE attempt = :attempt AND status IN ('ending', 'unanswered', 'ended')

-- name: call_rings_on
UPDATE outbox SET status = 'ringing', changed_at = :now WHERE attempt = :attempt AND status = 'ending'

-- name: call_picked_up
-- known by what is said in it, where the provider's own word for that is slower
UPDATE outbox SET status = 'answered', changed_at = :now
WHERE attempt = :attempt AND channel = 'voice' AND state = 'sent' AND status IN ('', 'queued', 'sending', 'sent', 'ringing', 'ending')
