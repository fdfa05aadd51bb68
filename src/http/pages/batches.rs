//! Batches: listed, looked at with the account of their serials, closed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::blocks::Account;
use super::form::{Fault, Faults};
use super::list::{Pager, ROWS, address};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Cursor, Path, Query};
use crate::http::problem::Problem;
use crate::service::browse::{ListedBatch, WantedBatches};
use crate::service::people::{Role, SignedIn};
use crate::service::print::{BatchDebt, DebtCursor};
use crate::service::settle_batch::BatchRecord;
use crate::service::{BlockRecord, ServiceError};

const LOOK: [Role; 4] = [Role::Planner, Role::Station, Role::Support, Role::Viewer];
/// How many blocks a batch's page shows.
const BLOCKS: u32 = 10;
/// How many ranges of open labels it shows.
const OPEN: u32 = 20;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/batches", &LOOK, list).get("/batches/{code}", &Role::ALL, one).post(
        "/batches/{code}/close",
        &[Role::Planner],
        close,
    )
}

#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/batches.html")]
struct List {
    v: View,
    filters: Filters,
    batches: Vec<ListedBatch>,
    pager: Pager,
    /// A filter that names nothing.
    faults: Faults,
}

impl List {
    fn is_filtered(&self) -> bool {
        [&self.filters.q, &self.filters.state, &self.filters.sku].iter().any(|filter| !filter.is_empty())
    }
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let open = match filters.state.as_str() {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    };
    let sku = Some(filters.sku.trim()).filter(|sku| !sku.is_empty());
    let wanted = WantedBatches { sku, open, text: Some(&filters.q), before: filters.after.parse().ok() };
    let (batches, next, faults) = match app.nameplate.find_batches(&who.caller(), &wanted, ROWS).await {
        Ok((batches, next)) => (batches, next, Faults::none()),
        Err(error @ ServiceError::NotFound { .. }) => {
            (Vec::new(), None, Fault::new("sku", Problem::from(error).detail()).into())
        }
        Err(error) => return Err(error.into()),
    };
    let pairs = [("q", filters.q.as_str()), ("state", &filters.state), ("sku", &filters.sku)];
    let pager = Pager::new("/batches", &pairs, &filters.after, next.map(|next| next.to_string()));
    Ok(page(&List { v, filters, batches, pager, faults }))
}

#[derive(Template)]
#[template(path = "pages/batch.html")]
struct One {
    v: View,
    batch: BatchRecord,
    /// What became of its serials; none for people bound to a brand.
    account: Option<Account>,
    blocks: Vec<BlockRecord>,
    more_blocks: bool,
    /// Labels that are on no unit yet.
    debt: Option<BatchDebt>,
    debt_pager: Pager,
    /// The reason that was typed.
    reason: String,
    faults: Faults,
}

impl One {
    async fn of(app: &PageApp, v: View, who: &SignedIn, code: &str, debt_after: &str) -> Result<Self, Problem> {
        let caller = who.caller();
        let batch = app.nameplate.batch(&caller, code).await?;
        let (blocks, next) = app.nameplate.blocks(&caller, Some(code), None, None, None, BLOCKS).await?;
        let account = batch.account.as_ref().map(Account::of);
        let path = format!("/batches/{}", in_address(&batch.batch));
        let (debt, debt_pager) = if caller.brand.is_some() || batch.state == "closed" {
            (None, Pager::default())
        } else {
            let after = debt_after.parse::<Cursor<DebtCursor>>().ok().map(|cursor| cursor.0);
            let (debt, next) = app.nameplate.batch_debt(&caller, code, after, OPEN).await?;
            let next = next.map(|next| Cursor(next).to_string());
            (Some(debt), Pager::new(&path, &[], debt_after, next))
        };
        let more_blocks = next.is_some();
        let (reason, faults) = (String::new(), Faults::none());
        Ok(Self { v, batch, account, blocks, more_blocks, debt, debt_pager, reason, faults })
    }

    fn open(&self) -> u64 {
        self.batch.account.map_or(0, |account| account.reserved + account.printed)
    }

    fn all_blocks(&self) -> String {
        address("/blocks", &[("batch", &self.batch.batch)])
    }

    fn new_block(&self) -> String {
        let sku = if let [only] = self.batch.skus.as_slice() { only.as_str() } else { "" };
        address("/blocks/new", &[("batch", &self.batch.batch), ("sku", sku)])
    }

    /// The pager that the template shows: that of the open labels.
    fn pager(&self) -> &Pager {
        &self.debt_pager
    }
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn one(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, Problem> {
    Ok(page(&One::of(&app, v, &who, &code, &after).await?))
}

#[derive(Debug, Deserialize)]
struct Close {
    #[serde(default)]
    unaccounted_reason: String,
}

async fn close(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(Close { unaccounted_reason: reason }): Posted<Close>,
) -> Result<Response, Problem> {
    let given = Some(reason.trim()).filter(|reason| !reason.is_empty());
    match app.nameplate.close_batch(&who.caller(), &code, given).await {
        Ok(batch) => Ok(see_other(&format!("/batches/{}?done=batch_closed", in_address(&batch.batch)))),
        Err(error) => {
            let open = matches!(error, ServiceError::BatchOpen { .. });
            let mut fault = Fault::of(error)?;
            if open {
                "unaccounted_reason".clone_into(&mut fault.field);
            }
            let mut shown = One::of(&app, v, &who, &code, "").await?;
            (shown.reason, shown.faults) = (reason, fault.into());
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}
