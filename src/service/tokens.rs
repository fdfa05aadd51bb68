//! Use case: tokens are made, listed, rotated and revoked; and looked up when somebody presents one.

use super::caller::Caller;
use super::token::{ApiToken, Principal, Scope, ScopeSet, SecretHash, TOKEN_RANDOM_BYTES, TokenId};
use super::{Nameplate, ServiceError, StationName, random, rfc3339};
use crate::catalogue::name_key;
use crate::store::token::TokenRow;
use crate::store::{self, StoreError, Transaction};
use crate::trace::AuditEntry;
use serde::{Deserialize, Serialize};

/// How long an old token works beside its successor, unless told otherwise.
pub const DEFAULT_OVERLAP_S: u32 = 24 * 60 * 60;

/// The longest overlap.
const MAX_OVERLAP_S: u32 = 30 * 24 * 60 * 60;

/// What is known of a presented token.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// Hash of its secret.
    pub hash: SecretHash,
    /// Whether it still opens anything.
    pub state: TokenState,
    /// Whom it stands for.
    pub principal: Principal,
}

/// Whether a token still opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// In use.
    Live,
    /// Its time is over.
    Expired,
    /// An administrator ended it, or a successor took its place.
    Revoked,
}

/// What a new token shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "line 3, station B", "scopes": "station", "station": "final-inspection.2"}))]
pub struct NewToken {
    /// Who or what it is for, e.g. "line 3, station B".
    pub name: String,
    /// Scope names, separated by spaces.
    pub scopes: String,
    /// Code of the only brand that it shall see.
    #[serde(default)]
    pub brand: Option<String>,
    /// The only station that it shall speak for.
    #[serde(default)]
    pub station: Option<String>,
    /// The only printer whose queue it shall open; needed with the scope printer and no other.
    #[serde(default)]
    pub printer: Option<String>,
    /// When it ends, RFC 3339; never if left out.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A token just made: the only time that its secret is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "id": "0A1B2C3D4E", "token": "npt_0A1B2C3D4E_...", "name": "line 3, station B", "scopes": "station"
}))]
pub struct IssuedToken {
    /// Its public id.
    pub id: String,
    /// The whole token. It is not stored and cannot be shown again.
    pub token: String,
    /// Who or what it is for.
    pub name: String,
    /// Scope names.
    pub scopes: String,
}

/// A token as listed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "id": "0A1B2C3D4E", "name": "line 3, station B", "scopes": "station", "brand": null,
    "station": "final-inspection.2", "printer": null, "state": "live", "created_at": "2025-07-10T12:00:00Z", "expires_at": null,
    "revoked_at": null, "replaced_by": null
}))]
pub struct ListedToken {
    /// Its public id.
    pub id: String,
    /// Who or what it is for.
    pub name: String,
    /// Scope names.
    pub scopes: String,
    /// Code of the only brand that it sees.
    pub brand: Option<String>,
    /// The only station that it speaks for.
    pub station: Option<String>,
    /// The only printer whose queue it opens.
    pub printer: Option<String>,
    /// Whether it still opens anything.
    pub state: TokenState,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it ends.
    pub expires_at: Option<String>,
    /// When it was, or will be, revoked.
    pub revoked_at: Option<String>,
    /// The token that took its place.
    pub replaced_by: Option<String>,
}

impl Nameplate {
    /// Makes a token.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for an unusable field.
    pub async fn issue_token(&self, caller: &Caller, new: &NewToken) -> Result<IssuedToken, ServiceError> {
        let invalid = |field, problem: String| ServiceError::Invalid { field, problem };
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
            return Err(invalid("name", "write 1 to 80 characters that say whom the token is for".into()));
        }
        let scopes: ScopeSet = new.scopes.parse().map_err(|e| invalid("scopes", format!("{e}")))?;
        if scopes.is_empty() {
            return Err(invalid(
                "scopes",
                "name at least one of admin, planner, station, printer, buyer, support".into(),
            ));
        }
        if new.brand.is_some() && (scopes.contains(Scope::Admin) || scopes.contains(Scope::Planner)) {
            let problem = "admin and planner work on what all brands share: leave the brand out, or use other scopes";
            return Err(invalid("brand", problem.into()));
        }
        if let Some(station) = &new.station {
            StationName::parse(station).map_err(|e| invalid("station", e.to_string()))?;
        }
        let now_us = self.clock.now_us();
        let expires_us = match &new.expires_at {
            None => None,
            Some(text) => {
                let at: jiff::Timestamp = text
                    .parse()
                    .map_err(|_| invalid("expires_at", "is not a time like 2027-01-31T12:00:00Z".into()))?;
                let at = at.as_microsecond();
                if at <= now_us {
                    return Err(invalid("expires_at", "lies in the past".into()));
                }
                Some(at)
            }
        };
        let mut tx = self.store.begin().await?;
        let brand_id = match &new.brand {
            None => None,
            Some(code) if code.contains('\0') => return Err(invalid("brand", "holds a NUL character".into())),
            Some(code) => Some(
                store::sku::brand_id(&mut tx, &name_key(code))
                    .await?
                    .ok_or_else(|| invalid("brand", format!("there is no brand {code:?}")))?,
            ),
        };
        if scopes.contains(Scope::Printer) != new.printer.is_some() {
            let problem = "the scope printer goes with exactly one printer: name it, or use other scopes";
            return Err(invalid("printer", problem.into()));
        }
        let printer_id = match &new.printer {
            None => None,
            Some(code) => Some(self.printer_row(&mut tx, code).await?.id),
        };
        let row = TokenRow {
            id: String::new(),
            name: name.to_owned(),
            secret_hash: Vec::new(),
            scopes: scopes.to_string(),
            brand_id,
            station: new.station.clone(),
            printer_id,
            created_us: now_us,
            expires_us,
            revoked_us: None,
            replaced_by: None,
        };
        let issued = insert(&mut tx, row).await?;
        self.audit_token(&mut tx, caller, "token.issue", &issued.id, &issued.name).await?;
        store::commit(tx).await?;
        Ok(issued)
    }

    /// Makes a first token with the scope admin if there is none of any kind; `None` if there is.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn first_token(&self) -> Result<Option<IssuedToken>, ServiceError> {
        let mut conn = self.read().await?;
        if store::token::any(&mut conn).await? {
            return Ok(None);
        }
        drop(conn);
        let new = NewToken {
            name: "first admin".into(),
            scopes: "admin".into(),
            brand: None,
            station: None,
            printer: None,
            expires_at: None,
        };
        self.issue_token(&Caller::command_line(), &new).await.map(Some)
    }

    /// Makes a successor with the same rights; the old token works on for `overlap_s` seconds.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a token that does not exist or is not live.
    pub async fn rotate_token(
        &self,
        caller: &Caller,
        id: TokenId,
        overlap_s: u32,
    ) -> Result<IssuedToken, ServiceError> {
        let overlap_us = i64::from(overlap_s.min(MAX_OVERLAP_S)) * 1_000_000;
        let now_us = self.clock.now_us();
        let mut tx = self.store.begin().await?;
        let old = store::token::by_id(&mut tx, &id.to_string()).await?.filter(|t| state(t, now_us) == TokenState::Live);
        let old = old.ok_or_else(|| ServiceError::NotFound { kind: "live token", name: id.to_string() })?;
        let row = TokenRow { created_us: now_us, revoked_us: None, replaced_by: None, ..old };
        let issued = insert(&mut tx, row).await?;
        store::token::revoke(&mut tx, &id.to_string(), now_us + overlap_us, Some(&issued.id)).await?;
        self.audit_token(&mut tx, caller, "token.rotate", &id.to_string(), &issued.id).await?;
        store::commit(tx).await?;
        Ok(issued)
    }

    /// Ends a token now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a token that does not exist or is revoked already.
    pub async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        if !store::token::revoke(&mut tx, &id.to_string(), self.clock.now_us(), None).await? {
            return Err(ServiceError::NotFound { kind: "live token", name: id.to_string() });
        }
        self.audit_token(&mut tx, caller, "token.revoke", &id.to_string(), "").await?;
        Ok(store::commit(tx).await?)
    }

    /// Tokens by id, without any secret, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn tokens(&self, after: &str, limit: u32) -> Result<(Vec<ListedToken>, Option<String>), ServiceError> {
        let now_us = self.clock.now_us();
        let mut conn = self.read().await?;
        let mut rows = store::token::list(&mut conn, after, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id.clone()) } else { None };
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let brand = match row.brand_id {
                Some(id) => store::sku::brand_code(&mut conn, id).await?,
                None => None,
            };
            let printer = match row.printer_id {
                Some(id) => store::printer::by_id(&mut conn, id).await?.map(|printer| printer.code),
                None => None,
            };
            listed.push(ListedToken {
                state: state(&row, now_us),
                id: row.id,
                name: row.name,
                scopes: row.scopes,
                brand,
                station: row.station,
                printer,
                created_at: rfc3339(row.created_us),
                expires_at: row.expires_us.map(rfc3339),
                revoked_at: row.revoked_us.map(rfc3339),
                replaced_by: row.replaced_by,
            });
        }
        Ok((listed, next))
    }

    /// What is known of a presented token.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let Some(row) = store::token::by_id(&mut conn, &id.to_string()).await? else { return Ok(None) };
        let corrupt = |column| StoreError::Corrupt { table: "api_token", column, row: row.id.clone() };
        let hash: [u8; 32] = row.secret_hash.as_slice().try_into().map_err(|_| corrupt("secret_hash"))?;
        let scopes = row.scopes.parse().map_err(|_| corrupt("scopes"))?;
        Ok(Some(TokenRecord {
            hash: SecretHash::from_bytes(hash),
            state: state(&row, self.clock.now_us()),
            principal: Principal {
                token_id: id,
                name: row.name.clone(),
                scopes,
                brand: row.brand_id,
                station: row.station.clone(),
                printer: row.printer_id,
            },
        }))
    }

    async fn audit_token(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        action: &str,
        subject: &str,
        note: &str,
    ) -> Result<(), ServiceError> {
        let head = store::audit::hold_head(tx).await?.head;
        let entry = AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: serde_json::json!({ "note": note }).to_string(),
        };
        store::audit::append(tx, head, &[entry]).await?;
        Ok(())
    }
}

pub(super) async fn insert(tx: &mut Transaction, mut row: TokenRow) -> Result<IssuedToken, ServiceError> {
    let token = ApiToken::from_random(random::<TOKEN_RANDOM_BYTES>()?);
    row.id = token.id().to_string();
    row.secret_hash = token.hash().as_bytes().to_vec();
    store::token::insert(tx, &row).await?;
    Ok(IssuedToken { id: row.id, token: token.reveal(), name: row.name, scopes: row.scopes })
}

fn state(row: &TokenRow, now_us: i64) -> TokenState {
    if row.revoked_us.is_some_and(|at| at <= now_us) {
        TokenState::Revoked
    } else if row.expires_us.is_some_and(|at| at <= now_us) {
        TokenState::Expired
    } else {
        TokenState::Live
    }
}
