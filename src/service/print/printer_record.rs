//! What is known of printers: settings, whether they are there, what they print, and their counters.

use super::super::tokens::IssuedToken;
use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::printer::PrinterSettings;
use crate::print::status::PrinterStatus;
use crate::store::printer::PrinterRow;
use crate::store::{self, Connection};
use serde::Serialize;

/// A printer as people and machines read it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
        "printer": "line-3",
        "settings": {"site": "Shenzhen", "line": "3", "driver": "raw", "format": "zpl-graphic", "dpi": 203,
        "media_width_um": 60000, "media_height_um": 40000, "offset_x_um": 0, "offset_y_um": 0, "darkness": 15,
        "speed_in_per_s": 4, "mac": null, "state": "enabled"},
        "online": true, "last_seen": "2025-07-10T12:00:00Z",
        "status": {"state": "ready", "media": "ok", "ribbon": "ok", "head": "closed", "labels_total": 12345,
        "detail": null, "agent": "nameplate agent 0.1.0"},
        "current_job": "JOB-0123456789ABCDEF", "waiting_jobs": 2, "waiting_labels": 430, "confirmed": 12003,
        "unconfirmed": 1, "leases": 612, "registered_at": "2025-03-01T08:00:00Z"
    }))]
pub struct PrinterRecord {
    /// Its name.
    pub printer: String,
    /// What is said of it.
    pub settings: PrinterSettings,
    /// Whether it was heard of a moment ago.
    pub online: bool,
    /// When it was last heard of, RFC 3339.
    pub last_seen: Option<String>,
    /// What it last said of itself.
    pub status: Option<PrinterStatus>,
    /// The job that it prints now.
    pub current_job: Option<String>,
    /// Jobs that wait for it.
    pub waiting_jobs: i64,
    /// Labels that wait for it.
    pub waiting_labels: i64,
    /// Labels that came out of it.
    pub confirmed: i64,
    /// Labels that may have come out of it, when last told.
    pub unconfirmed: i64,
    /// Leases that it had.
    pub leases: i64,
    /// When it was registered, RFC 3339.
    pub registered_at: String,
    /// Goes up with every change: the ETag.
    #[serde(skip)]
    pub version: i64,
}

/// A printer that was registered, with its token.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "printer": {
        "printer": "line-3",
        "settings": {"site": "Shenzhen", "line": "3", "driver": "raw", "format": "zpl-graphic", "dpi": 203,
        "media_width_um": 60000, "media_height_um": 40000, "offset_x_um": 0, "offset_y_um": 0, "darkness": 15,
        "speed_in_per_s": 4, "mac": null, "state": "enabled"},
        "online": true, "last_seen": "2025-07-10T12:00:00Z",
        "status": {"state": "ready", "media": "ok", "ribbon": "ok", "head": "closed", "labels_total": 12345,
        "detail": null, "agent": "nameplate agent 0.1.0"},
        "current_job": "JOB-0123456789ABCDEF", "waiting_jobs": 2, "waiting_labels": 430, "confirmed": 12003,
        "unconfirmed": 1, "leases": 612, "registered_at": "2025-03-01T08:00:00Z"
    },
    "token": {"id": "0A1B2C3D4E", "token": "npt_0A1B2C3D4E_...", "name": "printer line-3", "scopes": "printer"}
}))]
pub struct RegisteredPrinter {
    /// The printer.
    pub printer: PrinterRecord,
    /// The token that opens its queue and nothing else. Shown this once only.
    pub token: IssuedToken,
}

/// An agent that was heard of so long ago is offline: it waits for work up to 25 s.
const AGENT_SILENCE_US: i64 = 65_000_000;
/// How often a CloudPRNT printer polls that has not said it, in seconds.
const POLL_INTERVAL_S: u32 = 10;

/// A CloudPRNT printer is offline after twice its interval and 5 s (Star CloudPRNT Developer Guide 1.4, section 9).
fn poll_silence_us(interval_s: Option<u32>) -> i64 {
    (2 * i64::from(interval_s.unwrap_or(POLL_INTERVAL_S)) + 5) * 1_000_000
}

impl Nameplate {
    /// When a printer was last heard of and what it said, and whether that was a moment ago.
    fn heard_of(&self, row: &PrinterRow) -> (Option<(i64, PrinterStatus)>, bool) {
        let noted = row.seen.as_ref().map(|(at, text)| (*at, serde_json::from_str(text).unwrap_or_default()));
        let seen: Option<(i64, PrinterStatus)> =
            [noted, self.print.parts.board.seen(row.id)].into_iter().flatten().max_by_key(|(at, _)| *at);
        let silence = match row.driver.as_str() {
            "cloudprnt" => poll_silence_us(self.print.parts.board.star_interval_s(row.id)),
            _ => AGENT_SILENCE_US,
        };
        let now_us = self.clock.now_us();
        let is_online = seen.as_ref().is_some_and(|(at, _)| now_us - at <= silence);
        (seen, is_online)
    }

    /// Whether somebody should look after a printer: it is not heard of, or says that something is wrong.
    pub(in crate::service) fn is_in_trouble(&self, row: &PrinterRow) -> bool {
        let (seen, is_online) = self.heard_of(row);
        !is_online || seen.is_some_and(|(_, status)| status.is_trouble())
    }

    pub(super) async fn printer_record(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        row: &PrinterRow,
    ) -> Result<PrinterRecord, ServiceError> {
        let (seen, is_online) = self.heard_of(row);
        let open = store::print_attempt::open_of_printer(conn, row.id).await?;
        let current_job = match open.last() {
            // What others print is not for a brand.
            Some(attempt) if caller.brand.is_none() => {
                store::print_job::by_id(conn, attempt.job_id).await?.map(|job| job.code)
            }
            _ => None,
        };
        let (waiting_jobs, waiting_labels) = store::print_job::waiting(conn, row.id).await?;
        Ok(PrinterRecord {
            printer: row.code.clone(),
            settings: PrinterSettings::of(row)?,
            online: is_online,
            last_seen: seen.as_ref().map(|(at, _)| rfc3339(*at)),
            status: seen.map(|(_, status)| status),
            current_job,
            waiting_jobs,
            waiting_labels,
            confirmed: row.confirmed,
            unconfirmed: row.unconfirmed,
            leases: row.attempts,
            registered_at: rfc3339(row.created_us),
            version: row.edit_version,
        })
    }
}
