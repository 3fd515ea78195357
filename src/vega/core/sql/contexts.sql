-- Statements about what models saw, by name.

-- name: context
-- Without its preamble where something in that was forgotten.
SELECT
    c.at, c.model, c.place, p.text, c.link, c.first_at, c.first_id, c.left_out, c.shows_stored,
    c.message_chars, c.prompt_chars, c.part_start, c.part_end, c.findings
FROM contexts AS c
LEFT JOIN preambles AS p ON p.id = c.preamble_id
WHERE c.turn_id = :turn_id AND c.number = :number

-- name: add_context
INSERT OR REPLACE INTO contexts (
    turn_id, number, at, model, place, preamble_id, link, first_at, first_id, left_out,
    shows_stored, message_chars, prompt_chars, part_start, part_end, findings
) VALUES (
    :turn_id, :number, :at, :model, :place, :preamble_id, :link, :first_at, :first_id, :left_out,
    :shows_stored, :message_chars, :prompt_chars, :part_start, :part_end, :findings
)

-- name: newest_preamble
-- The same one stands before many turns.
SELECT id FROM (SELECT id, text FROM preambles ORDER BY id DESC LIMIT 4) WHERE text = ?

-- name: add_preamble
INSERT INTO preambles (text) VALUES (?) RETURNING id

-- name: turns_sent
-- By chronology from one place up to another, of what there was by then.
SELECT id, forgotten_at FROM turns
WHERE (at, id) >= (:first_at, :first_id) AND (at, id) < (:at, :id) AND link <= :link
ORDER BY at, id LIMIT :limit
