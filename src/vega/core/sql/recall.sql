-- Statements about what fits a question, by name. Row 2n of the message index is the prompt of turn
-- n, row 2n + 1 its answers.

-- name: recall_terms
-- The words of the index: how many messages hold each, and every place where one stands.
CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_terms USING fts5vocab (main, message_index, row)

-- name: recall_places
CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_places USING fts5vocab (main, message_index, instance)

-- name: term_count
-- In how many messages it stands, and how often.
SELECT doc, cnt FROM temp.index_terms WHERE term = ?

-- name: messages_of_term
-- As numbers with commas between, in their order: a message as often as the term stands in its
-- first words. As rows they would take twice as long.
SELECT group_concat(doc) FROM (
    SELECT doc FROM temp.index_places WHERE term = :term AND offset < :head
)

-- name: holds_term
SELECT 1 FROM message_index WHERE message_index MATCH :match AND rowid = :id

-- name: messages_holding
-- In the order in which they were said.
SELECT held.id FROM (
    SELECT rowid AS id FROM message_index WHERE message_index MATCH :match LIMIT :limit
) AS held
INNER JOIN turns AS t ON t.id = held.id / 2
WHERE t.at >= :start AND t.at < :end AND (t.at, t.id) < (:before_at, :before_id)
    AND t.forgotten_at IS NULL
ORDER BY t.at, held.id

-- name: turn_places
-- Of turns that stand in a JSON array: what ranks their messages, and the turns beside them.
SELECT
    t.id, t.at, t.day, t.forgotten_at IS NOT NULL,
    (SELECT sz FROM message_index_docsize WHERE id = 2 * t.id),
    (SELECT sz FROM message_index_docsize WHERE id = 2 * t.id + 1),
    (SELECT name FROM imports WHERE turn_id = t.id AND role = 'user'),
    (SELECT name FROM imports WHERE turn_id = t.id AND role = 'assistant'),
    (
        SELECT b.id FROM turns AS b WHERE (b.at, b.id) < (t.at, t.id)
        ORDER BY b.at DESC, b.id DESC LIMIT 1
    ),
    (SELECT a.id FROM turns AS a WHERE (a.at, a.id) > (t.at, t.id) ORDER BY a.at, a.id LIMIT 1)
FROM json_each(:ids) AS wanted
INNER JOIN turns AS t ON t.id = wanted.value

-- name: days_of_turns
SELECT id, day FROM turns WHERE id IN (SELECT value FROM json_each(:ids))

-- name: day_totals
-- Of days that stand in a JSON array.
SELECT day, turn_count FROM days WHERE day IN (SELECT value FROM json_each(:days))

-- name: day_count
SELECT count(*) FROM days

-- name: turns_in_window
-- In the order in which they were said.
SELECT id FROM turns
WHERE at >= :start AND at < :end AND (at, id) < (:before_at, :before_id)
ORDER BY at, id LIMIT :limit

-- name: turns_among
-- Of turns that stand in a JSON array those of a range.
SELECT id FROM turns
WHERE id IN (SELECT value FROM json_each(:ids))
    AND at >= :start AND at < :end AND (at, id) < (:before_at, :before_id)

-- name: turns_from
SELECT id FROM turns WHERE (at, id) >= (:at, :id) ORDER BY at, id LIMIT :limit

-- name: turns_near
-- The last turn up to that time, and the first behind it.
SELECT id FROM (SELECT id FROM turns WHERE at <= :at ORDER BY at DESC, id DESC LIMIT 1)
UNION ALL
SELECT id FROM (SELECT id FROM turns WHERE at > :at ORDER BY at, id LIMIT 1)

-- name: first_turn_at
SELECT at FROM turns ORDER BY at, id LIMIT 1
