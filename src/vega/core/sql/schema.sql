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

-- One prompt of the owner. Its answers stand in answers.
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
    hash BLOB NOT NULL                     -- over the link before and this row's content
) STRICT;

CREATE INDEX turns_chronology ON turns (at, id);

-- A key names one turn, however often it is sent.
CREATE UNIQUE INDEX turns_one_per_key ON turns (idempotency_key)
WHERE idempotency_key IS NOT NULL;

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
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    held_from INTEGER NOT NULL,
    held_until INTEGER,                    -- NULL while it holds
    zone TEXT NOT NULL
) STRICT;

-- Of each attribute one value holds; the older ones stay as history.
CREATE UNIQUE INDEX facts_one_current ON facts (attribute) WHERE held_until IS NULL;

CREATE INDEX facts_history ON facts (attribute, held_from);

-- Where the context's recent window begins and what stands before it, as last sent.
CREATE TABLE context_window (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    preamble TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    first_id INTEGER NOT NULL
) STRICT;

-- Who may speak to this Vega: SHA-256 of each key.
CREATE TABLE keys (
    hash BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A paired browser is known by the SHA-256 of its token.
CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A code pairs one browser, until it expires. SHA-256 of each.
CREATE TABLE pairing_codes (
    hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_at INTEGER                        -- NULL while it is good
) STRICT, WITHOUT ROWID;

-- How much lives in each tier, kept by the triggers below so that nobody ever counts a life.
CREATE TABLE tier_totals (
    tier TEXT PRIMARY KEY CHECK (tier IN ('full', 'compressed', 'archived')),
    turn_count INTEGER NOT NULL DEFAULT 0,
    byte_count INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO tier_totals (tier) VALUES ('full'), ('compressed'), ('archived');

CREATE TRIGGER turns_are_counted AFTER INSERT ON turns
BEGIN
    UPDATE tier_totals
    SET turn_count = turn_count + 1, byte_count = byte_count + octet_length(NEW.prompt)
    WHERE tier = NEW.tier;
END;

CREATE TRIGGER answers_are_counted AFTER UPDATE OF link ON answers
WHEN OLD.link IS NULL AND NEW.link IS NOT NULL
BEGIN
    UPDATE tier_totals
    SET byte_count = byte_count + octet_length(NEW.text)
    WHERE tier = (SELECT tier FROM turns WHERE id = NEW.turn_id);
END;

CREATE TABLE schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
