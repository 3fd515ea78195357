-- Statements about the hash chain and what was found of it, by name.

-- name: link_rows
-- Where the links of a stretch are, in their order. From the indexes alone: a damaged row is named
-- all the same.
SELECT link, 'prompt' AS kind, id, NULL AS number FROM turns WHERE link BETWEEN :first AND :last
UNION ALL
SELECT link, 'answer', id, NULL FROM answers WHERE link BETWEEN :first AND :last
UNION ALL
SELECT link, 'archived', turn_id, number FROM archived_answers WHERE link BETWEEN :first AND :last
ORDER BY 1

-- name: answer_link
SELECT turn_id, number, status, reason, text, model, place, ended_at, salt, hash
FROM answers WHERE id = ?

-- name: turn_of_answer
-- From an index alone, which has to be read whole: for an answer whose row is damaged.
SELECT turn_id FROM answers WHERE +id = ?

-- name: turn_ids_around
-- The turns that arrived before and behind a stretch of links; of none behind, the next to come.
SELECT
    coalesce((SELECT id FROM turns WHERE link < :first ORDER BY link DESC LIMIT 1), 0),
    coalesce(
        (SELECT id FROM turns WHERE link > :last ORDER BY link LIMIT 1),
        (SELECT seq FROM sqlite_sequence WHERE name = 'turns') + 1,
        1
    )

-- name: turn_ids_to
-- Those that arrived last before a link, the newest first.
SELECT id FROM turns WHERE link < :link ORDER BY link DESC LIMIT :limit

-- name: last_link
SELECT max(
    coalesce((SELECT max(link) FROM turns), 0),
    coalesce((SELECT max(link) FROM answers), 0),
    coalesce((SELECT max(link) FROM archived_answers), 0)
)

-- name: verification
SELECT
    run, next_link, previous_hash, completed_run, completed_at, completed_link, completed_hash,
    completed_turns
FROM verifications WHERE id = 1

-- name: begin_verification
INSERT INTO verifications (id, run, next_link, previous_hash, began_at)
VALUES (1, 1, 1, x'', :now)
ON CONFLICT (id) DO UPDATE SET
    run = run + 1, next_link = 1, previous_hash = x'', began_at = excluded.began_at

-- name: save_verification
UPDATE verifications SET next_link = :next_link, previous_hash = :previous_hash WHERE id = 1

-- name: complete_verification
UPDATE verifications
SET completed_run = run, completed_at = :now, completed_link = :link, completed_hash = :hash,
    completed_turns = :turns
WHERE id = 1

-- name: add_flaw
INSERT INTO flaws (run, link, turn_id, text)
SELECT run, :link, :turn_id, :text FROM verifications WHERE id = 1
ON CONFLICT (link, text) DO UPDATE SET run = excluded.run

-- name: drop_old_flaws
DELETE FROM flaws WHERE run < (SELECT run FROM verifications WHERE id = 1)

-- name: drop_flaws_of_turn
DELETE FROM flaws WHERE turn_id = ?

-- name: flaws
SELECT link, turn_id, text FROM flaws WHERE text NOT LIKE 'Lost by damage%'
ORDER BY link, id LIMIT ?

-- name: flaw_counts
-- All, and how many turns they are of.
SELECT count(*), count(DISTINCT turn_id) FROM flaws WHERE text NOT LIKE 'Lost by damage%'

-- name: lost_flaws
-- What was lost once and for all is no flaw that anything could still be done about.
SELECT link, turn_id, text FROM flaws WHERE text LIKE 'Lost by damage%' ORDER BY link, id LIMIT ?

-- name: count_lost_turns
SELECT count(DISTINCT turn_id) FROM flaws WHERE text LIKE 'Lost by damage%'

-- name: damaged_turns
SELECT DISTINCT turn_id FROM flaws
WHERE turn_id IS NOT NULL AND text NOT LIKE 'Lost by damage%' ORDER BY turn_id LIMIT ?

-- name: block_ids
-- Not for every day: it reads all turns.
SELECT DISTINCT block_id FROM turns WHERE block_id IS NOT NULL ORDER BY block_id

-- name: answers_of_block
-- Not for every day, either.
SELECT a.turn_id, a.number, a.link
FROM archived_answers AS a JOIN turns AS t ON t.id = a.turn_id WHERE t.block_id = ?

-- name: any_message
SELECT rowid FROM message_index LIMIT 1
