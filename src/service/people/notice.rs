//! Use case: people are told of what waits for them. A notice is written in the transaction of what it tells of; mail goes
//! out afterwards, tried again until the mail server takes it.

use super::mail::Mailer;
use crate::service::{Nameplate, ServiceError};
use crate::store::notice::NoticeRow;
use crate::store::{self, Connection};
use crate::words::{Library, fill};
use std::fmt::Display;

const MINUTE_US: i64 = 60_000_000;
/// How long one attempt may take before another node may try.
const ATTEMPT_US: i64 = 5 * MINUTE_US;
/// After so many tries, some three days, nobody is bothered any more.
const TRIES: i64 = 12;
/// The longest pause between two tries.
const LONGEST_PAUSE_US: i64 = 12 * 60 * MINUTE_US;
const NEVER_US: i64 = i64::MAX;

/// What some people are to be told.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The people's numbers.
    pub users: Vec<i64>,
    /// Which message: its texts are `mail.{message}_subject` and `mail.{message}_body`.
    pub message: &'static str,
    /// What fills them.
    pub arguments: Vec<String>,
    /// The page to look at.
    pub path: String,
}

/// A notice as administrators read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRecord {
    /// The person's address.
    pub to: String,
    /// The page to look at.
    pub path: String,
    /// When it came up, microseconds since 1970 UTC.
    pub created_us: i64,
    /// When it went out.
    pub sent_us: Option<i64>,
    /// What the mail server said last.
    pub failure: Option<String>,
}

impl Nameplate {
    /// Writes a notice for each of its people.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn notify(&self, conn: &mut Connection, notice: &Notice) -> Result<(), ServiceError> {
        let arguments = serde_json::json!(notice.arguments).to_string();
        for &user in &notice.users {
            store::notice::insert(conn, user, notice.message, &arguments, &notice.path, self.clock.now_us()).await?;
        }
        Ok(())
    }

    /// Sends what is due. Answers how many notices went out.
    ///
    /// # Errors
    /// [`ServiceError::Store`]; what the mail server says is noted with the notice.
    pub async fn deliver_notices(&self, mailer: &Mailer, library: &Library) -> Result<u32, ServiceError> {
        let mut conn = self.read().await?;
        let due = store::notice::due(&mut conn, self.clock.now_us(), 20).await?;
        drop(conn);
        let mut sent = 0;
        for notice in due {
            let now_us = self.clock.now_us();
            let mut tx = self.store.begin().await?;
            let taken = store::notice::take(&mut tx, notice.id, now_us, now_us + ATTEMPT_US).await?;
            let user = store::user::by_id(&mut tx, notice.user_id).await?;
            store::commit(tx).await?;
            let Some(user) = user.filter(|user| taken && user.is_active) else { continue };
            let (subject, body) = texts(&notice, library, &user.language, mailer);
            let outcome = mailer.send(&user.email, &subject, &body).await;
            let now_us = self.clock.now_us();
            let mut tx = self.store.begin().await?;
            match outcome {
                Ok(()) => {
                    store::notice::settle(&mut tx, notice.id, Some(now_us), None, NEVER_US).await?;
                    sent += 1;
                }
                Err(error) => {
                    tracing::warn!(notice = notice.id, %error, "a notice could not be sent");
                    let due_us = if notice.tries + 1 >= TRIES { NEVER_US } else { now_us + pause_us(notice.tries) };
                    store::notice::settle(&mut tx, notice.id, None, Some(&error.to_string()), due_us).await?;
                }
            }
            store::commit(tx).await?;
        }
        Ok(sent)
    }

    /// The latest notices, newest first: for administrators, who see what did not go out.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn notices(&self, limit: u32) -> Result<Vec<NoticeRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let mut records = Vec::new();
        for row in store::notice::latest(&mut conn, limit).await? {
            let to = store::user::by_id(&mut conn, row.user_id).await?.map_or_else(String::new, |user| user.email);
            records.push(NoticeRecord {
                to,
                path: row.path,
                created_us: row.created_us,
                sent_us: row.sent_us,
                failure: row.failure,
            });
        }
        Ok(records)
    }
}

fn pause_us(tries: i64) -> i64 {
    let doubled = MINUTE_US.saturating_mul(1 << tries.clamp(0, 20));
    doubled.min(LONGEST_PAUSE_US)
}

fn texts(notice: &NoticeRow, library: &Library, language: &str, mailer: &Mailer) -> (String, String) {
    let words = library.of(language).unwrap_or_else(|| library.english());
    let arguments: Vec<String> = serde_json::from_str(&notice.arguments).unwrap_or_default();
    let link = mailer.link(&notice.path);
    let values: Vec<&dyn Display> = arguments.iter().map(|value| value as &dyn Display).collect();
    let text = |part: &str| {
        let key = format!("mail.{}_{part}", notice.message);
        fill(library.text(words, &key), &values)
    };
    // A subject is one line, whatever its values hold.
    let subject: String = text("subject").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    (subject, format!("{}\n\n{link}\n", text("body")))
}
