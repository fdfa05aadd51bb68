-- Proofs: what a label will look like, who must approve it, what they said of it, and what they signed.
-- Why: a buyer's approval by e-mail cannot be tied to what is printed. Here it names the digest of the artwork and holds the
-- dots of the samples that were looked at, so that years later both sides can see what was approved. Nothing of it is ever
-- edited: a changed artwork is another proof.

-- `artwork` is the digest of everything that is the same on every label, `inputs` lists what went into it; `report` is what
-- preflight and decode gate found. `required` is whom it waits for, as it was when it was requested.
CREATE TABLE proof (
    id              INTEGER PRIMARY KEY NOT NULL,
    code            TEXT NOT NULL UNIQUE,
    sku_id          INTEGER NOT NULL REFERENCES sku (id),
    sku_revision_id INTEGER REFERENCES sku_revision (id),
    template        TEXT NOT NULL,
    template_digest TEXT NOT NULL REFERENCES template_revision (digest),
    dpi             INTEGER NOT NULL,
    width_um        INTEGER NOT NULL CHECK (width_um > 0),
    height_um       INTEGER NOT NULL CHECK (height_um > 0),
    stock           TEXT NOT NULL,
    artwork         TEXT NOT NULL,
    inputs          TEXT NOT NULL,
    report          TEXT NOT NULL,
    -- The proof that it takes the place of, and the last one that was approved.
    replaces_id     INTEGER REFERENCES proof (id),
    previous_id     INTEGER REFERENCES proof (id),
    state           TEXT NOT NULL CHECK (state IN ('draft', 'requested', 'changes_requested', 'approved', 'rejected',
                                                   'superseded', 'withdrawn')),
    required        TEXT NOT NULL DEFAULT '[]',
    note            TEXT NOT NULL,
    actor           TEXT NOT NULL,
    user_id         INTEGER REFERENCES app_user (id),
    created_us      INTEGER NOT NULL,
    requested_us    INTEGER,
    decided_us      INTEGER,
    ended_us        INTEGER,
    ended_why       TEXT,
    edit_version    INTEGER NOT NULL DEFAULT 1,
    key_scope       TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    UNIQUE (key_scope, idempotency_key)
) STRICT;
CREATE INDEX proof_by_sku ON proof (sku_id, id);
CREATE INDEX proof_by_state ON proof (state, id);
CREATE UNIQUE INDEX proof_is_requested_once ON proof (sku_id, COALESCE(sku_revision_id, 0), template, dpi)
    WHERE state = 'requested';
CREATE TRIGGER proof_is_never_edited BEFORE UPDATE ON proof
WHEN NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.sku_id <> OLD.sku_id
     OR NEW.sku_revision_id IS NOT OLD.sku_revision_id OR NEW.template <> OLD.template
     OR NEW.template_digest <> OLD.template_digest OR NEW.dpi <> OLD.dpi OR NEW.width_um <> OLD.width_um
     OR NEW.height_um <> OLD.height_um OR NEW.stock <> OLD.stock OR NEW.artwork <> OLD.artwork
     OR NEW.inputs <> OLD.inputs OR NEW.report <> OLD.report OR NEW.replaces_id IS NOT OLD.replaces_id
     OR NEW.note <> OLD.note OR NEW.actor <> OLD.actor OR NEW.created_us <> OLD.created_us
     OR (OLD.state <> 'draft' AND (NEW.required <> OLD.required OR NEW.previous_id IS NOT OLD.previous_id
                                   OR NEW.requested_us IS NOT OLD.requested_us))
     OR OLD.state IN ('changes_requested', 'rejected', 'superseded', 'withdrawn')
     AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'proof: a changed artwork is another proof, and what is over stays so'); END;
CREATE TRIGGER proof_is_never_removed BEFORE DELETE ON proof
BEGIN SELECT RAISE(ABORT, 'proof is append-only'); END;

-- Labels that the approvers see: `fields` are the values that differ from sample to sample, `dots` the SHA-256 of the dots,
-- `png` the very picture.
CREATE TABLE proof_sample (
    proof_id INTEGER NOT NULL REFERENCES proof (id),
    n        INTEGER NOT NULL CHECK (n >= 1),
    name     TEXT NOT NULL,
    fields   TEXT NOT NULL,
    width    INTEGER NOT NULL,
    height   INTEGER NOT NULL,
    dots     TEXT NOT NULL,
    png      BLOB NOT NULL,
    PRIMARY KEY (proof_id, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER proof_sample_is_never_edited BEFORE UPDATE ON proof_sample
BEGIN SELECT RAISE(ABORT, 'proof_sample is append-only'); END;
CREATE TRIGGER proof_sample_is_never_removed BEFORE DELETE ON proof_sample
BEGIN SELECT RAISE(ABORT, 'proof_sample is append-only'); END;

-- The samples as PDF, with PROOF - NOT FOR PRODUCTION across each.
CREATE TABLE proof_pdf (
    proof_id INTEGER PRIMARY KEY NOT NULL REFERENCES proof (id),
    bytes    BLOB NOT NULL
) STRICT;
CREATE TRIGGER proof_pdf_is_never_edited BEFORE UPDATE ON proof_pdf
BEGIN SELECT RAISE(ABORT, 'proof_pdf is append-only'); END;
CREATE TRIGGER proof_pdf_is_never_removed BEFORE DELETE ON proof_pdf
BEGIN SELECT RAISE(ABORT, 'proof_pdf is append-only'); END;

-- What somebody wrote about a proof, pinned to a place of a sample or to none.
CREATE TABLE proof_comment (
    id          INTEGER PRIMARY KEY NOT NULL,
    proof_id    INTEGER NOT NULL REFERENCES proof (id),
    user_id     INTEGER REFERENCES app_user (id),
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    sample      INTEGER,
    x_um        INTEGER,
    y_um        INTEGER,
    created_us  INTEGER NOT NULL,
    resolved_us INTEGER,
    resolved_by TEXT,
    CHECK ((x_um IS NULL) = (y_um IS NULL) AND (x_um IS NULL OR sample IS NOT NULL)),
    CHECK ((resolved_us IS NULL) = (resolved_by IS NULL))
) STRICT;
CREATE INDEX proof_comment_by_proof ON proof_comment (proof_id, id);
CREATE TRIGGER proof_comment_is_never_edited BEFORE UPDATE ON proof_comment
WHEN OLD.resolved_us IS NOT NULL OR NEW.id <> OLD.id OR NEW.proof_id <> OLD.proof_id OR NEW.author <> OLD.author
     OR NEW.text <> OLD.text OR NEW.created_us <> OLD.created_us OR NEW.sample IS NOT OLD.sample
     OR NEW.x_um IS NOT OLD.x_um OR NEW.y_um IS NOT OLD.y_um
BEGIN SELECT RAISE(ABORT, 'proof_comment can be resolved once and is never edited otherwise'); END;
CREATE TRIGGER proof_comment_is_never_removed BEFORE DELETE ON proof_comment
BEGIN SELECT RAISE(ABORT, 'proof_comment is append-only'); END;

-- What somebody decided, with the digest of the artwork that they had before them. Once a person and proof.
CREATE TABLE proof_signature (
    id         INTEGER PRIMARY KEY NOT NULL,
    proof_id   INTEGER NOT NULL REFERENCES proof (id),
    position   INTEGER NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES app_user (id),
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    meaning    TEXT NOT NULL CHECK (meaning IN ('approved', 'changes_requested', 'rejected')),
    artwork    TEXT NOT NULL,
    comment    TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    UNIQUE (proof_id, user_id),
    CHECK (meaning = 'approved' OR comment <> '')
) STRICT;
CREATE TRIGGER proof_signature_is_never_edited BEFORE UPDATE ON proof_signature
BEGIN SELECT RAISE(ABORT, 'proof_signature is append-only'); END;
CREATE TRIGGER proof_signature_is_never_removed BEFORE DELETE ON proof_signature
BEGIN SELECT RAISE(ABORT, 'proof_signature is append-only'); END;

-- Who must approve the labels of a brand, and in which order: lower positions come first.
CREATE TABLE brand_approver (
    brand_id INTEGER NOT NULL REFERENCES brand (id),
    user_id  INTEGER NOT NULL REFERENCES app_user (id),
    position INTEGER NOT NULL CHECK (position >= 1),
    PRIMARY KEY (brand_id, user_id)
) STRICT, WITHOUT ROWID;

-- An approval that came of a proof, and one that a newer approval took the place of: no new job is made under it.
ALTER TABLE approval ADD COLUMN proof_id INTEGER REFERENCES proof (id);
ALTER TABLE approval ADD COLUMN superseded_us INTEGER;
CREATE UNIQUE INDEX approval_by_proof ON approval (proof_id) WHERE proof_id IS NOT NULL;
DROP TRIGGER approval_is_never_edited;
CREATE TRIGGER approval_is_never_edited BEFORE UPDATE ON approval
WHEN OLD.withdrawn_us IS NOT NULL OR NEW.id <> OLD.id OR NEW.sku_id <> OLD.sku_id OR NEW.artwork <> OLD.artwork
     OR NEW.inputs <> OLD.inputs OR NEW.template_digest <> OLD.template_digest OR NEW.dpi <> OLD.dpi
     OR NEW.approver <> OLD.approver OR NEW.created_us <> OLD.created_us OR NEW.proof_id IS NOT OLD.proof_id
     OR (OLD.superseded_us IS NOT NULL AND NEW.superseded_us IS NOT OLD.superseded_us)
BEGIN SELECT RAISE(ABORT, 'approval can be superseded and withdrawn once and is never edited otherwise'); END;

-- Artwork whose samples are the very dots of an approved proof, although its digest is another: the approval holds for it.
CREATE TABLE approval_carry (
    approval_id  INTEGER NOT NULL REFERENCES approval (id),
    artwork      TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    audit_id     INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    PRIMARY KEY (approval_id, artwork, rule_version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER approval_carry_is_never_edited BEFORE UPDATE ON approval_carry
BEGIN SELECT RAISE(ABORT, 'approval_carry is append-only'); END;
CREATE TRIGGER approval_carry_is_never_removed BEFORE DELETE ON approval_carry
BEGIN SELECT RAISE(ABORT, 'approval_carry is append-only'); END;

-- Proofs ask for the longest batch number of a SKU.
CREATE INDEX batch_sku_by_sku ON batch_sku (sku_id, batch_id);
