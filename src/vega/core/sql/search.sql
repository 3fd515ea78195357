-- Statements about messages found in the full-text index, by name. Row 2n is the prompt of turn n,
-- row 2n + 1 its answers.

-- name: count_matches
-- Up to a limit, so that a common word costs no more than a rare one.
SELECT count(*) FROM (SELECT 1 FROM message_index WHERE message_index MATCH :match LIMIT :limit)

-- name: best_matches
-- What one expression ranks, and another one, where there is one, holds for.
SELECT rowid, -bm25(message_index) AS score FROM message_index
WHERE message_index MATCH :ranking
    AND (
        :match IS NULL
        OR rowid IN (SELECT rowid FROM message_index WHERE message_index MATCH :match)
    )
    AND (
        :before IS NULL
        OR (SELECT at FROM turns WHERE id = message_index.rowid / 2) < :before
    )
ORDER BY score DESC, rowid DESC LIMIT :limit

-- name: newest_matches
-- In order of arrival: the index gives them so without looking at all of them.
SELECT rowid FROM message_index
WHERE message_index MATCH :match ORDER BY rowid DESC LIMIT :limit

-- name: matches_between
-- Of a part of the index, of which alone anything is read.
SELECT rowid FROM message_index
WHERE message_index MATCH :match AND rowid BETWEEN :first AND :last ORDER BY rowid DESC

-- name: turn_places_before
-- By the index of the chronology alone, the newest first.
SELECT at, id FROM turns WHERE (at, id) < (:at, :id) ORDER BY at DESC, id DESC LIMIT :limit

-- name: newest_turns_before
SELECT id FROM turns
WHERE at < :before AND forgotten_at IS NULL ORDER BY at DESC, id DESC LIMIT :limit

-- name: message_place
-- Where a message lives, and what it was called where it came from.
SELECT t.tier, i.external_id, i.name
FROM turns AS t
LEFT JOIN imports AS i ON i.turn_id = t.id AND i.role = :role
WHERE t.id = :turn_id
