//! Use cases: signing in, being signed in, giving the password again, signing out.

use super::password::is_password;
use super::role::Roles;
use super::{Role, totp};
use crate::service::{Caller, Nameplate, Serves, ServiceError, random};
use crate::store::session::SessionRow;
use crate::store::user::UserRow;
use crate::store::{self, Connection, StoreError, Transaction};
use crate::trace::AuditEntry;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const MINUTE_US: i64 = 60_000_000;
/// A session that nobody uses is over after this.
pub const IDLE_US: i64 = 12 * 60 * MINUTE_US;
/// However much it is used, it is over after this.
pub const LIFE_US: i64 = 7 * 24 * 60 * MINUTE_US;
/// How long a password that was given counts for signatures.
pub const SIGNED_FOR_US: i64 = 5 * MINUTE_US;
/// Use is noted no more often than this: pages are read far more than they need to be recorded.
const TOUCH_US: i64 = 5 * MINUTE_US;

/// 256 random bits that open something: a session or a link. Kept nowhere but in the browser; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// A new one.
    ///
    /// # Errors
    /// [`ServiceError::Unexpected`] when the system gives no random bytes.
    pub fn fresh() -> Result<Self, ServiceError> {
        Ok(Self(BASE64URL_NOPAD.encode(&random::<32>()?)))
    }

    /// Reads one that a browser sent; `None` for what cannot be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text, for a cookie or a link.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// What forms carry to show that a page of this session sent them.
    #[must_use]
    pub fn form_token(&self) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else { return String::new() };
        mac.update(b"nameplate form");
        HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person's number.
    pub user: i64,
    /// The name that signs.
    pub name: String,
    /// The address.
    pub email: String,
    /// What the person may do.
    pub roles: Roles,
    /// The only brand that the person sees, by its row id.
    pub brand: Option<i64>,
    /// The only station that the person works at.
    pub station: Option<String>,
    /// Language tag.
    pub language: String,
    /// When the password was last given, microseconds since 1970 UTC.
    pub signed_us: i64,
    /// SHA-256 of the session's secret.
    pub session: Vec<u8>,
    /// What this person's forms carry.
    pub form_token: String,
    /// Whether signing in asks for a one-time code.
    pub has_codes: bool,
}

impl SignedIn {
    /// The person as use cases see callers. The address is part of the actor, since two people may have one name.
    #[must_use]
    pub fn caller(&self) -> Caller {
        person_caller(&self.name, &self.email, self.brand, self.station.clone())
    }

    /// Whether the person has one of these roles; an administrator has all.
    #[must_use]
    pub fn may(&self, open_to: Roles) -> bool {
        self.roles.may(open_to)
    }

    /// Whether the person is an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.contains(Role::Admin)
    }
}

fn person_caller(name: &str, email: &str, brand: Option<i64>, station: Option<String>) -> Caller {
    Caller { actor: format!("{name} <{email}>"), brand, station, serves: Serves::Nothing }
}

/// Somebody who has shown who it is, without being signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPerson {
    /// The person's number.
    pub user: i64,
    /// What the person may do.
    pub roles: Roles,
    /// The person as use cases see callers.
    pub caller: Caller,
}

/// A browser in which somebody is signed in, as that person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// What the browser says of itself.
    pub device: String,
    /// When it began, microseconds since 1970 UTC.
    pub begun_us: i64,
    /// When it was last used, to a few minutes.
    pub seen_us: i64,
    /// Whether it is the one that asks.
    pub is_here: bool,
}

/// What came of signing in.
#[derive(Debug)]
pub struct SignIn {
    /// For the browser.
    pub secret: SecretText,
    /// Who it is.
    pub who: SignedIn,
}

/// Why nobody was signed in. The reasons are few on purpose: they must not tell strangers who has an account.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// No such account, a wrong password, an account that is disabled or was never opened.
    #[error("address or password is wrong")]
    Wrong,
    /// The password is right; a one-time code is asked for besides.
    #[error("the code is missing, wrong, or was used already")]
    Code,
    /// The service failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for SignInRefused {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Nameplate {
    /// Signs somebody in.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        code: &str,
        device: &str,
    ) -> Result<SignIn, SignInRefused> {
        let (user, mut tx) = self.shown_person(email, password, code).await?;
        let signed_in = self.begin_session(&mut tx, &user, device).await?;
        let caller = signed_in.who.caller();
        self.audit_person(
            &mut tx,
            &caller,
            "session.begin",
            user.id,
            serde_json::json!({ "device": device_name(device) }),
        )
        .await?;
        store::commit(tx).await?;
        Ok(signed_in)
    }

    /// Finds out whose address, password and one-time code these are. The transaction has used up the code.
    async fn shown_person(
        &self,
        email: &str,
        password: &str,
        code: &str,
    ) -> Result<(UserRow, Transaction), SignInRefused> {
        let mut conn = self.read().await?;
        let user = match email.contains('\0') {
            true => None,
            false => store::user::by_email(&mut conn, &super::user::email_key(email)).await?,
        };
        drop(conn);
        let user = user.filter(|user| user.is_active);
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let is_right = is_password(password, hash).await?;
        let user = user.filter(|_| is_right).ok_or(SignInRefused::Wrong)?;
        let mut tx = self.store.begin().await?;
        if user.totp_confirmed && !self.code_opens(&mut tx, &user, code).await? {
            return Err(SignInRefused::Code);
        }
        Ok((user, tx))
    }

    /// Finds out who somebody is that agrees to something in another person's browser. Begins no session.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn check_person(&self, email: &str, password: &str, code: &str) -> Result<CheckedPerson, SignInRefused> {
        let (user, tx) = self.shown_person(email, password, code).await?;
        store::commit(tx).await?;
        let corrupt = |_| StoreError::Corrupt { table: "app_user", column: "roles", row: user.id.to_string() };
        Ok(CheckedPerson {
            user: user.id,
            roles: user.roles.parse().map_err(corrupt)?,
            caller: person_caller(&user.name, &user.email, user.brand_id, user.station),
        })
    }

    /// Whether a one-time code is the right one now; if so, it is used up.
    pub(super) async fn code_opens(
        &self,
        conn: &mut Connection,
        user: &UserRow,
        code: &str,
    ) -> Result<bool, ServiceError> {
        let Some(salt) = &user.totp_salt else { return Ok(false) };
        let secret = self.keys.one_time_codes(user.id, salt);
        let now_s = self.clock.now_us().div_euclid(1_000_000);
        match totp::step_of(&secret, code, now_s, user.totp_step) {
            Some(step) => Ok(store::user::use_totp_step(conn, user.id, step).await?),
            None => Ok(false),
        }
    }

    /// Begins a session for somebody who has shown who it is. The secret is always new, so that nobody can have planted it.
    pub(super) async fn begin_session(
        &self,
        conn: &mut Connection,
        user: &UserRow,
        device: &str,
    ) -> Result<SignIn, ServiceError> {
        let secret = SecretText::fresh()?;
        let now_us = self.clock.now_us();
        store::session::remove_expired(conn, now_us, now_us - IDLE_US).await?;
        let session = SessionRow {
            secret_hash: secret.hash(),
            user_id: user.id,
            device: device_name(device),
            created_us: now_us,
            seen_us: now_us,
            signed_us: now_us,
            expires_us: now_us + LIFE_US,
        };
        store::session::insert(conn, &session).await?;
        let who = signed_in(user.clone(), session, &secret)?;
        Ok(SignIn { secret, who })
    }

    /// Who holds the secret of a session; `None` when it is over or never was.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn who(&self, secret: &SecretText) -> Result<Option<SignedIn>, ServiceError> {
        let now_us = self.clock.now_us();
        let mut conn = self.read().await?;
        let Some(session) = store::session::by_hash(&mut conn, &secret.hash()).await? else { return Ok(None) };
        if session.expires_us <= now_us || session.seen_us <= now_us - IDLE_US {
            return Ok(None);
        }
        let user = store::user::by_id(&mut conn, session.user_id).await?;
        let Some(user) = user.filter(|user| user.is_active) else { return Ok(None) };
        drop(conn);
        if session.seen_us <= now_us - TOUCH_US {
            let mut tx = self.store.begin().await?;
            store::session::touch(&mut tx, &session.secret_hash, now_us).await?;
            store::commit(tx).await?;
        }
        signed_in(user, session, secret).map(Some)
    }

    /// Takes the password of somebody who is signed in once more: what a signature needs. Answers whether it was right.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn password_again(&self, who: &SignedIn, password: &str) -> Result<bool, ServiceError> {
        let mut conn = self.read().await?;
        let user = store::user::by_id(&mut conn, who.user).await?;
        drop(conn);
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        if !is_password(password, hash).await? {
            return Ok(false);
        }
        let mut tx = self.store.begin().await?;
        store::session::sign(&mut tx, &who.session, self.clock.now_us()).await?;
        store::commit(tx).await?;
        Ok(true)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn sign_out(&self, who: &SignedIn) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        if store::session::remove(&mut tx, &who.session).await? {
            self.audit_person(&mut tx, &who.caller(), "session.end", who.user, serde_json::json!({})).await?;
        }
        Ok(store::commit(tx).await?)
    }

    /// Where somebody is signed in, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn sessions(&self, who: &SignedIn) -> Result<Vec<SessionRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let record = |row: SessionRow| SessionRecord {
            is_here: row.secret_hash == who.session,
            device: row.device,
            begun_us: row.created_us,
            seen_us: row.seen_us,
        };
        Ok(store::session::of_user(&mut conn, who.user).await?.into_iter().map(record).collect())
    }

    /// Whether the password was given so lately that it counts for a signature.
    #[must_use]
    pub fn is_signed_now(&self, who: &SignedIn) -> bool {
        who.signed_us > self.clock.now_us() - SIGNED_FOR_US
    }

    /// Ends all sessions of somebody but the one that asks.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn sign_out_elsewhere(&self, who: &SignedIn) -> Result<u64, ServiceError> {
        let mut tx = self.store.begin().await?;
        let ended = store::session::remove_others(&mut tx, who.user, &who.session).await?;
        let detail = serde_json::json!({ "ended": ended });
        self.audit_person(&mut tx, &who.caller(), "session.end_others", who.user, detail).await?;
        store::commit(tx).await?;
        Ok(ended)
    }

    /// Appends an entry about a person to the audit chain. Answers its number.
    pub(super) async fn audit_person(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        action: &str,
        user: i64,
        detail: serde_json::Value,
    ) -> Result<u64, ServiceError> {
        let head = store::audit::hold_head(conn).await?.head;
        let entry = AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: action.to_owned(),
            subject: format!("user {user}"),
            detail: detail.to_string(),
        };
        Ok(store::audit::append(conn, head, &[entry]).await?.seq)
    }
}

fn signed_in(user: UserRow, session: SessionRow, secret: &SecretText) -> Result<SignedIn, ServiceError> {
    let corrupt = |_| StoreError::Corrupt { table: "app_user", column: "roles", row: user.id.to_string() };
    Ok(SignedIn {
        user: user.id,
        roles: user.roles.parse().map_err(corrupt)?,
        name: user.name,
        email: user.email,
        brand: user.brand_id,
        station: user.station,
        language: user.language,
        signed_us: session.signed_us,
        session: session.secret_hash,
        form_token: secret.form_token(),
        has_codes: user.totp_confirmed,
    })
}

/// What a browser says of itself, short and harmless.
fn device_name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
