-- Statements about facts, by name.

-- name: fact
SELECT * FROM facts WHERE id = ?

-- name: current_fact
SELECT * FROM facts WHERE attribute = ? AND held_until IS NULL ORDER BY held_from DESC, id DESC

-- name: facts_held_at
-- What held of an attribute at a moment, the newest first. What was put right never held.
SELECT * FROM facts
WHERE attribute = :attribute AND held_from <= :at AND (held_until IS NULL OR held_until > :at)
    AND ending IS NOT 'corrected'
ORDER BY held_from DESC, id DESC

-- name: current_facts
-- The pinned ones, and of the others the newest.
SELECT * FROM facts
WHERE held_until IS NULL AND kind IN (SELECT value FROM json_each(:kinds))
    AND (:has_private OR is_private = 0)
ORDER BY is_pinned DESC, held_from DESC, id DESC LIMIT :limit

-- name: facts_page
-- The newest first, from one place (held_from, id) on. Without what only says that something is over.
SELECT * FROM facts
WHERE (held_from, id) < (:at, :id) AND kind IN (SELECT value FROM json_each(:kinds))
    AND (held_until IS NULL OR (:has_ended AND (ending <> 'taken back' OR held_until > held_from)))
ORDER BY held_from DESC, id DESC LIMIT :limit

-- name: facts_of_attribute
-- In the order of what was said; what was put right in the same breath stands before what held on.
SELECT * FROM facts WHERE attribute = ? ORDER BY held_from, turn_id, held_until IS NULL, held_until, id

-- name: facts_near
-- Those of an attribute that a value has to do with: where there are many, not all of them.
SELECT * FROM facts
WHERE attribute = :attribute AND (
    instr(slot, :plain) > 0 OR slot IN (attribute, attribute || ': ' || attribute) OR kind = 'wish'
)
ORDER BY held_from, turn_id, held_until IS NULL, held_until, id

-- name: wishes
-- In the order of what was said, whether they hold or not.
SELECT * FROM facts WHERE kind = 'wish' ORDER BY held_from, turn_id, held_until IS NULL, held_until, id

-- name: facts_of_turn
-- Told in it, or said again.
SELECT * FROM facts WHERE turn_id = :turn_id OR said_again_in = :turn_id ORDER BY id

-- name: private_facts
SELECT turn_id, said_again_in, value FROM facts WHERE is_private = 1

-- name: private_sayings
-- Turns in which a private fact was said again.
SELECT s.turn_id FROM facts AS f
JOIN sayings AS s ON s.slot = f.slot AND s.at >= f.held_from
    AND (f.held_until IS NULL OR s.at < f.held_until)
WHERE f.is_private = 1

-- name: days_with_turns
SELECT DISTINCT day FROM turns WHERE id IN (SELECT value FROM json_each(?))

-- name: turns_resting_on
-- Turns with an answer that rests on that one.
SELECT a.turn_id FROM sources AS s JOIN answers AS a ON a.id = s.answer_id WHERE s.turn_id = ?

-- name: end_fact
UPDATE facts
SET held_until = :held_until, ending = :ending, said_again_at = NULL, said_again_in = NULL
WHERE id = :id

-- name: move_fact
-- It was told there already.
UPDATE facts
SET turn_id = :turn_id, held_from = :held_from, zone = :zone,
    said_again_at = :said_again_at, said_again_in = :said_again_in
WHERE id = :id

-- name: say_fact_again
UPDATE facts SET said_again_at = :at, said_again_in = :turn_id WHERE id = :id

-- name: add_saying
INSERT OR IGNORE INTO sayings (slot, at, turn_id) VALUES (:slot, :at, :turn_id)

-- name: sayings
SELECT turn_id, at FROM sayings
WHERE slot = :slot AND at >= :since AND (:until IS NULL OR at < :until) ORDER BY at, turn_id

-- name: drop_sayings
DELETE FROM sayings WHERE slot = :slot AND at >= :since AND (:until IS NULL OR at < :until)

-- name: drop_sayings_of_turn
DELETE FROM sayings WHERE turn_id = ?

-- name: spell_fact
UPDATE facts SET value = :value WHERE id = :id

-- name: pin_fact
UPDATE facts SET is_pinned = :is_so WHERE id = :id

-- name: make_fact_private
UPDATE facts SET is_private = :is_so WHERE id = :id

-- name: add_fact
INSERT INTO facts (
    turn_id, kind, attribute, slot, value, held_from, held_until, ending, zone, is_pinned,
    is_private, model, said_again_at, said_again_in
)
VALUES (
    :turn_id, :kind, :attribute, :slot, :value, :held_from, :held_until, :ending, :zone,
    :is_pinned, :is_private, :model, :said_again_at, :said_again_in
)
RETURNING id

-- name: drop_fact
DELETE FROM facts WHERE id = ?

-- name: close_turn
INSERT OR IGNORE INTO closed_turns (turn_id) VALUES (?)

-- name: is_turn_closed
SELECT EXISTS (SELECT 1 FROM closed_turns WHERE turn_id = ?)

-- name: drop_context_window
-- What stands in it is composed anew.
DELETE FROM context_window

-- name: await_reading
INSERT OR IGNORE INTO unread_turns (turn_id, is_for_model) VALUES (?, ?)

-- name: unread_turn_ids
SELECT turn_id FROM unread_turns WHERE is_for_model = ? ORDER BY turn_id DESC LIMIT ?

-- name: drop_unread_turn
DELETE FROM unread_turns WHERE turn_id = ?

-- name: count_unread_turns
SELECT count(*) FROM unread_turns

-- name: begin_fact_redraw
INSERT OR REPLACE INTO fact_redraw (id, next_turn_id)
SELECT 1, coalesce(max(id), 0) FROM turns

-- name: fact_redraw_place
SELECT next_turn_id FROM fact_redraw WHERE id = 1

-- name: set_fact_redraw_place
UPDATE fact_redraw SET next_turn_id = ? WHERE id = 1

-- name: turns_to_read_again
SELECT id FROM turns WHERE id <= :id ORDER BY id DESC LIMIT :limit
