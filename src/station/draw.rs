//! Labels of a kit, drawn as the server would draw them: the same template, the same serials, the same digest.

use crate::agent::ledger::Span;
use crate::label::{Assets, Picture, Resolution, Template, fonts_shipped, fonts_with};
use crate::render::delivery::{DeliveryFormat, DeliveryJob};
use crate::render::zpl::PrinterSetup;
use crate::serial::{PermutationKey, Rule, RuleSpec};
use crate::service::fonts::read_fonts;
use crate::service::labels::{Artwork, UnitValues, lay_out};
use crate::trace::KitBody;
use data_encoding::{BASE64, HEXLOWER};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A kit ready to be drawn.
#[derive(Debug)]
pub(super) struct Press {
    artwork: Artwork,
    delivery: DeliveryJob,
    rule: Rule,
}

/// What the serials of a kit look like. Which serial follows which is not for stations to know, so the key is none.
fn rule_of(kit: &KitBody) -> Result<Rule, String> {
    let spec: RuleSpec = serde_json::from_str(&kit.rule).map_err(|e| format!("the kit's rule: {e}"))?;
    Rule::compile(spec, &PermutationKey([0; 32])).map_err(|e| format!("the kit's rule: {e}"))
}

/// A typed or scanned text as a serial of the kit's rule.
pub(super) fn serial_of(kit: &KitBody, text: &str) -> Result<String, String> {
    let parsed = rule_of(kit)?.parse(text).map_err(|fault| fault.to_string())?;
    Ok(parsed.serial.to_string())
}

impl Press {
    /// Lays the labels out, and makes sure that they are what was approved. `fonts` is a folder with further fonts.
    pub(super) fn of(kit: &KitBody, fonts: &Path) -> Result<Self, String> {
        let rule = rule_of(kit)?;
        let template = Template::parse(&format!("{}.toml", kit.template), kit.template_source.as_bytes());
        let template = template.map_err(|e| e.to_string())?;
        if HEXLOWER.encode(&template.digest) != kit.template_digest {
            return Err("the kit's template is not the one that was approved".into());
        }
        let mut pictures = BTreeMap::new();
        for (digest, base64) in &kit.pictures {
            let bytes = BASE64.decode(base64.as_bytes()).map_err(|e| format!("picture {digest}: {e}"))?;
            pictures.insert(digest.clone(), Picture::read(&bytes).map_err(|e| format!("picture {digest}: {e}"))?);
        }
        let fonts = match fonts.is_dir() {
            true => Arc::new(fonts_with(read_fonts(fonts).map_err(|e| e.to_string())?).map_err(|e| e.to_string())?),
            false => fonts_shipped(),
        };
        let resolution = Resolution::from_dpi(kit.dpi).ok_or_else(|| format!("{} dpi is not drawn for", kit.dpi))?;
        let artwork = lay_out(template, kit.fields.clone(), Assets { fonts, pictures }, resolution, &rule)?;
        let other = artwork
            .compiled
            .faces()
            .find(|face| kit.fonts.get(face.name()).is_none_or(|digest| *digest != HEXLOWER.encode(face.digest())));
        if let Some(face) = other {
            return Err(format!(
                "the font {} here is not the one of the kit: put the server's fonts into the station's folder, as fonts/",
                face.name()
            ));
        }
        if artwork.digest() != kit.artwork {
            return Err(
                "this program would draw other labels than were approved: use the server's version of it".into()
            );
        }
        let offset_um = [kit.offset_x_um, kit.offset_y_um];
        let setup = PrinterSetup::of_settings(kit.dpi.into(), kit.darkness, kit.speed_in_per_s, offset_um);
        let setup = setup.map_err(|e| e.to_string())?;
        let format: DeliveryFormat =
            kit.format.parse().map_err(|e: crate::render::delivery::UnknownFormat| e.to_string())?;
        let delivery = DeliveryJob::new(Arc::clone(&artwork.compiled), format, &setup).map_err(|e| e.to_string())?;
        Ok(Self { artwork, delivery, rule })
    }

    /// The most labels of one document.
    pub(super) fn most(&self) -> u32 {
        u32::try_from(self.delivery.format().max_labels()).unwrap_or(1)
    }

    /// Labels as one document.
    pub(super) fn document(&self, kit: &KitBody, span: Span) -> Result<Vec<u8>, String> {
        let at = |label: u32| usize::try_from(label).unwrap_or(usize::MAX);
        let serials = kit.serials.get(at(span.first) - 1..at(span.last)).ok_or("the kit has no such labels")?;
        let values: Vec<UnitValues> = serials
            .iter()
            .map(|serial| {
                let mut values = UnitValues::default();
                values.set(&self.rule, serial);
                values
            })
            .collect();
        let rows: Vec<_> = values.iter().map(|values| self.artwork.row(values)).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &**row).collect();
        let mut bytes = Vec::new();
        self.delivery.document(&rows, &mut bytes).map_err(|e| e.to_string())?;
        Ok(bytes)
    }
}
