//! The catalogue: SKUs listed and looked at, edited one at a time; brands.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Fault, Faults};
use super::list::{Pager, ROWS, address};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::Problem;
use crate::service::ServiceError;
use crate::service::browse::{BrandRecord, HeldRecord, ListedBatch, RevisionRecord, WantedBatches};
use crate::service::people::{Role, SignedIn};
use crate::service::resolve::SkuRecord;
use crate::service::skus::SkuEdit;

const LOOK: [Role; 4] = [Role::Planner, Role::Buyer, Role::Support, Role::Viewer];
const PLANNER: [Role; 1] = [Role::Planner];
/// How many batches of a SKU are shown.
const BATCHES: u32 = 10;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/catalogue", &LOOK, list)
        .get("/catalogue/brands", &LOOK, brands)
        .get("/catalogue/{sku}", &Role::ALL, one)
        .post("/catalogue/{sku}", &PLANNER, edit)
        .post("/catalogue/{sku}/quota", &PLANNER, quota)
}

#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/catalogue.html")]
struct List {
    v: View,
    filters: Filters,
    skus: Vec<SkuRecord>,
    brands: Vec<BrandRecord>,
    pager: Pager,
}

impl List {
    fn is_filtered(&self) -> bool {
        !self.filters.q.trim().is_empty() || !self.filters.brand.is_empty()
    }
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let brand = Some(filters.brand.as_str()).filter(|brand| !brand.is_empty());
    let after = filters.after.parse().unwrap_or(0);
    let (skus, next) = app.nameplate.find_skus(&caller, &filters.q, brand, after, ROWS).await?;
    let brands = app.nameplate.brands(&caller).await?;
    let pairs = [("q", filters.q.as_str()), ("brand", &filters.brand)];
    let pager = Pager::new("/catalogue", &pairs, &filters.after, next.map(|next| next.to_string()));
    Ok(page(&List { v, filters, skus, brands, pager }))
}

#[derive(Template)]
#[template(path = "pages/brands.html")]
struct Brands {
    v: View,
    brands: Vec<BrandRecord>,
}

impl Brands {
    /// The SKUs of a brand.
    fn skus(&self, brand: &str) -> String {
        address("/catalogue", &[("brand", brand)])
    }
}

async fn brands(State(app): State<PageApp>, v: View, who: SignedIn) -> Result<Response, Problem> {
    let brands = app.nameplate.brands(&who.caller()).await?;
    Ok(page(&Brands { v, brands }))
}

/// What can be edited of a SKU, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
struct Edit {
    #[serde(default)]
    name: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    template: String,
    /// The edit that the form was drawn from.
    #[serde(default)]
    version: i64,
}

/// A station's limit, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
struct Limit {
    #[serde(default)]
    station: String,
    #[serde(default)]
    quota: String,
}

#[derive(Template)]
#[template(path = "pages/sku.html")]
struct One {
    v: View,
    sku: SkuRecord,
    revisions: Vec<RevisionRecord>,
    batches: Vec<ListedBatch>,
    more_batches: bool,
    held: Vec<HeldRecord>,
    rules: Vec<String>,
    templates: Vec<String>,
    form: Edit,
    limit: Limit,
    faults: Faults,
}

impl One {
    async fn of(app: &PageApp, v: View, who: &SignedIn, code: &str) -> Result<Self, Problem> {
        let caller = who.caller();
        let sku = app.nameplate.sku(&caller, code).await?;
        let wanted = WantedBatches { sku: Some(code), ..WantedBatches::default() };
        let (batches, next) = app.nameplate.find_batches(&caller, &wanted, BATCHES).await?;
        let (mut rules, mut templates) = (Vec::new(), Vec::new());
        if v.has("planner") {
            rules = app.nameplate.rules().all().iter().map(|known| known.row.code.clone()).collect();
            rules.dedup();
            templates = app.nameplate.template_names().await?;
        }
        let form = Edit {
            name: sku.name.clone(),
            rule: sku.rule.clone(),
            template: sku.template.clone(),
            version: sku.version,
        };
        Ok(Self {
            revisions: app.nameplate.sku_revisions(&caller, code).await?,
            held: app.nameplate.sku_holdings(&caller, code).await?,
            v,
            sku,
            batches,
            more_batches: next.is_some(),
            rules,
            templates,
            form,
            limit: Limit::default(),
            faults: Faults::none(),
        })
    }

    fn all_batches(&self) -> String {
        address("/batches", &[("sku", &self.sku.code)])
    }

    fn all_blocks(&self) -> String {
        address("/blocks", &[("sku", &self.sku.code)])
    }
}

async fn one(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    Ok(page(&One::of(&app, v, &who, &code).await?))
}

async fn edit(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(form): Posted<Edit>,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let now = app.nameplate.sku(&caller, &code).await?;
    // Only what differs is changed, so that what the form does not touch is not checked again.
    let differs = |new: &str, old: &str| (new != old).then(|| new.to_owned());
    let edit = SkuEdit {
        name: differs(&form.name, &now.name),
        rule: differs(&form.rule, &now.rule),
        template: differs(&form.template, &now.template),
    };
    let done = format!("/catalogue/{}?done=saved", in_address(&now.code));
    let outcome = if form.version != now.version {
        Err(ServiceError::Stale)
    } else if edit == SkuEdit::default() {
        return Ok(see_other(&done));
    } else {
        app.nameplate.edit_sku(&caller, &code, form.version, &edit).await
    };
    match outcome {
        Ok(_) => Ok(see_other(&done)),
        Err(error) => {
            let faults = Fault::of(error)?.into();
            let mut shown = One::of(&app, v, &who, &code).await?;
            // What was typed stays; the next try is against what the page shows now.
            shown.form = Edit { version: shown.sku.version, ..form };
            shown.faults = faults;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

async fn quota(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(limit): Posted<Limit>,
) -> Result<Response, Problem> {
    let number = match limit.quota.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ServiceError::Invalid {
            field: "quota",
            problem: "write a whole number, or leave it out for the general limit".into(),
        }),
    };
    let outcome = match number {
        Ok(number) => app.nameplate.set_quota(&who.caller(), limit.station.trim(), &code, number).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(record) => Ok(see_other(&format!("/catalogue/{}?done=saved", in_address(&record.sku)))),
        Err(error) => {
            let faults = Fault::of(error)?.into();
            let mut shown = One::of(&app, v, &who, &code).await?;
            (shown.limit, shown.faults) = (limit, faults);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}
