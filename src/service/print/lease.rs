//! What printers and their agents say and get.

use crate::print::status::PrinterStatus;
use serde::{Deserialize, Serialize};

/// Most labels of one lease.
pub const MAX_LEASED: u32 = 500;
/// How many labels a lease has when nobody says.
pub const DEFAULT_LEASED: u32 = 20;
/// Longest wait for work, in seconds.
pub const MAX_WAIT_S: u32 = 25;
/// How long a lease lasts without a heartbeat, in seconds.
pub const LEASE_S: u32 = 120;

/// A lease: the right to print some labels once. Its name is the fencing token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "lease": "LSE-0123456789ABCDEFGHJKMNPQRS", "job": "JOB-0123456789ABCDEF", "kind": "live", "format": "zpl",
    "media_type": "application/zpl", "labels": 20, "lease_s": 120, "expires_at": "2025-07-10T12:02:00Z",
    "labels_url": "/api/v1/leases/LSE-0123456789ABCDEFGHJKMNPQRS/labels"
}))]
pub struct Lease {
    /// Its name. Whoever knows it can fetch and acknowledge these labels, together with the printer's token.
    pub lease: String,
    /// The job that the labels are of.
    pub job: String,
    /// `live`, `reprint`, `reissue` or `test`.
    pub kind: String,
    /// `zpl`, `pdf` or `png`.
    pub format: String,
    /// The media type of its labels.
    pub media_type: String,
    /// How many labels: their positions are 1 to this.
    pub labels: u64,
    /// How long it lasts from its last heartbeat or result, in seconds.
    pub lease_s: u32,
    /// When it ends unless there is a heartbeat, RFC 3339.
    pub expires_at: String,
    /// Where its labels are.
    pub labels_url: String,
}

/// What became of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They came out, and there is evidence.
    Printed,
    /// Bytes went out and nobody knows what became of them.
    Unknown,
    /// Certain: not one byte of them reached the printer.
    NotPrinted,
}

/// Why a printer's agent believes that labels came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The printer's own label counter went up by them.
    Counter,
    /// The printer said that it is idle and well afterwards.
    Status,
    /// The printer itself reported the IPP job completed.
    Ipp,
    /// The printer deleted the CloudPRNT job with success.
    Cloudprnt,
    /// A person has seen them.
    Person,
}

/// The outcome of a range of a lease's labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"first": 1, "last": 3, "outcome": "printed", "evidence": "counter"}))]
pub struct LabelResult {
    /// The first label, counted from 1.
    pub first: u64,
    /// The last label.
    pub last: u64,
    /// What became of them.
    pub outcome: Outcome,
    /// Needed for printed.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// What else there is to say, at most 300 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// What a report of results did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"confirmed": 3, "unconfirmed": 1, "queued": 16, "open": 0}))]
pub struct ResultsTaken {
    /// Labels now confirmed by this report, or by an earlier one that said the same.
    pub confirmed: u64,
    /// Labels that now wait for a person.
    pub unconfirmed: u64,
    /// Labels that are queued again.
    pub queued: u64,
    /// Labels of this lease that have no result yet.
    pub open: u64,
}

/// A lease that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"expires_at": "2025-07-10T12:04:00Z", "stop": false}))]
pub struct Heartbeat {
    /// When the lease ends unless there is another heartbeat, RFC 3339.
    pub expires_at: String,
    /// Whether no more labels shall be fetched: the job was held or cancelled, or the printer paused.
    pub stop: bool,
}

/// What a printer asks for when it wants work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"max_labels": 20, "wait_s": 20}))]
pub struct LeaseRequest {
    /// At most this many labels.
    #[serde(default = "default_leased")]
    #[schema(minimum = 1, maximum = 500, default = 20)]
    pub max_labels: u32,
    /// How long to wait for work, in seconds.
    #[serde(default)]
    #[schema(maximum = 25, default = 0)]
    pub wait_s: u32,
    /// How the printer is.
    #[serde(default)]
    pub status: Option<PrinterStatus>,
}

fn default_leased() -> u32 {
    DEFAULT_LEASED
}
