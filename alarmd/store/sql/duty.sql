-- When people are on duty, worked out beforehand: written by imports and by the daemon's refreshing, looked up at each press.

-- name: duty_get
SELECT since, until, readable, starts, ends, remarks, stamp FROM duty_rota WHERE key = :key

-- name: duty_known
SELECT key, stamp, since, until, readable FROM duty_rota

-- name: duty_put
INSERT INTO duty_rota (key, stamp, since, until, readable, starts, ends, remarks)
VALUES (:key, :stamp, :since, :until, :readable, :starts, :ends, :remarks)
ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, since = excluded.since, until = excluded.until,
    readable = excluded.readable, starts = excluded.starts, ends = excluded.ends, remarks = excluded.remarks

-- name: duty_forget
DELETE FROM duty_rota WHERE key = :key

-- name: duty_texts
SELECT on_call, min(id) AS one, count(*) AS people FROM responder WHERE trim(on_call) <> '' GROUP BY on_call
