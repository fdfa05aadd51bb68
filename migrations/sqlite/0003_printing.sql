-- Printing: what a buyer approved, the printers, their jobs, and the state of every label.
-- Why: two units with one serial cannot be repaired, a recorded gap is harmless. So each label of each job has a state
-- of its own, kept as ranges of ordinals like everything that happens to serials; the key and the trigger of
-- `print_label` make it impossible that two jobs hold the same copy of the same serial.

-- What must hold before a brand's serials are printed again.
CREATE TABLE brand_policy (
    brand_id              INTEGER PRIMARY KEY NOT NULL REFERENCES brand (id),
    reprint_second_person INTEGER NOT NULL DEFAULT 0 CHECK (reprint_second_person IN (0, 1))
) STRICT;

-- `artwork` is the digest of everything that is the same on every label; `inputs` lists what went into it.
CREATE TABLE approval (
    id              INTEGER PRIMARY KEY NOT NULL,
    sku_id          INTEGER NOT NULL REFERENCES sku (id),
    sku_revision_id INTEGER REFERENCES sku_revision (id),
    template        TEXT NOT NULL,
    template_digest TEXT NOT NULL,
    dpi             INTEGER NOT NULL,
    artwork         TEXT NOT NULL,
    inputs          TEXT NOT NULL,
    approver        TEXT NOT NULL,
    note            TEXT NOT NULL,
    actor           TEXT NOT NULL,
    created_us      INTEGER NOT NULL,
    withdrawn_us    INTEGER,
    withdrawn_why   TEXT
) STRICT;
CREATE INDEX approval_by_sku ON approval (sku_id, id);
CREATE TRIGGER approval_is_never_edited BEFORE UPDATE ON approval
WHEN OLD.withdrawn_us IS NOT NULL OR NEW.id <> OLD.id OR NEW.sku_id <> OLD.sku_id OR NEW.artwork <> OLD.artwork
     OR NEW.inputs <> OLD.inputs OR NEW.template_digest <> OLD.template_digest OR NEW.dpi <> OLD.dpi
     OR NEW.approver <> OLD.approver OR NEW.created_us <> OLD.created_us
BEGIN SELECT RAISE(ABORT, 'approval can be withdrawn once and is never edited otherwise'); END;
CREATE TRIGGER approval_is_never_removed BEFORE DELETE ON approval
BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END;

CREATE TABLE printer (
    id              INTEGER PRIMARY KEY NOT NULL,
    code            TEXT NOT NULL,
    code_key        TEXT NOT NULL UNIQUE,
    site            TEXT NOT NULL,
    line            TEXT NOT NULL,
    driver          TEXT NOT NULL CHECK (driver IN ('raw', 'ipp', 'cloudprnt', 'folder')),
    format          TEXT NOT NULL CHECK (format IN ('zpl-native', 'zpl-graphic', 'pdf', 'png')),
    dpi             INTEGER NOT NULL,
    media_width_um  INTEGER NOT NULL CHECK (media_width_um > 0),
    media_height_um INTEGER NOT NULL CHECK (media_height_um > 0),
    offset_x_um     INTEGER NOT NULL,
    offset_y_um     INTEGER NOT NULL,
    darkness        INTEGER NOT NULL,
    speed_in_per_s  INTEGER NOT NULL,
    mac             TEXT UNIQUE,
    state           TEXT NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'paused', 'retired')),
    created_us      INTEGER NOT NULL,
    edit_version    INTEGER NOT NULL DEFAULT 1,
    -- How many leases it had, and how many labels came out or may have.
    attempts        INTEGER NOT NULL DEFAULT 0,
    confirmed       INTEGER NOT NULL DEFAULT 0,
    unconfirmed     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Written every few seconds at most, so apart from what is written for every label.
CREATE TABLE printer_status (
    printer_id INTEGER PRIMARY KEY NOT NULL REFERENCES printer (id),
    seen_us    INTEGER NOT NULL,
    status     TEXT NOT NULL
) STRICT;

-- `inputs` holds everything that the labels were made of, so that each can be drawn and its digest computed again.
CREATE TABLE print_job (
    id              INTEGER PRIMARY KEY NOT NULL,
    code            TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('live', 'reprint', 'reissue', 'test')),
    printer_id      INTEGER NOT NULL REFERENCES printer (id),
    -- The series of its serials; of a test job, which has none, the negative of its own id.
    lane            INTEGER NOT NULL,
    copy            INTEGER NOT NULL CHECK (copy >= 1),
    block_id        INTEGER REFERENCES block (id),
    sku_id          INTEGER NOT NULL REFERENCES sku (id),
    approval_id     INTEGER REFERENCES approval (id),
    template        TEXT NOT NULL,
    template_digest TEXT NOT NULL,
    dpi             INTEGER NOT NULL,
    artwork         TEXT NOT NULL,
    inputs          TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('ready', 'held', 'stopped', 'canceled')),
    held_for        TEXT,
    expires_us      INTEGER,
    turn_us         INTEGER NOT NULL,
    -- Leases in a row that brought nothing out.
    failures        INTEGER NOT NULL DEFAULT 0,
    labels          INTEGER NOT NULL CHECK (labels >= 1),
    queued          INTEGER NOT NULL,
    leased          INTEGER NOT NULL DEFAULT 0,
    handed_over     INTEGER NOT NULL DEFAULT 0,
    confirmed       INTEGER NOT NULL DEFAULT 0,
    unconfirmed     INTEGER NOT NULL DEFAULT 0,
    scrapped        INTEGER NOT NULL DEFAULT 0,
    canceled        INTEGER NOT NULL DEFAULT 0,
    actor           TEXT NOT NULL,
    reason          TEXT,
    attestation     TEXT,
    second_person   TEXT,
    key_scope       TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    created_us      INTEGER NOT NULL,
    UNIQUE (key_scope, idempotency_key),
    CHECK (queued >= 0 AND leased >= 0 AND handed_over >= 0 AND confirmed >= 0 AND unconfirmed >= 0 AND scrapped >= 0
           AND canceled >= 0
           AND queued + leased + handed_over + confirmed + unconfirmed + scrapped + canceled = labels)
) STRICT;
CREATE INDEX print_job_waiting ON print_job (printer_id, priority DESC, turn_us, id) WHERE state = 'ready' AND queued > 0;
CREATE INDEX print_job_by_block ON print_job (block_id, id);
CREATE INDEX print_job_by_printer ON print_job (printer_id, id);
CREATE INDEX print_job_by_lane ON print_job (lane, copy);
CREATE INDEX print_job_expiring ON print_job (expires_us) WHERE expires_us IS NOT NULL AND queued > 0;
CREATE TRIGGER print_job_is_never_removed BEFORE DELETE ON print_job
BEGIN SELECT RAISE(ABORT, 'print_job is append-only'); END;

-- One lease: the right to print these labels once. Its name is the fencing token.
CREATE TABLE print_attempt (
    id            INTEGER PRIMARY KEY NOT NULL,
    lease         TEXT NOT NULL UNIQUE,
    printer_id    INTEGER NOT NULL REFERENCES printer (id),
    job_id        INTEGER NOT NULL REFERENCES print_job (id),
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    settings      TEXT NOT NULL,
    leased_us     INTEGER NOT NULL,
    expires_us    INTEGER NOT NULL,
    ended_us      INTEGER,
    ended_by      TEXT CHECK (ended_by IN ('settled', 'expired', 'superseded', 'canceled', 'recovered'))
) STRICT;
CREATE INDEX print_attempt_open ON print_attempt (printer_id) WHERE ended_us IS NULL;
CREATE INDEX print_attempt_expiring ON print_attempt (expires_us) WHERE ended_us IS NULL;
CREATE INDEX print_attempt_by_job ON print_attempt (job_id, id);

-- The state of every label that is queued or was: ranges of serials of one job. Labels of a cancelled job that never
-- left the queue have no row. `copy` is 1 for the first print of a serial and counts reprints from there.
CREATE TABLE print_label (
    lane          INTEGER NOT NULL,
    copy          INTEGER NOT NULL,
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    job_id        INTEGER NOT NULL REFERENCES print_job (id),
    state         TEXT NOT NULL
        CHECK (state IN ('queued', 'leased', 'handed_over', 'confirmed', 'unconfirmed', 'scrapped')),
    attempt_id    INTEGER REFERENCES print_attempt (id),
    PRIMARY KEY (lane, copy, first_ordinal),
    CHECK (first_ordinal >= 0 AND last_ordinal >= first_ordinal),
    CHECK ((attempt_id IS NULL) = (state IN ('queued', 'confirmed', 'scrapped')))
) STRICT, WITHOUT ROWID;
CREATE INDEX print_label_by_job ON print_label (job_id, state, first_ordinal);
CREATE TRIGGER print_label_never_overlaps BEFORE INSERT ON print_label
WHEN (SELECT last_ordinal FROM print_label WHERE lane = NEW.lane AND copy = NEW.copy
      AND first_ordinal <= NEW.last_ordinal ORDER BY first_ordinal DESC LIMIT 1) >= NEW.first_ordinal
BEGIN SELECT RAISE(ABORT, 'print_label: another job holds this copy of the serial'); END;

CREATE TRIGGER print_label_never_grows_into_another BEFORE UPDATE OF last_ordinal ON print_label
WHEN NEW.last_ordinal > OLD.last_ordinal AND (SELECT first_ordinal FROM print_label WHERE lane = NEW.lane
      AND copy = NEW.copy AND first_ordinal > NEW.first_ordinal ORDER BY first_ordinal LIMIT 1) <= NEW.last_ordinal
BEGIN SELECT RAISE(ABORT, 'print_label: another job holds this copy of the serial'); END;

-- What final inspection said of a unit, and the names that others gave it: MAC address, serial of a ROM, activation key.
CREATE TABLE inspection (
    event_id  INTEGER PRIMARY KEY NOT NULL REFERENCES event (id),
    series_id INTEGER NOT NULL REFERENCES series (id),
    ordinal   INTEGER NOT NULL,
    result    TEXT NOT NULL CHECK (result IN ('pass', 'fail')),
    marking   TEXT NOT NULL CHECK (marking IN ('printed', 'engraved', 'embedded')),
    note      TEXT NOT NULL
) STRICT;
CREATE INDEX inspection_by_unit ON inspection (series_id, ordinal, event_id);
-- An id that was replaced, since another board went into the unit, stays on record with the event that ended it.
CREATE TABLE secondary_id (
    kind      TEXT NOT NULL,
    value_key TEXT NOT NULL,
    value     TEXT NOT NULL,
    series_id INTEGER NOT NULL REFERENCES series (id),
    ordinal   INTEGER NOT NULL,
    event_id  INTEGER NOT NULL REFERENCES event (id),
    ended_by  INTEGER REFERENCES event (id),
    PRIMARY KEY (kind, value_key, event_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX secondary_id_has_one_unit ON secondary_id (kind, value_key) WHERE ended_by IS NULL;
CREATE UNIQUE INDEX unit_has_one_of_a_kind ON secondary_id (series_id, ordinal, kind) WHERE ended_by IS NULL;
CREATE INDEX secondary_id_by_unit ON secondary_id (series_id, ordinal);
CREATE INDEX secondary_id_by_value ON secondary_id (value_key);
CREATE TRIGGER secondary_id_is_never_edited BEFORE UPDATE ON secondary_id
WHEN OLD.ended_by IS NOT NULL OR NEW.ended_by IS NULL OR NEW.kind <> OLD.kind OR NEW.value_key <> OLD.value_key
     OR NEW.value <> OLD.value OR NEW.series_id <> OLD.series_id OR NEW.ordinal <> OLD.ordinal
     OR NEW.event_id <> OLD.event_id
BEGIN SELECT RAISE(ABORT, 'secondary_id can be ended once and is never edited otherwise'); END;
CREATE TRIGGER secondary_id_is_never_removed BEFORE DELETE ON secondary_id
BEGIN SELECT RAISE(ABORT, 'secondary_id is append-only'); END;
CREATE TRIGGER inspection_is_never_edited BEFORE UPDATE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspection is append-only'); END;
CREATE TRIGGER inspection_is_never_removed BEFORE DELETE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspection is append-only'); END;

-- What stations said that worked without the server, where the records say otherwise: for people to look at.
CREATE TABLE station_conflict (
    id          INTEGER PRIMARY KEY NOT NULL,
    station     TEXT NOT NULL,
    entry       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    said        TEXT NOT NULL,
    recorded_us INTEGER NOT NULL,
    UNIQUE (station, entry)
) STRICT;
CREATE TRIGGER station_conflict_is_never_edited BEFORE UPDATE ON station_conflict
BEGIN SELECT RAISE(ABORT, 'station_conflict is append-only'); END;
CREATE TRIGGER station_conflict_is_never_removed BEFORE DELETE ON station_conflict
BEGIN SELECT RAISE(ABORT, 'station_conflict is append-only'); END;

-- A token of a printer opens that printer's queue and nothing else.
ALTER TABLE api_token ADD COLUMN printer_id INTEGER REFERENCES printer (id);
