//! Use case: printers are registered, changed, listed, and heard of.

use super::super::{Caller, Nameplate, ServiceError, StationName};
use super::error::PrintError;
use super::printer_record::{PrinterRecord, RegisteredPrinter};
use crate::label::Resolution;
use crate::print::status::PrinterStatus;
use crate::service::token::Scope;
use crate::store::printer::PrinterRow;
use crate::store::token::TokenRow;
use crate::store::{self, Connection, StoreError};
use serde::{Deserialize, Serialize};

/// How labels reach a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// Raw bytes to TCP port 9100, through an agent.
    Raw,
    /// IPP (RFC 8011), through an agent.
    Ipp,
    /// The printer polls by itself (Star CloudPRNT).
    Cloudprnt,
    /// Files in a folder, through an agent.
    Folder,
}

/// What is sent to a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// ZPL II: the printer draws symbols and serials.
    ZplNative,
    /// ZPL II with the very dots that were approved.
    ZplGraphic,
    /// PDF, one page a label.
    Pdf,
    /// PNG, one a label.
    Png,
}

impl Format {
    /// The name of a format in the protocol between server and agents.
    #[must_use]
    pub fn protocol_name(name: &str) -> &'static str {
        match name {
            "pdf" => "pdf",
            "png" => "png",
            _ => "zpl",
        }
    }
}

/// What is said of a printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site": "Shenzhen", "line": "3", "driver": "raw", "format": "zpl-graphic", "dpi": 203, "media_width_um": 60000,
    "media_height_um": 40000
}))]
pub struct PrinterSettings {
    /// Site.
    #[serde(default)]
    pub site: String,
    /// Production line.
    #[serde(default)]
    pub line: String,
    /// How labels reach it.
    pub driver: Driver,
    /// What is sent to it; graphic ZPL for raw, PDF for IPP and folders, PNG for CloudPRNT if left out.
    #[serde(default)]
    pub format: Option<Format>,
    /// Dots an inch: 203, 300 or 600.
    pub dpi: u32,
    /// Width of the labels in it, in micrometres.
    #[schema(minimum = 1_000, maximum = 1_000_000)]
    pub media_width_um: u32,
    /// Height of the labels in it, in micrometres.
    #[schema(minimum = 1_000, maximum = 1_000_000)]
    pub media_height_um: u32,
    /// How far to the right everything is moved, in micrometres.
    #[serde(default)]
    #[schema(minimum = -10_000, maximum = 10_000)]
    pub offset_x_um: i32,
    /// How far down everything is moved, in micrometres.
    #[serde(default)]
    #[schema(minimum = -10_000, maximum = 10_000)]
    pub offset_y_um: i32,
    /// Darkness, 0 to 30.
    #[serde(default = "default_darkness")]
    #[schema(maximum = 30, default = 15)]
    pub darkness: u8,
    /// Speed in inches a second, 1 to 14.
    #[serde(default = "default_speed")]
    #[schema(minimum = 1, maximum = 14, default = 4)]
    pub speed_in_per_s: u8,
    /// Address of its network card, for CloudPRNT: `00:11:62:0a:1b:2c`.
    #[serde(default)]
    pub mac: Option<String>,
    /// `enabled`, `paused` or `retired`.
    #[serde(default = "default_state")]
    #[schema(default = "enabled")]
    pub state: String,
}

/// A printer that jobs can be given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterChoice {
    /// Its name.
    pub printer: String,
    /// What is said of it.
    pub settings: PrinterSettings,
}

/// How many printers people choose from.
const MOST_CHOICES: u32 = 1_000;

fn default_darkness() -> u8 {
    15
}
fn default_speed() -> u8 {
    4
}
fn default_state() -> String {
    "enabled".into()
}

/// A printer to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "printer": "line-3", "settings": {"site": "Shenzhen", "line": "3", "driver": "raw", "format": "zpl-graphic",
    "dpi": 203, "media_width_um": 60000, "media_height_um": 40000}
}))]
pub struct NewPrinter {
    /// Its name: 1 to 40 letters, digits, dots, underscores or hyphens.
    #[schema(max_length = 40)]
    pub printer: String,
    /// What is said of it.
    pub settings: PrinterSettings,
}

fn invalid(field: &'static str, problem: impl Into<String>) -> ServiceError {
    ServiceError::Invalid { field, problem: problem.into() }
}

fn short(field: &'static str, text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.chars().count() > 40 || text.chars().any(char::is_control) {
        return Err(invalid(field, "has at most 40 characters and no control characters"));
    }
    Ok(text.to_owned())
}

/// A MAC address as it is stored: twelve lower-case hexadecimal digits.
///
/// # Errors
/// [`ServiceError::Invalid`] for anything else.
pub fn mac_key(text: &str) -> Result<String, ServiceError> {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).map(|c| c.to_ascii_lowercase()).collect();
    if digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()) && text.len() <= 17 {
        Ok(digits)
    } else {
        Err(invalid("mac", "is not an address like 00:11:62:0a:1b:2c"))
    }
}

/// Printers whose names begin so stand for what stations take along.
pub(super) const OFFLINE: &str = "offline.";

fn is_offline(code: &str) -> bool {
    code.to_lowercase().starts_with(OFFLINE)
}

impl PrinterSettings {
    /// Checks all that can be wrong by itself, and puts it into a row.
    pub(super) fn put_into(&self, row: PrinterRow) -> Result<PrinterRow, ServiceError> {
        if Resolution::from_dpi(self.dpi).is_none() {
            return Err(invalid(
                "dpi",
                format!("labels are drawn for 203, 300 and 600 dots an inch, not for {}", self.dpi),
            ));
        }
        for (field, size) in [("media_width_um", self.media_width_um), ("media_height_um", self.media_height_um)] {
            if !(1_000..=1_000_000).contains(&size) {
                return Err(invalid(
                    field,
                    format!("labels are 1,000 to 1,000,000 micrometres, not {size}: 60 mm is 60000"),
                ));
            }
        }
        for (field, offset) in [("offset_x_um", self.offset_x_um), ("offset_y_um", self.offset_y_um)] {
            if !(-10_000..=10_000).contains(&offset) {
                return Err(invalid(field, "moves labels by 10,000 micrometres (10 mm) at most"));
            }
        }
        if self.darkness > 30 {
            return Err(invalid("darkness", "is 0 to 30"));
        }
        if !(1..=14).contains(&self.speed_in_per_s) {
            return Err(invalid("speed_in_per_s", "is 1 to 14 inches a second"));
        }
        if !["enabled", "paused", "retired"].contains(&self.state.as_str()) {
            return Err(invalid("state", "is enabled, paused or retired"));
        }
        let mac = self.mac.as_deref().map(mac_key).transpose()?;
        if self.driver == Driver::Cloudprnt && mac.is_none() {
            return Err(invalid("mac", "is needed for CloudPRNT: the printer signs in with it"));
        }
        let format = self.format.unwrap_or(match self.driver {
            Driver::Raw => Format::ZplGraphic,
            Driver::Ipp | Driver::Folder => Format::Pdf,
            Driver::Cloudprnt => Format::Png,
        });
        let fits = match self.driver {
            Driver::Raw => matches!(format, Format::ZplNative | Format::ZplGraphic),
            Driver::Ipp => format == Format::Pdf,
            Driver::Cloudprnt => format == Format::Png,
            Driver::Folder => true,
        };
        if !fits {
            return Err(invalid("format", "raw takes zpl-native or zpl-graphic, ipp takes pdf, cloudprnt takes png"));
        }
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned).unwrap_or_default();
        Ok(PrinterRow {
            site: short("site", &self.site)?,
            line: short("line", &self.line)?,
            driver: word(serde_json::to_value(self.driver).unwrap_or_default()),
            format: word(serde_json::to_value(format).unwrap_or_default()),
            dpi: self.dpi.into(),
            media_width_um: self.media_width_um.into(),
            media_height_um: self.media_height_um.into(),
            offset_x_um: self.offset_x_um.into(),
            offset_y_um: self.offset_y_um.into(),
            darkness: self.darkness.into(),
            speed_in_per_s: self.speed_in_per_s.into(),
            mac,
            state: self.state.clone(),
            ..row
        })
    }

    pub(super) fn of(row: &PrinterRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt { table: "printer", column, row: row.code.clone() };
        let small = |number: i64, column| u32::try_from(number).map_err(|_| corrupt(column));
        let byte = |number: i64, column| u8::try_from(number).map_err(|_| corrupt(column));
        let signed = |number: i64, column| i32::try_from(number).map_err(|_| corrupt(column));
        let text = |text: &str| serde_json::Value::from(text);
        Ok(Self {
            site: row.site.clone(),
            line: row.line.clone(),
            driver: serde_json::from_value(text(&row.driver)).map_err(|_| corrupt("driver"))?,
            format: Some(serde_json::from_value(text(&row.format)).map_err(|_| corrupt("format"))?),
            dpi: small(row.dpi, "dpi")?,
            media_width_um: small(row.media_width_um, "media_width_um")?,
            media_height_um: small(row.media_height_um, "media_height_um")?,
            offset_x_um: signed(row.offset_x_um, "offset_x_um")?,
            offset_y_um: signed(row.offset_y_um, "offset_y_um")?,
            darkness: byte(row.darkness, "darkness")?,
            speed_in_per_s: byte(row.speed_in_per_s, "speed_in_per_s")?,
            mac: row.mac.as_deref().map(with_colons),
            state: row.state.clone(),
        })
    }
}

fn with_colons(mac: &str) -> String {
    let pairs: Vec<&str> = (0..mac.len() / 2).filter_map(|at| mac.get(2 * at..2 * at + 2)).collect();
    pairs.join(":")
}

impl Nameplate {
    /// Registers a printer and makes its token.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for an unusable field or a name or MAC address that is taken.
    pub async fn register_printer(&self, caller: &Caller, new: &NewPrinter) -> Result<RegisteredPrinter, ServiceError> {
        let code = new.printer.trim();
        StationName::parse(code).map_err(|e| invalid("printer", e.to_string().replace("station", "printer")))?;
        if new.settings.state != "enabled" {
            return Err(invalid("state", "a printer is registered enabled: pause it afterwards"));
        }
        if is_offline(code) {
            return Err(invalid(
                "printer",
                format!("names that begin with {OFFLINE} stand for stations' kits: choose another"),
            ));
        }
        let now_us = self.clock.now_us();
        let base = PrinterRow {
            code: code.to_owned(),
            code_key: code.to_uppercase(),
            created_us: now_us,
            ..PrinterRow::default()
        };
        let mut row = new.settings.put_into(base)?;
        let mut tx = self.store.begin().await?;
        self.refuse_taken(&mut tx, &row).await?;
        row.id = store::printer::insert(&mut tx, &row).await?;
        row.edit_version = 1;
        let token = TokenRow {
            id: String::new(),
            name: format!("printer {code}"),
            secret_hash: Vec::new(),
            scopes: Scope::Printer.name().to_owned(),
            brand_id: None,
            station: None,
            printer_id: Some(row.id),
            created_us: now_us,
            expires_us: None,
            revoked_us: None,
            replaced_by: None,
        };
        let token = super::super::tokens::insert(&mut tx, token).await?;
        let detail = serde_json::json!({ "settings": new.settings, "token": token.id });
        self.audit(&mut tx, caller, "printer.register", code, detail.to_string()).await?;
        store::commit(tx).await?;
        let mut conn = self.read().await?;
        Ok(RegisteredPrinter { printer: self.printer_record(&mut conn, caller, &row).await?, token })
    }

    async fn refuse_taken(&self, conn: &mut Connection, row: &PrinterRow) -> Result<(), ServiceError> {
        let other = |found: Option<PrinterRow>| found.filter(|other| other.id != row.id);
        if let Some(other) = other(store::printer::by_key(conn, &row.code_key).await?) {
            return Err(invalid("printer", format!("there is a printer {} already", other.code)));
        }
        if let Some(mac) = &row.mac
            && let Some(other) = other(store::printer::by_mac(conn, mac).await?)
        {
            return Err(invalid("mac", format!("is the address of printer {}", other.code)));
        }
        Ok(())
    }

    /// Changes what is said of a printer; `version` is the one that was read. Labels that were handed out keep the
    /// settings that they were handed out with.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::Stale`].
    pub async fn edit_printer(
        &self,
        caller: &Caller,
        code: &str,
        version: i64,
        settings: &PrinterSettings,
    ) -> Result<PrinterRecord, ServiceError> {
        let mut tx = self.store.begin().await?;
        let before = self.printer_row(&mut tx, code).await?;
        let row = settings.put_into(before.clone())?;
        if before.dpi != row.dpi || before.format != row.format {
            let (jobs, labels) = store::print_job::waiting(&mut tx, row.id).await?;
            if jobs > 0 && before.dpi != row.dpi {
                let problem = format!(
                    "{labels} labels of {jobs} jobs wait for it that were made for {} dpi: cancel them first",
                    before.dpi
                );
                return Err(PrintError::PrinterMismatch { printer: row.code, problem }.into());
            }
        }
        self.refuse_taken(&mut tx, &row).await?;
        if before.edit_version != version || !store::printer::update(&mut tx, &row).await? {
            return Err(ServiceError::Stale);
        }
        let detail = serde_json::json!({ "settings": settings });
        self.audit(&mut tx, caller, "printer.edit", &row.code, detail.to_string()).await?;
        store::commit(tx).await?;
        self.print.parts.board.ring(row.id);
        self.printer(caller, code).await
    }

    /// The printer with this name.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn printer(&self, caller: &Caller, code: &str) -> Result<PrinterRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.printer_row(&mut conn, code).await?;
        self.printer_record(&mut conn, caller, &row).await
    }

    /// Printers by name, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn printers(
        &self,
        caller: &Caller,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<PrinterRecord>, Option<String>), ServiceError> {
        let mut conn = self.read().await?;
        let mut rows = store::printer::list(&mut conn, after, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.code_key.clone()) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            records.push(self.printer_record(&mut conn, caller, row).await?);
        }
        Ok((records, next))
    }

    /// Names of printers, in order.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn printer_names(&self, limit: u32) -> Result<Vec<String>, ServiceError> {
        let mut conn = self.read().await?;
        Ok(store::printer::list(&mut conn, "", limit).await?.into_iter().map(|row| row.code).collect())
    }

    /// The printers that jobs can be given to, by name: none that is retired, none that stands for stations' kits.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn printer_choices(&self) -> Result<Vec<PrinterChoice>, ServiceError> {
        let mut conn = self.read().await?;
        let rows = store::printer::list(&mut conn, "", MOST_CHOICES).await?;
        let usable = rows.into_iter().filter(|row| row.state != "retired" && !is_offline(&row.code));
        usable.map(|row| Ok(PrinterChoice { settings: PrinterSettings::of(&row)?, printer: row.code })).collect()
    }

    /// Notes how a printer is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a printer that is not the caller's.
    pub async fn printer_says(&self, caller: &Caller, code: &str, status: &PrinterStatus) -> Result<(), ServiceError> {
        let row = self.own_printer(caller, code).await?;
        self.hear(row.id, Some(status))
    }

    pub(super) fn hear(&self, printer: i64, status: Option<&PrinterStatus>) -> Result<(), ServiceError> {
        let texts = status.iter().flat_map(|status| [&status.detail, &status.agent]).flatten();
        for text in texts {
            if text.chars().count() > 300 {
                return Err(invalid("status", "its texts have at most 300 characters"));
            }
        }
        self.print.parts.board.heard(printer, self.clock.now_us(), status);
        Ok(())
    }

    /// A printer by its name.
    pub(in crate::service) async fn printer_row(
        &self,
        conn: &mut Connection,
        code: &str,
    ) -> Result<PrinterRow, ServiceError> {
        let absent = || ServiceError::NotFound { kind: "printer", name: code.chars().take(80).collect() };
        if code.contains('\0') {
            return Err(absent());
        }
        store::printer::by_key(conn, &code.trim().to_uppercase()).await?.ok_or_else(absent)
    }

    /// The same, if the caller may serve its queue: another's does not exist for it.
    pub(super) async fn own_printer(&self, caller: &Caller, code: &str) -> Result<PrinterRow, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.printer_row(&mut conn, code).await?;
        if caller.may_serve(row.id) {
            Ok(row)
        } else {
            Err(ServiceError::NotFound { kind: "printer", name: code.chars().take(80).collect() })
        }
    }
}
