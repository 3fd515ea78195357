-- Statements about digests, and what they are made from, by name.

-- name: newest_zone
-- Where the owner was when they last said something. Recent turns are never archived.
SELECT zone FROM turns WHERE zone <> '' AND at <= ? ORDER BY at DESC, id DESC LIMIT 1

-- name: days
SELECT day, turn_count FROM days

-- name: digest_counts
SELECT kind, first_day, turn_count FROM digests

-- name: digests
-- Newest first.
SELECT kind, first_day, text, turn_count, first_turn_id, last_turn_id, model, written_at
FROM digests WHERE kind = :kind AND first_day BETWEEN :first AND :last
ORDER BY first_day DESC LIMIT :limit

-- name: turns_of_day
-- So many of a day's turns, evenly, without what is known for chatter unless it is asked for, by chronology, with the first and the last. Whatever the zone,
-- they were said between these times.
WITH said AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY at, id) - 1 AS number
    FROM turns
    WHERE at >= :since AND at < :until AND day = :day AND forgotten_at IS NULL
        AND (:has_chatter OR origin NOT IN (SELECT value FROM json_each(:chatter)))
), ending AS (
    SELECT max(number) AS number FROM said
)
SELECT said.id FROM said, ending
WHERE said.number = ending.number
    OR said.number % max(1, (ending.number + :most) / :most) = 0
ORDER BY said.number

-- name: passage
-- The beginnings of what a turn's own row has to tell.
SELECT
    t.block_id, t.origin, substr(t.prompt, 1, :most),
    coalesce(
        t.summary,
        (
            SELECT substr(text, 1, :most) FROM answers
            WHERE turn_id = t.id
                AND (status = 'completed' OR (status = 'stopped' AND text <> ''))
            ORDER BY number DESC LIMIT 1
        ),
        ''
    )
FROM turns AS t WHERE t.id = :id

-- name: first_turn_of_days
-- By chronology, of the days that have a digest. Who travels says things on a day before they have
-- said others on the day before it.
SELECT t.id FROM digests AS d JOIN turns AS t ON t.id = d.first_turn_id
WHERE d.kind = 'day' AND d.first_day BETWEEN :first AND :last
ORDER BY t.at, t.id LIMIT 1

-- name: last_turn_of_days
SELECT t.id FROM digests AS d JOIN turns AS t ON t.id = d.last_turn_id
WHERE d.kind = 'day' AND d.first_day BETWEEN :first AND :last
ORDER BY t.at DESC, t.id DESC LIMIT 1

-- name: redo_digests
-- What that model did not write is no more of as many turns as there are, and so is written anew; it
-- stays until then.
UPDATE digests SET turn_count = -abs(turn_count) WHERE model IS NOT ?

-- name: put_digest
INSERT INTO digests (
    kind, first_day, first_turn_id, last_turn_id, turn_count, text, model, written_at
) VALUES (
    :kind, :first_day, :first_turn_id, :last_turn_id, :turn_count, :text, :model, :written_at
)
ON CONFLICT (kind, first_day) DO UPDATE SET
    first_turn_id = excluded.first_turn_id, last_turn_id = excluded.last_turn_id,
    turn_count = excluded.turn_count, text = excluded.text, model = excluded.model,
    written_at = excluded.written_at
