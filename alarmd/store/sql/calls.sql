-- name: calls_asking
-- the calls of an incident that ask somebody to go, and were placed or are being placed
SELECT attempt, person, purpose, channel, incident, provider, state, status, sid FROM outbox
WHERE incident = :incident AND channel = 'voice' AND purpose = 'ask'
    AND (state IN ('sending', 'unknown') OR (state = 'sent' AND status NOT IN ('answered', 'completed', 'unanswered', 'failed')))

-- name: call_hung_up
UPDATE outbox SET status = 'unanswered', changed_at = :now WHERE attempt = :attempt
