-- The first shape of the shared file. Moments are milliseconds since 1970-01-01 UTC.

CREATE TABLE accounts (
    id              TEXT PRIMARY KEY,
    profile         TEXT NOT NULL,
    provider        TEXT NOT NULL,
    issuer          TEXT NOT NULL,
    subject         TEXT NOT NULL,
    username        TEXT NOT NULL,
    display_name    TEXT,
    tenant          TEXT,
    direct          INTEGER NOT NULL DEFAULT 0,
    signed_in_at    INTEGER NOT NULL,
    last_refresh_at INTEGER,
    error_code      TEXT,
    error_message   TEXT
) STRICT;

CREATE TABLE tenants (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id      TEXT NOT NULL,
    name    TEXT,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- `sealed` is opened with the second key, and only for this account, issuer, token endpoint and
-- client (see SCHEMA.md).
CREATE TABLE grants (
    account        TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    issuer         TEXT NOT NULL,
    token_endpoint TEXT NOT NULL,
    client_id      TEXT NOT NULL,
    sealed         BLOB NOT NULL,
    expires_at     INTEGER,
    dead           INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE tokens (
    account      TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tenant       TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    audience     TEXT NOT NULL,
    access_token TEXT NOT NULL,
    id_token     TEXT,
    id_expires_at INTEGER,
    scopes       TEXT NOT NULL,
    obtained_at  INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (account, tenant, client_id, audience)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    id         INTEGER PRIMARY KEY,
    caller     TEXT NOT NULL,
    account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    audience   TEXT NOT NULL,
    allowed    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (caller, account, audience)
) STRICT;

CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    action   TEXT NOT NULL,
    caller   TEXT NOT NULL,
    folder   TEXT,
    profile  TEXT NOT NULL,
    account  TEXT,
    audience TEXT,
    code     TEXT
) STRICT;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
