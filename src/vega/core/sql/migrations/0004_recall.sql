-- Recall by meaning, facts of many kinds, and forgetting.

DROP INDEX facts_one_current;

DROP INDEX facts_history;

ALTER TABLE facts RENAME TO earlier_facts;

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

INSERT INTO facts (
    id, turn_id, kind, attribute, slot, value, held_from, held_until, ending, zone
)
SELECT
    id, turn_id,
    CASE WHEN attribute LIKE 'favorite %' THEN 'favorite' ELSE 'name' END,
    attribute, attribute, value, held_from, held_until,
    CASE WHEN held_until IS NOT NULL THEN 'superseded' END, zone
FROM earlier_facts ORDER BY id;

DROP TABLE earlier_facts;

-- Of a life without facts SQLite has begun a count.
DELETE FROM sqlite_sequence WHERE name = 'facts' AND seq = 0;

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

-- When the owner had a turn forgotten: its text is gone everywhere, its place in the chain stays.
ALTER TABLE turns ADD COLUMN forgotten_at INTEGER;

CREATE INDEX turns_forgotten ON turns (forgotten_at) WHERE forgotten_at IS NOT NULL;

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

INSERT INTO unembedded (message_id) SELECT id FROM message_index_docsize;

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

INSERT INTO rewritings_due (id) SELECT 1 WHERE EXISTS (SELECT 1 FROM turns);
