-- Statements about when what was said, by name. An archived turn's row does not say whether it was
-- chatter; who reads it sees.

-- name: talk_between
-- Turns of a time, by chronology, before a place in it; of chatter where its row says so none,
-- unless it is asked for.
SELECT id FROM turns
WHERE at >= :start AND at < :end AND (at, id) < (:before_at, :before_id)
    AND forgotten_at IS NULL
    AND (:has_chatter OR origin NOT IN (SELECT value FROM json_each(:chatter)))
ORDER BY at, id LIMIT :limit

-- name: talk_before
-- The same before a place, newest first; it is read as far as it is needed.
SELECT id FROM turns WHERE (at, id) < (:at, :id) AND forgotten_at IS NULL
ORDER BY at DESC, id DESC

-- name: first_talk
SELECT id FROM turns WHERE forgotten_at IS NULL AND (at, id) < (:at, :id) ORDER BY at, id
