//! Use case: a station asks for labels. Block and print job come from one call that can be repeated.

use super::super::reserve::answered;
use super::super::{Caller, Nameplate, ReserveBlock, ServiceError, part};
use super::job::{MAX_PRIORITY, NewJob};
use super::job_record::JobRecord;
use crate::store;
use serde::{Deserialize, Serialize};

/// What a station wants printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sku": "NT-M2-BOR", "batch": "2025-W27-M2", "count": 12, "printer": "line-3", "order": "PO-4711"
}))]
pub struct StationPrint {
    /// SKU code, or another name of the SKU such as its GTIN.
    #[schema(max_length = 80)]
    pub sku: String,
    /// Batch code.
    #[schema(max_length = 80)]
    pub batch: String,
    /// How many labels.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub count: i64,
    /// On which printer.
    #[schema(max_length = 40)]
    pub printer: String,
    /// The order that the units are for.
    #[serde(default)]
    pub order: Option<String>,
    /// Template name; the SKU's own if left out.
    #[serde(default)]
    pub template: Option<String>,
    /// 0 to 9; higher goes first.
    #[serde(default = "ordinary")]
    #[schema(maximum = 9, default = 5)]
    pub priority: u8,
}

const fn ordinary() -> u8 {
    5
}

/// What a station got: its serials, the proof of them, and the job that prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "block": "BLK-7K3M9XQ2WVT0A1B2", "count": 12, "first_serial": "07K3M9XQ2WNF", "last_serial": "0ZZ3M9XQ2W76",
    "receipt": "npr1.eyJibG9jayI.c2lnbmF0dXJl", "job": {"job": "JOB-0123456789ABCDEF", "state": "pending", "labels": 12}
}))]
pub struct StationPrinted {
    /// The block's name.
    pub block: String,
    /// How many serials it has.
    pub count: u64,
    /// The first serial in issuing order.
    pub first_serial: String,
    /// The last serial in issuing order.
    pub last_serial: String,
    /// Signed proof, to be kept.
    pub receipt: String,
    /// The job that prints them.
    pub job: JobRecord,
}

impl Nameplate {
    /// Reserves a block for a station and queues its labels. What can be refused is refused before a serial is reserved;
    /// should the server end between block and job, the same call finds the block and makes the job.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], [`ServiceError::Reserve`], [`ServiceError::NotFound`],
    /// [`ServiceError::KeyReused`], or [`ServiceError::Print`] with what is in the way.
    pub async fn station_print(
        &self,
        caller: &Caller,
        station: &str,
        key: &str,
        wanted: &StationPrint,
    ) -> Result<StationPrinted, ServiceError> {
        caller.speaks_for(station)?;
        if wanted.priority > MAX_PRIORITY {
            return Err(ServiceError::Invalid { field: "priority", problem: "is 0 to 9, 9 goes first".into() });
        }
        let request = ReserveBlock::parse(&wanted.sku, &wanted.batch, wanted.count, station, wanted.order.as_deref())?;
        // No header can hold a space, so this is nobody's own key.
        let key = format!("print {key}");
        let mut conn = self.read().await?;
        let known = store::block::past_answers(&mut conn, &[&key]).await?.iter().any(|past| past.station == station);
        if !known {
            let printer = self.open_printer(&mut conn, &wanted.printer).await?;
            part(self.approved_for(caller, &mut conn, &wanted.sku, &printer, wanted.template.as_deref())).await?;
        }
        drop(conn);
        let station = request.station.as_str().to_owned();
        let reserved = part(self.reserve_block(caller, &key, request)).await?;
        let block = answered(&reserved.answer)?;
        let job = NewJob {
            priority: wanted.priority,
            ..NewJob::of_whole_block(&wanted.printer, &block.block, wanted.template.as_deref())
        };
        // The key is the station's, whoever speaks for it.
        let speaker = Caller { station: Some(station), ..caller.clone() };
        let job = part(self.print(&speaker, &key, &job)).await?;
        Ok(StationPrinted {
            block: block.block,
            count: block.count,
            first_serial: block.first_serial,
            last_serial: block.last_serial,
            receipt: block.receipt,
            job,
        })
    }
}
