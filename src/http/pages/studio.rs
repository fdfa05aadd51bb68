//! The template studio: the text on the left, the label as a printer draws it on the right, what the checks say below.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::code_says::said;
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::gate::CodeSays;
use crate::http::extract::{Path, Query};
use crate::http::problem::Problem;
use crate::label::{Resolution, shipped_templates};
use crate::service::people::{Role, SignedIn};
use crate::service::studio::{PreviewRequest, ReadBack, TemplateRecord, TemplateSummary};
use crate::service::{Caller, ServiceError};

mod picture;

use picture::Shown;

/// Templates on a page of the list.
const LISTED: usize = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/templates", &[Role::Planner], list)
        .post("/templates", &[Role::Planner], begin)
        .get("/templates/{name}", &[Role::Planner], show)
        .post("/templates/{name}", &[Role::Planner], publish)
        .post("/templates/{name}/preview", &[Role::Planner], preview)
}

#[derive(Template)]
#[template(path = "pages/studio_list.html")]
struct List {
    v: View,
    templates: Vec<TemplateSummary>,
    /// Behind which name the next page begins.
    next: Option<String>,
    is_first: bool,
    shipped: Vec<&'static str>,
    /// What was typed for a new template.
    name: String,
    from: String,
    fault: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn list(State(app): State<PageApp>, v: View, Query(After { after }): Query<After>) -> Result<Response, Problem> {
    Ok(page(&List::of(&app, v, &after).await?))
}

impl List {
    async fn of(app: &PageApp, v: View, after: &str) -> Result<Self, Problem> {
        let (templates, more) = app.nameplate.templates(after, LISTED).await?;
        Ok(Self {
            v,
            next: templates.last().filter(|_| more).map(|last| in_address(&last.name)),
            is_first: after.is_empty(),
            templates,
            shipped: shipped_templates().iter().map(|(name, _)| *name).collect(),
            name: String::new(),
            from: "unit-60x40".to_owned(),
            fault: None,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Begin {
    #[serde(default)]
    name: String,
    #[serde(default)]
    from: String,
}

/// Goes to the studio with a copy of another template. Nothing is kept until it is published.
async fn begin(
    State(app): State<PageApp>,
    v: View,
    Posted(Begin { name, from }): Posted<Begin>,
) -> Result<Response, Problem> {
    let name = name.trim();
    let fault = match app.nameplate.template_draft(name, &from).await {
        Ok(_) => return Ok(see_other(&format!("/templates/{}?from={}", in_address(name), in_address(&from)))),
        Err(ServiceError::Invalid { problem, .. }) => problem,
        Err(error @ ServiceError::NotFound { .. }) => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    let shown =
        List { name: name.chars().take(80).collect(), from, fault: Some(fault), ..List::of(&app, v, "").await? };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// What the label is filled with, and how it is looked at.
#[derive(Debug, Clone, Default, Deserialize)]
struct Look {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    case: String,
    #[serde(default)]
    dpi: String,
}

impl Look {
    /// What comes from a page can be anything; the coarsest resolution shows faults first.
    fn resolution(&self) -> Resolution {
        self.dpi.parse().ok().and_then(Resolution::from_dpi).unwrap_or(Resolution::Dpi203)
    }

    fn request(&self, source: &str) -> PreviewRequest {
        PreviewRequest {
            source: source.to_owned(),
            sku: self.sku.clone(),
            brand: self.brand.clone(),
            language: self.language.clone(),
            case: self.case.clone(),
            resolution: self.resolution(),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/studio.html")]
struct Studio {
    v: View,
    record: TemplateRecord,
    /// The text in the field: what was typed, if something was.
    source: String,
    /// The digest of the revision that a new one takes the place of.
    seen: String,
    /// The template that this one is a copy of, until it is published.
    from: String,
    look: Look,
    brands: Vec<(String, String)>,
    dpis: [u32; 3],
    shown: Shown,
    codes: ReadBack,
    /// Why it was not published.
    refused: Vec<String>,
}

/// What is drawn again while somebody types.
#[derive(Template)]
#[template(path = "pages/studio_preview.html")]
struct PreviewPart {
    v: View,
    shown: Shown,
}

/// The codes, read back a little later: that takes longer.
#[derive(Template)]
#[template(path = "pages/studio_codes.html")]
struct CodesPart {
    v: View,
    codes: ReadBack,
}

impl CodesPart {
    fn said(&self, says: &CodeSays) -> String {
        said(&self.v, says.meaning, &says.parts, &says.words)
    }
}

impl Studio {
    async fn of(
        app: &PageApp,
        v: View,
        caller: &Caller,
        record: TemplateRecord,
        source: String,
        look: Look,
    ) -> Result<Self, Problem> {
        let drawn = app.nameplate.preview_template(caller, look.request(&source)).await?;
        let codes = match drawn.label {
            Some(_) => app.nameplate.read_template(caller, look.request(&source)).await?,
            None => ReadBack::default(),
        };
        Ok(Self {
            v,
            seen: record.newest.as_ref().map_or(String::new(), |newest| newest.digest.clone()),
            from: String::new(),
            brands: app.nameplate.brands_to_show().await?,
            dpis: Resolution::ALL.map(Resolution::dpi),
            shown: Shown::new(drawn, &source, look.resolution()),
            codes,
            record,
            source,
            look,
            refused: Vec::new(),
        })
    }

    fn said(&self, says: &CodeSays) -> String {
        said(&self.v, says.meaning, &says.parts, &says.words)
    }

    fn is_newest(&self) -> bool {
        self.record.revision == self.record.newest
    }

    /// Languages to choose from; what was chosen stays, also while the text cannot be read.
    fn languages(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.shown.preview.languages.iter().map(String::as_str).collect();
        if !self.look.language.is_empty() && !all.contains(&self.look.language.as_str()) {
            all.push(&self.look.language);
        }
        all
    }

    /// Sets of data to choose from, in the same way.
    fn cases(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.shown.preview.cases.iter().map(String::as_str).collect();
        if !self.look.case.is_empty() && !all.contains(&self.look.case.as_str()) {
            all.push(&self.look.case);
        }
        all
    }

    /// The usual sets have words; the others are named after fields and elements of the template.
    fn case_name(&self, case: &str) -> String {
        match case {
            "sample" => self.v.t("studio.case_sample").to_owned(),
            "longest" => self.v.t("studio.case_longest").to_owned(),
            "shortest" => self.v.t("studio.case_shortest").to_owned(),
            "widest" => self.v.t("studio.case_widest").to_owned(),
            other => other.to_owned(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// The digest of an earlier revision.
    #[serde(default)]
    revision: String,
    /// The template that a new one is a copy of.
    #[serde(default)]
    from: String,
    #[serde(flatten)]
    look: Look,
}

async fn show(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let revision = Some(asked.revision.as_str()).filter(|digest| !digest.is_empty());
    let record = record(&app, &name, revision, &asked.from).await?;
    let source = record.source.clone();
    let shown = Studio::of(&app, v, &who.caller(), record, source, asked.look).await?;
    Ok(page(&Studio { from: asked.from, ..shown }))
}

/// The template of this name, or the copy that it begins as.
async fn record(app: &PageApp, name: &str, revision: Option<&str>, from: &str) -> Result<TemplateRecord, Problem> {
    match app.nameplate.template_record(name, revision).await {
        Err(ServiceError::NotFound { .. }) if !from.is_empty() => Ok(app.nameplate.template_draft(name, from).await?),
        found => Ok(found?),
    }
}

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(default)]
    source: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    from: String,
    /// `preview` or `codes` if only that part is wanted, for scripts.
    #[serde(default)]
    part: String,
    #[serde(flatten)]
    look: Look,
}

impl Written {
    /// Browsers send line ends as CR LF whatever the text had; a template's digest must not depend on who edited it.
    fn text(&self) -> String {
        self.source.replace("\r\n", "\n")
    }
}

/// Draws what was written. Nothing is kept.
async fn preview(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(name): Path<String>,
    Posted(written): Posted<Written>,
) -> Result<Response, Problem> {
    let (caller, source) = (who.caller(), written.text());
    let request = written.look.request(&source);
    match written.part.as_str() {
        "preview" => {
            let drawn = app.nameplate.preview_template(&caller, request).await?;
            Ok(page(&PreviewPart { v, shown: Shown::new(drawn, &source, written.look.resolution()) }))
        }
        "codes" => Ok(page(&CodesPart { v, codes: app.nameplate.read_template(&caller, request).await? })),
        _ => {
            let record = record(&app, &name, None, &written.from).await?;
            let shown = Studio::of(&app, v, &caller, record, source, written.look).await?;
            Ok(page(&Studio { seen: written.seen, from: written.from, ..shown }))
        }
    }
}

async fn publish(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(name): Path<String>,
    Posted(written): Posted<Written>,
) -> Result<Response, Problem> {
    let (caller, source) = (who.caller(), written.text());
    let record = record(&app, &name, None, &written.from).await?;
    let refused = match app.nameplate.publish_over(&caller, &name, &written.seen, &source).await {
        Ok(published) => {
            return Ok(see_other(&format!("/templates/{}?done=template_published", in_address(&published.name))));
        }
        Err(ServiceError::Label(why)) => why.lines().map(str::to_owned).collect(),
        Err(ServiceError::Invalid { problem, .. }) => vec![problem],
        Err(ServiceError::Stale) => vec![v.t("studio.stale").to_owned()],
        Err(error) => return Err(error.into()),
    };
    let shown = Studio::of(&app, v, &caller, record, source, written.look).await?;
    let shown = Studio { seen: written.seen, from: written.from, refused, ..shown };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
