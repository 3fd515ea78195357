-- Statements about the file itself and what was done for it, by name.

-- name: add_cleanup
INSERT INTO cleanups (
    kind, began_at, ended_at, compressed_count, archived_count, saved_bytes, disk_bytes, memory_bytes
) VALUES (
    :kind, :began_at, :ended_at, :compressed, :archived, :saved_bytes, :disk_bytes, :memory_bytes
)

-- name: drop_old_cleanups
-- The newest are enough to see what goes on.
DELETE FROM cleanups WHERE id <= (SELECT max(id) FROM cleanups) - :kept

-- name: cleanup_count
-- Over the whole life: ids are never used twice.
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'cleanups'), 0)

-- name: last_cleanup
SELECT
    kind, began_at, ended_at, compressed_count, archived_count, saved_bytes, disk_bytes, memory_bytes
FROM cleanups ORDER BY id DESC LIMIT 1

-- name: night
SELECT day FROM nights WHERE id = 1

-- name: set_night
INSERT INTO nights (id, day) VALUES (1, :day) ON CONFLICT (id) DO UPDATE SET day = excluded.day
