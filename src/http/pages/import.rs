//! The catalogue comes in as files and goes out as a workbook. What files would change is shown first.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::{Fault, Faults};
use super::{PageApp, Pages, Posted, PostedFile, Upload, View, page, page_with, see_other};
use crate::catalogue::SourceFile;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::import_catalogue::Imported;
use crate::service::people::{Role, SignedIn};

const PLANNER: [Role; 1] = [Role::Planner];
/// A workbook of the whole catalogue is made in memory, so few at a time.
static EXPORTS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/catalogue/import", &PLANNER, blank)
        .post("/catalogue/import", &PLANNER, dry_run)
        .post("/catalogue/import/take", &PLANNER, take)
        .get("/catalogue/export.xlsx", &[Role::Planner, Role::Viewer], export)
}

#[derive(Template)]
#[template(path = "pages/import.html")]
struct Import {
    v: View,
    /// What the files would change, and the word that takes them.
    tried: Option<(Imported, String)>,
    /// Names of the files that were looked at.
    names: Vec<String>,
    faults: Faults,
    /// Every fault of the files, with its place.
    lines: Vec<String>,
}

impl Import {
    fn blank(v: View) -> Self {
        Self { v, tried: None, names: Vec::new(), faults: Faults::none(), lines: Vec::new() }
    }

    fn with_fault(v: View, text: &str) -> Response {
        let shown = Self { faults: Fault::new("files", text).into(), ..Self::blank(v) };
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
    }

    /// Which files were looked at, in a row.
    fn looked_at(&self) -> String {
        self.names.join(", ")
    }
}

async fn blank(v: View) -> Response {
    page(&Import::blank(v))
}

/// A file as the catalogue's reader takes it: browsers give names without folders, and logos lie in one.
fn source(upload: Upload) -> SourceFile {
    let is_picture = upload.name.to_lowercase().ends_with(".png");
    let name = if is_picture { format!("logos/{}", upload.name) } else { upload.name };
    SourceFile { name, bytes: upload.bytes }
}

async fn dry_run(State(app): State<PageApp>, v: View, who: SignedIn, posted: PostedFile) -> Result<Response, Problem> {
    if posted.files.is_empty() {
        let text = v.t("import.no_files").to_owned();
        return Ok(Import::with_fault(v, &text));
    }
    let files: Vec<SourceFile> = posted.files.into_iter().map(source).collect();
    let names = files.iter().map(|file| file.name.clone()).collect();
    match app.nameplate.try_catalogue(&who.caller(), &files).await {
        Ok(imported) => {
            let token = if imported.changes == 0 { String::new() } else { app.uploads.keep(who.user, files)? };
            Ok(page(&Import { tried: Some((imported, token)), names, ..Import::blank(v) }))
        }
        Err(error) => refused(v, names, error),
    }
}

fn refused(v: View, names: Vec<String>, error: ServiceError) -> Result<Response, Problem> {
    let ServiceError::Catalogue(lines) = error else { return Err(error.into()) };
    let fault = Fault::new("files", v.count("import.faults", lines.len()));
    let shown = Import { names, faults: fault.into(), lines, ..Import::blank(v) };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

#[derive(Debug, Deserialize)]
struct Take {
    #[serde(default)]
    token: String,
}

async fn take(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(Take { token }): Posted<Take>,
) -> Result<Response, Problem> {
    let Some(files) = app.uploads.look(who.user, &token) else {
        let text = v.t("import.gone").to_owned();
        return Ok(Import::with_fault(v, &text));
    };
    let names = files.iter().map(|file| file.name.clone()).collect();
    match app.nameplate.import_catalogue(&who.caller(), &files).await {
        Ok(_) => {
            app.uploads.drop_of(who.user);
            Ok(see_other("/catalogue?done=imported"))
        }
        Err(error) => refused(v, names, error),
    }
}

async fn export(State(app): State<PageApp>, who: SignedIn) -> Result<Response, Problem> {
    if who.brand.is_some() {
        return Err(Problem::new(ProblemKind::NotFound, "The whole catalogue is not for one brand."));
    }
    let Ok(_turn) = EXPORTS.try_acquire() else {
        return Err(
            Problem::new(ProblemKind::Overloaded, "The catalogue is being written for others.").retry_after_s(5)
        );
    };
    let catalogue = app.nameplate.catalogue().await?;
    let written = tokio::task::spawn_blocking(move || catalogue.to_xlsx()).await.map_err(Problem::internal)?;
    let bytes = written.map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let name = HeaderValue::from_static("attachment; filename=\"catalogue.xlsx\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
