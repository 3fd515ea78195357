-- Statements about lives that are put together anew from what a damaged one still has, by name.

-- name: strict_tables
-- With whether it is kept by its key.
SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict

-- name: table_columns
SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY cid

-- name: roots
SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0

-- name: put_row
-- With the names of a table and its columns, and a mark for each.
INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})

-- name: rows_of_table
SELECT {columns} FROM {table}

-- name: recount_tiers
UPDATE tier_totals SET
    turn_count = (SELECT count(*) FROM turns WHERE tier = tier_totals.tier),
    byte_count = :bytes, active_byte_count = :active_bytes,
    entered_count = max(
        :entered, (SELECT count(*) FROM turns WHERE tier = tier_totals.tier)
    )
WHERE tier = :tier

-- name: drop_days
DELETE FROM days

-- name: recount_days
INSERT INTO days (day, turn_count)
SELECT day, count(*) FROM turns WHERE forgotten_at IS NULL GROUP BY day

-- name: raise_sequence
UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name

-- name: begin_sequence
INSERT INTO sqlite_sequence (name, seq)
SELECT :name, :seq WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)

-- name: forgotten_turns
SELECT id, link, forgotten_at FROM turns WHERE forgotten_at IS NOT NULL

-- name: closed_turns
SELECT turn_id FROM closed_turns
