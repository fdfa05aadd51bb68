-- The catalogue: whose goods, which products, under which names, in which batches.
-- Why: a block of serials may only be reserved for something the catalogue knows, and one look-up must lead from any
-- of a product's names (factory, branded, customer, GTIN) to the same record.
-- `*_key` columns hold the upper-cased form that look-ups compare; the other column keeps what people wrote.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    digest     TEXT PRIMARY KEY NOT NULL,
    media_type TEXT NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;

CREATE TABLE logo (
    name   TEXT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL REFERENCES asset (digest)
) STRICT;

CREATE TABLE brand (
    id            INTEGER PRIMARY KEY NOT NULL,
    code          TEXT NOT NULL,
    code_key      TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    importer_text TEXT NOT NULL,
    logo          TEXT REFERENCES logo (name),
    market        TEXT NOT NULL
) STRICT;

CREATE TABLE product (
    id          INTEGER PRIMARY KEY NOT NULL,
    code        TEXT NOT NULL,
    code_key    TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    platform    TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT;

CREATE TABLE sku (
    id           INTEGER PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    code_key     TEXT NOT NULL UNIQUE,
    product_id   INTEGER NOT NULL REFERENCES product (id),
    brand_id     INTEGER NOT NULL REFERENCES brand (id),
    name         TEXT NOT NULL,
    gtin         TEXT,
    gtin_14      TEXT UNIQUE,
    rule_code    TEXT NOT NULL,
    template     TEXT NOT NULL,
    edit_version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX sku_by_brand ON sku (brand_id, id);
CREATE INDEX sku_by_product ON sku (product_id, id);

CREATE TABLE sku_alias (
    id             INTEGER PRIMARY KEY NOT NULL,
    sku_id         INTEGER NOT NULL REFERENCES sku (id),
    kind           TEXT NOT NULL,
    value          TEXT NOT NULL,
    value_key      TEXT NOT NULL,
    owner_brand_id INTEGER REFERENCES brand (id),
    valid_from     TEXT NOT NULL,
    valid_to       TEXT
) STRICT;
CREATE INDEX sku_alias_by_value ON sku_alias (value_key);
CREATE INDEX sku_alias_by_sku ON sku_alias (sku_id, id);

CREATE TABLE sku_revision (
    id            INTEGER PRIMARY KEY NOT NULL,
    sku_id        INTEGER NOT NULL REFERENCES sku (id),
    revision      TEXT NOT NULL,
    packaging     TEXT NOT NULL,
    label         TEXT NOT NULL,
    document      TEXT NOT NULL,
    bundle        TEXT NOT NULL,
    configuration TEXT NOT NULL,
    firmware      TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    UNIQUE (sku_id, revision)
) STRICT;

CREATE TABLE batch (
    id              INTEGER PRIMARY KEY NOT NULL,
    code            TEXT NOT NULL,
    code_key        TEXT NOT NULL UNIQUE,
    product_id      INTEGER NOT NULL REFERENCES product (id),
    manufactured_on TEXT,
    note            TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    issued          INTEGER NOT NULL DEFAULT 0 CHECK (issued >= 0),
    edit_version    INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE batch_sku (
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    sku_id   INTEGER NOT NULL REFERENCES sku (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (batch_id, sku_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_attribute (
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (batch_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE template_revision (
    digest     TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL,
    source     TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE api_token (
    id          TEXT PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    scopes      TEXT NOT NULL,
    brand_id    INTEGER REFERENCES brand (id),
    station     TEXT,
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER,
    revoked_us  INTEGER,
    replaced_by TEXT
) STRICT;
