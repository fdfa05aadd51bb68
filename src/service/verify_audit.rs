//! Use case: the audit chain is checked from its first entry to its end.

use super::{Nameplate, ServiceError};
use crate::store;
use crate::trace::ChainHead;
use serde::Serialize;

const PAGE: u32 = 5_000;

/// What a check of the chain found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "entries": 4711, "head": "66e1ea874728dad3967ea6b367455e7594a0e5f2251f566d0c34d1eb43d860b7", "fault": null
}))]
pub struct AuditVerified {
    /// Entries that were checked.
    pub entries: u64,
    /// The hash of the last one; keep it elsewhere, and a later truncation shows.
    pub head: String,
    /// The first thing that is wrong, in words; none when the chain is whole.
    pub fault: Option<String>,
}

impl Nameplate {
    /// Recomputes every hash. A changed, inserted or removed entry is a fault, named by its number.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn verify_audit(&self) -> Result<AuditVerified, ServiceError> {
        let mut conn = self.read().await?;
        let mut head = ChainHead::EMPTY;
        let result = |head: ChainHead, fault: Option<String>| AuditVerified {
            entries: head.seq,
            head: head.hash.to_string(),
            fault,
        };
        // The end is read first: entries that are appended meanwhile are not a fault.
        let end = store::audit::head(&mut conn).await?.head;
        while head.seq < end.seq {
            let mut page = store::audit::entries_after(&mut conn, head.seq, PAGE).await?;
            page.retain(|(seq, ..)| *seq <= end.seq);
            if page.is_empty() {
                let fault = format!("the chain ends at entry {}, its head says {}", head.seq, end.seq);
                return Ok(result(head, Some(fault)));
            }
            for (seq, entry, stored) in page {
                let next = entry.extend(head);
                if seq != next.seq {
                    let fault = format!("entry {} is missing", next.seq);
                    return Ok(result(head, Some(fault)));
                }
                if stored != next.hash {
                    let fault = format!("entry {seq} ({} of {}) was changed", entry.action, entry.subject);
                    return Ok(result(head, Some(fault)));
                }
                head = next;
                if seq == end.seq && stored != end.hash {
                    return Ok(result(head, Some(format!("the head does not belong to entry {seq}"))));
                }
            }
        }
        // An entry is visible together with the head that counts it, so one beyond the head was put there by hand.
        let beyond = store::audit::entries_after(&mut conn, head.seq, 1).await?;
        let now = store::audit::head(&mut conn).await?.head;
        let forged = beyond.first().filter(|(seq, ..)| *seq > now.seq);
        Ok(result(head, forged.map(|(seq, ..)| format!("entry {seq} stands after the end of the chain"))))
    }
}
