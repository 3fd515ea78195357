-- Statements about tiers and the archive, by name.

-- name: turns_to_move
-- Ended turns of a tier up to a time, oldest first, but for the most recent of the life.
SELECT id FROM turns
WHERE tier <> 'archived' AND tier = :tier AND status IN ('completed', 'stopped', 'failed')
    AND at <= :until
    AND (at, id) < (SELECT at, id FROM turns ORDER BY at DESC, id DESC LIMIT 1 OFFSET :kept - 1)
ORDER BY at, id LIMIT :limit

-- name: turns_past_rank
-- The same beyond so many newest of the tier.
SELECT id FROM turns
WHERE tier <> 'archived' AND tier = :tier AND status IN ('completed', 'stopped', 'failed')
    AND (at, id) < (
        SELECT at, id FROM turns WHERE tier <> 'archived' AND tier = :tier
        ORDER BY at DESC, id DESC LIMIT 1 OFFSET :most - 1
    )
    AND (at, id) < (SELECT at, id FROM turns ORDER BY at DESC, id DESC LIMIT 1 OFFSET :kept - 1)
ORDER BY at, id LIMIT :limit

-- name: turn_row
-- A turn as its own row has it.
SELECT id, link, at, zone, origin, device, prompt, status, salt, hash, tier, block_id
FROM turns WHERE id = ?

-- name: answer_rows
SELECT
    number, link, status, reason, generation, text, model, place, prompt_tokens, completion_tokens,
    began_at, ended_at, salt, hash, id
FROM answers WHERE turn_id = ? AND link IS NOT NULL ORDER BY number

-- name: block_checksum
SELECT checksum FROM archive_blocks WHERE id = ?

-- name: block_data
SELECT data FROM archive_blocks WHERE id = ?

-- name: add_block
INSERT INTO archive_blocks (turn_count, text_bytes, checksum, data)
VALUES (:turn_count, :text_bytes, :checksum, :data) RETURNING id

-- name: move_answer_links
INSERT INTO archived_answers (link, turn_id, number)
SELECT link, turn_id, number FROM answers WHERE turn_id = ?

-- name: drop_sources
DELETE FROM sources WHERE answer_id IN (SELECT id FROM answers WHERE turn_id = ?)

-- name: drop_answers
DELETE FROM answers WHERE turn_id = ?

-- name: compress_turn
UPDATE turns
SET tier = 'compressed', block_id = :block_id, summary = :summary, summary_model = :summary_model
WHERE id = :id

-- name: compressed_row
-- What orders, finds and proves a compressed turn, and the bytes of its active text.
SELECT
    link, at, idempotency_key, status, day, block_id, forgotten_at, salt,
    octet_length(prompt) + octet_length(coalesce(summary, ''))
FROM turns WHERE id = ? AND tier = 'compressed'

-- name: drop_turn
DELETE FROM turns WHERE id = ?

-- name: add_archived_turn
INSERT INTO turns (
    id, link, at, zone, origin, idempotency_key, prompt, tier, status, hash, day, block_id,
    forgotten_at
) VALUES (
    :id, :link, :at, '', '', :idempotency_key, '', 'archived', :status, x'', :day, :block_id,
    :forgotten_at
)

-- name: active_bytes
-- Of a compressed turn.
SELECT octet_length(prompt) + octet_length(coalesce(summary, '')) FROM turns
WHERE id = ? AND tier = 'compressed'

-- name: bring_back_turn
UPDATE turns
SET tier = 'full', block_id = NULL, summary = NULL, summary_model = NULL, prompt = :prompt,
    zone = :zone, origin = :origin, device = :device, salt = :salt, hash = :hash
WHERE id = :id

-- name: bring_back_answer
INSERT INTO answers (
    turn_id, number, link, status, reason, generation, text, model, place, prompt_tokens,
    completion_tokens, began_at, ended_at, salt, hash
) VALUES (
    :turn_id, :number, :link, :status, :reason, :generation, :text, :model, :place, :prompt_tokens,
    :completion_tokens, :began_at, :ended_at, :salt, :hash
) RETURNING id

-- name: bring_back_source
INSERT INTO sources (answer_id, turn_id, at) VALUES (?, ?, ?)

-- name: drop_answer_link
DELETE FROM archived_answers WHERE link = ?

-- name: count_move
-- A turn, or several, into a tier or out of it.
UPDATE tier_totals
SET turn_count = turn_count + :turns, entered_count = entered_count + max(:turns, 0),
    byte_count = byte_count + :bytes, active_byte_count = active_byte_count + :active_bytes
WHERE tier = :tier

-- name: small_blocks
SELECT id, text_bytes FROM archive_blocks WHERE text_bytes < :bytes ORDER BY id

-- name: turn_points_at
-- A turn counts as a block's if its row points there: one that was brought back does not.
SELECT EXISTS (SELECT 1 FROM turns WHERE id = :turn_id AND block_id = :block_id)

-- name: point_at_block
UPDATE turns SET block_id = :block_id WHERE id = :turn_id

-- name: drop_block
DELETE FROM archive_blocks WHERE id = ?

-- name: mend_block
UPDATE archive_blocks
SET turn_count = :turn_count, text_bytes = :text_bytes, checksum = :checksum, data = :data
WHERE id = :id

-- name: turns_of_block
-- Not for every day: it reads all turns.
SELECT id FROM turns WHERE block_id = ? ORDER BY at, id

-- name: archive_total
SELECT block_count, text_bytes, stored_bytes FROM archive_totals WHERE id = 1
