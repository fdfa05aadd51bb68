//! Use cases: links that open once. They invite a person, or let somebody choose a new password.
//!
//! Looking at a link changes nothing, since mail scanners look at every link; what uses it up is the form behind it.

use super::password::Password;
use super::session::{SecretText, SignIn};
use super::user::{FIRST_EMAIL, email_key, email_of, name_of};
use crate::service::{Caller, Nameplate, ServiceError};
use crate::store;
use crate::store::session::LinkRow;
use crate::store::user::UserRow;

const HOUR_US: i64 = 60 * 60 * 1_000_000;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Opens a new account; good for seven days.
    Invitation,
    /// Sets a new password; good for a day.
    Password,
}

impl LinkPurpose {
    /// The name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    const fn life_us(self) -> i64 {
        match self {
            Self::Invitation => 7 * 24 * HOUR_US,
            Self::Password => 24 * HOUR_US,
        }
    }
}

/// A link just made: the only time that its secret is known.
#[derive(Debug, Clone)]
pub struct OneTimeLink {
    /// Path on this server, with the secret in it.
    pub path: String,
    /// For whom.
    pub user: i64,
    /// The person's address.
    pub email: String,
    /// The person's language.
    pub language: String,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Until when it opens, microseconds since 1970 UTC.
    pub expires_us: i64,
}

/// What a good link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLink {
    /// Whose account it is.
    pub email: String,
    /// The name on the account, as far as it is known.
    pub name: String,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whether the address is still to be chosen: the first administrator's.
    pub chooses_email: bool,
}

/// What somebody says who opens an account or sets a password.
#[derive(Debug, Clone)]
pub struct LinkAnswer {
    /// The address, where it is still to be chosen.
    pub email: String,
    /// The name that signs.
    pub name: String,
    /// The password.
    pub password: String,
}

impl Nameplate {
    /// Makes a link for somebody; older links of theirs open nothing more.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the person; [`ServiceError::Invalid`] for one who is disabled.
    pub async fn make_link(&self, caller: &Caller, user: i64) -> Result<OneTimeLink, ServiceError> {
        let mut tx = self.store.begin().await?;
        let row = store::user::by_id(&mut tx, user).await?;
        let row = row.ok_or_else(|| ServiceError::NotFound { kind: "user", name: user.to_string() })?;
        if !row.is_active {
            return Err(ServiceError::Invalid {
                field: "user",
                problem: "is disabled: enable the account first".into(),
            });
        }
        let link = self.link_in(&mut tx, &row).await?;
        let detail = serde_json::json!({ "purpose": link.purpose.name() });
        self.audit_person(&mut tx, caller, "user.link", user, detail).await?;
        store::commit(tx).await?;
        Ok(link)
    }

    /// Makes a link within the transaction of something else.
    pub(super) async fn link_in(
        &self,
        conn: &mut store::Connection,
        user: &UserRow,
    ) -> Result<OneTimeLink, ServiceError> {
        let purpose = match user.password_hash {
            None => LinkPurpose::Invitation,
            Some(_) => LinkPurpose::Password,
        };
        let (secret, now_us) = (SecretText::fresh()?, self.clock.now_us());
        let expires_us = now_us + purpose.life_us();
        store::session::revoke_links(conn, user.id, now_us).await?;
        let row = LinkRow {
            secret_hash: secret.hash(),
            user_id: user.id,
            purpose: purpose.name().to_owned(),
            created_us: now_us,
            expires_us,
            used_us: None,
            revoked_us: None,
        };
        store::session::insert_link(conn, &row).await?;
        Ok(OneTimeLink {
            path: format!("/welcome/{}", secret.reveal()),
            user: user.id,
            email: user.email.clone(),
            language: user.language.clone(),
            purpose,
            expires_us,
        })
    }

    /// What a link opens. Nothing is changed.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a link that is unknown, used, replaced or too old: they all look the same.
    pub async fn opened_link(&self, secret: &SecretText) -> Result<OpenedLink, ServiceError> {
        let mut conn = self.read().await?;
        let (_, user, purpose) = self.good_link(&mut conn, secret).await?;
        let chooses_email = user.email_key == FIRST_EMAIL;
        let email = if chooses_email { String::new() } else { user.email };
        Ok(OpenedLink { email, name: user.name, purpose, chooses_email })
    }

    /// Uses a link: name and password are set, all older sessions end, and the person is signed in.
    ///
    /// # Errors
    /// As for [`Nameplate::opened_link`]; [`ServiceError::Invalid`] for the name, the address or the password.
    pub async fn use_link(
        &self,
        secret: &SecretText,
        answer: &LinkAnswer,
        device: &str,
    ) -> Result<SignIn, ServiceError> {
        let mut conn = self.read().await?;
        let (_, mut user, _) = self.good_link(&mut conn, secret).await?;
        drop(conn);
        if user.email_key == FIRST_EMAIL {
            user.email = email_of(&answer.email)?;
            user.email_key = email_key(&user.email);
        }
        user.name = name_of(&answer.name)?;
        let password = Password::new(&answer.password, &user.email, &user.name);
        let password = password.map_err(|e| ServiceError::Invalid { field: "password", problem: e.to_string() })?;
        user.password_hash = Some(password.hash().await?);
        let now_us = self.clock.now_us();
        let mut tx = self.store.begin().await?;
        if !store::session::use_link(&mut tx, &secret.hash(), now_us).await? {
            return Err(unknown_link());
        }
        if !store::user::update(&mut tx, &user).await? {
            return Err(ServiceError::Stale);
        }
        store::user::set_email(&mut tx, user.id, &user.email, &user.email_key).await?;
        store::session::revoke_links(&mut tx, user.id, now_us).await?;
        store::session::remove_others(&mut tx, user.id, &[]).await?;
        let signed_in = self.begin_session(&mut tx, &user, device).await?;
        self.audit_person(&mut tx, &signed_in.who.caller(), "user.password", user.id, serde_json::json!({})).await?;
        store::commit(tx).await?;
        Ok(signed_in)
    }

    async fn good_link(
        &self,
        conn: &mut store::Connection,
        secret: &SecretText,
    ) -> Result<(LinkRow, UserRow, LinkPurpose), ServiceError> {
        let now_us = self.clock.now_us();
        let link = store::session::link(conn, &secret.hash()).await?;
        let good = |link: &LinkRow| link.used_us.is_none() && link.revoked_us.is_none() && link.expires_us > now_us;
        let link = link.filter(good).ok_or_else(unknown_link)?;
        let user = store::user::by_id(conn, link.user_id).await?.filter(|user| user.is_active);
        let user = user.ok_or_else(unknown_link)?;
        let purpose = if link.purpose == "password" { LinkPurpose::Password } else { LinkPurpose::Invitation };
        Ok((link, user, purpose))
    }
}

fn unknown_link() -> ServiceError {
    ServiceError::NotFound { kind: "open link", name: "this one".into() }
}
