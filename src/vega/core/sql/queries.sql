-- Statements about turns, answers, facts and whoever may speak, by name. Read once by __init__.py.

-- name: permanent_session
SELECT id FROM sessions WHERE is_permanent = 1

-- name: add_permanent_session
-- Does nothing where there is one.
INSERT INTO sessions (id, is_permanent, created_at)
SELECT ?, 1, ? WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE is_permanent = 1)

-- name: add_migration
INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)

-- name: head
SELECT link, hash FROM chain_head WHERE id = 1

-- name: set_head
UPDATE chain_head SET link = :link, hash = :hash WHERE id = 1

-- name: link_place
-- Where the row of a link lives: its turn, that turn's block if it has left, its own hash if not.
SELECT id AS turn_id, iif(tier = 'archived', block_id, NULL), NULL AS number, hash
FROM turns WHERE link = :link
UNION ALL
SELECT turn_id, NULL, number, hash FROM answers WHERE link = :link
UNION ALL
SELECT a.turn_id, t.block_id, a.number, NULL
FROM archived_answers AS a JOIN turns AS t ON t.id = a.turn_id WHERE a.link = :link

-- name: next_turn_id
-- The id that AUTOINCREMENT gives next: the row's hash needs it before the row is there.
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'turns'), 0) + 1

-- name: add_turn
INSERT INTO turns (
    id, link, at, zone, origin, device, idempotency_key, prompt, status, salt, hash, day
) VALUES (
    :id, :link, :at, :zone, :origin, :device, :idempotency_key, :prompt, :status, :salt, :hash,
    local_day(:at, :zone)
)

-- name: good_answers
SELECT text FROM answers
WHERE turn_id = ? AND (status = 'completed' OR (status = 'stopped' AND text <> '')) ORDER BY number

-- name: turn_of_key
SELECT id FROM turns WHERE idempotency_key = ?

-- name: turn
-- One turn with the answer of that number; without one, with the newest that is any good.
SELECT
    t.id, t.link, t.prompt, t.at, t.zone, t.origin, t.device, t.status, t.tier, t.attempts,
    t.interruptions,
    a.id, a.number, a.generation, a.text, a.model, a.place, a.reason, a.prompt_tokens,
    a.completion_tokens, a.ended_at, a.status,
    (SELECT max(generation) FROM answers WHERE turn_id = t.id),
    EXISTS (SELECT 1 FROM sources WHERE answer_id = a.id),
    t.block_id, t.summary, t.forgotten_at
FROM turns AS t
LEFT JOIN answers AS a
    ON a.turn_id = t.id
    AND a.number = coalesce(
        :number,
        (
            SELECT number FROM answers WHERE turn_id = t.id
            ORDER BY status = 'failed' OR (status = 'stopped' AND text = ''), number DESC LIMIT 1
        )
    )
WHERE t.id = :id

-- name: waiting_turn_ids
SELECT id FROM turns WHERE status IN ('pending', 'answering') ORDER BY id

-- name: newest_turn_ids
-- Chronology, newest first.
SELECT id FROM turns ORDER BY at DESC, id DESC LIMIT :limit

-- name: turn_ids_before
SELECT id FROM turns WHERE (at, id) < (:at, :id) ORDER BY at DESC, id DESC LIMIT :limit

-- name: exchanges_from
-- What was said, with its newest good answer, from one place in the chronology up to another, oldest
-- first; of turns that live in blocks also those without one. It is read as far as it is needed.
SELECT t.id, t.at, t.zone, t.prompt, a.text, a.model, t.block_id, t.origin
FROM turns AS t
LEFT JOIN answers AS a
    ON a.turn_id = t.id
    AND a.number = (
        SELECT max(number) FROM answers
        WHERE turn_id = t.id AND status IN ('completed', 'stopped') AND text <> ''
    )
WHERE (a.id IS NOT NULL OR t.block_id IS NOT NULL) AND t.forgotten_at IS NULL
    AND (t.at, t.id) >= (:first_at, :first_id) AND (t.at, t.id) < (:at, :id)
ORDER BY t.at, t.id

-- name: exchanges_before
-- The same before a place, newest first.
SELECT t.id, t.at, t.zone, t.prompt, a.text, a.model, t.block_id, t.origin
FROM turns AS t
LEFT JOIN answers AS a
    ON a.turn_id = t.id
    AND a.number = (
        SELECT max(number) FROM answers
        WHERE turn_id = t.id AND status IN ('completed', 'stopped') AND text <> ''
    )
WHERE (a.id IS NOT NULL OR t.block_id IS NOT NULL) AND t.forgotten_at IS NULL
    AND (t.at, t.id) < (:at, :id)
ORDER BY t.at DESC, t.id DESC

-- name: count_between
-- How many turns stand between two places, counted up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM turns
    WHERE (at, id) >= (:first_at, :first_id) AND (at, id) < (:at, :id) LIMIT :limit
)

-- name: links_after
-- What happened after a link, in its order: prompts stored (no answer's number), answers ended.
-- Without what was imported; an answer that an imported turn got since is not among that. Nor what
-- was forgotten.
SELECT link, turn_id, answer_number FROM (
    SELECT * FROM (
        SELECT link, id AS turn_id, NULL AS answer_number FROM turns
        WHERE link > :link AND forgotten_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM imports WHERE turn_id = turns.id)
        ORDER BY link LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT link, turn_id, number AS answer_number FROM answers AS a
        WHERE link > :link
            AND (SELECT forgotten_at FROM turns WHERE id = a.turn_id) IS NULL
            AND NOT (
                number = 1
                AND EXISTS (SELECT 1 FROM imports WHERE turn_id = a.turn_id AND role = 'assistant')
            )
        ORDER BY link LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT link, turn_id, number AS answer_number FROM archived_answers AS a
        WHERE link > :link
            AND (SELECT forgotten_at FROM turns WHERE id = a.turn_id) IS NULL
            AND NOT (
                number = 1
                AND EXISTS (SELECT 1 FROM imports WHERE turn_id = a.turn_id AND role = 'assistant')
            )
        ORDER BY link LIMIT :limit
    )
) ORDER BY link LIMIT :limit

-- name: sources
SELECT turn_id, at FROM sources WHERE answer_id = ? ORDER BY at, turn_id

-- name: add_source
INSERT OR IGNORE INTO sources (answer_id, turn_id, at)
SELECT :answer_id, id, at FROM turns WHERE id = :turn_id

-- name: set_turn_status
UPDATE turns SET status = :status WHERE id = :id

-- name: interrupt_turns
-- At start: what was being answered when the process died is pending again.
UPDATE turns SET status = 'pending', interruptions = interruptions + 1 WHERE status = 'answering'

-- name: lay_down_turns
-- At a clean end.
UPDATE turns SET status = 'pending' WHERE status = 'answering'

-- name: ask_again
UPDATE turns SET status = 'pending', attempts = 0, interruptions = 0
WHERE id = ? AND status IN ('completed', 'stopped', 'failed')

-- name: is_forgotten
SELECT forgotten_at IS NOT NULL FROM turns WHERE id = ?

-- name: begin_attempt
UPDATE turns SET status = 'answering' WHERE id = ? AND status IN ('pending', 'answering')

-- name: count_failed_attempt
UPDATE turns SET attempts = attempts + 1, status = 'pending'
WHERE id = ? AND status IN ('pending', 'answering') RETURNING attempts

-- name: writing_answer
SELECT id, number, began_at FROM answers WHERE turn_id = ? AND status = 'writing'

-- name: is_answered
SELECT EXISTS (SELECT 1 FROM answers WHERE turn_id = ? AND status = 'completed')

-- name: next_answer_number
SELECT coalesce(max(number), 0) + 1 FROM answers WHERE turn_id = ?

-- name: add_answer
INSERT INTO answers (turn_id, number, generation, text, began_at)
VALUES (:turn_id, :number, :generation, :text, :began_at)
RETURNING id

-- name: rewrite_answer
UPDATE answers SET generation = :generation, text = :text WHERE id = :id AND status = 'writing'

-- name: save_part
UPDATE answers SET text = :text
WHERE turn_id = :turn_id AND status = 'writing' AND generation = :generation

-- name: note_progress
UPDATE turns SET interruptions = 0 WHERE id = ? AND interruptions > 0

-- name: end_answer
UPDATE answers
SET link = :link, status = :status, reason = :reason, generation = :generation, text = :text,
    model = :model, place = :place, prompt_tokens = :prompt_tokens, completion_tokens = :completion_tokens,
    ended_at = :ended_at, salt = :salt, hash = :hash
WHERE id = :id

-- name: context_window
SELECT preamble, first_at, first_id FROM context_window WHERE id = 1

-- name: set_context_window
INSERT INTO context_window (id, preamble, first_at, first_id)
VALUES (1, :preamble, :first_at, :first_id)
ON CONFLICT (id) DO UPDATE SET
    preamble = excluded.preamble, first_at = excluded.first_at, first_id = excluded.first_id

-- name: tier_totals
SELECT tier, turn_count, byte_count, active_byte_count, entered_count FROM tier_totals

-- name: touch
-- Takes what a write takes, and changes nothing.
UPDATE tier_totals SET turn_count = turn_count
