-- Browsers that are paired, and the one-time codes that pair them.

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
