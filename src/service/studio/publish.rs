//! A revision published by somebody who has looked at the one before it.

use super::list::newest;
use crate::label::Template;
use crate::service::publish_template::PublishedTemplate;
use crate::service::{Caller, Nameplate, ServiceError};
use crate::store;
use data_encoding::HEXLOWER;

impl Nameplate {
    /// Publishes a template in the place of the revision that the caller has seen; `seen` is its digest, or nothing for a
    /// new template. The checks are those of [`Nameplate::publish_template`].
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a file that carries another name or was published before, [`ServiceError::Stale`] when
    /// somebody else has published meanwhile, [`ServiceError::Label`] with what keeps it from being published.
    pub async fn publish_over(
        &self,
        caller: &Caller,
        name: &str,
        seen: &str,
        source: &str,
    ) -> Result<PublishedTemplate, ServiceError> {
        let invalid = |problem: String| ServiceError::Invalid { field: "source", problem };
        let template = Template::parse(name, source.as_bytes()).map_err(|e| ServiceError::Label(e.to_string()))?;
        let found = &template.content.name;
        if found != name {
            return Err(invalid(format!(
                "the file says name = {found:?}, but this is the page of {name}. Change the name back, or make a new \
                 template of that name"
            )));
        }
        let mut conn = self.read().await?;
        let before = newest(&mut conn, name).await?.map(|(revision, _)| revision.digest);
        let digest = HEXLOWER.encode(&template.digest);
        if before.as_ref() == Some(&digest) {
            return Err(invalid("nothing has changed since the newest revision".to_owned()));
        }
        if store::template::of_digest(&mut conn, name, &digest).await?.is_some() {
            return Err(invalid(
                "this very file was published before, and a later one has taken its place. To go back to it, change \
                 something, say a comment, so that it is a new revision"
                    .to_owned(),
            ));
        }
        if before.as_deref().unwrap_or_default() != seen {
            return Err(ServiceError::Stale);
        }
        drop(conn);
        // Checking takes a while: what was looked at here is looked at again when it is kept.
        self.publish(caller, name, source, Some(seen)).await
    }
}
