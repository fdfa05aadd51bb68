//! What a label is made of, read from files: template, fonts, pictures, fields.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{note, visible};
use crate::label::preflight::worst_case::sample_pictures;
use crate::label::preflight::{Finding, Severity};
use crate::label::{
    Assets, Compiled, FontSet, JobFields, Picture, Refusal, Resolution, Template, VariableField, compile,
    fonts_shipped, fonts_with, shipped_template, shipped_templates,
};
use crate::service::fonts::read_fonts;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest file of any kind that is read whole, beside data.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A field given on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Fields {
    /// A field for all labels, as brand.name=Acme; a picture field names its file
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Folder with further fonts (.ttf, .otf); a font is named after its file
    #[arg(long, value_name = "FOLDER")]
    fonts: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as field=value")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Fields {
    /// The fields by name.
    pub(in crate::cli) fn given(&self) -> JobFields {
        self.set.iter().cloned().collect()
    }
}

/// A template with all that its labels may need.
pub(in crate::cli) struct LabelFiles {
    /// The template.
    pub(in crate::cli) template: Template,
    fonts: Arc<FontSet>,
    /// Where pictures are looked for that are named without a folder.
    folder: PathBuf,
    pictures: RefCell<BTreeMap<String, Picture>>,
}

/// Reads a file whose size is bounded.
fn read(path: &Path) -> Outcome<Vec<u8>> {
    let failed = |error: &std::io::Error| Failure::file(path, "cannot be read", error);
    let size = fs::metadata(path).map_err(|e| failed(&e))?.len();
    if size > MAX_FILE_BYTES {
        return Err(Failure::Failed(format!("{} has {size} bytes, which is too large", path.display())));
    }
    fs::read(path).map_err(|e| failed(&e))
}

impl LabelFiles {
    /// Reads a template, a file or a shipped one by its name, and the fonts. Pictures are looked for in `folder`.
    pub(in crate::cli) fn open(template: &str, fields: &Fields, folder: &Path) -> Outcome<LabelFiles> {
        let template = match shipped_template(template).filter(|_| !Path::new(template).exists()) {
            Some(source) => Template::parse(&format!("{template}.toml"), source.as_bytes()),
            None if Path::new(template).exists() => Template::parse(template, &read(Path::new(template))?),
            None => {
                let names: Vec<&str> = shipped_templates().iter().map(|(name, _)| *name).collect();
                return Err(Failure::Failed(format!(
                    "there is no file {} and no shipped template of this name; shipped are {}",
                    visible(template),
                    names.join(", ")
                )));
            }
        };
        let template = template.map_err(|e| Failure::Failed(visible_lines(&e.to_string())))?;
        let fonts = match &fields.fonts {
            None => fonts_shipped(),
            Some(folder) => {
                let own = read_fonts(folder).map_err(|e| Failure::file(folder, "cannot be read", &e))?;
                Arc::new(fonts_with(own).map_err(Failure::failed)?)
            }
        };
        // What previews show where a template wants a logo and none was given.
        let pictures = RefCell::new(sample_pictures());
        Ok(LabelFiles { template, fonts, folder: folder.to_owned(), pictures })
    }

    /// Lays out the template, with the pictures that its fields name.
    pub(in crate::cli) fn compile(
        &self,
        fields: &JobFields,
        resolution: Resolution,
        variable: &[VariableField],
    ) -> Outcome<Result<Compiled, Refusal>> {
        self.load_pictures(fields)?;
        let assets = Assets { fonts: Arc::clone(&self.fonts), pictures: self.pictures.borrow().clone() };
        Ok(compile(&self.template, fields, &assets, resolution, variable))
    }

    /// Pictures are named by their files. A name without file is left to the layout, which says which element wants it.
    fn load_pictures(&self, fields: &JobFields) -> Outcome {
        for name in self.template.content.picture_names(fields) {
            if self.pictures.borrow().contains_key(&name) {
                continue;
            }
            // Beside the data that name it, or where the command was typed.
            let places = [self.folder.join(&name), PathBuf::from(&name)];
            let Some(path) = places.into_iter().find(|path| path.is_file()) else {
                note(format_args!("there is no file {} in {}", visible(&name), self.folder.display()));
                continue;
            };
            let picture =
                Picture::read(&read(&path)?).map_err(|e| Failure::Failed(format!("{}: {e}", path.display())))?;
            self.pictures.borrow_mut().insert(name, picture);
        }
        Ok(())
    }
}

/// Each line fit for a terminal.
fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// What keeps a label from being drawn.
pub(in crate::cli) fn refused(refusal: &Refusal, about: &str) -> Failure {
    let findings = refusal.errors().map(|finding| format!("  {}", visible(&finding.to_string())));
    let findings: Vec<String> = findings.collect();
    Failure::Failed(format!(
        "template {}{about} is refused by the preflight:\n{}",
        refusal.template,
        findings.join("\n")
    ))
}

/// Tells of warnings, each once.
pub(in crate::cli) fn told<'f>(findings: impl Iterator<Item = &'f Finding>) {
    let warnings = findings.filter(|finding| finding.severity == Severity::Warning);
    let shown: BTreeSet<String> = warnings.map(|finding| finding.to_string()).collect();
    shown.iter().for_each(|warning| note(visible(warning)));
}
