-- Three tiers and the archive, digests, imports, the full-text index, and what upkeep has done.

-- local_day and index_text are functions of Vega's own connections (vega.core.life.sqlite).
ALTER TABLE turns ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE turns ADD COLUMN block_id INTEGER;
ALTER TABLE turns ADD COLUMN summary TEXT;
ALTER TABLE turns ADD COLUMN summary_model TEXT;

UPDATE turns SET day = local_day(at, zone);

CREATE INDEX turns_by_tier ON turns (tier, at, id) WHERE tier <> 'archived';

-- Consecutive turns, whole, as one zstd frame. Whatever leaves turns and answers is in here first.
CREATE TABLE archive_blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_count INTEGER NOT NULL,
    text_bytes INTEGER NOT NULL,           -- UTF-8 bytes of the prompts and answers in it
    checksum BLOB NOT NULL,                -- SHA-256 of data
    data BLOB NOT NULL
) STRICT;

-- How much the archive holds, kept by its triggers.
CREATE TABLE archive_totals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    block_count INTEGER NOT NULL DEFAULT 0,
    text_bytes INTEGER NOT NULL DEFAULT 0,
    stored_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO archive_totals (id) VALUES (1);

CREATE TRIGGER blocks_are_counted AFTER INSERT ON archive_blocks
BEGIN
    UPDATE archive_totals
    SET block_count = block_count + 1, text_bytes = text_bytes + NEW.text_bytes,
        stored_bytes = stored_bytes + length(NEW.data);
END;

CREATE TRIGGER dropped_blocks_are_counted AFTER DELETE ON archive_blocks
BEGIN
    UPDATE archive_totals
    SET block_count = block_count - 1, text_bytes = text_bytes - OLD.text_bytes,
        stored_bytes = stored_bytes - length(OLD.data);
END;

CREATE TRIGGER mended_blocks_are_counted AFTER UPDATE OF data ON archive_blocks
BEGIN
    UPDATE archive_totals
    SET text_bytes = text_bytes + NEW.text_bytes - OLD.text_bytes,
        stored_bytes = stored_bytes + length(NEW.data) - length(OLD.data);
END;

-- Which link of the chain an answer is that lives in a block.
CREATE TABLE archived_answers (
    link INTEGER PRIMARY KEY,
    turn_id INTEGER NOT NULL,
    number INTEGER NOT NULL
) STRICT;

-- The newest link of the hash chain, wherever its row lives now.
CREATE TABLE chain_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    link INTEGER NOT NULL,                 -- 0: none yet
    hash BLOB NOT NULL
) STRICT;

INSERT INTO chain_head (id, link, hash)
SELECT 1, link, hash FROM (
    SELECT 0 AS link, x'' AS hash
    UNION ALL SELECT link, hash FROM turns
    UNION ALL SELECT link, hash FROM answers WHERE link IS NOT NULL
) ORDER BY link DESC LIMIT 1;

-- How much was said on each of the owner's days.
CREATE TABLE days (
    day INTEGER PRIMARY KEY,               -- days since 1970 by the owner's calendar
    turn_count INTEGER NOT NULL
) STRICT;

INSERT INTO days (day, turn_count) SELECT day, count(*) FROM turns GROUP BY day;

-- The short form of a span of time.
CREATE TABLE digests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('day', 'week', 'month', 'year')),
    first_day INTEGER NOT NULL,            -- the span's first day
    first_turn_id INTEGER NOT NULL,
    last_turn_id INTEGER NOT NULL,
    turn_count INTEGER NOT NULL,           -- the span's turns when it was written
    text TEXT NOT NULL,
    model TEXT,                            -- NULL: by no model
    written_at INTEGER NOT NULL,
    UNIQUE (kind, first_day)
) STRICT;

-- Messages that came from elsewhere: each is taken once.
CREATE TABLE imports (
    external_id TEXT PRIMARY KEY,
    turn_id INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    name TEXT                              -- who said it, as it came
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX imports_of_turn ON imports (turn_id, role);

-- Every message of every tier: the prompt of turn n is row 2n, its answers are row 2n + 1.
CREATE VIRTUAL TABLE message_index USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);

INSERT INTO message_index (rowid, text)
SELECT 2 * id, index_text(prompt) FROM turns WHERE prompt <> '';

INSERT INTO message_index (rowid, text)
SELECT 2 * turn_id + 1, index_text(group_concat(text, char(10))) FROM answers
WHERE status IN ('completed', 'stopped') AND text <> '' GROUP BY turn_id;

-- What each cleanup did.
CREATE TABLE cleanups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('gentle', 'aggressive', 'backlog', 'nightly')),
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    compressed_count INTEGER NOT NULL,     -- turns
    archived_count INTEGER NOT NULL,
    saved_bytes INTEGER NOT NULL,          -- of the active tables' text
    disk_bytes INTEGER NOT NULL,           -- given back to the file system
    memory_bytes INTEGER NOT NULL          -- given back to the machine
) STRICT;

-- The owner's day, in days since 1970, whose nightly work was last done.
CREATE TABLE nights (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    day INTEGER NOT NULL
) STRICT;

-- How far the present verification of the whole life has come, and how far the last whole one did.
CREATE TABLE verifications (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    run INTEGER NOT NULL,                  -- a number of its own, whatever the clock says
    next_link INTEGER NOT NULL,
    previous_hash BLOB NOT NULL,           -- one, or several that it may be; empty: it is not known
    began_at INTEGER NOT NULL,
    completed_run INTEGER NOT NULL DEFAULT 0,
    completed_at INTEGER,
    completed_link INTEGER,
    completed_hash BLOB,
    completed_turns INTEGER
) STRICT;

-- What is not as it was stored, by the run that saw it last.
CREATE TABLE flaws (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    link INTEGER NOT NULL,
    turn_id INTEGER,                       -- NULL: of no single turn
    text TEXT NOT NULL,                    -- in a sentence
    UNIQUE (link, text)
) STRICT;

-- Bytes of text that stand in the active tables; byte_count is of the text as it was said.
ALTER TABLE tier_totals ADD COLUMN active_byte_count INTEGER NOT NULL DEFAULT 0;

ALTER TABLE tier_totals ADD COLUMN entered_count INTEGER NOT NULL DEFAULT 0;

UPDATE tier_totals SET active_byte_count = byte_count, entered_count = turn_count;

DROP TRIGGER turns_are_counted;

CREATE TRIGGER turns_are_counted AFTER INSERT ON turns
WHEN NEW.tier = 'full'
BEGIN
    UPDATE tier_totals
    SET turn_count = turn_count + 1,
        entered_count = entered_count + 1,
        byte_count = byte_count + octet_length(NEW.prompt),
        active_byte_count = active_byte_count + octet_length(NEW.prompt)
    WHERE tier = NEW.tier;
    INSERT INTO days (day, turn_count) VALUES (NEW.day, 1)
    ON CONFLICT (day) DO UPDATE SET turn_count = turn_count + 1;
END;

DROP TRIGGER answers_are_counted;

CREATE TRIGGER answers_are_counted AFTER UPDATE OF link ON answers
WHEN OLD.link IS NULL AND NEW.link IS NOT NULL
BEGIN
    UPDATE tier_totals
    SET byte_count = byte_count + octet_length(NEW.text),
        active_byte_count = active_byte_count + octet_length(NEW.text)
    WHERE tier = (SELECT tier FROM turns WHERE id = NEW.turn_id);
END;
