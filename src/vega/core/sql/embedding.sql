-- Statements about messages whose vectors are still to be made, by name.

-- name: await_embedding
INSERT OR IGNORE INTO unembedded (message_id) VALUES (?)

-- name: newest_unembedded
SELECT message_id FROM unembedded ORDER BY message_id DESC LIMIT :limit

-- name: count_unembedded
SELECT count(*) FROM unembedded

-- name: end_embedding
DELETE FROM unembedded WHERE message_id = ?

-- name: await_embedding_of_all
-- Prompts and answers of turns from one up to another.
INSERT OR IGNORE INTO unembedded (message_id)
SELECT 2 * id FROM turns WHERE id BETWEEN :first AND :last AND forgotten_at IS NULL
UNION ALL
SELECT 2 * id + 1 FROM turns WHERE id BETWEEN :first AND :last AND forgotten_at IS NULL

-- name: messages_embedded
-- Of turns from one up to another those that hold words and do not wait.
SELECT id FROM message_index_docsize
WHERE id BETWEEN 2 * :first AND 2 * :last + 1 AND id NOT IN (SELECT message_id FROM unembedded)

-- name: last_turn_to_embed
SELECT coalesce(max(id), 0) FROM turns
