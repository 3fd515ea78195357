-- Statements about messages that came from elsewhere, by name.

-- name: import_of
SELECT turn_id, role, (SELECT forgotten_at FROM turns WHERE id = turn_id) IS NOT NULL
FROM imports WHERE external_id = ?

-- name: add_import
INSERT INTO imports (external_id, turn_id, role, name)
VALUES (:external_id, :turn_id, :role, :name)

-- name: newest_import
-- The turn that was imported last.
SELECT id, at FROM turns
WHERE forgotten_at IS NULL AND id = (SELECT max(turn_id) FROM imports)
