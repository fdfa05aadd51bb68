//! Writes what an import adds and changes.

use super::super::rows::MultiInsert;
use crate::catalogue::{Changes, Gtin, Line, LogoName, Paragraph};
use crate::store::{Connection, StoreError};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::Row;
use std::collections::HashMap;

/// Columns that may be empty hold the empty text, so that both engines compare them alike.
fn text<const N: usize>(line: Option<&Line<N>>) -> String {
    line.map(ToString::to_string).unwrap_or_default()
}

fn paragraph<const N: usize>(text: Option<&Paragraph<N>>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

/// Row ids by key.
async fn ids(conn: &mut Connection, sql: &'static str) -> Result<HashMap<String, i64>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get("code_key")?, row.try_get("id")?))).collect()
}

fn id(ids: &HashMap<String, i64>, table: &'static str, key: &str) -> Result<i64, StoreError> {
    ids.get(key).copied().ok_or_else(|| StoreError::corrupt(table, "code_key", key))
}

/// Writes what an import adds and changes. Everything belongs to one transaction.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else changed the catalogue meanwhile; then the import is to be repeated.
pub async fn apply(conn: &mut Connection, changes: &Changes<'_>) -> Result<(), StoreError> {
    apply_logos(conn, changes).await?;
    apply_brands(conn, changes).await?;
    apply_products(conn, changes).await?;
    let brands = ids(conn, "SELECT id, code_key FROM brand").await?;
    let products = ids(conn, "SELECT id, code_key FROM product").await?;
    apply_skus(conn, changes, &brands, &products).await?;
    let skus = ids(conn, "SELECT id, code_key FROM sku").await?;
    apply_aliases(conn, changes, &skus, &brands).await?;
    apply_revisions(conn, changes, &skus).await?;
    apply_batches(conn, changes, &products).await?;
    let batches = ids(conn, "SELECT id, code_key FROM batch").await?;
    apply_members(conn, changes, &batches, &skus).await?;
    apply_attributes(conn, changes, &batches).await
}

/// New rows and the new form of changed ones.
macro_rules! rows_of {
    ($changes:expr, $table:ident) => {
        $changes.$table.added.iter().copied().chain($changes.$table.changed.iter().map(|c| c.after)).collect::<Vec<_>>()
    };
}

async fn apply_logos(conn: &mut Connection, changes: &Changes<'_>) -> Result<(), StoreError> {
    for logo in rows_of!(changes, logos) {
        let digest = HEXLOWER.encode(&Sha256::digest(logo.bytes()));
        sqlx::query("INSERT INTO asset (digest, media_type, bytes) VALUES ($1, 'image/png', $2) ON CONFLICT (digest) DO NOTHING")
            .bind(&digest)
            .bind(logo.bytes().to_vec())
            .execute(&mut *conn)
            .await?;
        sqlx::query(
            "INSERT INTO logo (name, digest) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET digest = excluded.digest",
        )
        .bind(logo.name().as_str())
        .bind(&digest)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn apply_brands(conn: &mut Connection, changes: &Changes<'_>) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO brand (code, code_key, name, importer_text, logo, market) VALUES",
        6,
        "ON CONFLICT (code_key) DO UPDATE SET code = excluded.code, name = excluded.name, \
         importer_text = excluded.importer_text, logo = excluded.logo, market = excluded.market",
    );
    let rows = rows_of!(changes, brands);
    UPSERT
        .run(conn, &rows, |query, brand| {
            query
                .bind(brand.code.as_str())
                .bind(brand.code.key())
                .bind(brand.name.as_str())
                .bind(paragraph(brand.importer_text.as_ref()))
                .bind(brand.logo.as_ref().map(LogoName::as_str))
                .bind(text(brand.market.as_ref()))
        })
        .await?;
    Ok(())
}

async fn apply_products(conn: &mut Connection, changes: &Changes<'_>) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO product (code, code_key, name, platform, description) VALUES",
        5,
        "ON CONFLICT (code_key) DO UPDATE SET code = excluded.code, name = excluded.name, \
         platform = excluded.platform, description = excluded.description",
    );
    let rows = rows_of!(changes, products);
    UPSERT
        .run(conn, &rows, |query, product| {
            query
                .bind(product.code.as_str())
                .bind(product.code.key())
                .bind(product.name.as_str())
                .bind(text(product.platform.as_ref()))
                .bind(paragraph(product.description.as_ref()))
        })
        .await?;
    Ok(())
}

async fn apply_skus(
    conn: &mut Connection,
    changes: &Changes<'_>,
    brands: &HashMap<String, i64>,
    products: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO sku (code, code_key, product_id, brand_id, name, gtin, gtin_14, rule_code, template) VALUES",
        9,
        "ON CONFLICT (code_key) DO UPDATE SET code = excluded.code, product_id = excluded.product_id, \
         brand_id = excluded.brand_id, name = excluded.name, gtin = excluded.gtin, gtin_14 = excluded.gtin_14, \
         rule_code = excluded.rule_code, template = excluded.template, edit_version = sku.edit_version + 1",
    );
    let mut rows = Vec::new();
    for sku in rows_of!(changes, skus) {
        let (product, brand) = (id(products, "product", &sku.product.key())?, id(brands, "brand", &sku.brand.key())?);
        rows.push((sku, product, brand));
    }
    UPSERT
        .run(conn, &rows, |query, (sku, product, brand)| {
            query
                .bind(sku.code.as_str())
                .bind(sku.code.key())
                .bind(*product)
                .bind(*brand)
                .bind(sku.name.as_str())
                .bind(sku.gtin.as_ref().map(ToString::to_string))
                .bind(sku.gtin.as_ref().map(Gtin::gtin14))
                .bind(sku.rule.as_str())
                .bind(sku.template.as_str())
        })
        .await?;
    Ok(())
}

async fn apply_aliases(
    conn: &mut Connection,
    changes: &Changes<'_>,
    skus: &HashMap<String, i64>,
    brands: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static INSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO sku_alias (sku_id, kind, value, value_key, owner_brand_id, valid_from, valid_to) VALUES",
        7,
        "",
    );
    // Names are kept for ever; only the last day of one, or its spelling, can change.
    for change in &changes.sku_aliases.changed {
        sqlx::query(
            "UPDATE sku_alias SET valid_to = $1, value = $2 WHERE sku_id = $3 AND kind = $4 AND value_key = $5 \
             AND valid_from = $6 AND COALESCE(owner_brand_id, -1) = $7",
        )
        .bind(change.after.valid_to.map(|d| d.to_string()))
        .bind(change.after.alias.value())
        .bind(id(skus, "sku", &change.after.sku.key())?)
        .bind(change.after.alias.kind().as_str())
        .bind(change.after.alias.key())
        .bind(change.after.valid_from.to_string())
        .bind(match &change.after.owner {
            Some(owner) => id(brands, "brand", &owner.key())?,
            None => -1,
        })
        .execute(&mut *conn)
        .await?;
    }
    let mut rows = Vec::new();
    for alias in &changes.sku_aliases.added {
        let owner = alias.owner.as_ref().map(|owner| id(brands, "brand", &owner.key())).transpose()?;
        rows.push((*alias, id(skus, "sku", &alias.sku.key())?, owner));
    }
    INSERT
        .run(conn, &rows, |query, (alias, sku, owner)| {
            query
                .bind(*sku)
                .bind(alias.alias.kind().as_str())
                .bind(alias.alias.value())
                .bind(alias.alias.key())
                .bind(*owner)
                .bind(alias.valid_from.to_string())
                .bind(alias.valid_to.map(|d| d.to_string()))
        })
        .await?;
    Ok(())
}

async fn apply_revisions(
    conn: &mut Connection,
    changes: &Changes<'_>,
    skus: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO sku_revision (sku_id, revision, packaging, label, document, bundle, configuration, firmware, \
         valid_from) VALUES",
        9,
        "ON CONFLICT (sku_id, revision) DO UPDATE SET packaging = excluded.packaging, label = excluded.label, \
         document = excluded.document, bundle = excluded.bundle, configuration = excluded.configuration, \
         firmware = excluded.firmware, valid_from = excluded.valid_from",
    );
    // Keys disregard case, the column does not: a new spelling is to find the row that it renames.
    for change in changes.sku_revisions.changed.iter().filter(|c| c.before.revision != c.after.revision) {
        sqlx::query("UPDATE sku_revision SET revision = $1 WHERE sku_id = $2 AND revision = $3")
            .bind(change.after.revision.as_str())
            .bind(id(skus, "sku", &change.after.sku.key())?)
            .bind(change.before.revision.as_str())
            .execute(&mut *conn)
            .await?;
    }
    let mut rows = Vec::new();
    for revision in rows_of!(changes, sku_revisions) {
        rows.push((revision, id(skus, "sku", &revision.sku.key())?));
    }
    UPSERT
        .run(conn, &rows, |query, (revision, sku)| {
            query
                .bind(*sku)
                .bind(revision.revision.as_str())
                .bind(text(revision.packaging.as_ref()))
                .bind(text(revision.label.as_ref()))
                .bind(text(revision.document.as_ref()))
                .bind(text(revision.bundle.as_ref()))
                .bind(text(revision.configuration.as_ref()))
                .bind(text(revision.firmware.as_ref()))
                .bind(revision.valid_from.to_string())
        })
        .await?;
    Ok(())
}

async fn apply_batches(
    conn: &mut Connection,
    changes: &Changes<'_>,
    products: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO batch (code, code_key, product_id, manufactured_on, note) VALUES",
        5,
        "ON CONFLICT (code_key) DO UPDATE SET code = excluded.code, product_id = excluded.product_id, \
         manufactured_on = excluded.manufactured_on, note = excluded.note, edit_version = batch.edit_version + 1",
    );
    let mut rows = Vec::new();
    for batch in rows_of!(changes, batches) {
        rows.push((batch, id(products, "product", &batch.product.key())?));
    }
    UPSERT
        .run(conn, &rows, |query, (batch, product)| {
            query
                .bind(batch.code.as_str())
                .bind(batch.code.key())
                .bind(*product)
                .bind(batch.manufactured_on.map(|d| d.to_string()))
                .bind(paragraph(batch.note.as_ref()))
        })
        .await?;
    Ok(())
}

async fn apply_members(
    conn: &mut Connection,
    changes: &Changes<'_>,
    batches: &HashMap<String, i64>,
    skus: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static INSERT: MultiInsert = MultiInsert::new("INSERT INTO batch_sku (batch_id, sku_id, position) VALUES", 3, "");
    let mut rows = Vec::new();
    for batch in rows_of!(changes, batches) {
        let batch_id = id(batches, "batch", &batch.code.key())?;
        sqlx::query("DELETE FROM batch_sku WHERE batch_id = $1").bind(batch_id).execute(&mut *conn).await?;
        for (position, sku) in (0_i64..).zip(&batch.skus) {
            rows.push((batch_id, id(skus, "sku", &sku.key())?, position));
        }
    }
    INSERT.run(conn, &rows, |query, (batch, sku, position)| query.bind(*batch).bind(*sku).bind(*position)).await?;
    Ok(())
}

async fn apply_attributes(
    conn: &mut Connection,
    changes: &Changes<'_>,
    batches: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO batch_attribute (batch_id, name, value) VALUES",
        3,
        "ON CONFLICT (batch_id, name) DO UPDATE SET value = excluded.value",
    );
    let mut rows = Vec::new();
    for attribute in rows_of!(changes, batch_attributes) {
        rows.push((id(batches, "batch", &attribute.batch.key())?, attribute));
    }
    UPSERT
        .run(conn, &rows, |query, (batch, attribute)| {
            query.bind(*batch).bind(attribute.name.as_str()).bind(attribute.value.as_str())
        })
        .await?;
    Ok(())
}
