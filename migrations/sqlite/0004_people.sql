-- People: who may sign in, who is signed in, one-time links, and mail that has to go out.
-- Why: an approval is worth what its signature is worth, so a person has an account of its own, gives the password again
-- to sign, and every secret that opens something is kept as a hash only. Notices wait here, in the transaction of what they
-- tell of, so that none is lost and none tells of what never happened.

-- `id` is the place of its making in the audit chain. Without a password the person has not yet used the invitation.
CREATE TABLE app_user (
    id              INTEGER PRIMARY KEY NOT NULL,
    email           TEXT NOT NULL,
    email_key       TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    password_hash   TEXT,
    roles           TEXT NOT NULL,
    brand_id        INTEGER REFERENCES brand (id),
    station         TEXT,
    language        TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    -- The secret of one-time codes is computed from the key file and this; none: the person signs in without.
    totp_salt       TEXT,
    totp_confirmed  INTEGER NOT NULL DEFAULT 0 CHECK (totp_confirmed IN (0, 1)),
    -- The last step whose code was used: a code opens once.
    totp_step       INTEGER NOT NULL DEFAULT 0,
    created_us      INTEGER NOT NULL,
    edit_version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX app_user_by_brand ON app_user (brand_id, id);
CREATE TRIGGER app_user_is_never_removed BEFORE DELETE ON app_user
BEGIN SELECT RAISE(ABORT, 'app_user is never removed: disable it'); END;

-- `secret_hash` is the SHA-256 of what the browser holds. `signed_us` is when the password was last given.
CREATE TABLE user_session (
    secret_hash BLOB PRIMARY KEY NOT NULL,
    user_id     INTEGER NOT NULL REFERENCES app_user (id),
    device      TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    seen_us     INTEGER NOT NULL,
    signed_us   INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL
) STRICT;
CREATE INDEX user_session_by_user ON user_session (user_id);
CREATE INDEX user_session_expiring ON user_session (expires_us);

-- A link that opens once: an invitation, or the way to a new password.
CREATE TABLE user_link (
    secret_hash BLOB PRIMARY KEY NOT NULL,
    user_id     INTEGER NOT NULL REFERENCES app_user (id),
    purpose     TEXT NOT NULL CHECK (purpose IN ('invitation', 'password')),
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER NOT NULL,
    used_us     INTEGER,
    revoked_us  INTEGER
) STRICT;
CREATE INDEX user_link_by_user ON user_link (user_id, created_us);

-- Mail that holds no secret: what it points to needs signing in.
CREATE TABLE notice (
    id         INTEGER PRIMARY KEY NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES app_user (id),
    message    TEXT NOT NULL,
    arguments  TEXT NOT NULL,
    path       TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    due_us     INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    sent_us    INTEGER,
    failure    TEXT
) STRICT;
CREATE INDEX notice_due ON notice (due_us) WHERE sent_us IS NULL;
CREATE INDEX notice_by_user ON notice (user_id, id);
