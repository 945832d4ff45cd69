-- name: residents_of_number
SELECT id FROM resident WHERE phone = :phone AND phone <> '' ORDER BY id

-- name: responders_of_number
SELECT id FROM responder WHERE phone = :phone AND phone <> '' ORDER BY id
