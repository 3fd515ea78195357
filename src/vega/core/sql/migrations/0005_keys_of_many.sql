-- Keys that are listed, named and revoked; of which kind a paired device is, and when it was seen.

ALTER TABLE keys RENAME TO earlier_keys;

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

INSERT INTO keys (hash, name, created_at)
SELECT hash, name, created_at FROM earlier_keys ORDER BY created_at, hash;

DROP TABLE earlier_keys;

-- Of a life without keys SQLite has begun a count.
DELETE FROM sqlite_sequence WHERE name = 'keys' AND seq = 0;

ALTER TABLE devices ADD COLUMN kind TEXT;  -- computer, phone, tablet; NULL: not known

-- In days since 1970 by the owner's calendar; NULL: not since it was paired.
ALTER TABLE devices ADD COLUMN last_seen_day INTEGER;
