//! `nameplate template preview`: one label as a picture, drawn again whenever the template is saved.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::labels::{Data, Fields, LabelFiles, Mode, folder_of, format_of, refused, told, write_labels};
use crate::cli::output::note;
use crate::cli::render::resolution;
use crate::cli::signals::asked_to_end;
use crate::label::preflight::worst_case::{Case, preview_cases};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often saved files are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Draws one label of a template as a picture
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The ending of OUT says what is drawn: .png, .svg, .pdf or .zpl. Without data the template's own
samples are shown; --case longest, shortest or widest shows worst cases.

Examples:
  nameplate template preview unit-60x40 -o label.png
  nameplate template preview my-label.toml --dpi 203 --case longest -o label.png
  nameplate template preview my-label.toml --data rows.csv --row 3 -o label.svg
  nameplate template preview my-label.toml -o label.png --watch")]
pub(in crate::cli) struct Args {
    /// Template: a file, or the name of a shipped one
    template: String,
    /// Which row of the data, counted from 1
    #[arg(long, default_value_t = 1)]
    row: u64,
    /// Which set of the template's own data
    #[arg(long, default_value = "sample")]
    case: String,
    /// Dots an inch of the printer: 203, 300 or 600
    #[arg(long, default_value_t = 203)]
    dpi: u32,
    /// Draws again whenever the template or the data are saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Picture to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    fields: Fields,
}

impl Args {
    pub(in crate::cli) async fn run(self, rows: Option<&Path>) -> Outcome {
        let drawn = self.draw(rows);
        if !self.watch {
            return drawn;
        }
        self.tell(drawn);
        note("watching; Ctrl-C ends");
        let mut ended = Box::pin(asked_to_end());
        let mut seen = self.saved(rows);
        loop {
            tokio::select! {
                () = &mut ended => return Ok(()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = self.saved(rows);
            if now != seen {
                seen = now;
                self.tell(self.draw(rows));
            }
        }
    }

    /// While watching, a fault is told and the last good picture stays.
    fn tell(&self, drawn: Outcome) {
        match drawn {
            Ok(()) => note(format_args!("{} drawn", self.output.display())),
            Err(failure) => note(failure.message().unwrap_or("it could not be drawn")),
        }
    }

    /// When template and data were saved last.
    fn saved(&self, rows: Option<&Path>) -> [Option<SystemTime>; 2] {
        let saved = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        [saved(Path::new(&self.template)), rows.and_then(saved)]
    }

    fn draw(&self, rows: Option<&Path>) -> Outcome {
        let format = format_of(&self.output)
            .ok_or_else(|| Failure::Usage(format!("{}: end it in .png, .svg, .pdf or .zpl", self.output.display())))?;
        let resolution = resolution(self.dpi)?;
        let folder = rows.map_or_else(|| PathBuf::from("."), folder_of);
        let files = LabelFiles::open(&self.template, &self.fields, &folder)?;
        let case = self.chosen(&files, rows)?;
        let compiled = files.compile(&case.fields, resolution, &case.variable)?.map_err(|r| refused(&r, ""))?;
        told(compiled.findings().iter());
        let row: Vec<&str> = case.row.iter().map(String::as_str).collect();
        write_labels(&[Arc::new(compiled)], format, Mode::Graphic, None, &self.output, |sink| sink(0, "label", &row))
    }

    /// The data to show.
    fn chosen(&self, files: &LabelFiles, rows: Option<&Path>) -> Outcome<Case> {
        let given = self.fields.given();
        let Some(data) = rows else {
            let mut all = preview_cases(&files.template.content, &given);
            let names: Vec<String> = all.iter().map(|case| case.name.clone()).collect();
            let at = all.iter().position(|case| case.name == self.case);
            let at = at.ok_or_else(|| {
                Failure::Usage(format!("there is no case {:?}; there are {}", self.case, names.join("; ")))
            })?;
            return Ok(all.swap_remove(at));
        };
        let data = Data::open(data)?;
        let plan = data.plan(&files.template.content, &given)?;
        let (mut at, mut chosen) = (0, None);
        data.each(|row| {
            at += 1;
            if at == self.row {
                let fields = plan.groups[plan.group(row)].0.clone();
                let values = plan.unit_values(row).into_iter().map(str::to_owned).collect();
                chosen = Some(Case { name: format!("row {at}"), fields, variable: plan.variable.clone(), row: values });
            }
            Ok(())
        })?;
        chosen.ok_or_else(|| Failure::Failed(format!("the data have {at} rows, there is no row {}", self.row)))
    }
}
