//! The catalogue as a whole: read back for comparison and export ([`load`]), changed by an import in one transaction
//! ([`apply`]).

mod apply;
mod issued;

pub use apply::apply;
pub use issued::{BatchUse, batch_use, revision_is_issued, sku_is_issued};

use super::{Connection, StoreError};
use crate::catalogue::{
    Alias, AliasKind, AttributeName, Batch, BatchAttribute, BatchCode, Brand, BrandCode, Catalogue, Gtin, Line, Logo,
    LogoName, Paragraph, Product, ProductCode, RevisionCode, Rows, RuleName, Sku, SkuAlias, SkuCode, SkuRevision,
    TemplateName, parse_date,
};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Reads columns of one row back into checked types.
struct Reader<'r> {
    table: &'static str,
    row: &'r AnyRow,
}

impl Reader<'_> {
    fn raw(&self, column: &'static str) -> Result<String, StoreError> {
        Ok(self.row.try_get::<Option<String>, _>(column)?.unwrap_or_default())
    }

    fn must<T, E>(&self, column: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, StoreError> {
        let raw = self.raw(column)?;
        parse(&raw).map_err(|_| StoreError::corrupt(self.table, column, raw))
    }

    fn may<T, E>(&self, column: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, StoreError> {
        if self.raw(column)?.is_empty() { Ok(None) } else { self.must(column, parse).map(Some) }
    }
}

async fn read<T>(
    conn: &mut Connection,
    table: &'static str,
    sql: &'static str,
    one: impl Fn(&Reader<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter().map(|row| one(&Reader { table, row })).collect()
}

/// The whole catalogue.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row holds what an import would have refused.
pub async fn load(conn: &mut Connection) -> Result<Catalogue, StoreError> {
    let brands = read(conn, "brand", "SELECT code, name, importer_text, logo, market FROM brand", |r| {
        Ok(Brand {
            code: r.must("code", BrandCode::new)?,
            name: r.must("name", Line::new)?,
            importer_text: r.may("importer_text", Paragraph::new)?,
            logo: r.may("logo", LogoName::new)?,
            market: r.may("market", Line::new)?,
        })
    })
    .await?;
    let products = read(conn, "product", "SELECT code, name, platform, description FROM product", |r| {
        Ok(Product {
            code: r.must("code", ProductCode::new)?,
            name: r.must("name", Line::new)?,
            platform: r.may("platform", Line::new)?,
            description: r.may("description", Paragraph::new)?,
        })
    })
    .await?;
    let rows = Rows {
        brands,
        products,
        skus: load_skus(conn).await?,
        sku_aliases: load_aliases(conn).await?,
        sku_revisions: load_revisions(conn).await?,
        batches: load_batches(conn).await?,
        batch_attributes: load_attributes(conn).await?,
        logos: load_logos(conn).await?,
    };
    Catalogue::from_rows(rows).map_err(|e| StoreError::corrupt("catalogue", "key", e))
}

async fn load_skus(conn: &mut Connection) -> Result<Vec<Sku>, StoreError> {
    let sql = "SELECT s.code, p.code AS product, b.code AS brand, s.name, s.gtin, s.rule_code, s.template \
               FROM sku s JOIN product p ON p.id = s.product_id JOIN brand b ON b.id = s.brand_id";
    read(conn, "sku", sql, |r| {
        Ok(Sku {
            code: r.must("code", SkuCode::new)?,
            product: r.must("product", ProductCode::new)?,
            brand: r.must("brand", BrandCode::new)?,
            name: r.must("name", Line::new)?,
            gtin: r.may("gtin", Gtin::new)?,
            rule: r.must("rule_code", RuleName::new)?,
            template: r.must("template", TemplateName::new)?,
        })
    })
    .await
}

async fn load_aliases(conn: &mut Connection) -> Result<Vec<SkuAlias>, StoreError> {
    let sql = "SELECT s.code AS sku, a.kind, a.value, b.code AS owner, a.valid_from, a.valid_to \
               FROM sku_alias a JOIN sku s ON s.id = a.sku_id LEFT JOIN brand b ON b.id = a.owner_brand_id";
    read(conn, "sku_alias", sql, |r| {
        let kind = r.must("kind", AliasKind::new)?;
        Ok(SkuAlias {
            sku: r.must("sku", SkuCode::new)?,
            alias: r.must("value", |value| Alias::new(kind, value))?,
            owner: r.may("owner", BrandCode::new)?,
            valid_from: r.must("valid_from", parse_date)?,
            valid_to: r.may("valid_to", parse_date)?,
        })
    })
    .await
}

async fn load_revisions(conn: &mut Connection) -> Result<Vec<SkuRevision>, StoreError> {
    let sql = "SELECT s.code AS sku, r.revision, r.packaging, r.label, r.document, r.bundle, r.configuration, \
               r.firmware, r.valid_from FROM sku_revision r JOIN sku s ON s.id = r.sku_id";
    read(conn, "sku_revision", sql, |r| {
        Ok(SkuRevision {
            sku: r.must("sku", SkuCode::new)?,
            revision: r.must("revision", RevisionCode::new)?,
            packaging: r.may("packaging", Line::new)?,
            label: r.may("label", Line::new)?,
            document: r.may("document", Line::new)?,
            bundle: r.may("bundle", Line::new)?,
            configuration: r.may("configuration", Line::new)?,
            firmware: r.may("firmware", Line::new)?,
            valid_from: r.must("valid_from", parse_date)?,
        })
    })
    .await
}

async fn load_batches(conn: &mut Connection) -> Result<Vec<Batch>, StoreError> {
    let members = sqlx::query(
        "SELECT b.code AS batch, s.code AS sku FROM batch_sku m JOIN batch b ON b.id = m.batch_id \
         JOIN sku s ON s.id = m.sku_id ORDER BY b.id, m.position",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut skus: HashMap<String, Vec<SkuCode>> = HashMap::new();
    for row in &members {
        let sku = Reader { table: "batch_sku", row }.must("sku", SkuCode::new)?;
        skus.entry(row.try_get("batch")?).or_default().push(sku);
    }
    let sql = "SELECT b.code, p.code AS product, b.manufactured_on, b.note FROM batch b JOIN product p ON p.id = b.product_id";
    read(conn, "batch", sql, |r| {
        Ok(Batch {
            code: r.must("code", BatchCode::new)?,
            product: r.must("product", ProductCode::new)?,
            skus: skus.get(&r.raw("code")?).cloned().unwrap_or_default(),
            manufactured_on: r.may("manufactured_on", parse_date)?,
            note: r.may("note", Paragraph::new)?,
        })
    })
    .await
}

async fn load_attributes(conn: &mut Connection) -> Result<Vec<BatchAttribute>, StoreError> {
    let sql = "SELECT b.code AS batch, a.name, a.value FROM batch_attribute a JOIN batch b ON b.id = a.batch_id";
    read(conn, "batch_attribute", sql, |r| {
        Ok(BatchAttribute {
            batch: r.must("batch", BatchCode::new)?,
            name: r.must("name", AttributeName::new)?,
            value: r.must("value", Line::new)?,
        })
    })
    .await
}

async fn load_logos(conn: &mut Connection) -> Result<Vec<Logo>, StoreError> {
    let rows =
        sqlx::query("SELECT l.name, a.bytes FROM logo l JOIN asset a ON a.digest = l.digest").fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let name = Reader { table: "logo", row }.must("name", LogoName::new)?;
            let bytes: Vec<u8> = row.try_get("bytes")?;
            Logo::new(name.clone(), &bytes).map_err(|_| StoreError::corrupt("asset", "bytes", name.as_str()))
        })
        .collect()
}

/// The bytes of a kept file by its digest.
///
/// # Errors
/// Whatever the database says.
pub async fn asset(conn: &mut Connection, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("SELECT bytes FROM asset WHERE digest = $1").bind(digest).fetch_optional(conn).await?;
    Ok(row.map(|r| r.try_get("bytes")).transpose()?)
}
