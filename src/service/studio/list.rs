//! The templates that there are, and one of them with its revisions.

use crate::catalogue::TemplateName;
use crate::label::{Template, Um, shipped_template, shipped_templates};
use crate::service::{Nameplate, ServiceError};
use crate::store::{self, Connection};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Revisions of a template that its page lists.
const REVISIONS: u32 = 30;
/// SKUs that its page lists.
const USES: u32 = 50;

/// A template in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateSummary {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Width and height of the label; none if this program cannot read the file.
    pub size: Option<(Um, Um)>,
    /// SHA-256 of the newest revision, in hexadecimal.
    pub digest: String,
    /// When that was published, microseconds since 1970 UTC; `None` for one that comes with the program.
    pub published_us: Option<i64>,
    /// How many SKUs name it.
    pub uses: i64,
}

/// One revision of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRevision {
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
    /// When it was published, microseconds since 1970 UTC; `None` for the one that comes with the program.
    pub published_us: Option<i64>,
}

/// A template with all that its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Its name.
    pub name: String,
    /// The file.
    pub source: String,
    /// Which revision this is; none for a template that is not published yet.
    pub revision: Option<TemplateRevision>,
    /// The newest revision: what a new one replaces. None for a template that is not published yet.
    pub newest: Option<TemplateRevision>,
    /// Earlier ones as well, newest first.
    pub revisions: Vec<TemplateRevision>,
    /// The first SKUs that name it: code, name, brand.
    pub uses: Vec<store::template::UseRow>,
}

impl Nameplate {
    /// Templates by name, behind `after`, and whether there are more.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn templates(&self, after: &str, limit: usize) -> Result<(Vec<TemplateSummary>, bool), ServiceError> {
        let mut conn = self.read().await?;
        let shipped = shipped_templates().iter().map(|(name, _)| (*name).to_owned());
        let names: BTreeSet<String> = store::template::names(&mut conn).await?.into_iter().chain(shipped).collect();
        let mut names = names.into_iter().filter(|name| name.as_str() > after);
        let uses: BTreeMap<String, i64> = store::template::uses(&mut conn).await?.into_iter().collect();
        let mut listed = Vec::new();
        for name in names.by_ref().take(limit) {
            let Some((revision, source)) = newest(&mut conn, &name).await? else { continue };
            let read = Template::parse(&name, source.as_bytes()).ok();
            listed.push(TemplateSummary {
                title: read.as_ref().map_or(String::new(), |template| template.content.title.clone()),
                size: read.map(|template| (template.content.width, template.content.height)),
                digest: revision.digest,
                published_us: revision.published_us,
                uses: uses.get(&name).copied().unwrap_or(0),
                name,
            });
        }
        Ok((listed, names.next().is_some()))
    }

    /// A template, its newest revision or the one with this digest.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn template_record(&self, name: &str, digest: Option<&str>) -> Result<TemplateRecord, ServiceError> {
        let unknown = |name: &str| {
            let name = name.chars().take(160).collect();
            ServiceError::NotFound { kind: "template", name }
        };
        TemplateName::new(name).map_err(|_| unknown(name))?;
        let mut conn = self.read().await?;
        let (newest, newest_source) = newest(&mut conn, name).await?.ok_or_else(|| unknown(name))?;
        let mut revisions: Vec<TemplateRevision> = store::template::revisions(&mut conn, name, REVISIONS)
            .await?
            .into_iter()
            .map(|(digest, at)| TemplateRevision { digest, published_us: Some(at) })
            .collect();
        let shipped = shipped_template(name).map(|source| (shipped_revision(source), source));
        if let Some((shipped, _)) = &shipped
            && !revisions.iter().any(|known| known.digest == shipped.digest)
        {
            revisions.push(shipped.clone());
        }
        let (revision, source) = match digest {
            Some(digest) if digest != newest.digest => {
                let kept = store::template::of_digest(&mut conn, name, digest).await?;
                let own = shipped.filter(|(shipped, _)| shipped.digest == digest).map(|(_, source)| source.to_owned());
                let source = kept.or(own).ok_or_else(|| unknown(&format!("{name} revision {digest}")))?;
                let known = revisions.iter().find(|known| known.digest == digest).cloned();
                (known.unwrap_or(TemplateRevision { digest: digest.to_owned(), published_us: None }), source)
            }
            _ => (newest.clone(), newest_source),
        };
        let uses = store::template::used_by(&mut conn, name, USES).await?;
        Ok(TemplateRecord {
            name: name.to_owned(),
            source,
            revision: Some(revision),
            newest: Some(newest),
            revisions,
            uses,
        })
    }

    /// A template that is to be made from another one: the same under another name. Nothing is kept.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a name that is none or that is taken; [`ServiceError::NotFound`] for the one to start
    /// from.
    pub async fn template_draft(&self, name: &str, from: &str) -> Result<TemplateRecord, ServiceError> {
        let invalid = |problem: String| ServiceError::Invalid { field: "name", problem };
        TemplateName::new(name).map_err(|error| invalid(error.to_string()))?;
        let base = self.template_record(from, None).await?;
        let mut conn = self.read().await?;
        if newest(&mut conn, name).await?.is_some() {
            return Err(invalid(format!("there is a template {name} already: open that one, or choose another name")));
        }
        let source = renamed(&base.source, from, name);
        let uses = store::template::used_by(&mut conn, name, USES).await?;
        Ok(TemplateRecord { name: name.to_owned(), source, revision: None, newest: None, revisions: Vec::new(), uses })
    }
}

/// The same file with another name in it; how the name is quoted does not matter.
fn renamed(source: &str, from: &str, to: &str) -> String {
    let is_name = |line: &&str| {
        let value = line.strip_prefix("name").map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == from)
    };
    match source.lines().find(is_name) {
        Some(line) => source.replacen(line, &format!("name = \"{to}\""), 1),
        None => source.to_owned(),
    }
}

/// The newest revision of a name with its file: the newest that was kept, else the one that comes with the program.
pub(in crate::service) async fn newest(
    conn: &mut Connection,
    name: &str,
) -> Result<Option<(TemplateRevision, String)>, ServiceError> {
    if let Some((digest, source)) = store::template::newest(conn, name).await? {
        let kept = store::template::revisions(conn, name, 1).await?;
        let published_us = kept.first().map(|(_, at)| *at);
        return Ok(Some((TemplateRevision { digest, published_us }, source)));
    }
    Ok(shipped_template(name).map(|source| (shipped_revision(source), source.to_owned())))
}

fn shipped_revision(source: &str) -> TemplateRevision {
    TemplateRevision { digest: HEXLOWER.encode(&Sha256::digest(source)), published_us: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_can_be_copied_under_another_name() {
        for (name, source) in shipped_templates() {
            let copy = renamed(source, name, "my-label");
            let template = Template::parse("my-label", copy.as_bytes()).unwrap();
            assert_eq!(template.content.name, "my-label", "{name}");
            assert_eq!(copy.lines().count(), source.lines().count());
        }
    }

    #[test]
    fn only_the_name_of_the_file_changes() {
        let source = "title = 'x'\nname='a'\n[[text]]\nname = 'a'\n";
        assert_eq!(renamed(source, "a", "b"), "title = 'x'\nname = \"b\"\n[[text]]\nname = 'a'\n");
        assert_eq!(renamed("names = 'a'", "a", "b"), "names = 'a'");
    }
}
