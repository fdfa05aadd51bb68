-- Identity: rules, their counters (series), the blocks handed out, and what happened to the serials in them.
-- Why: a serial is rule + ordinal, a block is a range of ordinals, and so is everything that happens to units; a
-- million serials reserved and printed are a handful of rows. The triggers are the last line of defence: whatever a
-- defect above them does, no ordinal is in two blocks and no record of the past is edited or removed.
-- `event.id`, `block.id` and `audit.seq` are one number: the place of the act in the audit chain.

CREATE TABLE rule_version (
    id          INTEGER PRIMARY KEY NOT NULL,
    code        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    definition  TEXT NOT NULL,
    digest      TEXT NOT NULL,
    epoch       INTEGER NOT NULL DEFAULT 0,
    issued      INTEGER NOT NULL DEFAULT 0,
    effective_on TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    UNIQUE (code, version)
) STRICT;
CREATE TRIGGER rule_version_is_immutable_once_issued BEFORE UPDATE ON rule_version
WHEN OLD.issued = 1 AND (NEW.issued = 0 OR NEW.definition <> OLD.definition OR NEW.digest <> OLD.digest
     OR NEW.code <> OLD.code OR NEW.version <> OLD.version OR NEW.epoch < OLD.epoch)
BEGIN SELECT RAISE(ABORT, 'rule_version has issued serials and cannot change'); END;

CREATE TABLE series (
    id              INTEGER PRIMARY KEY NOT NULL,
    series_key      TEXT NOT NULL UNIQUE,
    rule_version_id INTEGER NOT NULL REFERENCES rule_version (id),
    context         TEXT NOT NULL,
    next_ordinal    INTEGER NOT NULL CHECK (next_ordinal >= 0),
    capacity        INTEGER NOT NULL,
    UNIQUE (rule_version_id, context)
) STRICT;
CREATE TRIGGER series_never_goes_back BEFORE UPDATE ON series
WHEN NEW.series_key <> OLD.series_key OR NEW.rule_version_id <> OLD.rule_version_id OR NEW.context <> OLD.context
     OR NEW.next_ordinal < (SELECT COALESCE(MAX(last_ordinal) + 1, 0) FROM
         (SELECT last_ordinal FROM block WHERE series_id = OLD.id ORDER BY first_ordinal DESC LIMIT 1))
BEGIN SELECT RAISE(ABORT, 'series would go back below an issued block'); END;

-- High-water marks brought in by a recovery for series that this database does not know (yet).
CREATE TABLE series_floor (
    series_key   TEXT PRIMARY KEY NOT NULL,
    next_ordinal INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id          INTEGER PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL,
    happened_us INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    station     TEXT,
    block_id    INTEGER,
    batch_id    INTEGER REFERENCES batch (id),
    reason      TEXT,
    idempotency_key TEXT,
    fingerprint TEXT,
    answer      TEXT,
    UNIQUE (station, idempotency_key)
) STRICT;
CREATE INDEX event_by_block ON event (block_id, id) WHERE block_id IS NOT NULL;
CREATE TRIGGER event_is_never_edited BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

-- One row per 4,096-aligned piece of a range, so that "runs containing x" is one short index scan.
CREATE TABLE run (
    series_id     INTEGER NOT NULL REFERENCES series (id),
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    event_id      INTEGER NOT NULL REFERENCES event (id),
    PRIMARY KEY (series_id, first_ordinal, event_id),
    CHECK (first_ordinal >= 0 AND last_ordinal >= first_ordinal AND first_ordinal / 4096 = last_ordinal / 4096)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_by_event ON run (event_id);
CREATE TRIGGER run_is_never_edited BEFORE UPDATE ON run
BEGIN SELECT RAISE(ABORT, 'run is append-only'); END;
CREATE TRIGGER run_is_never_removed BEFORE DELETE ON run
BEGIN SELECT RAISE(ABORT, 'run is append-only'); END;

CREATE TABLE block (
    id              INTEGER PRIMARY KEY NOT NULL REFERENCES event (id),
    code            TEXT NOT NULL UNIQUE,
    series_id       INTEGER NOT NULL REFERENCES series (id),
    first_ordinal   INTEGER NOT NULL,
    last_ordinal    INTEGER NOT NULL,
    sku_id          INTEGER NOT NULL REFERENCES sku (id),
    sku_revision_id INTEGER REFERENCES sku_revision (id),
    batch_id        INTEGER NOT NULL REFERENCES batch (id),
    station         TEXT NOT NULL,
    order_ref       TEXT,
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    answer          TEXT NOT NULL,
    created_us      INTEGER NOT NULL,
    printed         INTEGER NOT NULL DEFAULT 0,
    applied         INTEGER NOT NULL DEFAULT 0,
    returned        INTEGER NOT NULL DEFAULT 0,
    voided          INTEGER NOT NULL DEFAULT 0,
    unaccounted     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (series_id, first_ordinal),
    UNIQUE (idempotency_key, station),
    CHECK (first_ordinal >= 0 AND last_ordinal >= first_ordinal),
    CHECK (printed >= 0 AND applied >= 0 AND returned >= 0 AND voided >= 0 AND unaccounted >= 0
           AND printed + applied + returned + voided + unaccounted <= last_ordinal - first_ordinal + 1)
) STRICT;
CREATE INDEX block_by_batch ON block (batch_id, id);
CREATE INDEX block_by_sku ON block (sku_id, id);
CREATE TRIGGER block_never_overlaps BEFORE INSERT ON block
WHEN (SELECT last_ordinal FROM block WHERE series_id = NEW.series_id AND first_ordinal <= NEW.last_ordinal
      ORDER BY first_ordinal DESC LIMIT 1) >= NEW.first_ordinal
BEGIN SELECT RAISE(ABORT, 'block overlaps serials that were already issued'); END;
CREATE TRIGGER block_identity_is_never_edited BEFORE UPDATE OF id, code, series_id, first_ordinal, last_ordinal, sku_id,
    sku_revision_id, batch_id, station, order_ref, idempotency_key, fingerprint, answer, created_us ON block
BEGIN SELECT RAISE(ABORT, 'block is append-only'); END;
CREATE TRIGGER block_is_never_removed BEFORE DELETE ON block
BEGIN SELECT RAISE(ABORT, 'block is append-only'); END;

-- Projection of event + run (can be rebuilt): the fate of each serial that is no longer just reserved, as ranges.
CREATE TABLE fate (
    series_id     INTEGER NOT NULL REFERENCES series (id),
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    fate          TEXT NOT NULL,
    block_id      INTEGER NOT NULL REFERENCES block (id),
    PRIMARY KEY (series_id, first_ordinal)
) STRICT, WITHOUT ROWID;

-- How many serials a station holds of a SKU that are neither applied, returned, void nor declared unaccounted.
CREATE TABLE station_sku (
    station TEXT NOT NULL,
    sku_id  INTEGER NOT NULL REFERENCES sku (id),
    held    INTEGER NOT NULL DEFAULT 0,
    quota   INTEGER,
    PRIMARY KEY (station, sku_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY NOT NULL,
    recorded_us INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    hash        BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_never_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Why allocation is stopped until somebody runs `nameplate recover`; NULL while it is not.
    stopped TEXT
) STRICT;
