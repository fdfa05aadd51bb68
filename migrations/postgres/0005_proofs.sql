-- Proofs: what a label will look like, who must approve it, what they said of it, and what they signed.
-- Why: a buyer's approval by e-mail cannot be tied to what is printed. Here it names the digest of the artwork and holds the
-- dots of the samples that were looked at, so that years later both sides can see what was approved. Nothing of it is ever
-- edited: a changed artwork is another proof.

-- `artwork` is the digest of everything that is the same on every label, `inputs` lists what went into it; `report` is what
-- preflight and decode gate found. `required` is whom it waits for, as it was when it was requested.
CREATE TABLE proof (
    id              BIGINT PRIMARY KEY NOT NULL,
    code            TEXT NOT NULL UNIQUE,
    sku_id          BIGINT NOT NULL REFERENCES sku (id),
    sku_revision_id BIGINT REFERENCES sku_revision (id),
    template        TEXT NOT NULL,
    template_digest TEXT NOT NULL REFERENCES template_revision (digest),
    dpi             BIGINT NOT NULL,
    width_um        BIGINT NOT NULL CHECK (width_um > 0),
    height_um       BIGINT NOT NULL CHECK (height_um > 0),
    stock           TEXT NOT NULL,
    artwork         TEXT NOT NULL,
    inputs          TEXT NOT NULL,
    report          TEXT NOT NULL,
    -- The proof that it takes the place of, and the last one that was approved.
    replaces_id     BIGINT REFERENCES proof (id),
    previous_id     BIGINT REFERENCES proof (id),
    state           TEXT NOT NULL CHECK (state IN ('draft', 'requested', 'changes_requested', 'approved', 'rejected',
                                                   'superseded', 'withdrawn')),
    required        TEXT NOT NULL DEFAULT '[]',
    note            TEXT NOT NULL,
    actor           TEXT NOT NULL,
    user_id         BIGINT REFERENCES app_user (id),
    created_us      BIGINT NOT NULL,
    requested_us    BIGINT,
    decided_us      BIGINT,
    ended_us        BIGINT,
    ended_why       TEXT,
    edit_version    BIGINT NOT NULL DEFAULT 1,
    key_scope       TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    UNIQUE (key_scope, idempotency_key)
);
CREATE INDEX proof_by_sku ON proof (sku_id, id);
CREATE INDEX proof_by_state ON proof (state, id);
CREATE UNIQUE INDEX proof_is_requested_once ON proof (sku_id, COALESCE(sku_revision_id, 0), template, dpi)
    WHERE state = 'requested';
CREATE FUNCTION refuse_proof_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.sku_id <> OLD.sku_id
         OR NEW.sku_revision_id IS DISTINCT FROM OLD.sku_revision_id OR NEW.template <> OLD.template
         OR NEW.template_digest <> OLD.template_digest OR NEW.dpi <> OLD.dpi OR NEW.width_um <> OLD.width_um
         OR NEW.height_um <> OLD.height_um OR NEW.stock <> OLD.stock OR NEW.artwork <> OLD.artwork
         OR NEW.inputs <> OLD.inputs OR NEW.report <> OLD.report OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id
         OR NEW.note <> OLD.note OR NEW.actor <> OLD.actor OR NEW.created_us <> OLD.created_us
         OR (OLD.state <> 'draft' AND (NEW.required <> OLD.required OR NEW.previous_id IS DISTINCT FROM OLD.previous_id
                                       OR NEW.requested_us IS DISTINCT FROM OLD.requested_us))
         OR OLD.state IN ('changes_requested', 'rejected', 'superseded', 'withdrawn')
         AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'proof: a changed artwork is another proof, and what is over stays so';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proof_is_never_edited BEFORE UPDATE ON proof FOR EACH ROW EXECUTE FUNCTION refuse_proof_edit();
CREATE TRIGGER proof_is_never_removed BEFORE DELETE ON proof FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_is_never_emptied BEFORE TRUNCATE ON proof EXECUTE FUNCTION refuse_change();

-- Labels that the approvers see: `fields` are the values that differ from sample to sample, `dots` the SHA-256 of the dots,
-- `png` the very picture.
CREATE TABLE proof_sample (
    proof_id BIGINT NOT NULL REFERENCES proof (id),
    n        BIGINT NOT NULL CHECK (n >= 1),
    name     TEXT NOT NULL,
    fields   TEXT NOT NULL,
    width    BIGINT NOT NULL,
    height   BIGINT NOT NULL,
    dots     TEXT NOT NULL,
    png      BYTEA NOT NULL,
    PRIMARY KEY (proof_id, n)
);
CREATE TRIGGER proof_sample_is_never_edited BEFORE UPDATE OR DELETE ON proof_sample
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_sample_is_never_emptied BEFORE TRUNCATE ON proof_sample EXECUTE FUNCTION refuse_change();

-- The samples as PDF, with PROOF - NOT FOR PRODUCTION across each.
CREATE TABLE proof_pdf (
    proof_id BIGINT PRIMARY KEY NOT NULL REFERENCES proof (id),
    bytes    BYTEA NOT NULL
);
CREATE TRIGGER proof_pdf_is_never_edited BEFORE UPDATE OR DELETE ON proof_pdf
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_pdf_is_never_emptied BEFORE TRUNCATE ON proof_pdf EXECUTE FUNCTION refuse_change();

-- What somebody wrote about a proof, pinned to a place of a sample or to none.
CREATE TABLE proof_comment (
    id          BIGINT PRIMARY KEY NOT NULL,
    proof_id    BIGINT NOT NULL REFERENCES proof (id),
    user_id     BIGINT REFERENCES app_user (id),
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    sample      BIGINT,
    x_um        BIGINT,
    y_um        BIGINT,
    created_us  BIGINT NOT NULL,
    resolved_us BIGINT,
    resolved_by TEXT,
    CHECK ((x_um IS NULL) = (y_um IS NULL) AND (x_um IS NULL OR sample IS NOT NULL)),
    CHECK ((resolved_us IS NULL) = (resolved_by IS NULL))
);
CREATE INDEX proof_comment_by_proof ON proof_comment (proof_id, id);
CREATE FUNCTION refuse_proof_comment_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.resolved_us IS NOT NULL OR NEW.id <> OLD.id OR NEW.proof_id <> OLD.proof_id OR NEW.author <> OLD.author
         OR NEW.text <> OLD.text OR NEW.created_us <> OLD.created_us OR NEW.sample IS DISTINCT FROM OLD.sample
         OR NEW.x_um IS DISTINCT FROM OLD.x_um OR NEW.y_um IS DISTINCT FROM OLD.y_um THEN
        RAISE EXCEPTION 'proof_comment can be resolved once and is never edited otherwise';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proof_comment_is_never_edited BEFORE UPDATE ON proof_comment FOR EACH ROW EXECUTE FUNCTION refuse_proof_comment_edit();
CREATE TRIGGER proof_comment_is_never_removed BEFORE DELETE ON proof_comment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_comment_is_never_emptied BEFORE TRUNCATE ON proof_comment EXECUTE FUNCTION refuse_change();

-- What somebody decided, with the digest of the artwork that they had before them. Once a person and proof.
CREATE TABLE proof_signature (
    id         BIGINT PRIMARY KEY NOT NULL,
    proof_id   BIGINT NOT NULL REFERENCES proof (id),
    position   BIGINT NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES app_user (id),
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    meaning    TEXT NOT NULL CHECK (meaning IN ('approved', 'changes_requested', 'rejected')),
    artwork    TEXT NOT NULL,
    comment    TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    UNIQUE (proof_id, user_id),
    CHECK (meaning = 'approved' OR comment <> '')
);
CREATE TRIGGER proof_signature_is_never_edited BEFORE UPDATE OR DELETE ON proof_signature
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_signature_is_never_emptied BEFORE TRUNCATE ON proof_signature EXECUTE FUNCTION refuse_change();

-- Who must approve the labels of a brand, and in which order: lower positions come first.
CREATE TABLE brand_approver (
    brand_id BIGINT NOT NULL REFERENCES brand (id),
    user_id  BIGINT NOT NULL REFERENCES app_user (id),
    position BIGINT NOT NULL CHECK (position >= 1),
    PRIMARY KEY (brand_id, user_id)
);

-- An approval that came of a proof, and one that a newer approval took the place of: no new job is made under it.
ALTER TABLE approval ADD COLUMN proof_id BIGINT REFERENCES proof (id);
ALTER TABLE approval ADD COLUMN superseded_us BIGINT;
CREATE UNIQUE INDEX approval_by_proof ON approval (proof_id) WHERE proof_id IS NOT NULL;
CREATE OR REPLACE FUNCTION refuse_approval_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_us IS NOT NULL OR NEW.id <> OLD.id OR NEW.sku_id <> OLD.sku_id OR NEW.artwork <> OLD.artwork
         OR NEW.inputs <> OLD.inputs OR NEW.template_digest <> OLD.template_digest OR NEW.dpi <> OLD.dpi
         OR NEW.approver <> OLD.approver OR NEW.created_us <> OLD.created_us OR NEW.proof_id IS DISTINCT FROM OLD.proof_id
         OR (OLD.superseded_us IS NOT NULL AND NEW.superseded_us IS DISTINCT FROM OLD.superseded_us) THEN
        RAISE EXCEPTION 'approval can be superseded and withdrawn once and is never edited otherwise';
    END IF;
    RETURN NEW;
END $$;

-- Artwork whose samples are the very dots of an approved proof, although its digest is another: the approval holds for it.
CREATE TABLE approval_carry (
    approval_id  BIGINT NOT NULL REFERENCES approval (id),
    artwork      TEXT NOT NULL,
    rule_version BIGINT NOT NULL,
    audit_id     BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    PRIMARY KEY (approval_id, artwork, rule_version)
);
CREATE TRIGGER approval_carry_is_never_edited BEFORE UPDATE OR DELETE ON approval_carry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_carry_is_never_emptied BEFORE TRUNCATE ON approval_carry EXECUTE FUNCTION refuse_change();

-- Proofs ask for the longest batch number of a SKU.
CREATE INDEX batch_sku_by_sku ON batch_sku (sku_id, batch_id);
