-- Statements about the full-text index as a whole, by name: while it is made anew there is a row in
-- index_rebuilds, and a second index beside it where the first one can still be asked.

-- name: index_rebuild
SELECT next_turn_id, last_turn_id, is_beside FROM index_rebuilds

-- name: set_index_rebuild
INSERT OR REPLACE INTO index_rebuilds (id, next_turn_id, last_turn_id, is_beside)
VALUES (1, :next, :last, :is_beside)

-- name: end_index_rebuild
DELETE FROM index_rebuilds

-- name: index_message
INSERT OR REPLACE INTO message_index (rowid, text) VALUES (:id, index_text(:text))

-- name: index_message_beside
INSERT OR REPLACE INTO message_index_next (rowid, text) VALUES (:id, index_text(:text))

-- name: unindex_message
DELETE FROM message_index WHERE rowid = ?

-- name: unindex_message_beside
DELETE FROM message_index_next WHERE rowid = ?

-- name: merge_index
INSERT INTO message_index (message_index, rank) VALUES ('merge', :pages)

-- name: merge_index_beside
INSERT INTO message_index_next (message_index_next, rank) VALUES ('merge', :pages)

-- name: hide_index
-- The entry alone: its tables are plain ones from then on. Only where the schema may be written.
DELETE FROM sqlite_schema WHERE name = :name AND sql LIKE 'CREATE VIRTUAL TABLE%'

-- name: orphan_table
DELETE FROM sqlite_schema WHERE tbl_name = :name

-- name: note_rewriting
INSERT OR IGNORE INTO rewritings_due (id) VALUES (1)

-- name: table_names
SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE :pattern ORDER BY name

-- name: index_blocks
-- A part of the index, read whole: its last id, and whether pages of it became zeros, which their
-- checksums do not tell. Tombstones (from 2^53 on) and pages that skip others (bit 36) have such.
SELECT
    max(id),
    total(id < 9007199254740992 AND (id >> 36) & 1 = 0 AND instr(block, zeroblob(512)) > 0)
FROM (SELECT id, block FROM message_index_data WHERE id > :after ORDER BY id LIMIT :limit)

-- name: index_terms
SELECT segid, term, pgno FROM message_index_idx
WHERE (segid, term) > (:segment, :term) ORDER BY segid, term LIMIT :limit

-- name: indexed_messages
SELECT id FROM message_index_docsize WHERE id BETWEEN :first AND :last

-- name: last_indexed_message
SELECT max(id) FROM message_index_docsize

-- name: turns_to_be_indexed
-- Turns from one id up to another that were not forgotten.
SELECT id FROM turns WHERE id BETWEEN :first AND :last AND forgotten_at IS NULL

-- name: any_indexed_message
-- Of the whole index nothing is read but how it is put together.
SELECT rowid FROM message_index WHERE message_index MATCH '"vega"' LIMIT 1

-- name: greatest_turn_id
-- Also where pages of turns cannot be read.
SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'turns'), 0)
