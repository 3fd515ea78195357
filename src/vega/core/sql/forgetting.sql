-- Statements about what is forgotten, by name.

-- name: forgettable_turn
SELECT status, forgotten_at, day, tier FROM turns WHERE id = ?

-- name: full_prompts
SELECT id, prompt, device FROM turns
WHERE id BETWEEN :first AND :last AND tier = 'full' AND forgotten_at IS NULL

-- name: summaries
SELECT id, summary FROM turns
WHERE id BETWEEN :first AND :last AND tier = 'compressed' AND forgotten_at IS NULL

-- name: summary_of
SELECT summary FROM turns WHERE id BETWEEN :first AND :last

-- name: answer_texts
SELECT turn_id, text, reason FROM answers WHERE turn_id BETWEEN :first AND :last

-- name: forgettable_until
SELECT coalesce(max(id), 0) FROM turns

-- name: block_ids_after
SELECT id FROM archive_blocks WHERE id > :id ORDER BY id LIMIT :limit

-- name: all_facts
SELECT * FROM facts ORDER BY id

-- name: digest_words
SELECT kind, first_day, text FROM digests

-- name: mark_forgotten
UPDATE turns SET forgotten_at = :now WHERE id = :id

-- name: begin_forgetting
INSERT OR IGNORE INTO forgettings (turn_id) VALUES (?)

-- name: forgettings
SELECT turn_id FROM forgettings ORDER BY turn_id

-- name: latest_forgotten
SELECT id FROM turns WHERE forgotten_at IS NOT NULL ORDER BY forgotten_at DESC LIMIT :limit

-- name: end_forgetting
DELETE FROM forgettings WHERE turn_id = ?

-- name: is_rewriting_due
SELECT EXISTS (SELECT 1 FROM rewritings_due)

-- name: end_rewriting
DELETE FROM rewritings_due

-- name: drop_digest
DELETE FROM digests WHERE kind = :kind AND first_day = :first_day

-- name: uncount_turn_of_day
UPDATE days SET turn_count = turn_count - 1 WHERE day = ?

-- name: drop_empty_day
DELETE FROM days WHERE day = ? AND turn_count <= 0

-- name: await_embedding_no_more
DELETE FROM unembedded WHERE message_id = ?

-- name: forget_import_name
UPDATE imports SET name = NULL WHERE turn_id = ?

-- name: erase_turn
UPDATE turns
SET prompt = '', device = NULL, salt = NULL, summary = iif(summary IS NULL, NULL, ''),
    summary_model = NULL
WHERE id = ?

-- name: erase_answers
UPDATE answers
SET text = '', reason = NULL, prompt_tokens = NULL, completion_tokens = NULL, salt = NULL
WHERE turn_id = ?

-- name: drop_preambles
-- They hold facts and digests.
DELETE FROM preambles

-- name: drop_contexts_of
DELETE FROM contexts WHERE turn_id = ?
