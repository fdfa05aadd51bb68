//! Use cases: people are invited, listed, changed and disabled.

use super::link::OneTimeLink;
use super::role::{Role, Roles};
use super::session::SignedIn;
use super::totp;
use crate::catalogue::name_key;
use crate::service::{Caller, Nameplate, ServiceError, StationName, random, rfc3339};
use crate::store::user::UserRow;
use crate::store::{self, Connection, StoreError};
use data_encoding::HEXLOWER;

/// Stands for the first administrator's address until somebody has opened that account.
pub(super) const FIRST_EMAIL: &str = "first-administrator";

/// Whom to invite.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewUser {
    /// Address, which is also what the person signs in with.
    pub email: String,
    /// The name that signs; the person may correct it.
    pub name: String,
    /// Role names, separated by spaces or commas.
    pub roles: String,
    /// Code of the only brand that the person shall see; a buyer has one.
    pub brand: Option<String>,
    /// The only station that the person shall work at.
    pub station: Option<String>,
    /// Language tag of pages and mail.
    pub language: String,
}

/// What is changed of a person. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// Role names.
    pub roles: Option<String>,
    /// Code of the brand; empty takes it away.
    pub brand: Option<String>,
    /// The station; empty takes it away.
    pub station: Option<String>,
    /// Whether the person may sign in.
    pub is_active: Option<bool>,
    /// Takes the one-time codes away: for a phone that is lost.
    pub forget_codes: bool,
}

/// How far an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Nobody has opened the invitation yet.
    Invited,
    /// In use.
    Active,
    /// Signs in no more.
    Disabled,
}

impl UserState {
    /// Its name in keys of messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A person as administrators read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The person's number.
    pub user: i64,
    /// The address.
    pub email: String,
    /// The name that signs.
    pub name: String,
    /// What the person may do.
    pub roles: Roles,
    /// Code of the only brand that the person sees.
    pub brand: Option<String>,
    /// The only station that the person works at.
    pub station: Option<String>,
    /// How far the account has come.
    pub state: UserState,
    /// Whether signing in asks for a one-time code.
    pub has_codes: bool,
    /// When the account was made, RFC 3339.
    pub created_at: String,
}

/// An address as it is compared: providers fold case, so two spellings are one person.
#[must_use]
pub(super) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An address that mail can be sent to.
pub(super) fn email_of(text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    let parsed: Result<lettre::Address, _> = text.parse();
    match parsed {
        Ok(_) if text.len() <= 254 && text.is_ascii() => Ok(text.to_owned()),
        _ => Err(ServiceError::Invalid { field: "email", problem: "write an address like name@example.com".into() }),
    }
}

/// A name that can stand under a signature.
pub(super) fn name_of(text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    let is_bad = text.is_empty() || text.chars().count() > 80 || text.chars().any(char::is_control);
    if is_bad {
        let problem = "write 1 to 80 characters: the name that stands under signatures";
        return Err(ServiceError::Invalid { field: "name", problem: problem.into() });
    }
    Ok(text.to_owned())
}

fn language_of(text: &str) -> Result<String, ServiceError> {
    let text = if text.trim().is_empty() { "en" } else { text.trim() };
    let fits = text.len() <= 35 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let problem = "write a language tag like en, de or zh";
    if fits { Ok(text.to_owned()) } else { Err(ServiceError::Invalid { field: "language", problem: problem.into() }) }
}

/// Roles with the brand and the station that go with them.
fn checked_roles(text: &str, brand: Option<i64>, station: Option<&str>) -> Result<Roles, ServiceError> {
    let invalid = |field, problem: &str| ServiceError::Invalid { field, problem: problem.to_owned() };
    let roles: Roles = text.parse().map_err(|e| ServiceError::Invalid { field: "roles", problem: format!("{e}") })?;
    if roles.is_empty() {
        return Err(invalid("roles", "choose at least one role"));
    }
    let shared = Roles::of(&[Role::Admin, Role::Planner, Role::Station, Role::Operator]);
    if brand.is_some() && roles.iter().any(|role| shared.contains(role)) {
        let problem = "admin, planner, station and operator work on what all brands share: leave the brand out";
        return Err(invalid("brand", problem));
    }
    if roles.contains(Role::Buyer) && brand.is_none() {
        return Err(invalid("brand", "a buyer belongs to one brand: choose it"));
    }
    if let Some(station) = station {
        StationName::parse(station).map_err(|e| ServiceError::Invalid { field: "station", problem: e.to_string() })?;
    }
    Ok(roles)
}

impl Nameplate {
    /// Makes an account and the link that opens it.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for an unusable field, an address that has an account already among them.
    pub async fn invite(&self, caller: &Caller, new: &NewUser) -> Result<OneTimeLink, ServiceError> {
        let email = email_of(&new.email)?;
        let name = if new.name.trim().is_empty() { String::new() } else { name_of(&new.name)? };
        let language = language_of(&new.language)?;
        let station = new.station.as_deref().map(str::trim).filter(|station| !station.is_empty()).map(str::to_owned);
        let mut tx = self.store.begin().await?;
        let brand_id = brand_of(&mut tx, new.brand.as_deref()).await?;
        let roles = checked_roles(&new.roles, brand_id, station.as_deref())?;
        let key = email_key(&email);
        if store::user::by_email(&mut tx, &key).await?.is_some() {
            let problem = "has an account already: send that person a new link instead";
            return Err(ServiceError::Invalid { field: "email", problem: problem.into() });
        }
        let user = UserRow { email, email_key: key, ..self.blank(name, roles, brand_id, station, language) };
        let link = self.insert_user(&mut tx, caller, user).await?;
        store::commit(tx).await?;
        Ok(link)
    }

    fn blank(
        &self,
        name: String,
        roles: Roles,
        brand_id: Option<i64>,
        station: Option<String>,
        language: String,
    ) -> UserRow {
        UserRow {
            id: 0,
            email: String::new(),
            email_key: String::new(),
            name,
            password_hash: None,
            roles: roles.to_string(),
            brand_id,
            station,
            language,
            is_active: true,
            totp_salt: None,
            totp_confirmed: false,
            totp_step: 0,
            created_us: self.clock.now_us(),
            edit_version: 1,
        }
    }

    async fn insert_user(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        mut user: UserRow,
    ) -> Result<OneTimeLink, ServiceError> {
        let head = store::audit::hold_head(conn).await?.head;
        user.id = i64::try_from(head.seq + 1).map_err(|_| ServiceError::Unexpected("the chain is full".into()))?;
        store::user::insert(conn, &user).await?;
        let detail = serde_json::json!({ "email": user.email, "roles": user.roles, "brand": user.brand_id });
        self.audit_person(conn, caller, "user.invite", user.id, detail).await?;
        self.link_in(conn, &user).await
    }

    /// Makes the first administrator's account if there is no account at all: whoever opens the link chooses the address.
    /// `None` if there are accounts.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn first_link(&self) -> Result<Option<OneTimeLink>, ServiceError> {
        let mut tx = self.store.begin().await?;
        let first = store::user::by_email(&mut tx, FIRST_EMAIL).await?;
        let caller = Caller::command_line();
        let link = match first {
            Some(user) => self.link_in(&mut tx, &user).await?,
            None if store::user::any(&mut tx).await? => return Ok(None),
            None => {
                let blank = self.blank(String::new(), Roles::of(&[Role::Admin]), None, None, "en".into());
                let user = UserRow { email: FIRST_EMAIL.into(), email_key: FIRST_EMAIL.into(), ..blank };
                self.insert_user(&mut tx, &caller, user).await?
            }
        };
        store::commit(tx).await?;
        Ok(Some(link))
    }

    /// People by number, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn users(&self, after: i64, limit: u32) -> Result<(Vec<UserRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let mut rows = store::user::list(&mut conn, after, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(record(&mut conn, row).await?);
        }
        Ok((records, next))
    }

    /// One person.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn user(&self, user: i64) -> Result<UserRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = store::user::by_id(&mut conn, user).await?.ok_or_else(|| unknown(user))?;
        record(&mut conn, row).await
    }

    /// The person with an address.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn user_by_email(&self, email: &str) -> Result<UserRecord, ServiceError> {
        let absent = || ServiceError::NotFound { kind: "user", name: email.chars().take(80).collect() };
        if email.contains('\0') {
            return Err(absent());
        }
        let mut conn = self.read().await?;
        let row = store::user::by_email(&mut conn, &email_key(email)).await?.ok_or_else(absent)?;
        record(&mut conn, row).await
    }

    /// Changes what somebody may do. Sessions of somebody who may do less, or nothing, end at once.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::Stale`].
    pub async fn change_user(
        &self,
        caller: &Caller,
        user: i64,
        change: &UserChange,
    ) -> Result<UserRecord, ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut row = store::user::by_id(&mut tx, user).await?.ok_or_else(|| unknown(user))?;
        if let Some(brand) = &change.brand {
            row.brand_id = brand_of(&mut tx, Some(brand)).await?;
        }
        if let Some(station) = &change.station {
            row.station = Some(station.trim().to_owned()).filter(|station| !station.is_empty());
        }
        let roles = change.roles.as_deref().unwrap_or(&row.roles);
        row.roles = checked_roles(roles, row.brand_id, row.station.as_deref())?.to_string();
        row.is_active = change.is_active.unwrap_or(row.is_active);
        if change.forget_codes {
            (row.totp_salt, row.totp_confirmed) = (None, false);
        }
        if !store::user::update(&mut tx, &row).await? {
            return Err(ServiceError::Stale);
        }
        if !store::user::has_admin(&mut tx).await? {
            let problem = "somebody has to stay an administrator who can sign in";
            return Err(ServiceError::Invalid { field: "roles", problem: problem.into() });
        }
        store::session::remove_others(&mut tx, user, &[]).await?;
        if !row.is_active {
            store::session::revoke_links(&mut tx, user, self.clock.now_us()).await?;
        }
        let detail = serde_json::json!({
            "roles": row.roles, "brand": row.brand_id, "station": row.station, "active": row.is_active,
            "codes_forgotten": change.forget_codes,
        });
        self.audit_person(&mut tx, caller, "user.change", user, detail).await?;
        let record = record(&mut tx, row).await?;
        store::commit(tx).await?;
        Ok(record)
    }

    /// Begins one-time codes for somebody: answers the secret that a phone has to be shown. They are asked for only once
    /// [`Nameplate::confirm_codes`] has seen one.
    ///
    /// # Errors
    /// [`ServiceError::Stale`].
    pub async fn begin_codes(&self, who: &SignedIn) -> Result<Vec<u8>, ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut row = store::user::by_id(&mut tx, who.user).await?.ok_or_else(|| unknown(who.user))?;
        let salt = match row.totp_salt.clone() {
            Some(salt) if !row.totp_confirmed => salt,
            Some(_) => {
                let problem = "are in use already: turn them off first".to_owned();
                return Err(ServiceError::Invalid { field: "code", problem });
            }
            None => {
                let salt = HEXLOWER.encode(&random::<16>()?);
                row.totp_salt = Some(salt.clone());
                if !store::user::update(&mut tx, &row).await? {
                    return Err(ServiceError::Stale);
                }
                salt
            }
        };
        store::commit(tx).await?;
        Ok(self.keys.one_time_codes(who.user, &salt))
    }

    /// Turns one-time codes on, once a code shows that the phone has the secret. Answers whether the code was right.
    ///
    /// # Errors
    /// [`ServiceError::Stale`].
    pub async fn confirm_codes(&self, who: &SignedIn, code: &str) -> Result<bool, ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut row = store::user::by_id(&mut tx, who.user).await?.ok_or_else(|| unknown(who.user))?;
        if row.totp_confirmed || !self.code_opens(&mut tx, &row, code).await? {
            return Ok(false);
        }
        row.totp_confirmed = true;
        row.totp_step = self.clock.now_us().div_euclid(1_000_000 * totp::STEP_S) + 1;
        if !store::user::update(&mut tx, &row).await? {
            return Err(ServiceError::Stale);
        }
        self.audit_person(&mut tx, &who.caller(), "user.codes_on", who.user, serde_json::json!({})).await?;
        store::commit(tx).await?;
        Ok(true)
    }

    /// Turns one's own one-time codes off. The password was asked for just before.
    ///
    /// # Errors
    /// [`ServiceError::Stale`].
    pub async fn end_codes(&self, who: &SignedIn) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut row = store::user::by_id(&mut tx, who.user).await?.ok_or_else(|| unknown(who.user))?;
        (row.totp_salt, row.totp_confirmed) = (None, false);
        if !store::user::update(&mut tx, &row).await? {
            return Err(ServiceError::Stale);
        }
        self.audit_person(&mut tx, &who.caller(), "user.codes_off", who.user, serde_json::json!({})).await?;
        Ok(store::commit(tx).await?)
    }

    /// Sets one's own name and language.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`], [`ServiceError::Stale`].
    pub async fn change_self(&self, who: &SignedIn, name: &str, language: &str) -> Result<(), ServiceError> {
        let (name, language) = (name_of(name)?, language_of(language)?);
        let mut tx = self.store.begin().await?;
        let mut row = store::user::by_id(&mut tx, who.user).await?.ok_or_else(|| unknown(who.user))?;
        (row.name, row.language) = (name, language);
        if !store::user::update(&mut tx, &row).await? {
            return Err(ServiceError::Stale);
        }
        let detail = serde_json::json!({ "name": row.name, "language": row.language });
        self.audit_person(&mut tx, &who.caller(), "user.self", who.user, detail).await?;
        Ok(store::commit(tx).await?)
    }
}

fn unknown(user: i64) -> ServiceError {
    ServiceError::NotFound { kind: "user", name: user.to_string() }
}

async fn brand_of(conn: &mut Connection, code: Option<&str>) -> Result<Option<i64>, ServiceError> {
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else { return Ok(None) };
    let found = match code.contains('\0') {
        true => None,
        false => store::sku::brand_id(conn, &name_key(code)).await?,
    };
    let shown: String = code.chars().take(80).collect();
    let absent = || ServiceError::Invalid { field: "brand", problem: format!("there is no brand {shown:?}") };
    found.map(Some).ok_or_else(absent)
}

async fn record(conn: &mut Connection, row: UserRow) -> Result<UserRecord, ServiceError> {
    let corrupt = |_| StoreError::Corrupt { table: "app_user", column: "roles", row: row.id.to_string() };
    let state = match (row.is_active, &row.password_hash) {
        (false, _) => UserState::Disabled,
        (true, None) => UserState::Invited,
        (true, Some(_)) => UserState::Active,
    };
    let brand = match row.brand_id {
        Some(id) => store::sku::brand_code(conn, id).await?,
        None => None,
    };
    Ok(UserRecord {
        user: row.id,
        roles: row.roles.parse().map_err(corrupt)?,
        email: row.email,
        name: row.name,
        brand,
        station: row.station,
        state,
        has_codes: row.totp_confirmed,
        created_at: rfc3339(row.created_us),
    })
}
