-- Keys, paired devices, and the one-time codes that pair them.

-- name: keys
SELECT id, hash, name, created_at, last_used_day, revoked_at FROM keys ORDER BY id

-- name: key_name_is_taken
SELECT EXISTS (SELECT 1 FROM keys WHERE name = :name AND revoked_at IS NULL AND id <> :id)

-- name: drop_other_keys
DELETE FROM keys WHERE name = :name AND hash <> :hash AND revoked_at IS NULL

-- name: add_key
-- Once: the same statement may run twice, and the key file is read at each start.
INSERT INTO keys (hash, name, created_at) VALUES (:hash, :name, :created_at)
ON CONFLICT (hash) DO UPDATE SET name = name
RETURNING id

-- name: rename_key
UPDATE keys SET name = :name WHERE id = :id AND revoked_at IS NULL

-- name: other_keys
SELECT count(*) FROM keys WHERE id <> ? AND revoked_at IS NULL

-- name: revoke_key
UPDATE keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING hash

-- name: use_key
UPDATE keys SET last_used_day = :day WHERE id = :id

-- name: add_pairing_code
INSERT INTO pairing_codes (hash, expires_at) VALUES (:hash, :expires_at)

-- name: drop_old_pairing_codes
DELETE FROM pairing_codes WHERE expires_at < ?

-- name: pairing_code
SELECT expires_at, used_at IS NOT NULL FROM pairing_codes WHERE hash = ?

-- name: good_pairing_codes
SELECT hash, expires_at FROM pairing_codes WHERE used_at IS NULL AND expires_at > ?

-- name: use_pairing_code
-- Of several that bring the same code, this lets one through.
UPDATE pairing_codes SET used_at = :now WHERE hash = :hash AND used_at IS NULL

-- name: add_device
INSERT INTO devices (hash, name, created_at, kind) VALUES (:hash, :name, :created_at, :kind)
RETURNING id

-- name: devices
SELECT hash, id, name, created_at, kind, last_seen_day FROM devices ORDER BY id

-- name: rename_device
UPDATE devices SET name = :name WHERE id = :id

-- name: see_device
UPDATE devices SET last_seen_day = :day WHERE id = :id

-- name: drop_device
DELETE FROM devices WHERE id = ? RETURNING hash
