-- The audit trail becomes a chain, approvals say whom they are for, choices are remembered.
-- An older program may not use the file: it would append entries without a hash.

ALTER TABLE audit ADD COLUMN executable TEXT;
ALTER TABLE audit ADD COLUMN detail TEXT;
-- SHA-256 over the previous entry's hash and this entry (see SCHEMA.md).
ALTER TABLE audit ADD COLUMN hash BLOB;

-- `caller` is a key that is made of the program; these columns are for people.
ALTER TABLE approvals ADD COLUMN caller_name TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN executable TEXT;
ALTER TABLE approvals ADD COLUMN folder TEXT;
ALTER TABLE approvals ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

-- Which account a program uses through a profile, as the person chose.
CREATE TABLE choices (
    caller  TEXT NOT NULL,
    profile TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tenant  TEXT,
    PRIMARY KEY (caller, profile)
) STRICT, WITHOUT ROWID;

CREATE INDEX choices_of_account ON choices (account);
CREATE INDEX approvals_of_account ON approvals (account);
