-- Today's schema. A test proves that all migrations, one after the other, build exactly this.
-- Times (*_at, at) are microseconds since 1970 in UTC.

-- The one conversation. Rows that are not permanent mean nothing to Vega.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    is_permanent INTEGER NOT NULL DEFAULT 0 CHECK (is_permanent IN (0, 1)),
    created_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- There is never a second permanent session.
CREATE UNIQUE INDEX sessions_one_permanent ON sessions (is_permanent) WHERE is_permanent = 1;

-- The permanent session stays, for ever, under its name.
CREATE TRIGGER sessions_permanent_is_kept BEFORE DELETE ON sessions
WHEN OLD.is_permanent = 1
BEGIN
    SELECT RAISE(ABORT, 'the permanent session is kept for ever');
END;

CREATE TRIGGER sessions_permanent_is_unchanged BEFORE UPDATE ON sessions
WHEN OLD.is_permanent = 1
BEGIN
    SELECT RAISE(ABORT, 'the permanent session is kept for ever');
END;

-- REPLACE deletes what is in its way without firing the delete trigger.
CREATE TRIGGER sessions_permanent_is_not_replaced BEFORE INSERT ON sessions
WHEN EXISTS (
    SELECT 1 FROM sessions WHERE is_permanent = 1 AND (NEW.is_permanent = 1 OR id = NEW.id)
)
BEGIN
    SELECT RAISE(ABORT, 'the permanent session is kept for ever');
END;

CREATE TRIGGER sessions_permanent_is_not_displaced BEFORE UPDATE ON sessions
WHEN EXISTS (
    SELECT 1 FROM sessions WHERE is_permanent = 1 AND (NEW.is_permanent = 1 OR id = NEW.id)
)
BEGIN
    SELECT RAISE(ABORT, 'the permanent session is kept for ever');
END;

-- One prompt of the owner. Its answers stand in answers, of a compressed turn in its block. An
-- archived turn is here with what orders and finds it; its text and its origin are empty.
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival, never used twice
    link INTEGER NOT NULL UNIQUE,          -- place in the hash chain, one count with answers.link
    at INTEGER NOT NULL,                   -- when the owner said it; with id the chronology
    zone TEXT NOT NULL,                    -- the owner's IANA zone at that moment
    origin TEXT NOT NULL,                  -- the channel: page, terminal, api, ...
    device TEXT,
    idempotency_key TEXT,
    prompt TEXT NOT NULL,
    tier TEXT NOT NULL DEFAULT 'full' CHECK (tier IN ('full', 'compressed', 'archived')),
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'answering', 'completed', 'stopped', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,       -- attempts that the model failed
    interruptions INTEGER NOT NULL DEFAULT 0,  -- deaths of the process in a row, without progress
    salt BLOB,                             -- random; forgetting erases it
    hash BLOB NOT NULL,                    -- over the link before and this row's content
    day INTEGER NOT NULL DEFAULT 0,        -- the owner's day: days since 1970 by their calendar
    block_id INTEGER,                      -- the block that holds the original; NULL: this row does
    summary TEXT,                          -- the answer in short, of a compressed turn
    summary_model TEXT,                    -- NULL: by no model
    forgotten_at INTEGER                   -- when the owner had it forgotten: its text is gone
) STRICT;

CREATE INDEX turns_chronology ON turns (at, id);

-- What cleanups have to look through; it does not grow with the life.
CREATE INDEX turns_by_tier ON turns (tier, at, id) WHERE tier <> 'archived';

-- A key names one turn, however often it is sent.
CREATE UNIQUE INDEX turns_one_per_key ON turns (idempotency_key)
WHERE idempotency_key IS NOT NULL;

CREATE INDEX turns_forgotten ON turns (forgotten_at) WHERE forgotten_at IS NOT NULL;

CREATE INDEX turns_waiting ON turns (id) WHERE status IN ('pending', 'answering');

-- The answers to a turn: the first, and those it got when it was asked again.
CREATE TABLE answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL REFERENCES turns (id),
    number INTEGER NOT NULL,               -- 1 is the first
    link INTEGER UNIQUE,                   -- place in the hash chain; NULL while it is written
    status TEXT NOT NULL DEFAULT 'writing'
        CHECK (status IN ('writing', 'completed', 'stopped', 'failed')),
    reason TEXT,                           -- why it failed
    generation INTEGER NOT NULL DEFAULT 1, -- how often its text began anew or was picked up
    text TEXT NOT NULL DEFAULT '',
    model TEXT,                            -- NULL: from the store, by no model
    place TEXT,                            -- where the prompt was sent; NULL: nowhere
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    salt BLOB,
    hash BLOB,
    UNIQUE (turn_id, number)
) STRICT;

-- A turn has at most one answer that is being written.
CREATE UNIQUE INDEX answers_one_writing ON answers (turn_id) WHERE status = 'writing';

-- The turns that an answer rests on. No foreign key: a source outlives its move to the archive.
CREATE TABLE sources (
    answer_id INTEGER NOT NULL REFERENCES answers (id),
    turn_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (answer_id, turn_id)
) STRICT, WITHOUT ROWID;

-- Statements about the owner, with the turn they came from and the time they held.
CREATE TABLE facts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    attribute TEXT NOT NULL,
    slot TEXT NOT NULL,                    -- what one value at a time fills: the attribute, or it
                                           -- with the value where there are many ("like: tea")
    value TEXT NOT NULL,
    held_from INTEGER NOT NULL,
    held_until INTEGER,                    -- NULL while it holds
    ending TEXT CHECK (ending IN ('superseded', 'taken back', 'corrected')),
    zone TEXT NOT NULL,
    is_pinned INTEGER NOT NULL DEFAULT 0 CHECK (is_pinned IN (0, 1)),
    is_private INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
    model TEXT,                            -- what drew it; NULL: rules, or the owner's own hand
    said_again_at INTEGER,                 -- when it was last said again while it held
    said_again_in INTEGER                  -- the turn of that
) STRICT;

-- Of each slot one value holds; the older ones stay as history.
CREATE UNIQUE INDEX facts_one_current ON facts (slot) WHERE held_until IS NULL;

CREATE INDEX facts_history ON facts (slot, held_from);

CREATE INDEX facts_by_attribute ON facts (attribute);

CREATE INDEX facts_of_turn ON facts (turn_id);

CREATE INDEX facts_said_again ON facts (said_again_in) WHERE said_again_in IS NOT NULL;

CREATE INDEX facts_private ON facts (id) WHERE is_private = 1;

CREATE INDEX sources_by_turn ON sources (turn_id);

-- Turns that said again what was told already, so that what is forgotten or hidden is so in all of
-- them: in facts stands the last one alone.
CREATE TABLE sayings (
    slot TEXT NOT NULL,
    at INTEGER NOT NULL,
    turn_id INTEGER NOT NULL,
    PRIMARY KEY (slot, at, turn_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sayings_of_turn ON sayings (turn_id);

-- Turns that no fact is drawn from any more: the owner has forgotten one of theirs.
CREATE TABLE closed_turns (
    turn_id INTEGER PRIMARY KEY
) STRICT;

-- Turns that wait for facts to be drawn from them in the background.
CREATE TABLE unread_turns (
    turn_id INTEGER PRIMARY KEY,
    is_for_model INTEGER NOT NULL CHECK (is_for_model IN (0, 1)) -- rules have read it; else not yet
) STRICT;

-- Where the drawing of facts from the whole life, the newest turns first, has come to.
CREATE TABLE fact_redraw (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_turn_id INTEGER NOT NULL          -- 0: it is over
) STRICT;

-- Where the context's recent window begins and what stands before it, as last sent.
CREATE TABLE context_window (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    preamble TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    first_id INTEGER NOT NULL
) STRICT;

-- System messages that models were sent: the instructions, with facts and digests.
CREATE TABLE preambles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL
) STRICT;

-- What a model saw for an answer, as references; the text is put together again from the life.
CREATE TABLE contexts (
    turn_id INTEGER NOT NULL,
    number INTEGER NOT NULL,               -- which of the turn's answers
    at INTEGER NOT NULL,                   -- when the answer had ended
    model TEXT NOT NULL,
    place TEXT NOT NULL,                   -- where it was sent
    preamble_id INTEGER NOT NULL,          -- gone when something in it was forgotten
    link INTEGER NOT NULL,                 -- how far the life had come
    first_at INTEGER NOT NULL,             -- where the recent turns begin
    first_id INTEGER NOT NULL,
    left_out TEXT NOT NULL,                -- turns between that were not sent, as JSON: [id, …]
    shows_stored INTEGER NOT NULL          -- whether turns that the store answered were sent
        CHECK (shows_stored IN (0, 1)),
    message_chars INTEGER NOT NULL,        -- a longer past message was sent without its middle
    prompt_chars INTEGER NOT NULL,         -- so was a longer prompt
    part_start INTEGER,                    -- the answer's part that was to be continued; NULL: none
    part_end INTEGER,
    findings TEXT NOT NULL,                -- as JSON: [[turn id, role, [[start, end], …]], …]
    PRIMARY KEY (turn_id, number)
) STRICT, WITHOUT ROWID;

-- Who may speak to this Vega: SHA-256 of each key. One that was revoked is kept, so that it stays
-- void wherever it turns up again.
CREATE TABLE keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_day INTEGER,                 -- in days since 1970 by the owner's calendar; NULL: never
    revoked_at INTEGER                     -- NULL while it is good
) STRICT;

-- A paired browser is known by the SHA-256 of its token.
CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    kind TEXT,                             -- computer, phone, tablet; NULL: not known
    last_seen_day INTEGER                  -- in days since 1970 by the owner's calendar; NULL: not
                                           -- since it was paired
) STRICT;

-- A code pairs one browser, until it expires. SHA-256 of each.
CREATE TABLE pairing_codes (
    hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_at INTEGER                        -- NULL while it is good
) STRICT, WITHOUT ROWID;

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

INSERT INTO chain_head (id, link, hash) VALUES (1, 0, x'');

-- How much was said on each of the owner's days.
CREATE TABLE days (
    day INTEGER PRIMARY KEY,               -- days since 1970 by the owner's calendar
    turn_count INTEGER NOT NULL
) STRICT;

-- The short form of a span of time.
CREATE TABLE digests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('day', 'week', 'month', 'year')),
    first_day INTEGER NOT NULL,            -- the span's first day
    first_turn_id INTEGER NOT NULL,
    last_turn_id INTEGER NOT NULL,
    turn_count INTEGER NOT NULL,           -- the span's turns when it was written; below 0: they
                                           -- were so many, and it is to be written anew
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

-- While the full-text index is made anew there is a row: turns from next_turn_id on are in it already.
CREATE TABLE index_rebuilds (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_turn_id INTEGER NOT NULL,
    last_turn_id INTEGER NOT NULL,         -- the newest turn when it began
    is_beside INTEGER NOT NULL             -- the new one stands beside the old one, which is whole
        CHECK (is_beside IN (0, 1))
) STRICT;

-- Messages whose vectors are still to be made, by their rows of the message index.
CREATE TABLE unembedded (
    message_id INTEGER PRIMARY KEY
) STRICT;

-- Turns that are being forgotten: nobody sees them any more, and something of them may still stand
-- in a file. What ends it in the middle is gone on with at the next start.
CREATE TABLE forgettings (
    turn_id INTEGER PRIMARY KEY
) STRICT;

-- There is a row while the file may still hold what was deleted before deleted text was overwritten
-- at once: then the next forgetting has the whole file written anew.
CREATE TABLE rewritings_due (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;

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

-- How much lives in each tier, kept by the triggers below so that nobody ever counts a life.
CREATE TABLE tier_totals (
    tier TEXT PRIMARY KEY CHECK (tier IN ('full', 'compressed', 'archived')),
    turn_count INTEGER NOT NULL DEFAULT 0,
    byte_count INTEGER NOT NULL DEFAULT 0, -- UTF-8 bytes of the text as it was said
    active_byte_count INTEGER NOT NULL DEFAULT 0, -- of that which stands in turns and answers
    entered_count INTEGER NOT NULL DEFAULT 0 -- turns that ever came into it; never falls
) STRICT, WITHOUT ROWID;

INSERT INTO tier_totals (tier) VALUES ('full'), ('compressed'), ('archived');

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

CREATE TRIGGER answers_are_counted AFTER UPDATE OF link ON answers
WHEN OLD.link IS NULL AND NEW.link IS NOT NULL
BEGIN
    UPDATE tier_totals
    SET byte_count = byte_count + octet_length(NEW.text),
        active_byte_count = active_byte_count + octet_length(NEW.text)
    WHERE tier = (SELECT tier FROM turns WHERE id = NEW.turn_id);
END;

CREATE TABLE schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
