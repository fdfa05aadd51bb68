//! Live tokens that were looked up a moment ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::TokenRecord;
use crate::service::token::TokenId;

/// How long a look-up is believed: a revocation must act within a second.
const KEPT: Duration = Duration::from_millis(500);
/// Most tokens held; each once issued, so only many real ones can fill it.
const MOST: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Cache(HashMap<TokenId, (Instant, Arc<TokenRecord>)>);

impl Cache {
    pub(super) fn get(&self, id: TokenId, now: Instant) -> Option<Arc<TokenRecord>> {
        let (asked, record) = self.0.get(&id)?;
        (now.saturating_duration_since(*asked) < KEPT).then(|| Arc::clone(record))
    }

    /// Keeps a record. `asked` is when its look-up began: it may not tell of anything later.
    pub(super) fn put(&mut self, record: Arc<TokenRecord>, asked: Instant) {
        if self.0.len() >= MOST {
            self.0.retain(|_, (kept, _)| asked.saturating_duration_since(*kept) < KEPT);
        }
        if self.0.len() < MOST {
            self.0.insert(record.principal.token_id, (asked, record));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::auth::TokenState;
    use crate::service::token::{ApiToken, Principal, ScopeSet};

    fn record(number: u16) -> Arc<TokenRecord> {
        let mut random = [0; 39];
        random[5..7].copy_from_slice(&number.to_be_bytes());
        let token = ApiToken::from_random(random);
        let (name, scopes) = (String::new(), ScopeSet::default());
        let principal = Principal { token_id: token.id(), name, scopes, brand: None, station: None, printer: None };
        Arc::new(TokenRecord { hash: token.hash(), state: TokenState::Live, principal })
    }

    #[test]
    fn a_look_up_is_believed_for_less_than_a_second() {
        let (mut cache, record, asked) = (Cache::default(), record(1), Instant::now());
        let id = record.principal.token_id;
        cache.put(record, asked);
        assert!(cache.get(id, asked + Duration::from_millis(400)).is_some());
        assert!(cache.get(id, asked + Duration::from_millis(999)).is_none());
    }

    #[test]
    fn it_never_holds_more_than_its_limit_and_makes_room_of_the_old() {
        let (mut cache, asked) = (Cache::default(), Instant::now());
        for number in 0..5_000 {
            cache.put(record(number), asked);
        }
        assert_eq!(cache.0.len(), MOST);
        let later = asked + Duration::from_secs(1);
        cache.put(record(9_999), later);
        assert_eq!(cache.0.len(), 1);
        assert!(cache.get(record(9_999).principal.token_id, later).is_some());
    }
}
